"""What comes back and is larger than anybody meant: through the daemon, with bounds on its time and memory."""

import re
import time

from harness import *
from test_returns import daemon, dsn, events, suppressed

SENDER = "news@shop.example"
MB = 1024 * 1024

# A bounce of 20 MB lies in a file, and is looked at there; what is read of it has 72 MB at most.
MEMORY_KB = 160 * 1024
# With sanitizers, on a machine that others use too; without, none takes a second.
SECONDS = 30


def high_kb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return int(re.search(r"VmHWM:\s*(\d+)", f.read()).group(1))


class Case:
    """A message of the account that left, and what comes back to it."""

    def __init__(self, stage, rcpts=("fine@far.example",)):
        self.stage = stage
        # freed memory that a sanitizer keeps is not what the daemon needs
        self.running = daemon(stage, redis={"timeout": "5s"}, account_shop={"recipients": "message", "match": ["login:ann"]},
                              env={"ASAN_OPTIONS": "exitcode=99:quarantine_size_mb=1"})
        with Peer(self.running.address) as peer:
            peer.open(address="127.0.0.1")
            answers, last = peer.transaction(SENDER, rcpts, auth_authen="ann")
            check(all(a.kind == "continue" for a in answers) and last.kind in ("continue", "accept"), "it leaves", last)
        self.path = wait_for("the event", lambda: events(stage, "sent"))[-1]["return"].strip("<>")
        wait_for("the message's record", lambda: stage.redis.keys("gp:msg:*"))

    def comes(self, text, name):
        """Has it come back; checks what that cost."""
        head, body = text.encode().replace(b"\n", b"\r\n").split(b"\r\n\r\n", 1)
        with open("/proc/%d/clear_refs" % self.running.pid, "w", encoding="ascii") as f:
            f.write("5")  # what was needed most is forgotten
        before = high_kb(self.running.pid)
        with Peer(self.running.address) as peer:
            peer.open(address="203.0.113.9")
            peer.macros("M", i="4ABC")
            peer.mail("")
            equal(peer.rcpt(self.path).kind, "continue", "the return path")
            peer.data()
            for line in head.replace(b"\r\n ", b" ").split(b"\r\n"):
                peer.header(*[part.strip() for part in line.split(b":", 1)])
            peer.eoh()
            for at in range(0, len(body), 65535):
                peer.body(body[at:at + 65535])
            start = time.monotonic()
            last = peer.end()
            seconds = time.monotonic() - start
        used = high_kb(self.running.pid) - before
        print("# %s: %.1f MB: %.2f s, %.0f MB of memory" % (name, len(text) / MB, seconds, used / 1024))
        equal(last.kind, "discard", "the answer")
        check(seconds < SECONDS, "it took %.1f s" % seconds)
        check(used < MEMORY_KB, "it needed %d kB" % used)
        self.running.alive()


def report(parts, boundary="b"):
    """A notification of these parts: (type, text)."""
    return ("From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=%s\n\n" % boundary +
            "".join("--%s\nContent-Type: %s\n\n%s\n" % (boundary, kind, text) for kind, text in parts) + "--%s--\n" % boundary)


def status(*blocks):
    return ("message/delivery-status", "Reporting-MTA: dns; mx.example\n\n" + "\n".join(blocks))


def block(rcpt, text="550 5.1.1 user unknown"):
    return "Final-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; %s\n" % (rcpt, text)


def filler(size, line="Lorem ipsum 550 5.1.1 <victim@far.example>: user unknown, or what else there was to say"):
    return (line + "\n") * (size // (len(line) + 1))


@limit(180)
def test_large(stage):
    """20 MB: of the mail that is returned, of text, of one line, of one diagnostic: bounded, and only the one is touched"""
    case = Case(stage)
    returned = ("message/rfc822", "From: %s\nSubject: x\n\n%s" % (SENDER, filler(20 * MB)))
    case.comes("From: x@mx.example\nSubject: nothing\n\n" + "x" * 20 * MB + "\n", "one line")
    case.comes(report([("text/plain", "ordinary " * (20 * MB // 9)), returned]), "text, and no report")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressions before")
    case.comes(report([status(block("fine@far.example", "550 5.1.1 user unknown " + "and so on " * (2 * MB)))]), "one diagnostic")
    stage.redis("DEL", "gp:supp:{shop}", "gp:bounce:{shop}:fine@far.example")
    case.comes(report([("text/plain", "No."), status(block("fine@far.example")), returned]), "the mail that is returned")
    equal(list(stage.redis.hash("gp:supp:{shop}")), ["fine@far.example"], "suppressed")


@limit(180)
def test_many(stage):
    """10,000 recipients in one notification, of whom 500 were among the 1,000 of the message: these, and no others"""
    ours = ["r%d@far.example" % i for i in range(1000)]
    case = Case(stage, ours)
    named = ours[::2] + ["victim%d@elsewhere.example" % i for i in range(9500)]
    case.comes(report([status(*[block(rcpt) for rcpt in named])]), "10,000 recipients")
    counted = "gp:bounce:{shop}:"
    equal(sorted(key[len(counted):] for key in stage.redis.keys(counted + "*@*")), sorted(ours[::2]), "counted")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressed")
    found = events(stage, "bounced")
    equal((len(found), len([e for e in found if "rcpt" not in e])), (501, 1), "events, of nobody")
    case.comes(report([status(*[block(rcpt) for rcpt in named])]), "the same again")
    equal(len(events(stage, "bounced")), 501, "events after that")


@limit(180)
def test_nested(stage):
    """100 parts in each other, a report in the innermost: bounded, recorded as what nobody can read, nobody is touched"""
    case = Case(stage)
    text = dsn("fine@far.example")
    for i in range(100):
        text = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=n%d\n\n--n%d\n%s\n--n%d--\n" % (i, i, text, i)
    case.comes("From: MAILER-DAEMON@mx.example\n" + text, "100 deep")
    text = dsn("fine@far.example")
    for _ in range(100):
        text = "MIME-Version: 1.0\nContent-Type: message/rfc822\n\n" + text
    case.comes("From: MAILER-DAEMON@mx.example\n" + text, "100 messages in each other")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressions")
    equal({e["type"] for e in events(stage)} - {"sent"}, {"returned"}, "events")
    case.comes(dsn("fine@far.example"), "and one that can be read")
    matches("^bounced 1", suppressed(stage, "fine@far.example"), "the suppression")


@limit(180)
def test_unreadable(stage):
    """20,000 names and next to no text, more memory than it is worth: recorded as that, discarded, nobody is touched"""
    case = Case(stage)
    names = "".join("X-Failed-Recipients: %s\n" % ", ".join("%d@a.de" % (n * 1000 + i) for i in range(1000)) for n in range(20))
    case.comes("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n%s\n550 5.1.1 user unknown\n" % names, "names")
    equal([e["type"] for e in events(stage) if e["type"] != "sent"], ["returned"], "events")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressions")
