"""The MTA's side of the milter protocol, as well behaved or as rude as a test wants it.

A command returns Answer(kind, text): kind is a word of ANSWERS, or "none" where the filter
negotiated that it does not reply. Bytes go out as they are given; nothing is checked.
"""

import collections
import socket
import struct

ANSWERS = {
    b"a": "accept", b"c": "continue", b"d": "discard", b"r": "reject", b"t": "tempfail",
    b"y": "reply", b"s": "skip", b"4": "shutdown", b"f": "connfail",
}
_EDITS = {
    b"h": "addheader", b"i": "insheader", b"m": "chgheader", b"b": "replbody", b"e": "chgfrom",
    b"+": "addrcpt", b"2": "addrcpt", b"-": "delrcpt", b"q": "quarantine",
}
_PROGRESS = b"p"

# Protocol bits (mfdef.h): do not send a command; do not expect a reply to it.
_NOT_SENT = {"C": 0x01, "H": 0x02, "M": 0x04, "R": 0x08, "B": 0x10, "L": 0x20, "N": 0x40, "U": 0x100, "T": 0x200}
_NO_REPLY = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000, "U": 0x20000,
             "N": 0x40000, "B": 0x80000}
ALL_ACTIONS = 0x1FF
ALL_PROTOCOL = 0x1FFFFF
VERSION = 6

Answer = collections.namedtuple("Answer", "kind text edits", defaults=("", ()))


class Closed(OSError):
    """The filter closed the connection."""


def _bytes(value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


class Peer:
    """address: a unix socket's path, or a port of 127.0.0.1."""

    def __init__(self, address, timeout=60.0, negotiate=True, protocol=ALL_PROTOCOL, actions=ALL_ACTIONS):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(timeout)
        self.sock.connect(address if family == socket.AF_UNIX else ("127.0.0.1", address))
        self.protocol = 0
        self.symlists = b""
        if negotiate:
            self.negotiate(protocol, actions)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def raw(self, data):
        self.sock.sendall(data)

    def send(self, command, data=b""):
        self.raw(struct.pack("!I", len(data) + 1) + _bytes(command) + data)

    def _exactly(self, count):
        out = b""
        while len(out) < count:
            try:
                part = self.sock.recv(count - len(out))
            except ConnectionError as e:
                raise Closed(str(e)) from None
            if not part:
                raise Closed("end of file")
            out += part
        return out

    def packet(self):
        length, = struct.unpack("!I", self._exactly(4))
        data = self._exactly(length)
        return data[:1], data[1:]

    def negotiate(self, protocol=ALL_PROTOCOL, actions=ALL_ACTIONS, version=VERSION):
        self.send("O", struct.pack("!III", version, actions, protocol))
        kind, data = self.packet()
        if kind != b"O":
            raise Closed("negotiation answered with %r" % kind)
        _, _, self.protocol = struct.unpack("!III", data[:12])
        self.symlists = data[12:]

    def answer(self):
        edits = []
        while True:
            kind, data = self.packet()
            if kind in _EDITS:
                edits.append((_EDITS[kind], data))
            elif kind != _PROGRESS:
                text = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
                return Answer(ANSWERS.get(kind, repr(kind)), text, tuple(edits))

    def command(self, command, data=b""):
        """Sends a command as negotiated, and waits for the answer if one is due."""
        if self.protocol & _NOT_SENT.get(command, 0):
            return Answer("none")
        self.send(command, data)
        if self.protocol & _NO_REPLY.get(command, 0):
            return Answer("none")
        return self.answer()

    def macros(self, command, **values):
        """Macros for the command; {long} names are written without their braces."""
        data = _bytes(command)
        for name, value in values.items():
            name = name if len(name) == 1 else "{%s}" % name
            data += _bytes(name) + b"\0" + _bytes(value) + b"\0"
        self.send("D", data)

    def connect(self, address="203.0.113.7", name="mx.example", port=40000):
        if address is None:
            return self.command("C", _bytes(name) + b"\0U")
        family = b"6" if ":" in address else b"4"
        return self.command("C", _bytes(name) + b"\0" + family + struct.pack("!H", port) + _bytes(address) + b"\0")

    def helo(self, name="mx.example"):
        return self.command("H", _bytes(name) + b"\0")

    def mail(self, sender, *parameters):
        return self.command("M", b"\0".join([b"<" + _bytes(sender) + b">", *map(_bytes, parameters)]) + b"\0")

    def rcpt(self, rcpt, *parameters):
        return self.command("R", b"\0".join([b"<" + _bytes(rcpt) + b">", *map(_bytes, parameters)]) + b"\0")

    def data(self):
        return self.command("T")

    def header(self, name, value):
        return self.command("L", _bytes(name) + b"\0" + _bytes(value) + b"\0")

    def eoh(self):
        return self.command("N")

    def body(self, data=b"Hello.\r\n"):
        return self.command("B", data)

    def end(self):
        """The end of the message: the last answer, with the edits that came before it."""
        self.send("E")
        return self.answer()

    def abort(self):
        self.send("A")

    def quit(self):
        try:
            self.send("Q")
        except OSError:
            pass
        self.close()

    def open(self, address="203.0.113.7", name="mx.example", helo="mx.example", **macros):
        """Connects and greets; macros are those of the connection."""
        self.macros("C", **{"j": "mx.example.org", "daemon_name": "smtpd", **macros})
        self.connect(address, name)
        self.helo(helo)
        return self

    def transaction(self, sender, rcpts, queue_id="4ABC", body=b"Hello.\r\n", **macros):
        """One message; returns ([answer per recipient], the last answer or None)."""
        self.macros("M", i=queue_id, **macros)
        mailed = self.mail(sender)
        if mailed.kind not in ("none", "continue"):
            return [], mailed
        answers = []
        for rcpt in rcpts:
            answers.append(self.rcpt(rcpt))
        if not any(a.kind in ("none", "continue", "accept") for a in answers):
            self.abort()
            return answers, None
        return answers, self.content(body)

    def content(self, body=b"Hello.\r\n"):
        for step in (self.data, lambda: self.header("Subject", "test"), self.eoh, lambda: self.body(body)):
            answer = step()
            if answer.kind not in ("none", "continue", "skip"):
                return answer
        return self.end()
