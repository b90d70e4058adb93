#!/usr/bin/env python3
"""What a decision record costs in Redis: MEMORY USAGE of the stream with 10,000 records of each kind.

    tests/bench/verdict_memory.py [COUNT]
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from store import Redis  # pylint: disable=wrong-import-position
from world import World  # pylint: disable=wrong-import-position

LIMITS = "block=30 low=10 medium=20 high=30"
SPF = "%s for sender%05d.example by %s of sender%05d.example (2 lookups)"


def record(kind, i):
    """The fields of one, with 40-character addresses, as gatepostd writes them."""
    sender, rcpt = "someone.with.a.name%05d@sender%05d.example" % (i, i), "recipient.number.%05d@mail.example.org" % i
    code = "T3Z7%05d0A" % i
    reply, findings, score, word = "", "", 0, "known"
    if kind == "refused":
        word, score = "block", 48
        said = "Sending address not accepted due to spam filter (listed by zen.blocklist.example%s " + code + ")"
        reply = "554 5.7.1 " + said % ";"
        findings = ("rdns nxdomain score 8 no reverse DNS name; dnsbl listed score 10 listed by zen.blocklist.example; "
                    "spf fail score 30 the sender's domain forbids this client; score block block 0 " + said % ",")
    elif kind == "put off":
        word = "new"
        reply = "451 4.7.1 Greylisted, please try again in 240 seconds"
        findings = "grey new defer 0 Greylisted, please try again in 240 seconds"
    action = {"refused": "reject", "put off": "defer", "let in": "accept"}[kind]
    fields = ["code", code, "time", 1795245000 + i // 10, "host", "mx1.example.org"]
    if kind == "let in":
        fields += ["id", "4ABCD%05dz9vNM" % i]
    fields += ["action", action, "client", "203.0.%d.%d" % (i // 256 % 256, i % 256), "name", "mail%05d.example.net" % i,
               "helo", "mail%05d.example.net" % i, "from", sender, "rcpt", "%s %s %s" % (rcpt, action, word), "nrcpt", 1,
               "rdns", "pass mail%05d.example.net" % i,
               "dnsbl", "zen.blocklist.example listed 127.0.0.4" if kind == "refused" else "not listed",
               "spf", SPF % ("fail", i, "-all", i) if kind == "refused" else SPF % ("pass", i, "ip4:203.0.0.0/16", i)]
    if kind == "let in":
        fields += ["dkim", "pass d=sender%05d.example s=2026" % i,
                   "dmarc", "pass for sender%05d.example, p=reject at sender%05d.example, done: none" % (i, i)]
    fields += ["score", score, "limits", LIMITS]
    fields += ["findings", findings] if findings else []
    return fields + (["reply", reply] if reply else [])


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    world = World()
    try:
        redis = Redis(world)
        for kind in ("let in", "put off", "refused"):
            redis("DEL", "gp:verdicts")
            size = 0
            for i in range(count):
                fields = record(kind, i)
                size += sum(len(str(f)) for f in fields)
                redis("XADD", "gp:verdicts", "MAXLEN", "~", 100000, "*", *fields)
            used = redis("MEMORY", "USAGE", "gp:verdicts", "SAMPLES", 0)
            print("%-8s %5.0f bytes each, of which names and values %5.0f" % (kind, used / count, size / count))
    finally:
        world.close()


main()
