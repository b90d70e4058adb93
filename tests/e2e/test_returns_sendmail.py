"""What comes back to a Sendmail that is set up as `gatepostctl setup sendmail` says; at the far end is a Postfix."""

import os

from harness import *
from test_ctl import Ctl
from test_returns import FAR, Corner, events, suppressed

SENDER = "news@shop.example"
NOBODY = "127.0.0.99"  # where nothing listens

# Beside what we print: the way out, and what makes "dead for five days" short.
MORE = """
define(`confTO_QUEUERETURN', `2s')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
{setup}
LOCAL_RULE_0
R$* <@ dead.example $* > $*\t$#esmtp $@ [{nobody}] $: $1 <@ dead.example > $3
divert(0)dnl
"""


class Ends:
    """home, a Sendmail; far, a Postfix that has no `gone`, and takes mail for `later` to bounce it. Both in a network of
    their own, home at port 25."""

    def __init__(self, stage, conf):
        self.network = Network(stage.world, ["127.0.0.3/32"])
        with self.network:
            self.sink = Sink(stage.world)
            self.far = Postfix(Corner(stage.world, "far"), self.sink, "", extra=[
                "myhostname = far.example", "inet_interfaces = 127.0.0.3", "relayhost =", "smtp_bind_address = " + FAR,
                "transport_maps = inline:{{later@far.example=error:5.1.1 mailbox unknown} {b.shop.example=smtp:[127.0.0.1]:25}"
                " {bob@home.example=smtp:[127.0.0.1]:%d}}" % self.sink.port,
                "default_transport = discard:", "relay_transport = discard:", "smtpd_reject_unlisted_recipient = no",
                "smtpd_recipient_restrictions = check_recipient_access inline:{{gone@far.example=550 5.1.1 no such user here}}",
                "minimal_backoff_time = 1s", "maximal_backoff_time = 1s", "queue_run_delay = 1s"])
        printed = Ctl(stage, conf=conf)("setup", "sendmail").must().out.replace("$: postmaster", "$: root")
        self.home = Sendmail(stage.world, self.network, self.far, "", port=25,
                             more=MORE.format(setup=printed, nobody=NOBODY))


def daemon(stage, **account):
    where = stage.world.path("keyring")
    made = stage.gatepostd({
        "outbound": {"keyring": where, "keys": stage.world.path("keys")},
        "inbound": {"submit_networks": ["127.0.0.1/32"]},
        "account shop": {"match": ["ip:127.0.0.1/32"], "bounce_domain": "b.shop.example", **account}}, start=False)
    if not os.path.exists(where):
        Ctl(stage, conf=made.conf)("keyring", "new").must()
    made.start()
    if not hasattr(stage, "ends"):
        stage.ends = Ends(stage, made.conf)
    stage.ends.sink.clear()
    return made


def send(stage, rcpt):
    with stage.ends.home.client(address="127.0.0.1") as c:
        c.mail(SENDER).must_be_ok("MAIL")
        told = c.rcpt(rcpt)
        if told.ok:
            equal(c.data().code, 354, "DATA")
            c.message(message(SENDER, rcpt)).must_be_ok("the message")
        return told


def wait_event(stage, kind, seconds=30):
    try:
        return wait_for("an event %s" % kind, lambda: events(stage, kind), seconds)[-1]
    except Failure as e:
        raise Failure("%s\n%s\n%s\n%s" % (e, events(stage), stage.ends.home.tail(), stage.ends.far.tail())) from None


def refused(stage, rcpt, word):
    told = send(stage, rcpt)
    equal(told.code, 550, "the next message to %s: %s" % (rcpt, told.text))
    matches(word, told.text, "the reason")


def test_refused_at_rcpt(stage):
    """Sendmail: the far end refuses the recipient: Sendmail's own bounce comes round, is an event, and he is suppressed"""
    running = daemon(stage)
    send(stage, "gone@far.example").must_be_ok("the first one")
    event = wait_event(stage, "bounced")
    equal([event.get(k) for k in ("rcpt", "class", "strength", "status", "by")],
          ["gone@far.example", "recipient", "hard", "5.1.1", "return"], "the event")
    matches("no such user here", event["reason"], "what the far end said")
    matches(r"^bounced 1 .*no such user here.*%s" % event["msg"], suppressed(stage, "gone@far.example"), "the suppression")
    equal(running.wait_message(action="discard")["returns"], "bounced", "the log")
    refused(stage, "gone@far.example", r"recipient suppressed: bounced on \d{4}-")


def test_bounced_later(stage):
    """Sendmail: the far end takes it and bounces later: the same"""
    running = daemon(stage)
    send(stage, "later@far.example").must_be_ok("the first one")
    event = wait_event(stage, "bounced")
    equal([event.get(k) for k in ("rcpt", "class", "strength")], ["later@far.example", "recipient", "hard"], "the event")
    line = running.wait_message(action="discard")
    equal((line["dir"], line["client"], line["returns"]), ("in", FAR, "bounced"), "the log")
    refused(stage, "later@far.example", r"recipient suppressed: bounced on \d{4}-")


def test_dead(stage):
    """Sendmail: nobody listens there: an event in the end, and nobody is suppressed"""
    daemon(stage)
    send(stage, "ann@dead.example").must_be_ok("the first one")
    event = wait_event(stage, "bounced")
    equal([event.get(k) for k in ("rcpt", "class", "strength")], ["ann@dead.example", "infrastructure", "soft"], "the event")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressions")


def test_passed_on(stage):
    """Sendmail: bounces = pass, bounces_to: recorded, and then delivered to that address, once"""
    daemon(stage, bounces="pass", bounces_to="bob@home.example")
    send(stage, "gone@far.example").must_be_ok("the first one")
    wait_event(stage, "bounced")
    mail = stage.ends.sink.wait()[0]
    equal(mail.rcpts, ["bob@home.example"], "to whom")
    matches("no such user here", mail.data.decode(), "what")
    equal(len(events(stage, "bounced")), 1, "events")


def test_stranger(stage):
    """Sendmail: a guessed return path is refused, and this relays for nobody"""
    daemon(stage)
    with stage.ends.home.client(address=FAR) as c:
        c.mail("").must_be_ok("MAIL")
        matches("^550 5.1.1 .*no such return path$", str(c.rcpt("b-" + "a" * 48 + "@b.shop.example")), "a guessed one")
        matches(r"^[45]50 .*Relaying (temporarily )?denied", str(c.rcpt("ann@elsewhere.example")), "another domain")
