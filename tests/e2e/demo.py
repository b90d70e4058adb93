"""What script/demo shows: a stranger who is put off, comes back, and is let in; one who is refused, and why."""

import fcntl
import os
import pty
import shlex
import struct
import subprocess
import sys
import termios
import textwrap
import time

from nameserver import Nameserver, dns_list, host, txt
from gatepostd import CHECKS
from harness import BUILD, Failure, Gatepostd, Postfix, Redis, Sink, World, check, end_on_sigterm, message, program

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


class Demo:
    def __init__(self):
        self.world = World("gatepost-demo-")
        self.redis = Redis(self.world)
        self.names = Nameserver(self.world)
        self.names.load(RECORDS)
        self.sink = Sink(self.world)
        socket = self.world.path("gatepost.sock")
        self.postfix = Postfix(self.world, self.sink, "unix:" + socket)
        on = {section: {"enabled": True} for section in CHECKS}
        self.daemon = Gatepostd(self.world, self.redis, {
            **on, "greylist": {"block": "%ds" % BLOCK_S}, "dns": {"resolver": self.names.where},
            "dnsbl": {"lists": ["bl.example*25"]}}, listen="unix:" + socket)

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
        self.look_back()
        if keep:
            self.keep()


def main():
    end_on_sigterm()
    demo = None
    try:
        demo = Demo()
        demo.play("--keep" in sys.argv[1:])
        demo.daemon.stop()
        demo.world.close()
        print("\nThat was all; everything is stopped and %s is removed." % demo.world.directory)
        return 0
    except KeyboardInterrupt:
        print("\nStopping.")
        return 0
    except Failure as e:
        print("\nThe demo did not go as it should:\n%s" % e, file=sys.stderr)
        if demo:
            print(demo.daemon.process.tail() + "\n" + demo.postfix.tail(), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
