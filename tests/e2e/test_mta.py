"""What differs between MTAs and ways in: Sendmail, sendmail(1), macros, unix and inet sockets."""

import re
import time

from harness import *

SENDER = "alice@sender.example"
RCPT = "bob@example.org"


def pair(stage):
    """A Sendmail and its sink, made once, in a network where the clients' addresses are real."""
    if not hasattr(stage, "sendmail"):
        network = Network(stage.world, ["203.0.113.7/32", "203.0.113.99/32", "198.51.100.1/32", "2001:db8::7/128"])
        with network:
            stage.sendmail_sink = Sink(stage.world)
        stage.sendmail = Sendmail(stage.world, network, stage.sendmail_sink, "unix:" + stage.socket)
    stage.sendmail_sink.clear()
    return stage.sendmail, stage.sendmail_sink


def by_sendmail(stage, sender=SENDER, rcpts=RCPT, **client):
    sendmail, _ = pair(stage)
    try:
        with sendmail.client(**client) as c:
            return c.send(sender, rcpts)
    except Failure as e:
        raise Failure("%s\n%s" % (e, sendmail.tail())) from None


def test_sendmail_story(stage):
    """Sendmail: first try 451 with the seconds, early retry with fewer, retry delivered with X-Greylist"""
    daemon = stage.gatepostd({"greylist": {"block": "5s"}})
    _, sink = pair(stage)
    first = by_sendmail(stage).rcpt.must_be_greylisted("first try", 5)
    equal(first, 5, "seconds to wait")
    time.sleep(2.1)
    second = by_sendmail(stage).rcpt.must_be_greylisted("early retry", 3)
    time.sleep(second + 0.05)
    again = by_sendmail(stage, address="203.0.113.99")
    check(again.delivered, "the retry, from another host of the /24", again)
    matches(X_GREYLIST, " ".join(sink.of(again).header("X-Greylist")), "X-Greylist of the delivered message")
    second = by_sendmail(stage)
    check(second.delivered, "the second mail passes at once")
    equal(sink.of(second).header("X-Greylist"), [], "without X-Greylist")
    outcomes = [m.get("why") for m in daemon.messages()]
    equal(outcomes, ["new", "early", "passed", "repeat"], "why= of the four")
    for line in daemon.messages()[2:]:
        check(re.fullmatch(r"\w{10,}", line.get("id", "")), "Sendmail's queue id is in the line", line)


def test_sendmail_recipients(stage):
    """Sendmail: recipients get their own answers"""
    stage.gatepostd({"greylist": {"optout": ["open@example.org"]}})
    _, sink = pair(stage)
    tried = by_sendmail(stage, rcpts=["open@example.org", RCPT, "postmaster@example.org"])
    tried.rcpts["open@example.org"].must_be_ok("opted out")
    tried.rcpts["postmaster@example.org"].must_be_ok("postmaster")
    tried.rcpts[RCPT].must_be_greylisted("the other")
    check(tried.delivered, "the message goes to the two", tried)
    equal(sorted(sink.of(tried).rcpts), ["open@example.org", "postmaster@example.org"], "recipients at the sink")


def test_sendmail_null_sender(stage):
    """Sendmail: the null sender hears 250 at RCPT, 451 at DATA, and its retry passes"""
    stage.gatepostd()
    sendmail, _ = pair(stage)
    with sendmail.client() as c:
        c.mail("").must_be_ok("MAIL FROM:<>")
        c.rcpt(RCPT).must_be_ok("RCPT, as a call-out")
        seconds = c.data().must_be_greylisted("DATA", 3)
    again = stage.try_later(lambda: by_sendmail(stage, sender=""), seconds)
    check(again.delivered, "the retry", again)


def test_sendmail_loopback(stage):
    """Sendmail: loopback is a submitting network"""
    daemon = stage.gatepostd()
    check(by_sendmail(stage, address="127.0.0.1").delivered, "from loopback")
    equal(daemon.wait_message().get("dir"), "out", "dir=")


def test_sendmail_percent(stage):
    """Sendmail reads a reply as a format: a text with one % in it arrives whole"""
    stage.gatepostd({"greylist": {"text": "Come back in %s s"}})
    with pair(stage)[0].client() as c:
        c.mail(SENDER)
        equal(str(c.rcpt(RCPT)), "451 4.7.1 Come back in 3 s", "the reply")


def test_sendmail_restart(stage):
    """Sendmail: a daemon that is away means 451 (F=T), and mail flows again when it is back"""
    pair(stage)
    tried = by_sendmail(stage, address="127.0.0.1")
    replies = [tried.mail, *tried.rcpts.values()]
    check(any(r.code == 451 for r in replies if r) or tried.mail.code == 451, "451 while it is away", tried)
    stage.gatepostd()
    check(by_sendmail(stage, address="127.0.0.1").delivered, "when it is back")


def test_postfix_restart(stage):
    """Postfix: a daemon that is away means 451 (default action), and mail flows again when it is back"""
    with stage.postfix.client(address=None) as c:
        tried = c.send(SENDER, RCPT)
    check(not tried.delivered and tried.mail.code // 100 == 4 or tried.rcpts and tried.rcpt.code // 100 == 4,
          "4xx while it is away", tried)
    stage.gatepostd()
    with stage.postfix.client(address=None) as c:
        check(c.send(SENDER, RCPT).delivered, "when it is back")


def test_postfix_inet(stage):
    """Postfix over an inet socket"""
    stage.gatepostd(listen="inet:%d@127.0.0.1" % stage.postfix.milter_port)
    with stage.postfix.client(port=stage.postfix.over_inet) as c:
        seconds = c.send(SENDER, RCPT).rcpt.must_be_greylisted("first try")
    time.sleep(seconds + 0.05)
    with stage.postfix.client(port=stage.postfix.over_inet) as c:
        again = c.send(SENDER, RCPT)
    check(again.delivered, "the retry")
    check(stage.sink.of(again).header("X-Greylist"), "X-Greylist")


def test_postfix_without_macros(stage):
    """Postfix that is configured to send no macros: it greylists all the same, and asks for what it needs"""
    daemon = stage.gatepostd()
    with stage.postfix.client(port=stage.postfix.bare) as c:
        seconds = c.send(SENDER, RCPT).rcpt.must_be_greylisted("first try")
    time.sleep(seconds + 0.05)
    with stage.postfix.client(port=stage.postfix.bare) as c:
        check(c.send(SENDER, RCPT).delivered, "the retry")
    line = daemon.wait_message(action=ACCEPT)
    check(re.fullmatch(r"\w{6,}", line.get("id", "")), "the queue id is known: it was asked for", line)


def test_non_smtpd(stage):
    """sendmail(1) through non_smtpd_milters is never put off, whatever the options say"""
    daemon = stage.gatepostd({"inbound": {"submit_networks": [], "submit_daemons": []}})
    for n, sender in enumerate((SENDER, "root@mx.example.org", "<>")):
        stage.postfix.sendmail(sender, RCPT, "Subject: from cron %d\n\nHello.\n" % n)
    got = stage.sink.wait(3)
    equal(len(got), 3, "messages at the sink")
    wait_for("the queue is empty", lambda: not stage.postfix.queue(), 10)
    equal([m.header("X-Greylist") for m in got], [[], [], []], "X-Greylist")
    equal({m.get("action") for m in daemon.messages()}, {ACCEPT}, "action=")


def test_non_smtpd_error(stage):
    """sendmail(1) is not put off either when Redis is away and on_error = tempfail"""
    stage.gatepostd({"redis": {"server": "unix:/nonexistent/redis.sock"}, "greylist": {"on_error": "tempfail"},
                     "inbound": {"submit_networks": []}})
    stage.postfix.sendmail(SENDER, RCPT, "Subject: from cron\n\nHello.\n")
    stage.sink.wait(1)
    with stage.postfix.client() as c:
        equal(c.send(SENDER, RCPT).rcpt.code, 451, "an SMTP client's answer")


def test_postfix_utf8(stage):
    """SMTPUTF8 addresses and 8-bit senders through Postfix"""
    daemon = stage.gatepostd()
    with stage.postfix.client() as c:
        c.mail("j\u00f6rg@sender.example", "SMTPUTF8").must_be_ok("MAIL")
        c.rcpt("\u7528\u6237@example.org").must_be_greylisted("RCPT")
        c.rcpt("plain@example.org").must_be_greylisted("RCPT")
        c.command("RSET")
        reply = c.mail("j\udcf6rg@sender.example")
        if reply.ok:
            c.rcpt("plain@example.org")
    daemon.alive()
    for key in stage.redis.keys("gp:grey:*"):
        check(all(" " <= letter <= "~" for letter in key), "keys are printable ASCII", key)


def test_postfix_vanish(stage):
    """SMTP clients that vanish after each step through Postfix"""
    daemon = stage.gatepostd({"greylist": {"learning": "yes"}})
    for steps in range(6):
        c = stage.postfix.client()
        for step in (lambda: c.mail(SENDER), lambda: c.rcpt(RCPT), lambda: c.rcpt("x@example.org"), c.data,
                     lambda: c.smtp.send(b"Subject: x\r\n"))[:steps]:
            step()
        c.vanish()
    with stage.postfix.client() as c:
        check(c.send(SENDER, RCPT).delivered, "a whole message afterwards")
    daemon.alive()


def test_pipelining(stage):
    """pipelined MAIL, RCPT, RCPT, RCPT get their answers in order"""
    stage.gatepostd({"greylist": {"optout": ["two@example.org"]}})
    with stage.postfix.client() as c:
        lines = ["MAIL FROM:<%s>" % SENDER, *("RCPT TO:<%s@example.org>" % n for n in ("one", "two", "three"))]
        c.smtp.send(("\r\n".join(lines) + "\r\n").encode())
        codes = [c.smtp.getreply()[0] for _ in lines]
    equal(codes, [250, 451, 250, 451], "the codes")
