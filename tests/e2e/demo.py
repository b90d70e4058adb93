"""What script/demo shows: a stranger who is put off, comes back, and is let in; one who is refused, and why; mail that
leaves, before and after; a bounce that comes back; a newsletter that is opened and clicked."""

import email.utils
import fcntl
import http.client
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
import textwrap
import time
import urllib.parse

import verify
from nameserver import Nameserver, dns_list, host, txt
from gatepostd import CHECKS, conf_text
from harness import (BUILD, Cannot, Failure, Gatepostd, Postfix, Redis, Sink, World, check, end_on_sigterm, free_port,
                     listens, message, program, wait_for)

BLOCK_S = 8
EARLY_AFTER_S = 3
TERMINAL_COLUMNS = 120
CLIENT = "203.0.113.7"
HOST = "mx1.sender.example"
SENDER = "alice@sender.example"
RCPT = "bob@example.org"
SPAMMER = "198.51.100.66"
FORGER = "203.0.113.99"
RECORDS = "\n".join((
    host(CLIENT, HOST),
    txt("sender.example", "v=spf1 ip4:%s -all" % CLIENT),
    txt("_dmarc.sender.example", "v=DMARC1; p=reject"),
    host(FORGER, "mail.forger.example"),
    txt("forger.example", "v=spf1 ip4:%s -all" % FORGER),
    dns_list("bl.example", SPAMMER),
))

# The account that sends: its own words of milter.conf.
DOMAIN = "shop.example"
CUSTOMER = "carl@customer.example"
GONE = "dora@customer.example"
SHOP = {"match": ["login:ann"], "bounce_domain": "b." + DOMAIN, "dkim": ["s1:" + DOMAIN, "ed1:" + DOMAIN],
        "list_unsubscribe": True, "track_domain": "t." + DOMAIN, "feedback_id": True, "rate": "1000/h"}
LETTER = """\
Subject: Your order
X-Gatepost-Tag: order
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dear Carl,
three sofas are on their way. Gr\u00fc\u00dfe!
"""
COLUMNS = (44, 70)  # of before and after

# The account that tracks, and what it sends. Its host is nobody's here, so http and a port will do.
NEWS = {"match": ["login:nina"], "dkim": ["s1:" + DOMAIN, "ed1:" + DOMAIN], "opens": True, "clicks": True,
        "list_unsubscribe": True, "track_scheme": "http", "brand": "Ann's shop"}
NEWSLETTER = """\
Subject: New sofas
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body>
<h1>Three new sofas</h1>
<a href="https://shop.example/sofas?a=1&amp;b=2#red">The red one</a>
<a href="mailto:ann@shop.example">Write to us</a>
</body></html>
"""
READ_AFTER_S = 3.5
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"

_bold, _dim, _plain = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def say(text):
    print("\n" + textwrap.fill(" ".join(text.split()), 92), flush=True)


def title(text):
    print("\n%s== %s%s" % (_bold, text, _plain), flush=True)


def show(text, mark=""):
    for line in text.rstrip("\n").split("\n"):
        print("    %s%s%s%s" % (_dim, mark, line, _plain), flush=True)


def run(*argv):
    """Shows a command and what it prints on a terminal."""
    print("\n    $ " + shlex.join([os.path.basename(argv[0]), *argv[1:]]), flush=True)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, TERMINAL_COLUMNS, 0, 0))
    quiet = {} if _bold else {"NO_COLOR": "1", "TERM": "dumb"}
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env={**os.environ, **quiet})
    os.close(slave)
    out = b""
    with open(master, "rb", buffering=0) as terminal:
        try:
            while part := terminal.read(4096):
                out += part
        except OSError:  # what Linux says when the last writer has gone
            pass
    show(out.decode(errors="replace").replace("\r\n", "\n"))
    check(process.wait(20) == 0, "%s ended with status %s" % (argv[0], process.returncode))


def cut(line, width):
    return line if len(line) <= width else line[:width - 1] + "\u2026"


def beside(left, right):
    """Two texts side by side, their lines cut to the columns."""
    left, right = left.rstrip("\n").split("\n"), right.rstrip("\n").split("\n")
    rows = [("before", "after"), ("-" * COLUMNS[0], "-" * COLUMNS[1])]
    rows += [(left[i] if i < len(left) else "", right[i] if i < len(right) else "")
             for i in range(max(len(left), len(right)))]
    show("\n".join("%s  %s" % (cut(a, COLUMNS[0]).ljust(COLUMNS[0]), cut(b, COLUMNS[1])) for a, b in
                   ((a.replace("\t", "  "), b.replace("\t", "  ")) for a, b in rows)))


def conf_lines(name, options):
    """An account as it stands in milter.conf."""
    return conf_text({"account " + name: options})


class Demo:
    def __init__(self):
        self.world = World("gatepost-demo-")
        self.redis = Redis(self.world)
        self.names = Nameserver(self.world)
        self.names.load(RECORDS)
        self.sink = Sink(self.world)
        socket = self.world.path("gatepost.sock")
        self.sink.refused[GONE] = "550 5.1.1 No such user here"
        self.postfix = Postfix(self.world, self.sink, "unix:" + socket, extra=["internal_mail_filter_classes = bounce"])
        self.web, web_port = None, free_port()
        self.news = {**NEWS, "track_domain": "t.%s:%d" % (DOMAIN, web_port)}
        on = {section: {"enabled": True} for section in CHECKS}
        self.daemon = Gatepostd(self.world, self.redis, {
            **on, "greylist": {"block": "%ds" % BLOCK_S}, "dns": {"resolver": self.names.where},
            "dnsbl": {"lists": ["bl.example*25"]}, "account shop": SHOP, "account news": self.news,
            "web": {"listen": ["127.0.0.1:%d" % web_port], "status": "", "verdict_delay": "1s"},
            "outbound": {"keys": self.world.path("keys"), "keyring": self.world.path("keyring")}},
            listen="unix:" + socket, start=False)
        self.keys = {}
        self.keys_make()
        self.daemon.start()
        self.web = self.world.start("gatepost-web", [program("gatepost-web", BUILD), "-f", "-c", self.daemon.conf])
        wait_for("gatepost-web listens", lambda: listens(web_port))

    def keys_make(self):
        """A keyring for return paths, and two keys to sign with, whose public halves go to the DNS server."""
        self.ask("keyring", "new")
        for selector, kind in (("s1", "rsa"), ("ed1", "ed25519")):
            out = self.ask("key", "new", DOMAIN, selector, "--type", kind)
            public = re.search(r"v=DKIM1[^\n]*?p=([A-Za-z0-9+/=]+)", out).group(1)
            self.keys["%s._domainkey.%s" % (selector, DOMAIN)] = "v=DKIM1; k=%s; p=%s" % (kind, public)
        self.names.load("\n".join([RECORDS, *(txt(*item) for item in self.keys.items())]))

    def ask(self, *words):
        """What gatepostctl says, not shown."""
        done = subprocess.run([program("gatepostctl", BUILD), "-c", self.daemon.conf, *words], capture_output=True,
                              text=True, timeout=20, check=False)
        check(done.returncode == 0, "gatepostctl %s" % (words,), done.stderr)
        return done.stdout

    def attempt(self, subject, address=CLIENT, name=HOST, sender=SENDER):
        """One SMTP session, shown; returns the transaction. The message says it is from Alice."""
        with self.postfix.client(address=address, name=name, helo=name or "pc66") as client:
            tried = client.send(sender, RCPT, message(SENDER, RCPT, subject, "Hello Bob,\nshall we meet at noon?\n"))
        print()
        show("MAIL FROM:<%s>" % sender, "sender:  ")
        show(str(tried.mail), "Postfix: ")
        show("RCPT TO:<%s>" % RCPT, "sender:  ")
        show(str(tried.rcpt), "Postfix: ")
        if tried.end:
            show("DATA … the message … .", "sender:  ")
            show(str(tried.end), "Postfix: ")
        return tried

    def ctl(self, *words):
        run(program("gatepostctl", BUILD), "-c", self.daemon.conf, *words)

    def tuple_in_redis(self):
        key, = self.redis.keys("gp:grey:*")
        cli = [program("redis-cli"), "-s", self.redis.socket]
        run(*cli, "--scan", "--pattern", "gp:grey:*")
        run(*cli, "HGETALL", key)
        run(*cli, "TTL", key)

    def introduce(self):
        title("The cast")
        say("""Everything runs on this machine's loopback, in %s: a Redis, a DNS server with a few names of its own,
            a Postfix that receives mail for example.org, gatepostd as its filter, and a mailbox that keeps what
            Postfix lets through.""" % self.world.directory)
        say("""Much spam is sent by programs that try once and never come back. Real mail servers try again: the
            standard for mail asks it of them. Greylisting makes use of that: to a stranger it says
            "not now, please try again in a while". Here the while is %d seconds, so that you need not
            wait; in real life it is 4 minutes.""" % BLOCK_S)

    def first_try(self):
        title("A stranger writes: the first try")
        say("""Alice's server, %s at %s, has never been seen. (It is played by this script, which tells Postfix
            by XCLIENT to believe that address.)""" % (HOST, CLIENT))
        seconds = self.attempt("Lunch").rcpt.must_be_greylisted("the first try", BLOCK_S)
        say("""A 4xx answer means "try again": Alice's server keeps the message in its queue, and Alice notices
            nothing. The answer says how long to wait: %d seconds.""" % seconds)
        say("""What gatepost remembers is one small record in Redis, a tuple: who sends (the domain that SPF
            vouches for, since large senders retry from another address), from whom, to whom. Anybody may look
            at it:""")
        self.tuple_in_redis()
        say("The same, in the words of gatepost's own tool:")
        self.ctl("grey", "list")
        return seconds

    def early_retry(self, before):
        title("A retry that comes too early")
        print("    … waiting %d seconds" % EARLY_AFTER_S, flush=True)
        time.sleep(EARLY_AFTER_S)
        seconds = self.attempt("Lunch").rcpt.must_be_greylisted("the early retry", before - 1)
        say("""Too early, so the answer is the same; but the clock was not set back: %d seconds are left of %d."""
            % (seconds, before))
        return seconds

    def retry(self, seconds):
        title("The retry that passes")
        print("    … waiting the %d seconds that are left" % seconds, flush=True)
        time.sleep(seconds + 0.1)
        tried = self.attempt("Lunch")
        check(tried.delivered, "the retry should be delivered", tried)
        mail = self.sink.of(tried)
        say("""Accepted. This is the message in Bob's mailbox; X-Greylist says what happened to it, and
            Authentication-Results what was found out about the sender:""")
        print()
        show(mail.data.decode(errors="replace").replace("\r\n", "\n"))
        check(mail.header("X-Greylist"), "X-Greylist should be there")
        check(b"dmarc=pass" in mail.data, "Authentication-Results should be there")

    def next_mail(self):
        title("The next mail")
        say("From now on this sender is known for this recipient, and nothing is delayed:")
        again = self.attempt("Lunch, again")
        check(again.delivered, "the next mail should be delivered")
        check(not self.sink.of(again).header("X-Greylist"), "it was not delayed")
        self.tuple_in_redis()
        self.ctl("grey", "list")

    def refused(self):
        title("One who is refused, and why")
        say("""%s has no host name, is on a DNS list, and is not among the hosts that may send for sender.example.
            That adds up, and the answer names the reasons, so that an honest sender could mend them:""" % SPAMMER)
        tried = self.attempt("Cheap watches", SPAMMER, None)
        check(str(tried.rcpt).startswith("554 "), "it should be refused", tried)
        code = str(tried.rcpt).rsplit("; ", 1)[1].rstrip(")")
        say("The code at its end leads to the decision record, which Redis keeps for a while:")
        time.sleep(1)  # records are written in the background
        self.ctl("explain", code)

    def forged(self):
        title("A forged From")
        say("""mail.forger.example is a decent host: named, listed nowhere, and allowed to send for forger.example, so
            it gets in line like every stranger. But its message says it is from Alice, and the domain of Alice
            asks for such mail to be refused (DMARC):""")
        self.attempt("Your invoice", FORGER, "mail.forger.example", "bill@forger.example")
        print("    … waiting %d seconds" % BLOCK_S, flush=True)
        time.sleep(BLOCK_S + 0.1)
        tried = self.attempt("Your invoice", FORGER, "mail.forger.example", "bill@forger.example")
        check(str(tried.end).startswith("554 5.7.26 "), "it should be refused", tried)

    def leaving(self):
        title("Mail that leaves: before and after")
        say("""The other direction: Ann's shop sends through the same Postfix, after a login (played by XCLIENT, too).
            gatepost knows her login, and with it the account:""")
        print()
        show(conf_lines("shop", SHOP))
        before = "From: Ann <ann@%s>\nTo: Carl <%s>\nDate: %s\nMessage-ID: <%d@%s>\n%s" % (
            DOMAIN, CUSTOMER, email.utils.formatdate(), time.monotonic_ns(), DOMAIN, LETTER)
        with self.postfix.client(address="127.0.0.1", name="localhost", login="ann") as client:
            tried = client.send("ann@" + DOMAIN, CUSTOMER, before)
        check(tried.delivered, "Ann's mail should leave", tried)
        mail = self.sink.of(tried)
        say("""What she sent, and what the customer's server gets. MAIL FROM became a return path of the message's own;
            what is 8-bit was encoded, so that no server on the way has to, and no signature breaks; X-Gatepost-Tag
            was for gatepost alone, and is gone:""")
        print()
        beside("MAIL FROM:<ann@%s>\nRCPT TO:<%s>\n\n%s" % (DOMAIN, CUSTOMER, before),
               "MAIL FROM:<%s>\nRCPT TO:<%s>\n\n%s" % (mail.sender, mail.rcpts[0],
                                                       mail.data.decode(errors="replace").replace("\r\n", "\n")))
        return mail

    def judged(self, mail):
        title("Do the signatures hold? Others judge")
        perl = verify.mail_dkim(mail.data, self.keys, self.world)
        python = verify.dkimpy(mail.data, self.keys)
        rows = [("Mail::DKIM (perl)", kind, selector, algorithm, said)
                for (kind, domain, selector, algorithm), said in sorted(perl.items()) if "ed25519" not in algorithm]
        rows += [("dkimpy (python)", "dkim", selector, algorithm, "pass" if good else "fail")
                 for (domain, selector, algorithm), good in sorted(python.items())]
        show("\n".join("%-18s %-10s s=%-4s %-15s %s" % row for row in rows))
        check(len(rows) == 4 and all(row[-1] == "pass" for row in rows), "all should pass", rows)
        say("""And libopendkim: the same message comes in, from a server that is known by now, and gatepost judges it
            as it judges all mail, with the keys that DNS shows:""")
        with self.postfix.client(address=CLIENT, name=HOST, helo=HOST) as client:
            client.mail(SENDER).must_be_ok("MAIL")
            client.rcpt(RCPT).must_be_ok("RCPT")
            check(client.data().code == 354, "DATA")
            client.message(mail.data).must_be_ok("the message")
        back = wait_for("the message comes in", lambda: [
            m for m in self.sink.messages if m.header("Authentication-Results") and m.header("DKIM-Signature")])
        print()
        show(back[-1].header("Authentication-Results")[0].replace("; ", ";\n  "))
        check("dkim=pass" in back[-1].header("Authentication-Results")[0], "libopendkim should pass it")

    def found_again(self, mail):
        title("What comes back is understood")
        say("""A bounce goes to the return path, and that says by itself whose it is: the account, the message, and which
            of its recipients. It is signed, so nobody can make one up:""")
        self.ctl("token", "decode", mail.sender)
        say("Who that was, and what was done, is remembered for as long as the account wants:")
        self.ctl("log", "--account", "shop")

    def came_back(self):
        title("Somebody is gone")
        say("Dora has left customer.example, and its server refuses her mail. Ann's shop does not know that, and writes:")
        with self.postfix.client(address="127.0.0.1", name="localhost", login="ann") as client:
            check(client.send("ann@" + DOMAIN, GONE, message("ann@" + DOMAIN, GONE)).delivered, "the mail should leave")
        say("""Postfix makes a bounce of it, to the return path. gatepost reads who could not be reached and why, keeps
            that, and only then takes the bounce, which has done its duty. Who does not exist gets no more mail:""")
        wait_for("the bounce is recorded", lambda: self.redis("HEXISTS", "gp:supp:{shop}", GONE) == 1)
        self.ctl("suppress", "show", GONE)
        with self.postfix.client(address="127.0.0.1", name="localhost", login="ann") as client:
            client.mail("ann@" + DOMAIN).must_be_ok("MAIL")
            told = client.rcpt(GONE)
        check(told.code == 550, "the next mail should be refused", told)
        print()
        show("RCPT TO:<%s>" % GONE, "Ann:     ")
        show(str(told), "Postfix: ")

    def fetch(self, url, who):
        """As a browser asks for it, wherever the name leads; shown. Returns where it sends the reader on to."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
        connection.request("GET", parts.path, headers={"Host": parts.netloc, "User-Agent": READER})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        where = answer.headers["Location"]
        print()
        show("GET " + cut(url, 80), ("%s:" % who).ljust(14))
        show("%d %s, %s" % (answer.status, answer.reason, "Location: " + where if where else "%d bytes of %s" % (
            len(data), answer.headers["Content-Type"])), "gatepost-web: ")
        return where

    def newsletter(self):
        title("A newsletter: who opens it, who clicks?")
        say("""Another account may ask for that; none does unless it says so. gatepost-web, a small web server, hears
            from the readers:""")
        print()
        show(conf_lines("news", self.news))
        before = "From: Ann <ann@%s>\nTo: Carl <%s>\nDate: %s\nMessage-ID: <%d@%s>\n%s" % (
            DOMAIN, CUSTOMER, email.utils.formatdate(), time.monotonic_ns(), DOMAIN, NEWSLETTER)
        with self.postfix.client(address="127.0.0.1", name="localhost", login="nina") as client:
            tried = client.send("ann@" + DOMAIN, CUSTOMER, before)
        check(tried.delivered, "the newsletter should leave", tried)
        mail = self.sink.of(tried)
        page = mail.message.get_payload(decode=True).decode().replace("\r\n", "\n")
        say("""The HTML before and after: the link to the shop leads by gatepost-web, a pixel was added, and nothing else
            was touched; the signatures were made after that:""")
        print()
        beside(NEWSLETTER.partition("\n\n")[2], page)
        print("    … waiting %g seconds: who clicks sooner is a program" % READ_AFTER_S, flush=True)
        time.sleep(READ_AFTER_S)
        say("Carl opens it with its images, and then he clicks:")
        link, = re.findall(r'href="(http:[^"]+/c/[^"]+)"', page)
        pixel, = re.findall(r'src="([^"]+/o/[^"]+)"', page)
        self.fetch(pixel, "Carl")
        time.sleep(0.5)
        check(self.fetch(link, "Carl") == "https://shop.example/sofas?a=1&b=2#red", "the link should lead to the shop")
        say("""That he was brought where the link led is all that Carl sees. A person looks at one thing after the other;
            a virus scanner, which fetches all links at once, would be counted apart:""")
        wait_for("both are noted", lambda: self.redis("XLEN", "gp:ev:{news}") >= 3)
        self.ctl("report", "--account", "news")

    def look_back(self):
        title("What the administrator sees")
        time.sleep(1)  # log and counters are written in the background
        say("The log has one line for each try:")
        print()
        show("\n".join(line for line in self.daemon.log().split("\n") if "action=" in line))
        say("And the counters of today:")
        self.ctl("stats")
        self.ctl("dnsbl")

    def keep(self):
        title("Still running; try it")
        swaks = ["swaks", "--server", "127.0.0.1:%d" % self.postfix.port, "--from", "you@your.example", "--to", RCPT,
                 "--xclient", "ADDR=198.51.100.5 NAME=mx.your.example"]
        ctl = [os.path.join(BUILD, "gatepostctl"), "-c", self.daemon.conf]
        for what, argv in (
                ("Send mail as a stranger (apt-get install swaks); again after the wait:", swaks),
                ("See the tuples:", [*ctl, "grey", "list"]),
                ("See what is in force:", [*ctl, "config"]),
                ("See the counters:", [*ctl, "stats"]),
                ("Ask what would become of a mail:",
                 [*ctl, "test", "--ip", SPAMMER, "--helo", "x", "--from", SENDER, "--rcpt", RCPT]),
                ("Talk to Redis:", ["redis-cli", "-s", self.redis.socket]),
                ("Change %s, then:" % self.daemon.conf, ["kill", "-HUP", str(self.daemon.pid)]),
                ("Watch gatepost's log:", ["tail", "-f", self.daemon.process.log_path]),
                ("Watch Postfix's log:", ["tail", "-f", os.path.join(self.postfix.directory, "mail.log")])):
            print("\n  %s\n    %s" % (what, shlex.join(argv)))
        print("\n  To stop it all: Ctrl-C here, or: kill %d" % os.getpid(), flush=True)
        while self.daemon.running():
            time.sleep(0.5)

    def play(self, keep):
        self.introduce()
        seconds = self.first_try()
        seconds = self.early_retry(seconds)
        self.retry(seconds)
        self.next_mail()
        self.refused()
        self.forged()
        mail = self.leaving()
        self.judged(mail)
        self.found_again(mail)
        self.came_back()
        self.newsletter()
        self.look_back()
        if keep:
            self.keep()


def main():
    end_on_sigterm()
    demo = None
    try:
        demo = Demo()
        demo.play("--keep" in sys.argv[1:])
        check(demo.web.stop() == 0, "gatepost-web should end well", demo.web.tail())
        demo.daemon.stop()
        demo.world.close()
        print("\nThat was all; everything is stopped and %s is removed." % demo.world.directory)
        return 0
    except KeyboardInterrupt:
        print("\nStopping.")
        return 0
    except (Cannot, Failure) as e:
        print("\nThe demo did not go as it should:\n%s" % e, file=sys.stderr)
        if demo:
            print(demo.daemon.process.tail() + "\n" + demo.postfix.tail(), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
