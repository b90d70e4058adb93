"""Both ends of SMTP: a client that shows every reply, and a sink that keeps what it gets."""

import collections
import email
import email.policy
import email.utils
import re
import smtplib
import socketserver
import threading
import time

from world import check, matches, wait_for

# The one place that knows what a greylisted sender reads.
GREYLISTED = r"^451 4\.7\.1 (?:<[^>]*>: )?.*Greylisted, please try again in (\d+) seconds?"


class Reply(collections.namedtuple("Reply", "code text")):
    """One SMTP reply: the code, and the text with its lines joined by blanks."""

    def __str__(self):
        return "%d %s" % (self.code, self.text)

    @property
    def ok(self):
        return 200 <= self.code < 400

    @property
    def wait_s(self):
        """The seconds that a greylisting reply asks for, or None."""
        found = re.search(GREYLISTED, str(self))
        return int(found.group(1)) if found else None

    def must_be_ok(self, what):
        check(self.ok, "%s: should be accepted" % what, "got  %s" % (self,))
        return self

    def must_be_greylisted(self, what, at_most=None):
        found = matches(GREYLISTED, str(self), "%s: should be greylisted" % what)
        seconds = int(found.group(1))
        check(seconds > 0, "%s: there should be a wait" % what, str(self))
        if at_most is not None:
            check(seconds <= at_most, "%s: waits longer than block = %d s" % (what, at_most), str(self))
        return seconds


class Attempt:
    """What one transaction was told, step by step; `data` is None when it was never sent."""

    def __init__(self):
        self.mail = None
        self.rcpts = {}
        self.data = None
        self.end = None
        self.message_id = None

    @property
    def rcpt(self):
        """The reply to the only recipient."""
        check(len(self.rcpts) == 1, "one recipient expected", self.rcpts)
        return next(iter(self.rcpts.values()))

    @property
    def delivered(self):
        return self.end is not None and self.end.ok

    def __str__(self):
        rcpts = ", ".join("RCPT %s: %s" % item for item in self.rcpts.items())
        return "MAIL: %s, %s, DATA: %s, end: %s" % (self.mail, rcpts, self.data, self.end)


class Client:
    """An SMTP session; `address`, `name`, `login` are what XCLIENT tells the MTA to believe."""

    def __init__(self, port, address=None, name=None, helo="mx.example", login=None, source=None):
        origin = (source, 0) if source else None
        self.smtp = smtplib.SMTP(local_hostname=helo, timeout=20, source_address=origin)
        self.banner = Reply(*_text(self.smtp.connect("127.0.0.1", port)))
        facts = []
        if address:
            facts.append("ADDR=" + ("IPV6:" + address if ":" in address else address))
            facts.append("NAME=" + (name or "[UNAVAILABLE]"))
        if login:
            facts.append("LOGIN=" + login)
        if facts:
            self.command("EHLO " + helo).must_be_ok("EHLO before XCLIENT")
            self.command("XCLIENT " + " ".join(facts)).must_be_ok("XCLIENT " + " ".join(facts))
        self.helo = self.command("EHLO " + helo)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, line):
        data = line if isinstance(line, bytes) else line.encode("utf-8", "surrogateescape")
        self.smtp.send(data + b"\r\n")
        return Reply(*_text(self.smtp.getreply()))

    def mail(self, sender, *parameters):
        return self.command(" ".join(["MAIL FROM:<%s>" % sender, *parameters]))

    def rcpt(self, rcpt, *parameters):
        return self.command(" ".join(["RCPT TO:<%s>" % rcpt, *parameters]))

    def data(self):
        return self.command("DATA")

    def message(self, text):
        """Sends the message after a 354; returns the reply to its end."""
        data = text if isinstance(text, bytes) else text.encode()
        data = re.sub(rb"\r?\n", b"\r\n", data)
        data = re.sub(rb"(?m)^\.", b"..", data)
        self.smtp.send(data + (b"" if data.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return Reply(*_text(self.smtp.getreply()))

    def send(self, sender, rcpts, text=None):
        """One whole transaction, as far as the server lets it come."""
        attempt = Attempt()
        rcpts = [rcpts] if isinstance(rcpts, str) else rcpts
        text = text or message(sender, rcpts)
        attempt.message_id = re.search(r"(?mi)^Message-ID: (\S+)", text).group(1)
        attempt.mail = self.mail(sender)
        if attempt.mail.ok:
            for rcpt in rcpts:
                attempt.rcpts[rcpt] = self.rcpt(rcpt)
        if any(r.ok for r in attempt.rcpts.values()):
            attempt.data = self.data()
            if attempt.data.code == 354:
                attempt.end = self.message(text)
        if not attempt.delivered:
            self.command("RSET")
        return attempt

    def close(self):
        try:
            self.smtp.quit()
        except (OSError, smtplib.SMTPException):
            self.smtp.close()

    def vanish(self):
        """Closes the connection without a word."""
        self.smtp.close()


def _text(reply):
    code, text = reply
    return code, text.decode("utf-8", "surrogateescape").replace("\n", " ")


_serial = 0


def message(sender, rcpts, subject=None, body="Hello.\n"):
    """A small whole message, each with an identity of its own."""
    global _serial
    _serial += 1
    rcpts = [rcpts] if isinstance(rcpts, str) else rcpts
    lines = ["From: %s" % (sender or "MAILER-DAEMON@mx.example"), "To: %s" % ", ".join(rcpts[:3])]
    lines += ["Subject: %s" % (subject or "test %d" % _serial)]
    lines += ["Date: " + email.utils.formatdate(), "Message-ID: <%d.%d@mx.example>" % (_serial, time.time_ns())]
    return "\n".join(lines) + "\n\n" + body


class Delivered:
    """One message as the sink got it."""

    def __init__(self, sender, rcpts, data, parameters=""):
        self.sender = sender
        self.parameters = parameters  # of MAIL FROM: "SIZE=100 ENVID=…"
        self.rcpts = rcpts
        self.data = data
        self.message = email.message_from_bytes(data, policy=email.policy.compat32)

    def header(self, name):
        return [" ".join(v.split()) for v in self.message.get_all(name, [])]


class _SinkServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class _SinkSession(socketserver.StreamRequestHandler):
    timeout = 120

    def handle(self):
        self.say("220 sink")
        sender, parameters, rcpts = "", "", []
        for raw in self.rfile:
            line = raw.decode("utf-8", "surrogateescape").rstrip("\r\n")
            verb = line[:4].upper()
            if verb == "EHLO":
                self.wfile.write(b"250-sink\r\n" + self.server.offers + b"250 PIPELINING\r\n")
            elif verb == "MAIL":
                sender, rcpts = _address(line), []
                parameters = line.rpartition(">")[2].strip()
                self.say("250 ok")
            elif verb == "RCPT" and _address(line) in self.server.refused:
                self.say(self.server.refused[_address(line)])
            elif verb == "RCPT":
                rcpts.append(_address(line))
                self.say("250 ok")
            elif verb == "DATA" and not rcpts:
                self.say("554 5.5.1 no recipients")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.keep(Delivered(sender, rcpts, self.message(), parameters))
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def message(self):
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b".") else raw)
        return b"".join(lines)


def _address(line):
    found = re.search(r"<(.*?)>(?: |$)", line)
    return found.group(1) if found else line


class Sink:
    """An SMTP server on 127.0.0.1 that takes and keeps everything, but what is for an address in refused."""

    def __init__(self, world, eightbit=True):
        self.refused = {}  # address: the answer to RCPT
        self._lock = threading.Lock()
        self._messages = []
        self.server = _SinkServer(("127.0.0.1", 0), _SinkSession)
        self.server.keep = self._keep
        self.server.refused = self.refused
        self.server.offers = b"250-DSN\r\n" + (b"250-8BITMIME\r\n250-SMTPUTF8\r\n" if eightbit else b"")
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        world.closers.append(self.server.shutdown)

    def _keep(self, delivered):
        with self._lock:
            self._messages.append(delivered)

    @property
    def messages(self):
        with self._lock:
            return list(self._messages)

    def clear(self):
        with self._lock:
            self._messages.clear()

    def wait(self, count=1, seconds=30):
        """The messages, once there are `count` of them; the MTA may deliver in any order."""
        return wait_for("%d message(s) at the sink" % count,
                        lambda: self.messages if len(self.messages) >= count else None, seconds)

    def of(self, attempt, seconds=30):
        """The message of that attempt, once it has arrived."""

        def found():
            return [m for m in self.messages if attempt.message_id in m.header("Message-ID")]

        return wait_for("the message %s at the sink" % attempt.message_id, found, seconds)[0]
