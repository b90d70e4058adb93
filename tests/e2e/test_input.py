"""Bad input over the milter protocol itself: whatever a peer does, the daemon goes on serving."""

import os
import random
import socket
import struct
import threading
import time

from harness import *

SENDER = "alice@sender.example"


def serves(stage, daemon, label):
    """After it all: a plain session still gets the right answer, and no sanitizer has spoken."""
    daemon.alive()
    with Peer(stage.socket) as peer:
        peer.open()
        answers, _ = peer.transaction(SENDER, ["%s@example.org" % label])
        peer.quit()
    equal(answers[0].kind, "reply", "a new tuple afterwards (%s)" % (answers,))
    matches(r"451 4\.7\.1 Greylisted", answers[0].text, "its text")


def answer_or_closed(call):
    """The answer's kind, or "closed": libmilter may hang up on what it does not take."""
    try:
        return call().kind
    except (Closed, OSError):
        return "closed"


def test_overlong(stage):
    """addresses of 300 bytes to 100 kB, as sender, recipient, HELO and host name"""
    daemon = stage.gatepostd()
    for size in (300, 511, 512, 513, 1024, 1025, 8000, 60000, 65000, 65535, 65536, 100000):
        long = b"x" * size
        for sender, rcpt, name, helo in (
                (long + b"@sender.example", b"a@example.org", "mx.example", "mx.example"),
                (b"a@" + long, b"a@example.org", "mx.example", "mx.example"),
                (b"a@sender.example", long + b"@example.org", "mx.example", "mx.example"),
                (b"a@sender.example", b"a@" + long, "mx.example", "mx.example"),
                (b"a@sender.example", b"a@example.org", long, "mx.example"),
                (b"a@sender.example", b"a@example.org", "mx.example", long),
        ):
            with Peer(stage.socket) as peer:
                kind = answer_or_closed(lambda: peer.open(name=name, helo=helo).transaction(sender, [rcpt])[0][0])
                check(kind in ("reply", "continue", "closed"), "an answer for size %d" % size, kind)
    serves(stage, daemon, "overlong")
    for key in stage.redis.keys("gp:grey:*"):
        check(len(key) < 1024, "no key is longer than Redis should bear", len(key))
    for line in daemon.log().split("\n"):
        check(len(line) <= 2100, "no log line is longer than syslog takes", len(line))


def test_long_addresses_differ(stage):
    """two long addresses that differ at their end are two tuples"""
    daemon = stage.gatepostd()
    for end in ("a", "b"):
        with Peer(stage.socket) as peer:
            peer.open().transaction("x" * 400 + end + "@sender.example", ["r@example.org"])
    equal(len(stage.redis.keys("gp:grey:*")), 2, "tuples")
    serves(stage, daemon, "differ")


ODD = [
    b"", b"@", b"@@", b"a@", b"@example.org", b"a@b@c", b"\"quoted user\"@example.org", b"\"a@b\"@example.org",
    b"<nested@example.org>", b">", b"<", b"a b@example.org", b"a\tb@example.org", b"\xff\xfe@example.org",
    b"\xc3\xa4@example.org", b"a@\xe4\xb8\xad\xe6\x96\x87.example", b"a\x7f@example.org", b"a\x01\x02@example.org",
    b"a\r\nb@example.org", b"%s%n%x@example.org", b"{a}@example.org", b"a:b*[x]?@example.org", b"$(x)@example.org",
    b"a@[192.0.2.1]", b"a@[IPv6:2001:db8::1]", b"@r1,@r2:user@example.org", b"a\\@b@example.org", b".@.", b"-@-",
    b"prvs=@example.org", b"prvs==@example.org", b"srs0=====@example.org", b"+@example.org", b"bounce-@example.org",
    b"\xf0\x9f\x93\xa7@example.org", b"\xed\xa0\x80@example.org", b"\xc0\xaf@example.org", b"a" * 64 + b"@example.org",
]


def test_odd_addresses(stage):
    """8-bit, UTF-8 good and bad, control characters, glob and format characters, empty parts"""
    daemon = stage.gatepostd({"greylist": {"promote_after": "0"}})
    for odd in ODD:
        for sender, rcpt in ((odd, b"r@example.org"), (b"s@sender.example", odd)):
            with Peer(stage.socket) as peer:
                answers, _ = peer.open().transaction(sender, [rcpt])
                if answers:
                    check(answers[0].kind in ("reply", "continue"), "an answer for %r" % odd, answers)
                peer.quit()
    serves(stage, daemon, "odd")
    for key in stage.redis.keys("gp:grey:*"):
        check(all(" " <= c <= "~" for c in key), "keys are printable ASCII", key)
    lines = [line for line in daemon.log().split("\n") if line]
    for line in lines:
        check(all(" " <= c <= "~" for c in line), "log lines are printable ASCII", repr(line))


def test_nul_bytes(stage):
    """NUL bytes in the middle of every argument"""
    daemon = stage.gatepostd()
    for command, data in (("C", b"host\0evil\0" + b"4\x9c\x40203.0.113.7\0"), ("C", b"\0\0\0\0"), ("H", b"a\0b\0"),
                          ("M", b"<a\0b@sender.example>\0"), ("M", b"\0"), ("M", b"\0\0\0")):
        with Peer(stage.socket) as peer:
            if command != "C":
                peer.connect()
            answer_or_closed(lambda: peer.command(command, data))
            if command == "M":
                answer_or_closed(lambda: peer.command("R", b"<r\0s@example.org>\0\0\0"))
    serves(stage, daemon, "nul")


@limit(300)
def test_many_recipients(stage):
    """10,000 recipients in one transaction, each with its own answer; memory stays bounded"""
    daemon = stage.gatepostd()
    serves(stage, daemon, "before")
    before = daemon.rss_kib()
    with Peer(stage.socket) as peer:
        peer.open()
        peer.macros("M", i="4MANY")
        peer.mail(SENDER)
        kinds = {}
        for n in range(10000):
            kind = peer.rcpt("user%d@example.org" % n).kind
            kinds[kind] = kinds.get(kind, 0) + 1
        peer.abort()
        peer.quit()
    equal(kinds, {"reply": 10000}, "answers")
    line = daemon.wait_message(id="4MANY")
    equal(line.get("nrcpt"), "10000", "nrcpt in the log")
    check(daemon.rss_kib() - before < 64 * 1024, "memory", before, daemon.rss_kib())
    equal(len(stage.redis.keys("gp:grey:*")), 10001, "tuples")
    serves(stage, daemon, "many")


@limit(300)
def test_many_recipients_accepted(stage):
    """10,000 recipients that are all accepted, of the null sender too, and the message ends well"""
    daemon = stage.gatepostd({"greylist": {"learning": "yes"}})
    for sender in (SENDER, ""):
        with Peer(stage.socket) as peer:
            peer.open()
            answers, end = peer.transaction(sender, ["user%d@example.org" % n for n in range(10000)])
            peer.quit()
        equal({a.kind for a in answers}, {"continue"}, "answers for <%s>" % sender)
        check(end.kind in ("accept", "continue", "reply"), "the end", end)
    daemon.alive()


def test_many_recipients_smtp(stage):
    """1,000 recipients through Postfix"""
    stage.gatepostd()
    with stage.postfix.client() as c:
        c.mail(SENDER).must_be_ok("MAIL")
        replies = [c.rcpt("user%d@example.org" % n) for n in range(1000)]
    equal(sum(1 for r in replies if r.wait_s), 1000, "recipients put off")


def test_vanish(stage):
    """peers that vanish after each step, politely and not"""
    daemon = stage.gatepostd()
    steps = [
        lambda p: p.macros("C", j="mx.example.org"), lambda p: p.connect(), lambda p: p.helo(),
        lambda p: p.macros("M", i="4GONE"), lambda p: p.mail(SENDER), lambda p: p.rcpt("postmaster@example.org"),
        lambda p: p.rcpt("r@example.org"), lambda p: p.data(), lambda p: p.header("Subject", "x"), lambda p: p.eoh(),
        lambda p: p.body(), lambda p: p.send("E"),
    ]
    for count in range(len(steps) + 1):
        for leave in ("close", "quit", "abort", "reset"):
            peer = Peer(stage.socket)
            for step in steps[:count]:
                step(peer)
            if leave == "abort":
                peer.abort()
            if leave == "quit":
                peer.quit()
            if leave == "reset":
                peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
    with Peer(stage.socket, negotiate=False):
        pass
    serves(stage, daemon, "vanish")
    daemon.stop()


def test_vanish_inside_packet(stage):
    """peers that vanish inside a packet, at each byte"""
    daemon = stage.gatepostd()
    whole = struct.pack("!I", 19) + b"M<a@sender.example>\0"
    for cut in range(len(whole)):
        with Peer(stage.socket) as peer:
            peer.open()
            peer.raw(whole[:cut])
    serves(stage, daemon, "cut")


def test_order(stage):
    """commands in every wrong order, and twice"""
    daemon = stage.gatepostd()
    source = random.Random(1)
    calls = {
        "C": lambda p: p.connect(), "H": lambda p: p.helo(), "M": lambda p: p.mail(SENDER),
        "R": lambda p: p.rcpt("r@example.org"), "T": lambda p: p.data(), "L": lambda p: p.header("A", "b"),
        "N": lambda p: p.eoh(), "B": lambda p: p.body(), "E": lambda p: p.end(),
        "D": lambda p: p.macros("R", i="4ODD"), "A": lambda p: p.abort(),
    }
    for _ in range(150):
        with Peer(stage.socket) as peer:
            peer.sock.settimeout(0.05)  # what comes out of order may get no answer at all
            try:
                for letter in source.choices(sorted(calls), k=source.randrange(1, 12)):
                    calls[letter](peer)
            except (Closed, OSError):
                pass
    serves(stage, daemon, "order")


def test_repeated_helo_and_mail(stage):
    """a session that says HELO, MAIL and RSET thousands of times does not grow"""
    daemon = stage.gatepostd()
    with Peer(stage.socket) as peer:
        peer.open()
        sizes = []
        for n in range(6000):
            peer.helo("mx%d.example" % n)
            peer.macros("M", i="4R%d" % n)
            peer.mail("s%d@sender.example" % n)
            peer.abort()
            if n in (2000, 5999):
                peer.rcpt("postmaster@example.org")
                sizes.append(daemon.rss_kib())
        peer.quit()
    check(sizes[1] - sizes[0] < 8 * 1024, "memory in KiB after 2,000 and 6,000 rounds", sizes)
    serves(stage, daemon, "repeated")


def test_missing_macros(stage):
    """no macros at all, empty ones, and strange ones"""
    daemon = stage.gatepostd()
    strange = ({}, {"i": ""}, {"i": b"\xff" * 200}, {"i": b"x" * 20000}, {"auth_authen": ""}, {"": "x"})
    for number, macros in enumerate(strange):
        with Peer(stage.socket) as peer:
            peer.connect()
            peer.helo()
            if macros:
                peer.macros("M", **macros)
            peer.mail(SENDER)
            equal(peer.rcpt("r%d@example.org" % number).kind, "reply", "RCPT with macros %r" % macros)
            peer.quit()
    wait_for("their lines", lambda: len(daemon.messages()) == 6, 5)
    serves(stage, daemon, "macros")


def test_client_addresses(stage):
    """clients without an address, with a bad one, or from a unix socket, are never put off"""
    daemon = stage.gatepostd()
    for data in (b"unknown\0U", b"local\0L\0\0/run/x.sock\0", b"localhost\0004\0\0" + b"127.0.0.1\0"):
        with Peer(stage.socket) as peer:
            peer.command("C", data)
            peer.helo()
            peer.mail(SENDER)
            equal(peer.rcpt("r@example.org").kind, "continue", "RCPT for a client %r" % data)
            peer.quit()
    for data in (b"x\0004\0\0not-an-address\0", b"x\0006\0\0:::::\0", b"x\0004", b"x\0009\0\0a\0", b"x", b"",
                 b"x\0004\0\0" + b"9" * 500 + b"\0", b"x\0006\0\0IPv6:2001:db8::9\0"):
        with Peer(stage.socket) as peer:
            answer_or_closed(lambda: peer.command("C", data))
            answer_or_closed(lambda: peer.mail(SENDER))
            answer_or_closed(lambda: peer.rcpt("r@example.org"))
    serves(stage, daemon, "clients")


def test_mapped_address(stage):
    """an IPv4 client written as ::ffff:203.0.113.7 is the same sender"""
    stage.gatepostd()
    for address in ("203.0.113.7", "::ffff:203.0.113.7"):
        with Peer(stage.socket) as peer:
            peer.open(address)
            peer.transaction(SENDER, ["r@example.org"])
    equal(len(stage.redis.keys("gp:grey:*")), 1, "tuples")


def test_garbage(stage):
    """random bytes, before and after the negotiation"""
    daemon = stage.gatepostd()
    source = random.Random(2)
    for n in range(200):
        with Peer(stage.socket, negotiate=n % 2 == 1, timeout=5) as peer:
            try:
                peer.raw(source.randbytes(source.randrange(1, 4000)))
                peer.sock.shutdown(1)
                while peer.sock.recv(4096):
                    pass
            except OSError:
                pass
    serves(stage, daemon, "garbage")


def test_garbage_commands(stage):
    """well-framed packets of every command byte with random contents"""
    daemon = stage.gatepostd()
    source = random.Random(3)
    for command in range(256):
        for size in (0, 1, 20):
            with Peer(stage.socket, timeout=5) as peer:
                try:
                    peer.connect()
                    peer.send(bytes([command]), source.randbytes(size))
                    peer.send("Q")
                    while peer.sock.recv(4096):
                        pass
                except OSError:
                    pass
    serves(stage, daemon, "commands")


def test_huge_length(stage):
    """length prefixes of zero, 1 MB, 2 GB and 4 GB take no memory and no thread for ever"""
    daemon = stage.gatepostd()
    before = daemon.rss_kib()
    peers = []
    for length in (0, 1, 65536, 65537, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
        for negotiate in (False, True):
            peer = Peer(stage.socket, negotiate=negotiate, timeout=5)
            peers.append(peer)
            try:
                peer.raw(struct.pack("!I", length) + b"M" + b"x" * 100)
            except OSError:
                pass
    time.sleep(0.5)
    check(daemon.rss_kib() - before < 64 * 1024, "memory", before, daemon.rss_kib())
    serves(stage, daemon, "huge")
    for peer in peers:
        peer.close()


def test_negotiation(stage):
    """MTAs that offer little: old protocol versions, no actions, no protocol steps"""
    daemon = stage.gatepostd()
    for version, actions, protocol in ((6, 0, 0), (6, 0x1FF, 0), (6, 0, 0x1FFFFF), (2, 0x3F, 0x7F), (3, 0x3F, 0x7F),
                                       (6, 0xFFFFFFFF, 0xFFFFFFFF), (1, 0, 0), (0, 0, 0), (99, 0x1FF, 0x1FFFFF)):
        with Peer(stage.socket, negotiate=False, timeout=10) as peer:
            try:
                peer.negotiate(protocol, actions, version)
                # libmilter takes no steps at all for the six of protocol 1
                check(not peer.protocol & ~(protocol or 0x3F), "asks only for what was offered", hex(peer.protocol))
                answers, _ = peer.open().transaction(SENDER, ["v%d.%x.%x@example.org" % (version, actions, protocol)])
                equal(answers[0].kind, "reply", "version %d, actions %x, steps %x" % (version, actions, protocol))
            except (Closed, OSError) as e:
                check(version < 2, "version %d is refused: %s" % (version, e))
    serves(stage, daemon, "negotiation")


def test_slow_peers(stage):
    """sixty-four peers that send a byte at a time do not keep others waiting"""
    daemon = stage.gatepostd()
    stop = threading.Event()

    def drip():
        with Peer(stage.socket) as peer:
            for byte in struct.pack("!I", 60000) + b"M" + b"x" * 2000:
                if stop.is_set():
                    return
                peer.raw(bytes([byte]))
                time.sleep(0.01)

    threads = [threading.Thread(target=drip, daemon=True) for _ in range(64)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    begin = time.monotonic()
    serves(stage, daemon, "slow")
    took = time.monotonic() - begin
    stop.set()
    for thread in threads:
        thread.join(10)
    check(took < 3, "a plain session among slow ones", took)


def test_keeps_no_descriptors(stage):
    """after all sessions have gone, no file descriptor is kept"""
    daemon = stage.gatepostd()
    serves(stage, daemon, "first")

    def count():
        return len(os.listdir("/proc/%d/fd" % daemon.pid))

    time.sleep(0.3)
    before = count()
    peers = [Peer(stage.socket).open() for _ in range(100)]
    check(count() >= before + 100, "sessions are open", before, count())
    for peer in peers:
        peer.close()
    wait_for("descriptors are given back", lambda: count() <= before + 8, 10)
