"""Lanes, XVERP and bounces, as packaging/postfix has them, in a Postfix of the test's own."""

import os
import re

import mta
from harness import *

EXAMPLE = os.path.join(TOP, "packaging", "postfix")
SENDER = "news@shop.example"
RCPTS = ["u1@d1.example", "u2@d2.example", "u3@d3.example"]
RETURN_PATH = r"^b-[a-z0-9]+(?:\+(?P<who>[^@]*))?@(?P<domain>[a-z.]+)$"

ACCOUNT = {"bounce_domain": "b.shop.example", "recipients": "expand", "match": "from:@shop.example"}


def example(name):
    with open(os.path.join(EXAMPLE, name), encoding="utf-8") as f:
        return f.read()


def settings(text):
    """The settings of a main.cf, without comments."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def transports(text, bind):
    """The transports of master-outbound.cf, with source addresses that there are."""
    text = text[text.index("# A transport for each lane"):]
    return re.sub(r"smtp_bind_address=\S+", lambda _: "smtp_bind_address=" + next(bind), text)


class Lanes:
    """A Postfix with the example's files, its ways out leading to a sink each; its submission port
    has what the example's service `submission` has."""

    def __init__(self, stage):
        world = stage.world
        self.default, self.bulk, self.warm = (Sink(world) for _ in range(3))
        ways = {"bulk": self.bulk, "warm": self.warm}
        world.write("gatepost-lanes", re.sub(
            r"(?m)^(@\S+) (\w+):$", lambda m: "%s %s:[127.0.0.1]:%d" % (m[1], m[2], ways[m[2]].port),
            example("lanes")))
        world.write("gatepost-commands", example("commands.regexp"))
        world.write("gatepost-bounce-domains", example("bounce-domains"))
        world.write("gatepost-bounces", example("bounces.regexp").replace(" postmaster", " postmaster@mx.example.org"))
        master = mta._POSTFIX_MASTER
        outbound = example("master-outbound.cf")
        verp = re.findall(r"(?m)^  (-o smtpd_(?:command_filter|authorized_verp_clients)=\S+)$", outbound)
        equal(len(verp), 2, "the example's options for XVERP")
        here = lambda text: text.replace("/etc/postfix/", world.directory + "/")
        mta._POSTFIX_MASTER = here(
            master.replace("-o milter_macro_daemon_name=ORIGINATING",
                           " ".join(["-o milter_macro_daemon_name=ORIGINATING", *verp])) +
            transports(outbound, iter(["127.0.0.3", "127.0.0.4"])))
        try:
            # what mta.py says of these would be in the way
            extra = ["relay_domains =", "default_transport = smtp:[127.0.0.1]:%d" % self.default.port, "relayhost ="]
            self.postfix = Postfix(world, self.default, "unix:" + stage.socket,
                                   extra=[*extra, *settings(here(example("main-outbound.cf")))])
        finally:
            mta._POSTFIX_MASTER = master

    def sinks(self):
        return {"default": self.default, "bulk": self.bulk, "warm": self.warm}

    def clear(self):
        self.postfix.drain()
        for sink in self.sinks().values():
            sink.clear()

    def where(self, count):
        """[(way, return path, recipients)] of everything, once there are so many deliveries."""
        def all_of_it():
            found = [(way, m.sender, m.rcpts) for way, sink in self.sinks().items() for m in sink.messages]
            return found if len(found) >= count else None

        return wait_for("%d deliveries\n%s" % (count, self.postfix.tail()), all_of_it, 30)


def lanes(stage):
    if not hasattr(stage, "lanes"):
        stage.lanes = Lanes(stage)
    stage.lanes.clear()
    return stage.lanes


def by_hand(stage):
    """Without gatepostd: what it would give as MAIL FROM, the client says."""
    stage.gatepostd({"outbound": {"enabled": False}})
    return lanes(stage)


def submit(postfix, sender, rcpts, *parameters):
    with postfix.client(address=None, port=postfix.submission) as c:
        c.mail(sender, *parameters).must_be_ok("MAIL FROM")
        for rcpt in rcpts:
            c.rcpt(rcpt).must_be_ok("RCPT")
        c.data()
        c.message(message(sender, rcpts)).must_be_ok("the end")


def test_lane_by_sender(stage):
    """A sender in a lane's domain leaves by that lane's transport, another by the usual way"""
    there = by_hand(stage)
    submit(there.postfix, "b-abc@bulk.b.shop.example", RCPTS[:1])
    submit(there.postfix, "b-abc@warm.b.shop.example", RCPTS[:1])
    submit(there.postfix, "b-abc@b.shop.example", RCPTS[:1])
    ways = sorted((way, sender.split("@")[1]) for way, sender, _ in there.where(3))
    equal(ways, [("bulk", "bulk.b.shop.example"), ("default", "b.shop.example"), ("warm", "warm.b.shop.example")],
          "which way")
    check("postfix/bulk/smtp" in there.postfix.log(), "the log names the lane", there.postfix.tail())


def test_xverp(stage):
    """The filter: a return path for each recipient, once, and none for the null sender"""
    there = by_hand(stage)
    submit(there.postfix, "b-abc@bulk.b.shop.example", RCPTS)
    equal(sorted(sender for _, sender, _ in there.where(3)),
          ["b-abc+u%d=d%d.example@bulk.b.shop.example" % (i, i) for i in (1, 2, 3)], "three return paths")
    there.clear()
    submit(there.postfix, "b-abc@b.shop.example", RCPTS[:1], "SIZE=500", "XVERP=-=")
    submit(there.postfix, "", RCPTS[:1])
    equal(sorted(sender for _, sender, _ in there.where(2)), ["", "b-abc-u1=d1.example@b.shop.example"],
          "what the client says, and the null sender")


def test_xverp_strangers(stage):
    """Port 25 adds nothing, and XVERP of strangers is refused there"""
    there = by_hand(stage)
    with there.postfix.client(address="203.0.113.9") as c:
        c.mail("ann@sender.example").must_be_ok("without XVERP")
        c.command("RSET")
        equal(c.mail("ann@sender.example", "XVERP").code, 555, "with it")


def test_bounces_arrive(stage):
    """Bounces to return paths are taken, in any case and expanded, and mail to unsubscribe; nothing else there is"""
    there = by_hand(stage)
    with there.postfix.client(address="203.0.113.9") as c:
        c.mail("").must_be_ok("MAIL FROM:<>")
        for rcpt in ("b-abc@b.shop.example", "b-abc+u1=d1.example@bulk.b.shop.example", "B-ABC@WARM.B.shop.example",
                     "u-abc@b.shop.example"):
            reply = c.rcpt(rcpt)
            check(reply.ok or reply.wait_s, "%s should not be refused" % rcpt, reply)
        equal(c.rcpt("ann@b.shop.example").code, 550, "another address there")
        equal(c.rcpt("b-abc@shop.example").code // 100, 5, "another domain")


def sending(stage, **account):
    """A gatepostd that has the account."""
    where = stage.world.path("keyring")
    if not os.path.exists(where):
        done = os.system("'%s' -c '%s' keyring new > /dev/null" % (
            program("gatepostctl", BUILD), stage.gatepostd({"outbound": {"keyring": where}}, start=False).conf))
        check(done == 0, "gatepostctl keyring new")
    fields = {**ACCOUNT, **account}
    match = fields.pop("match")
    stage.redis("HSET", "gp:acct:{shop}", *[x for pair in fields.items() for x in pair])
    stage.redis("HSET", "gp:acctmap", match, "shop")
    return stage.gatepostd({"outbound": {"keyring": where, "keys": stage.world.path("keys"), "refresh": "1s"}})


def paths(found):
    return [matches(RETURN_PATH, sender, "a return path of gatepost's") for _, sender, _ in found]


def test_account_in_a_lane(stage):
    """gatepostd: lane = bulk, so three recipients leave by bulk, each with a return path of its own"""
    there = lanes(stage)
    sending(stage, lane="bulk")
    submit(there.postfix, SENDER, RCPTS)
    found = there.where(3)
    equal({way for way, _, _ in found}, {"bulk"}, "which way")
    got = paths(found)
    equal({m["domain"] for m in got}, {"bulk.b.shop.example"}, "the domain of MAIL FROM")
    equal(sorted(m["who"] for m in got), ["u1=d1.example", "u2=d2.example", "u3=d3.example"], "the recipients in it")
    equal(len({m.group(0).split("+")[0] for m in got}), 1, "one token, expanded")


def test_account_without_lane(stage):
    """gatepostd: without a lane the bounce domain itself, and the usual way"""
    there = lanes(stage)
    sending(stage)
    submit(there.postfix, SENDER, RCPTS[:1])
    found = there.where(1)
    equal(found[0][0], "default", "which way")
    equal(paths(found)[0]["domain"], "b.shop.example", "the domain of MAIL FROM")


def test_null_sender_stays(stage):
    """gatepostd: the null sender stays, whatever the account"""
    there = lanes(stage)
    sending(stage, lane="bulk")
    submit(there.postfix, "", RCPTS[:1])
    equal(there.where(1)[0][:2], ("default", ""), "way and MAIL FROM")
