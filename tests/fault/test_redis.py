"""Real Redis fails under load: mail follows on_error, nobody waits, one line tells, it recovers."""

import os
import time

from harness import *
from load import Load

TIMEOUT_MS = 500
RETRY_S = 1
SLACK_MS = int(os.environ.get("GATEPOST_SLACK_MS", "1000"))
STALL_S = float(os.environ.get("GATEPOST_STALL_S", "30"))
OUTAGE_S = 3
# from the fault to the line: each of a few sessions may first wait for its time-out
NOTICE_S = 3 * TIMEOUT_MS / 1000 + 1 + SLACK_MS / 1000


def is_greylisted(decision):
    return decision.kind == "reply" and "451 4.7.1 Greylisted" in decision.text


def is_accepted(decision):
    return decision.kind == "continue"


def is_tempfailed(decision):
    return decision.kind == "tempfail" or decision.kind == "reply" and decision.text.startswith("451 4.3.")


# What a new tuple is told while Redis is away.
ON_ERROR = {"accept": is_accepted, "tempfail": is_tempfailed, "local": is_greylisted}


def must_all(decisions, wanted, what):
    check(len(decisions) >= 5, "%s: there should be decisions to look at" % what, len(decisions))
    others = [d for d in decisions if not wanted(d)]
    check(not others, "%s: %d of %d decisions are otherwise" % (what, len(others), len(decisions)), *others[:3])


def outage(stage, fail, heal, on_error="accept", seconds=OUTAGE_S, settings=None):
    """Normal, then fail(), then heal(), all under load; checks every claim on the way."""
    redis = {"timeout": "%dms" % TIMEOUT_MS, "retry": "%ds" % RETRY_S, **(settings or {})}
    # the longest block there is: every tuple of the load is new, and stays so
    daemon = stage.gatepostd({"redis": redis, "greylist": {"on_error": on_error, "block": "1h"}})
    check(stage.postfix.queue() == [], "Postfix is there, and empty")
    with Load(daemon.address) as load:
        begin = time.monotonic()
        time.sleep(1.5)
        failing = time.monotonic()
        fail()
        daemon.wait_record(REDIS_DOWN, NOTICE_S)
        down = time.monotonic()
        time.sleep(seconds)
        keep_serving(stage, on_error)
        healing = time.monotonic()
        heal()
        daemon.wait_record(REDIS_UP, 3 * RETRY_S + NOTICE_S)
        up = time.monotonic()
        time.sleep(1.5)
        end = time.monotonic()
    must_all(load.between(begin, failing), is_greylisted, "before")
    must_all(load.between(down, healing), ON_ERROR[on_error], "while Redis is away")
    must_all(load.between(up + 0.1, end), is_greylisted, "after")
    must_all(load.between(begin, end), lambda d: is_greylisted(d) or ON_ERROR[on_error](d), "in between")
    waits(load, down, healing)
    one_line_each(daemon)
    daemon.alive()
    return daemon


def keep_serving(stage, on_error):
    """Mail through Postfix while Redis is away."""
    with stage.postfix.client(address="192.0.2.9") as c:
        tried = c.send("a@sender.example", "b%d@example.org" % time.monotonic_ns())
    if on_error == "accept":
        check(tried.delivered, "mail is delivered", tried)
    elif on_error == "local":
        tried.rcpt.must_be_greylisted("mail is greylisted from memory")
    else:
        equal(tried.rcpt.code, 451, "mail is put off (%s)" % tried)


def waits(load, down, healing):
    """No session waits longer than redis.timeout, and while it is known to be down, none at all."""
    longest, most_ms = load.longest(), TIMEOUT_MS + SLACK_MS + load.late_ms()
    check(longest.waited_s * 1000 <= most_ms, "the longest wait should end within %d ms" % most_ms, longest,
          "%.1f s after Redis was down" % (longest.begin - down))
    check(load.pressure_max_ms <= most_ms, "and milterload's, in ms", load.pressure_max_ms)
    equal(load.pressure_errors, 0, "milterload's errors")
    during = sorted(d.waited_s for d in load.between(down, healing))
    median_ms = during[len(during) // 2] * 1000
    check(median_ms < TIMEOUT_MS / 2, "the median wait while Redis is known to be down, in ms", median_ms)


def one_line_each(daemon):
    downs, ups = daemon.records(**REDIS_DOWN), daemon.records(**REDIS_UP)
    equal((len(downs), len(ups)), (1, 1), "lines redis=down, redis=up (%s)" % (downs + ups))
    check(downs[0].get("reason"), "redis=down has a reason", downs[0])


def test_killed(stage):
    """killed and restarted empty; on_error = accept"""
    outage(stage, stage.redis.kill, stage.redis.start)


def test_killed_local(stage):
    """killed; on_error = local greylists from memory"""
    outage(stage, stage.redis.kill, stage.redis.start, "local")


def test_killed_tempfail(stage):
    """killed; on_error = tempfail"""
    outage(stage, stage.redis.kill, stage.redis.start, "tempfail")


def test_killed_tcp(stage):
    """killed, over TCP"""
    outage(stage, stage.redis.kill, stage.redis.start, settings={"server": "tcp:127.0.0.1:%d" % stage.redis.port})


@limit(90 + int(STALL_S) * 2)
def test_stalled(stage):
    """stopped with SIGSTOP, so that it accepts and never answers; on_error = accept"""
    outage(stage, stage.redis.stall, stage.redis.resume, seconds=STALL_S)


def test_stalled_local(stage):
    """stopped; on_error = local"""
    outage(stage, stage.redis.stall, stage.redis.resume, "local")


def test_stalled_tempfail(stage):
    """stopped, over TCP; on_error = tempfail"""
    outage(stage, stage.redis.stall, stage.redis.resume, "tempfail",
           settings={"server": "tcp:127.0.0.1:%d" % stage.redis.port})


def test_password(stage):
    """it wants a password that we do not have"""

    def fail():
        stage.redis("CONFIG", "SET", "requirepass", "changed")
        stage.redis.password = "changed"
        stage.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def heal():
        stage.redis("CONFIG", "SET", "requirepass", "")
        stage.redis.password = None

    daemon = outage(stage, fail, heal)
    matches(r"(?i)auth|password", daemon.records(**REDIS_DOWN)[0]["reason"], "the reason names the cause")


def test_password_wrong(stage):
    """our password is refused from the start, and taken later"""
    stage.redis("CONFIG", "SET", "requirepass", "right")
    stage.redis.password = "right"
    daemon = stage.gatepostd({"redis": {"password": "wrong"}})
    with Peer(daemon.address) as peer:
        answers, _ = peer.open().transaction("a@sender.example", ["b@example.org"])
    equal(answers[0].kind, "continue", "mail follows on_error = accept")
    reason = daemon.wait_record(REDIS_DOWN)["reason"]
    matches(r"(?i)auth|password", reason, "the reason names the cause")
    check("wrong" not in reason.replace("WRONGPASS", "").replace("wrong ", ""), "not the password itself", reason)
    stage.redis("CONFIG", "SET", "requirepass", "wrong")
    stage.redis.password = "wrong"
    daemon.wait_record(REDIS_UP, 5)


def test_readonly(stage):
    """it became a read-only replica"""
    outage(stage, lambda: stage.redis("REPLICAOF", "127.0.0.1", free_port()),
           lambda: stage.redis("REPLICAOF", "NO", "ONE"))


def test_memory(stage):
    """it has no memory left: OOM command not allowed"""
    daemon = outage(stage, lambda: stage.redis("CONFIG", "SET", "maxmemory", "1mb"),
                    lambda: stage.redis("CONFIG", "SET", "maxmemory", "0"))
    matches(r"OOM|memory", daemon.records(**REDIS_DOWN)[0]["reason"], "the reason names the cause")


def test_emptied(stage):
    """FLUSHALL and SCRIPT FLUSH under load are no outage: the scripts are loaded anew"""
    daemon = stage.gatepostd({"greylist": {"block": "1h"}})
    with Load(daemon.address) as load:
        begin = time.monotonic()
        for _ in range(20):
            time.sleep(0.1)
            stage.redis("SCRIPT", "FLUSH")
            stage.redis("FLUSHALL")
        end = time.monotonic()
    must_all(load.between(begin, end), is_greylisted, "all the time")
    equal(daemon.records(**REDIS_DOWN), [], "lines redis=down")


def test_connections_killed(stage):
    """CLIENT KILL under load, as a proxy or an idle limit does, is no outage"""
    daemon = stage.gatepostd({"greylist": {"block": "1h"}})
    with Load(daemon.address) as load:
        begin = time.monotonic()
        for _ in range(20):
            time.sleep(0.1)
            stage.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        end = time.monotonic()
    must_all(load.between(begin, end), lambda d: is_greylisted(d) or is_accepted(d), "all the time")
    accepted = [d for d in load.between(begin, end) if is_accepted(d)]
    check(len(accepted) <= len(load.decisions) / 20, "hardly any decision is lost", len(accepted), len(load.decisions))


def test_short_stalls(stage):
    """stalls shorter than redis.timeout delay, and change no answer"""
    daemon = stage.gatepostd({"greylist": {"block": "1h"}})
    with Load(daemon.address) as load:
        begin = time.monotonic()
        for _ in range(5):
            stage.redis.stall()
            time.sleep(0.15)
            stage.redis.resume()
            time.sleep(0.3)
        end = time.monotonic()
    must_all(load.between(begin, end), is_greylisted, "all the time")
    equal(daemon.records(**REDIS_DOWN), [], "lines redis=down")


@limit(180)
def test_flapping(stage):
    """killed and started five times: as many lines of each kind, and the end is well"""
    daemon = stage.gatepostd({"greylist": {"block": "1h"}})
    with Load(daemon.address) as load:
        time.sleep(0.5)
        for n in range(1, 6):
            stage.redis.kill()
            daemon.wait_record(REDIS_DOWN, NOTICE_S, count=n)
            stage.redis.start()
            daemon.wait_record(REDIS_UP, 10, count=n)
        up = time.monotonic()
        time.sleep(1)
        end = time.monotonic()
    must_all(load.between(up + 0.1, end), is_greylisted, "at the end")
    equal(len(daemon.records(**REDIS_DOWN)), 5, "lines redis=down")
    equal(len(daemon.records(**REDIS_UP)), 5, "lines redis=up")


def test_local_story(stage):
    """on_error = local: the whole story, from memory: first try, early retry, retry, repeat"""
    stage.gatepostd({"redis": {"server": "unix:/nonexistent/redis.sock"},
                     "greylist": {"on_error": "local", "block": "2s"}})

    def attempt():
        with stage.postfix.client() as c:
            return c.send("alice@sender.example", "bob@example.org")

    attempt().rcpt.must_be_greylisted("first try", 2)
    time.sleep(attempt().rcpt.must_be_greylisted("early retry", 2) + 0.1)
    first, second = attempt(), attempt()
    check(first.delivered, "the retry")
    check(second.delivered, "the next mail")
    matches(X_GREYLIST, " ".join(stage.sink.of(first).header("X-Greylist")), "X-Greylist of the first")
    equal(stage.sink.of(second).header("X-Greylist"), [], "X-Greylist of the second")


def test_reload_while_down(stage):
    """a reload while Redis is away works, also one that names another Redis"""
    daemon = stage.gatepostd({"redis": {"server": "unix:/nonexistent/redis.sock"}})
    daemon.reload()
    daemon.wait_record(RELOADED)
    daemon.write_conf(redis={"server": "unix:" + stage.redis.socket})
    daemon.reload()
    daemon.wait_record(RELOADED, count=2)

    def greylists():
        with Peer(daemon.address) as peer:
            answers, _ = peer.open().transaction("a@sender.example", ["b%d@example.org" % time.monotonic_ns()])
        return answers[0].kind == "reply"

    wait_for("it greylists with the other Redis", greylists, 5)


def test_stop_while_stalled(stage):
    """SIGTERM while Redis is stopped and sessions wait: it ends in time, and cleanly"""
    daemon = stage.gatepostd({"redis": {"timeout": "5s"}})
    with Peer(daemon.address) as peer:
        peer.open().transaction("a@sender.example", ["warm@example.org"])
    stage.redis.stall()
    try:
        with Peer(daemon.address) as peer:
            peer.open()
            peer.mail("a@sender.example")
            peer.send("R", b"<b@example.org>\0")
            time.sleep(0.3)
            begin = time.monotonic()
            daemon.process.signal(15)
            equal(peer.answer().kind, "continue", "the session that waited")
            peer.quit()
        daemon.clean(daemon.process.wait(15))
        check(time.monotonic() - begin < 12, "it ends soon", time.monotonic() - begin)
    finally:
        stage.redis.resume()
