"""Greylisting as a sender sees it, through real Postfix with real Redis."""

import email.utils
import time

from harness import *

BLOCK = 3
SENDER = "alice@sender.example"
RCPT = "bob@example.org"


def attempt(stage, sender=SENDER, rcpts=RCPT, **client):
    """One SMTP session with one transaction."""
    with stage.postfix.client(**client) as c:
        return c.send(sender, rcpts)


def pass_greylist(stage, sender=SENDER, rcpt=RCPT, **client):
    """First try, wait, retry: the retry's transaction."""
    seconds = attempt(stage, sender, rcpt, **client).rcpt.must_be_greylisted("first try", BLOCK)
    again = stage.try_later(lambda: attempt(stage, sender, rcpt, **client), seconds)
    check(again.delivered, "the retry should be delivered", again)
    return again


def only_tuple(stage):
    keys = stage.redis.keys("gp:grey:*")
    equal(len(keys), 1, "one tuple in Redis (%s)" % keys)
    return keys[0]


def test_first_try(stage):
    """a first try is answered 451 4.7.1 with the whole block time, and logged"""
    daemon = stage.gatepostd()
    tried = attempt(stage)
    equal(tried.rcpt.must_be_greylisted("first try"), BLOCK, "seconds to wait")
    check(tried.data is None or not tried.data.ok, "DATA must not follow", tried)
    line = daemon.wait_message(action=DEFER)
    for key, want in {"client": "203.0.113.7", "name": "mx.example", "helo": "mx.example", "from": SENDER,
                      "to": RCPT, "nrcpt": "1", "why": "new", "wait_s": str(BLOCK)}.items():
        equal(line.get(key), want, "log field %s in %s" % (key, line))
    equal(stage.sink.messages, [], "nothing delivered")


def test_early_retry(stage):
    """an early retry is told fewer seconds, and does not start the wait anew"""
    daemon = stage.gatepostd({"greylist": {"block": "5s"}})
    first = attempt(stage).rcpt.must_be_greylisted("first try", 5)
    time.sleep(2.1)
    second = attempt(stage).rcpt.must_be_greylisted("early retry", 3)
    check(first - 3 <= second < first, "the seconds should have gone down by the time between", first, second)
    daemon.wait_message(why="early")
    last = stage.try_later(lambda: attempt(stage), second)
    check(last.delivered, "after the rest of the wait it passes", last)


def test_retry_delivered(stage):
    """a retry in the window is delivered, with X-Greylist; the next mail passes at once, without it"""
    daemon = stage.gatepostd()
    mail = stage.sink.of(pass_greylist(stage))
    found = matches(X_GREYLIST, " ".join(mail.header("X-Greylist")), "X-Greylist of the delivered message")
    check(BLOCK <= int(found.group(1)) <= BLOCK + 5, "the delay in X-Greylist", found.group(0))
    date = mail.header("X-Greylist")[0].rsplit(";", 1)[-1]
    check(email.utils.parsedate_tz(date), "X-Greylist ends in a date", mail.header("X-Greylist"))
    equal(daemon.wait_message(action=ACCEPT).get("why"), "passed", "why= of the retry")
    fields = stage.redis.hash(only_tuple(stage))
    check(int(fields["passed"]) >= int(fields["first"]) + BLOCK, "the tuple says when it passed", fields)
    second = attempt(stage)
    check(second.delivered, "the second mail passes at once")
    equal(stage.sink.of(second).header("X-Greylist"), [], "no X-Greylist on mail that was not delayed")
    daemon.wait_message(why="repeat")


def test_message_unchanged(stage):
    """apart from X-Greylist and Received, the delivered message is what was sent"""
    stage.gatepostd()
    text = message(SENDER, RCPT, body="8-bit: \u00e4\u00f6\u00fc\n.dot\n\nlast line\n")
    seconds = attempt(stage).rcpt.must_be_greylisted("first try")
    time.sleep(seconds + 0.05)
    with stage.postfix.client() as c:
        again = c.send(SENDER, [RCPT], text)
    check(again.delivered, "the retry is delivered")
    data = stage.sink.of(again).data.decode().replace("\r\n", "\n")
    equal(data.split("\n\n", 1)[1], text.split("\n\n", 1)[1], "body")
    for line in text.split("\n\n")[0].split("\n"):
        check("\n%s\n" % line in "\n" + data.split("\n\n")[0] + "\n", "header is kept: " + line, data)


def test_header_off(stage):
    """header = no: no X-Greylist"""
    stage.gatepostd({"greylist": {"header": "no"}})
    again = pass_greylist(stage)
    equal(stage.sink.of(again).header("X-Greylist"), [], "X-Greylist")


def test_same_network(stage):
    """another host of the same /24 retries for the first; one of another network does not"""
    stage.gatepostd()
    seconds = attempt(stage, address="198.51.100.10", name="out1.pool.example").rcpt.must_be_greylisted("first host")
    time.sleep(seconds + 0.05)
    attempt(stage, address="198.51.101.10", name="out.other.example").rcpt.must_be_greylisted("another network")
    again = attempt(stage, address="198.51.100.200", name="out2.pool.example", helo="out2.pool.example")
    check(again.delivered, "the same /24 is the same sender", again)


def test_same_network6(stage):
    """IPv6: the /64 is the sender"""
    daemon = stage.gatepostd()
    seconds = attempt(stage, address="2001:db8:1:2::3").rcpt.must_be_greylisted("first host")
    equal(daemon.wait_message().get("client"), "2001:db8:1:2::3", "client= in the log")
    time.sleep(seconds + 0.05)
    attempt(stage, address="2001:db8:1:3::3").rcpt.must_be_greylisted("another /64")
    check(attempt(stage, address="2001:db8:1:2:ffff::1").delivered, "the same /64 passes")


def test_tuple_parts(stage):
    """another sender or another recipient is another tuple; case, +extension and BATV are not"""
    stage.gatepostd()
    pass_greylist(stage, "Alice@Sender.Example", "bob@example.org")
    attempt(stage, "other@sender.example", RCPT).rcpt.must_be_greylisted("another sender")
    attempt(stage, SENDER, "carol@example.org").rcpt.must_be_greylisted("another recipient")
    for sender, rcpt in (("alice@sender.example", "BOB@EXAMPLE.ORG"), ("alice+list@sender.example", RCPT),
                         ("prvs=4711ab89cd=alice@sender.example", RCPT), (SENDER, "bob+shop@example.org")):
        check(attempt(stage, sender, rcpt).delivered, "%s to %s is the same tuple" % (sender, rcpt))


def test_too_late(stage):
    """a retry after the window counts as a first try; the last second of it passes"""
    stage.gatepostd({"greylist": {"pass": "100s"}})
    attempt(stage).rcpt.must_be_greylisted("first try")
    stage.redis.age(only_tuple(stage), 110)
    equal(attempt(stage).rcpt.must_be_greylisted("after the window"), BLOCK, "seconds, anew")
    stage.redis.age(only_tuple(stage), 95)
    check(attempt(stage).delivered, "within the window it passes")


def test_forgotten(stage):
    """a tuple that was waited for, or passed, is forgotten by Redis itself"""
    stage.gatepostd({"greylist": {"pass": "100s", "expire": "200s"}})
    attempt(stage).rcpt.must_be_greylisted("first try")
    ttl = stage.redis("TTL", only_tuple(stage))
    check(90 <= ttl <= 161, "a waiting tuple lives for pass, and a minute", ttl)
    stage.redis.age(only_tuple(stage), BLOCK)
    check(attempt(stage).delivered, "the retry passes")
    ttl = stage.redis("TTL", only_tuple(stage))
    check(190 <= ttl <= 261, "a passed one for expire, and a minute", ttl)
    for key in stage.redis.keys("gp:*"):
        check(stage.redis("TTL", key) > 0, "everything that grows has a life time: " + key)


def test_recipients(stage):
    """ten recipients get their own answers: opted out in Redis, by domain, known, roles"""
    daemon = stage.gatepostd()
    pass_greylist(stage, rcpt="known@example.org")
    stage.redis("SADD", "gp:optout:grey", "optout@example.org", "open.example")
    time.sleep(0.5)
    passing = ["optout@example.org", "anyone@open.example", "postmaster@example.org", "abuse@example.org",
               "known@example.org", "OptOut@Example.Org"]
    waiting = ["one@example.org", "two@example.org", "three@example.org", "optout@example.com"]
    order = [r for pair in zip(passing, waiting) for r in pair] + passing[len(waiting):]
    tried = attempt(stage, rcpts=order)
    for rcpt in passing:
        tried.rcpts[rcpt].must_be_ok(rcpt)
    for rcpt in waiting:
        tried.rcpts[rcpt].must_be_greylisted(rcpt, BLOCK)
    check(tried.delivered, "the accepted recipients get the message", tried)
    got = stage.sink.of(tried)
    check(not set(waiting) & set(got.rcpts), "nobody who was put off gets it", got.rcpts)
    line = daemon.wait_message(action=MIXED)
    equal(line.get("nrcpt"), "10", "nrcpt in %s" % line)


def test_optout_changes(stage):
    """a change of the opt-out set shows within seconds, without a restart"""
    stage.gatepostd()
    attempt(stage, rcpts="eve@example.org").rcpt.must_be_greylisted("before")
    stage.redis("SADD", "gp:optout:grey", "eve@example.org")
    wait_for("the opt-out shows", lambda: attempt(stage, rcpts="eve@example.org").rcpt.ok, 5, 0.2)
    stage.redis("SREM", "gp:optout:grey", "eve@example.org")
    wait_for("its end shows", lambda: attempt(stage, sender="new@sender.example", rcpts="eve@example.org").rcpt.wait_s,
             5, 0.2)


def test_optout_option(stage):
    """recipients and domains named in milter.conf, and in a file, are not greylisted"""
    listed = stage.world.write("optout.txt", "# comment\nfiled@example.org\nfiled.example\n")
    stage.gatepostd({"greylist": {"optout": ["named@example.org", "named.example", listed]}})
    rcpts = ["named@example.org", "x@named.example", "filed@example.org", "y@filed.example", "z@example.org"]
    tried = attempt(stage, rcpts=rcpts)
    for rcpt in rcpts[:-1]:
        tried.rcpts[rcpt].must_be_ok(rcpt)
    tried.rcpts["z@example.org"].must_be_greylisted("z")


def test_null_sender(stage):
    """the null sender hears 250 at RCPT, for call-outs, and 451 at DATA; its retry passes"""
    daemon = stage.gatepostd()
    with stage.postfix.client() as c:
        c.mail("").must_be_ok("MAIL FROM:<>")
        c.rcpt(RCPT).must_be_ok("RCPT, as a call-out")
        seconds = c.data().must_be_greylisted("DATA", BLOCK)
    equal(daemon.wait_message(action=DEFER).get("from"), "<>", "from= of the null sender")
    again = stage.try_later(lambda: attempt(stage, sender=""), seconds)
    check(again.delivered, "the retry is delivered", again)
    check(stage.sink.of(again).header("X-Greylist"), "X-Greylist is there too")


def test_null_sender_exempt(stage):
    """the null sender to postmaster passes at once"""
    stage.gatepostd()
    check(attempt(stage, sender="", rcpts="postmaster@example.org").delivered, "a bounce to postmaster")


def outbound_then_answer(stage, what, settings=None, **client):
    """Local joe writes to a stranger by the way that `client` says; then the stranger answers."""
    daemon = stage.gatepostd(settings)
    sent = attempt(stage, "joe@example.org", "stranger@far.example", **client)
    check(sent.delivered, "outbound by %s is never greylisted" % what, sent)
    equal(daemon.wait_message().get("dir"), "out", "dir= by " + what)
    wait_for("the correspondent is remembered", lambda: stage.redis.keys("gp:met:*"), 5)
    answer = attempt(stage, "stranger@far.example", "joe@example.org", address="198.51.100.77")
    check(answer.delivered, "the stranger's answer is not greylisted", answer)
    daemon.wait_message(why="met")
    attempt(stage, "stranger@far.example", "jane@example.org", address="198.51.100.77") \
        .rcpt.must_be_greylisted("the stranger to somebody else")
    attempt(stage, "other@far.example", "joe@example.org", address="198.51.100.77") \
        .rcpt.must_be_greylisted("another stranger")


def test_authenticated(stage):
    """an authenticated client is outbound, and its correspondent may answer at once"""
    outbound_then_answer(stage, "login", login="joe", address="203.0.113.50")


def test_submit_network(stage):
    """so is a client of submit_networks"""
    outbound_then_answer(stage, "network", {"inbound": {"submit_networks": ["203.0.113.0/24", "2001:db8:f::/48"]}},
                         address="203.0.113.50")


def test_submit_daemon(stage):
    """so is what comes through a daemon named in submit_daemons"""
    outbound_then_answer(stage, "daemon", port=stage.postfix.submission, address="203.0.113.50")


def test_submit_loopback(stage):
    """so is loopback, by default"""
    outbound_then_answer(stage, "loopback", address=None)


def test_allow_networks(stage):
    """clients of allow_networks are not greylisted, at once and without a tuple"""
    stage.gatepostd({"greylist": {"allow_networks": ["192.0.2.0/28", "2001:db8:a::/48"]}})
    check(attempt(stage, address="192.0.2.15").delivered, "IPv4")
    check(attempt(stage, address="2001:db8:a:ffff::1").delivered, "IPv6")
    equal(stage.redis.keys("gp:grey:*"), [], "tuples")
    attempt(stage, address="192.0.2.16").rcpt.must_be_greylisted("the next address")


def test_allow_senders(stage):
    """senders of allow_senders are not greylisted: whole addresses and domains"""
    stage.gatepostd({"greylist": {"allow_senders": ["news@letters.example", "friends.example"]}})
    for sender in ("news@letters.example", "News@Letters.Example", "any@friends.example"):
        check(attempt(stage, sender).delivered, sender)
    for sender in ("other@letters.example", "any@notfriends.example"):
        attempt(stage, sender).rcpt.must_be_greylisted(sender)


def test_promotion(stage):
    """an identity that passed often enough is known, and its new tuples pass at once"""
    daemon = stage.gatepostd({"greylist": {"promote_after": "2", "promote_gap": "0s"}})
    for n in range(2):
        attempt(stage, rcpts="user%d@example.org" % n).rcpt.must_be_greylisted("tuple %d" % n)
        for key in stage.redis.keys("gp:grey:*"):
            stage.redis.age(key, BLOCK)
        check(attempt(stage, rcpts="user%d@example.org" % n).delivered, "its retry")
    check(attempt(stage, rcpts="user9@example.org").delivered, "a new tuple of a known identity")
    daemon.wait_message(why="known")
    attempt(stage, rcpts="user9@example.org", address="198.51.100.1").rcpt.must_be_greylisted("an unknown identity")


def test_promotion_gap(stage):
    """passes closer together than promote_gap count once"""
    stage.gatepostd({"greylist": {"promote_after": "2", "promote_gap": "1h"}})
    for n in range(3):
        attempt(stage, rcpts="user%d@example.org" % n).rcpt.must_be_greylisted("tuple %d" % n)
        for key in stage.redis.keys("gp:grey:*"):
            stage.redis.age(key, BLOCK)
        check(attempt(stage, rcpts="user%d@example.org" % n).delivered, "its retry")
    attempt(stage, rcpts="user9@example.org").rcpt.must_be_greylisted("not known yet")


def test_learning(stage):
    """learning delays nobody, and what it saw is known when it ends"""
    daemon = stage.gatepostd({"greylist": {"learning": "yes"}})
    check(attempt(stage).delivered, "a first try in learning mode")
    daemon.wait_message(why="learned")
    check(int(stage.redis.hash(only_tuple(stage))["passed"]) > 0, "the tuple counts as passed")
    daemon.write_conf(greylist={"learning": "no"})
    daemon.reload()
    daemon.wait_record(RELOADED)
    check(attempt(stage).delivered, "the learned tuple passes")
    attempt(stage, "unseen@sender.example").rcpt.must_be_greylisted("an unseen one")


def test_learning_waiting(stage):
    """learning delays nobody, not even who was put off before it began"""
    daemon = stage.gatepostd({"greylist": {"block": "1h"}})
    attempt(stage).rcpt.must_be_greylisted("first try")
    daemon.write_conf(greylist={"learning": "yes"})
    daemon.reload()
    daemon.wait_record(RELOADED)
    check(attempt(stage).delivered, "the early retry in learning mode")


def test_shadow(stage):
    """shadow delays nobody, and logs who would have been"""
    daemon = stage.gatepostd({"greylist": {"shadow": "yes"}})
    tried = attempt(stage)
    check(tried.delivered, "a first try in shadow mode")
    line = daemon.wait_message()
    equal(line.get("would"), "defer:grey", "would= in %s" % line)
    equal(line.get("action"), ACCEPT, "action= in %s" % line)
    equal(stage.sink.of(tried).header("X-Greylist"), [], "X-Greylist")
    wait_for("it is counted", lambda: any("grey_would_defer" in stage.redis.hash(k)
                                          for k in stage.redis.keys("gp:stat:*")), 5)


def test_mode_off(stage):
    """mode = off: nothing is delayed, nothing is stored"""
    stage.gatepostd({"greylist": {"mode": "off"}})
    check(attempt(stage).delivered, "a first try")
    check(attempt(stage, sender="").delivered, "a bounce")
    equal(stage.redis.keys("gp:grey:*"), [], "tuples")


def test_mode_suspicious(stage):
    """mode = suspicious: who scores nothing is not greylisted"""
    stage.gatepostd({"greylist": {"mode": "suspicious"}})
    check(attempt(stage).delivered, "a first try without a score")
    equal(stage.redis.keys("gp:grey:*"), [], "tuples")


def test_counters(stage):
    """the hour's counters tell: new, early, passed, repeat"""
    stage.gatepostd()
    attempt(stage).rcpt.must_be_greylisted("first try")
    attempt(stage).rcpt.must_be_greylisted("early retry")
    stage.redis.age(only_tuple(stage), BLOCK)
    check(attempt(stage).delivered and attempt(stage).delivered, "retry and repeat")

    def counted():
        total = {}
        for key in stage.redis.keys("gp:stat:*"):
            for name, n in stage.redis.hash(key).items():
                total[name] = total.get(name, 0) + int(n)
        want = {"grey_asked": 4, "grey_new": 1, "grey_early": 1, "grey_passed": 1, "grey_repeat": 1}
        return all(total.get(k) == v for k, v in want.items())

    wait_for("the counters add up", counted, 5)


def test_several_transactions(stage):
    """several transactions in one session, put off and accepted in turn"""
    stage.gatepostd()
    delayed = pass_greylist(stage, rcpt="known@example.org")
    with stage.postfix.client() as c:
        c.send(SENDER, "new1@example.org").rcpt.must_be_greylisted("first transaction")
        second = c.send(SENDER, "known@example.org")
        check(second.delivered, "second transaction")
        c.send("x@sender.example", "new2@example.org").rcpt.must_be_greylisted("third transaction")
        fourth = c.send(SENDER, "known@example.org")
        check(fourth.delivered, "fourth transaction")
    equal([stage.sink.of(a).header("X-Greylist") != [] for a in (delayed, second, fourth)], [True, False, False],
          "X-Greylist only on the delayed one")


def test_prefix(stage):
    """redis.prefix begins every key"""
    stage.gatepostd({"redis": {"prefix": "other:"}})
    attempt(stage).rcpt.must_be_greylisted("first try")
    wait_for("the counters are written", lambda: len(stage.redis.keys("other:*")) >= 2, 5)
    equal(stage.redis.keys("gp:*"), [], "keys under the default prefix")


def test_two_daemons(stage):
    """two daemons on one Redis agree: what one put off, the other lets pass"""
    stage.gatepostd()
    other = stage.gatepostd(listen="unix:" + stage.world.path("other.sock"))
    seconds = attempt(stage).rcpt.must_be_greylisted("first try, at the first daemon")
    time.sleep(seconds + 0.05)
    with Peer(other.address) as peer:
        peer.open()
        answers, end = peer.transaction(SENDER, [RCPT])
    equal(answers[0].kind, "continue", "the retry, at the second daemon")
    check(end and end.kind in ("accept", "continue"), "its end", end)


def test_restart(stage):
    """a restart of the daemon forgets nothing"""
    daemon = stage.gatepostd()
    seconds = attempt(stage).rcpt.must_be_greylisted("first try")
    daemon.stop()
    stage.gatepostd()
    again = stage.try_later(lambda: attempt(stage), seconds)
    check(again.delivered, "the retry after the restart", again)
