"""gatepostctl webhooks: events of the accounts at real receivers, good and bad, through a real Redis."""

import base64
import collections
import functools
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import test_returns
from gatepostd import _SANITIZER, _SANITIZER_ENV
from harness import *
from test_ctl import DONE, NOT_FOUND, USAGE, Ctl

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OLDER = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()
STATUS = ("account", "state", "unread", "waiting", "delivered", "failed", "dead", "lost", "delivered_at", "error_at",
          "error", "url")
DEAD = ("account", "event", "type", "msg", "tries", "since", "reason")
QUICK = {"timeout": "2s", "tries": 3, "retry_first": "100ms", "retry_longest": "400ms", "allow_networks": ["127.0.0.0/8"]}

Request = collections.namedtuple("Request", "at path headers body event")


@functools.cache
def _is_ours():
    """The check that the guide gives to who writes a receiver."""
    with open(os.path.join(TOP, "doc", "webhooks.md"), encoding="utf-8") as f:
        code, = re.findall(r"```python\n(.*?)```", f.read(), re.S)
    names = {}
    exec(code, names)
    return names["is_ours"]


def verified(headers, body, secret=SECRET):
    return _is_ours()(secret, headers, body)


class Receiver:
    """A web server on a port of 127.0.0.1. answer(handler, n) says what the n-th request (from 0) gets; without it
    that is 204."""

    def __init__(self, stage, answer=None, tls=None):
        self.requests, self._lock = [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver._lock:
                    n = len(receiver.requests)
                    receiver.requests.append(Request(time.monotonic(), self.path, dict(self.headers), body, json.loads(body)))
                (answer or (lambda handler, _n: say(handler, 204)))(self, n)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # we hang up, or gatepost does: both are meant

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = "%s://127.0.0.1:%d/hook" % ("https" if tls else "http", self.port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        stage.world.closers.append(self.close)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def ids(self):
        return [r.event["data"]["msg"] for r in self.requests]


def say(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status != 204:
        handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def hang_up(handler, _n=0):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


class Consumer:
    """gatepostctl webhooks run."""

    def __init__(self, stage, ctl, name="webhooks", enter=()):
        self.stage, self.ctl, self.name, self.enter = stage, ctl, name, enter
        self.process = None
        stage.daemons.append(self)  # ended with the test, whatever becomes of it
        self.start()

    def start(self):
        Consumer.count = getattr(Consumer, "count", 0) + 1
        self.process = self.stage.world.start("%s-%d" % (self.name, Consumer.count),
                                              [*self.enter, *self.ctl.argv("webhooks", "run")], env=_SANITIZER_ENV)
        return self

    def running(self):
        return self.process.running()

    def log(self):
        return self.process.log()

    def stop(self):
        status = self.process.stop(20)
        check(status == 0 and not _SANITIZER.search(self.log()), "it ended well: %s" % status, self.log()[-6000:])
        for secret in (SECRET, OLDER):
            check(secret not in self.log() and secret[6:] not in self.log(), "no secret in the log", self.log()[-2000:])


def shop(url, **options):
    return {"match": ["login:ann"], "webhook": url, "webhook_secret": SECRET, **options}


def ctl_for(stage, accounts, webhooks=None):
    """The tool, for a milter.conf with these accounts."""
    return Ctl(stage, {"webhooks": {**QUICK, **(webhooks or {})}, "log": {"level": "debug"},
                       **{"account " + name: options for name, options in accounts.items()}})


def event(stage, msg, account="shop", kind="bounced", **fields):
    fields = {"type": kind, "time": int(time.time()), "account": account, "msg": msg, **fields}
    return stage.redis("XADD", "gp:ev:{%s}" % account, "*", *(x for pair in fields.items() for x in pair))


def status(ctl, account="shop"):
    return {r["account"]: r for r in ctl("webhooks").must().rows(STATUS)}[account]


def dead(ctl):
    return ctl("webhooks", "dead").must().rows(DEAD)


def wait(what, predicate, consumer, seconds=20):
    try:
        return wait_for(what, predicate, seconds)
    except Failure as e:
        raise Failure("%s\n%s" % (e, consumer.log()[-3000:])) from None


def settled(stage, account="shop"):
    """Nothing is unread or pending any more, in any of the lists."""
    groups = stage.redis("XINFO", "GROUPS", "gp:ev:{%s}" % account)
    group = dict(zip(groups[0][::2], groups[0][1::2])) if groups else {}
    return group.get("lag") == 0 and group["pending"] == 0 and not stage.redis("EXISTS", "gp:hook:{%s}:due" % account)


# --- delivered ---


def test_delivered(stage):
    """an event arrives once, signed by both secrets, as JSON with the fields of event.h; types that are not wanted do not"""
    receiver = Receiver(stage)
    ctl = ctl_for(stage, {"shop": shop(receiver.url, webhook_secret=SECRET + " " + OLDER,
                                       webhook_events=["bounced", "complained"])})
    event(stage, "before", rcpt="ann@example.com", reason='550 "no" \\ \xfc such', status="5.1.1", nrcpt=3)
    consumer = Consumer(stage, ctl)
    wait("the first", lambda: receiver.requests, consumer)
    for msg, kind in (("a", "sent"), ("b", "complained"), ("c", "opened"), ("d", "bounced")):
        event(stage, msg, kind=kind)
    wait("all", lambda: len(receiver.requests) == 3 and settled(stage), consumer)
    equal(sorted(receiver.ids()), ["b", "before", "d"], "what arrived")
    first = receiver.requests[0]
    for secret in (SECRET, OLDER):
        check(verified(first.headers, first.body, secret), "the signature", first)
    check(not verified(first.headers, first.body + b" "), "of another body", first)
    equal(first.headers["content-type"], "application/json", "its type")
    equal((first.event["type"], first.event["id"]), ("bounced", first.headers["webhook-id"]), "what it says of itself")
    data = first.event["data"]
    equal((data["rcpt"], data["reason"], data["nrcpt"], data["account"]),
          ("ann@example.com", '550 "no" \\ \xfc such', 3, "shop"), "the fields")
    equal(first.event["timestamp"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(data["time"])), "when")
    equal(len({r.headers["webhook-id"] for r in receiver.requests}), 3, "ids")
    row = status(ctl)
    equal([row[k] for k in ("state", "unread", "waiting", "delivered", "failed", "dead")], ["ok", "0", "0", "3", "0", "0"],
          "the status")
    consumer.stop()


def test_whole_way(stage):
    """mail leaves through Postfix and is refused at the far end: the account's program is told of both"""
    receiver = Receiver(stage)
    running = test_returns.daemon(stage, account_shop={"webhook": receiver.url, "webhook_secret": SECRET}, webhooks=QUICK)
    consumer = Consumer(stage, Ctl(stage, conf=running.conf))
    told, = test_returns.send(stage, "gone@far.example")
    told.must_be_ok("the message")
    wait("both", lambda: len(receiver.requests) == 2, consumer, 40)
    sent, bounced = sorted((r.event for r in receiver.requests), key=lambda e: e["type"], reverse=True)
    equal((sent["type"], sent["data"]["to"]), ("sent", "gone@far.example"), "the first")
    equal([bounced["data"].get(k) for k in ("type", "msg", "rcpt", "class", "strength", "status")],
          ["bounced", sent["data"]["msg"], "gone@far.example", "recipient", "hard", "5.1.1"], "the second")
    check(all(verified(r.headers, r.body) for r in receiver.requests), "the signatures", receiver.requests)
    consumer.stop()


def test_accounts_come(stage):
    """an account of Redis gets a webhook while all runs, and another URL: found within a second; a secret is never shown"""
    one, two = Receiver(stage), Receiver(stage)
    ctl = ctl_for(stage, {})
    consumer = Consumer(stage, ctl)
    said = ctl("account", "add", "new", "webhook=" + one.url, "webhook_secret=" + SECRET, "--match", "login:new").must()
    said.out += ctl("account", "show", "new").must().out + ctl("--json", "account", "show", "new").must().out
    said.out += ctl("account", "set", "new", "webhook_secret=" + OLDER).must().out + ctl("account", "list").must().out
    said.out += ctl("config").must().out + ctl.terminal("account", "show", "new").must().out
    for secret in (SECRET, OLDER):
        check(secret[6:] not in said.out + said.err, "no secret", said)
    matches(r"webhook_secret\t\(hidden\)\t\(hidden\)", said.out, "a changed one is seen to have changed")
    equal(stage.redis("HGET", "gp:acct:{new}", "webhook_secret"), OLDER, "what is kept")
    event(stage, "a", account="new")
    wait("the first", lambda: one.ids() == ["a"], consumer)
    check(verified(one.requests[0].headers, one.requests[0].body, OLDER), "the signature")
    ctl("account", "set", "new", "webhook=" + two.url).must()
    time.sleep(1)
    event(stage, "b", account="new")
    wait("the second", lambda: two.ids() == ["b"], consumer)
    ctl("account", "set", "new", "webhook=").must()
    time.sleep(1)
    event(stage, "c", account="new")
    time.sleep(1.5)
    equal((one.ids(), two.ids()), (["a"], ["b"]), "after it was taken away")
    consumer.stop()


def test_backlog(stage):
    """of a webhook that is new, events of the last hour are sent, and older ones are not"""
    receiver = Receiver(stage)
    ctl = ctl_for(stage, {"shop": shop(receiver.url)})
    now_ms = int(time.time() * 1000)
    for msg, age_s in (("old", 3700), ("young", 3500)):
        stage.redis("XADD", "gp:ev:{shop}", "%d-0" % (now_ms - age_s * 1000), "type", "sent", "account", "shop", "msg", msg)
    consumer = Consumer(stage, ctl)
    wait("the young one", lambda: receiver.ids(), consumer)
    time.sleep(1)
    equal(receiver.ids(), ["young"], "what arrived")
    consumer.stop()


def test_https(stage):
    """certificates are verified: one of an authority that is configured is good, of another is not"""
    key, cert = stage.world.path("hook.key"), stage.world.path("hook.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                    "-subj", "/CN=hook", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    receiver = Receiver(stage, tls=context)
    matches("certificate", ctl_for(stage, {"shop": shop(receiver.url)})("webhooks", "test", "shop").must(NOT_FOUND).out, "why")
    equal(receiver.requests, [], "nothing came")
    ctl_for(stage, {"shop": shop(receiver.url)}, {"tls_ca": cert})("webhooks", "test", "shop").must()
    equal(receiver.requests[0].event["type"], "test", "what came")


# --- receivers that are no good ---


def bad_ways(stage):
    """For each: what answers, and the word in the reason."""
    nobody = free_port()
    inner = Receiver(stage)

    def slow(handler, _n):
        time.sleep(5)
        say(handler, 200)

    def half(handler, _n):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        hang_up(handler)

    def endless_header(handler, _n):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for i in range(100000):
            handler.wfile.write(b"X-%d: %s\r\n" % (i, b"x" * 1000))

    def trickle(handler, _n):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    answers = {
        "slow": (slow, "timed? ?out"), "hangup": (hang_up, "Empty reply|reset"), "half": (half, "."),
        "header": (endless_header, "header"), "trickle": (trickle, "timed? ?out"),
        "error": (lambda h, n: say(h, 500), "^HTTP status 500$"), "gone": (lambda h, n: say(h, 410), "410"),
        "redirect": (lambda h, n: say(h, 307, location=inner.url), "307: redirects are not followed"),
        "garbage": (lambda h, n: (h.wfile.write(b"\0\xff" * 500), hang_up(h)), "."),
    }
    ways = {name: (Receiver(stage, answer), word) for name, (answer, word) in answers.items()}
    urls = {name: (receiver.url, word) for name, (receiver, word) in ways.items()}
    urls["dead"] = ("http://127.0.0.1:%d/" % nobody, "connect")
    urls["unknown"] = ("http://nobody.invalid/", "resolve")
    return urls, {name: receiver for name, (receiver, _word) in ways.items()}, inner


@limit(120)
def test_bad_receivers(stage):
    """slow, dead, hanging up, 500, redirecting to 127.0.0.1, endless: each event ends in the dead list after so many tries,
    with the reason; another account gets its events at once meanwhile"""
    urls, receivers, inner = bad_ways(stage)
    good = Receiver(stage)
    ctl = ctl_for(stage, {"shop": shop(good.url),
                          **{name: shop(url, match=["login:" + name]) for name, (url, _word) in urls.items()}})
    for name in urls:
        for i in range(3):
            event(stage, "m%d" % i, account=name)
    consumer = Consumer(stage, ctl)
    delays = []
    for i in range(20):
        began = time.monotonic()
        event(stage, "g%d" % i)
        wait("the good one's", lambda: len(good.requests) > i, consumer, 5)
        delays.append(good.requests[i].at - began)
        time.sleep(0.2)
    check(max(delays) < 2, "the good one's events are prompt", delays)
    wait("the end of all", lambda: all(settled(stage, name) for name in urls), consumer, 90)
    rows = dead(ctl)
    for name, (_url, word) in urls.items():
        mine = [r for r in rows if r["account"] == name]
        equal([(r["msg"], r["tries"], r["type"]) for r in sorted(mine, key=lambda r: r["msg"])],
              [("m%d" % i, "3", "bounced") for i in range(3)], "the dead of " + name)
        matches("(?i)" + word, mine[0]["reason"], "why, of " + name)
        row = status(ctl, name)
        equal((row["state"], row["failed"], row["dead"], row["delivered"]), ("failing", "9", "3", "0"), "the status of " + name)
    for name, receiver in receivers.items():
        check(6 <= len(receiver.requests) <= 9, "tries at " + name, len(receiver.requests))
        equal(len({r.headers["webhook-id"] for r in receiver.requests}), 3, "one id at each try, " + name)
    equal(inner.requests, [], "where the redirect led")
    consumer.stop()


def test_recovers(stage):
    """500 twice, then 200: delivered, later each time, with the same id; and a huge answer is an answer"""
    def answer(handler, n):
        if n < 2:
            say(handler, 500)
            return
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            handler.wfile.write(b"x" * 100000)

    receiver = Receiver(stage, answer)
    ctl = ctl_for(stage, {"shop": shop(receiver.url)}, {"retry_first": "400ms", "retry_longest": "5s", "timeout": "10s"})
    event(stage, "a")
    consumer = Consumer(stage, ctl)
    wait("the delivery", lambda: len(receiver.requests) >= 3 and settled(stage), consumer)
    equal(len({r.headers["webhook-id"] for r in receiver.requests}), 1, "one id")
    equal(len(receiver.requests), 3, "so many tries")
    first, second, third = (r.at for r in receiver.requests)
    check(0.3 <= second - first < 3 and 0.6 <= third - second < 5, "back-off", first, second, third)
    equal((status(ctl)["delivered"], status(ctl)["failed"]), ("1", "2"), "the status")
    consumer.stop()


def test_internal(stage):
    """addresses inside are not contacted, by any way to write them, unless they are allowed; why is said"""
    receiver = Receiver(stage)
    for host in ("127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "127.1"):
        ctl = ctl_for(stage, {"shop": shop("http://%s:%d/" % (host, receiver.port))}, {"allow_networks": ["192.0.2.0/24"]})
        row = ctl("webhooks", "test", "shop").must(NOT_FOUND).out.strip().split("\t")
        matches(r"(127\.0\.0\.1|::1|0\.0\.0\.0) is internal", row[4], "why, of " + host)
    equal(receiver.requests, [], "nobody came")
    ctl = ctl_for(stage, {"shop": shop(receiver.url)})
    row = ctl("webhooks", "test", "shop", ).must().out.strip().split("\t")
    equal((row[1], row[2]), ("delivered", "204"), "allowed")
    check(verified(receiver.requests[0].headers, receiver.requests[0].body), "the signature")
    equal(stage.redis.keys("gp:hook*"), [], "a test leaves nothing")
    receiver.requests.clear()
    there = {"http_proxy": "http://127.0.0.1:%d" % free_port(), "HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
    ctl("webhooks", "test", "shop", env=there).must()
    equal(len(receiver.requests), 1, "no proxy of the environment")


def test_cannot_be_signed(stage):
    """an event that cannot even begin, here for want of SHA-256, ends in the dead list after so many tries, with the reason"""
    receiver = Receiver(stage)
    ctl = ctl_for(stage, {"shop": shop(receiver.url)})
    crypto = stage.world.write("openssl.cnf", "openssl_conf = a\n[a]\nproviders = b\n[b]\nbase = c\n[c]\nactivate = 1\n")
    made = event(stage, "a")
    consumer = Consumer(stage, ctl, enter=["env", "OPENSSL_CONF=" + crypto])
    wait("the dead", lambda: dead(ctl), consumer)
    equal([(r["event"], r["tries"], r["reason"]) for r in dead(ctl)], [(made, "3", "it cannot be signed")], "what it says")
    wait("the end", lambda: settled(stage), consumer)
    equal((status(ctl)["failed"], receiver.requests), ("3", []), "tries")
    consumer.stop()


def test_own_addresses(stage):
    """this host's own addresses are inside, also the public ones; others are not, nor those that are allowed"""
    network = Network(stage.world, ["45.33.1.1/32", "2a00:1450::77/128"])

    def why(host, allowed):
        ctl = ctl_for(stage, {"shop": shop("http://%s:9/" % host)}, {"allow_networks": allowed})
        words = ctl.argv("webhooks", "test", "shop")
        done = subprocess.run([program("nsenter"), "--target", str(network.process.pid), "--net", *words], capture_output=True,
                              timeout=30, text=True, env={**os.environ, **_SANITIZER_ENV}, check=False)
        equal(done.returncode, NOT_FOUND, "not delivered: " + done.stderr)
        return done.stdout.strip().split("\t")[4]

    for host, network_of_it in (("45.33.1.1", "45.33.1.0/24"), ("[2a00:1450::77]", "2a00:1450::/64")):
        matches(re.escape(host.strip("[]")) + r" is internal", why(host, ["127.0.0.0/8"]), "our own")
        matches("connect", why(host, [network_of_it]), "our own, allowed")
    matches("connect", why("45.33.1.2", ["127.0.0.0/8"]), "another's")


# --- the dead list ---


def test_dead_list(stage):
    """what is dead can be put back, one or all, or dropped; what is kept no more stays until it is dropped"""
    good = []
    receiver = Receiver(stage, lambda h, n: say(h, 200 if good else 500))
    ctl = ctl_for(stage, {"shop": shop(receiver.url)}, {"tries": 1})
    made = [event(stage, "m%d" % i) for i in range(4)]
    consumer = Consumer(stage, ctl)
    wait("the dead", lambda: len(dead(ctl)) == 4, consumer)
    equal({r["event"] for r in dead(ctl)}, set(made), "which")
    ctl("webhooks", "retry").must(USAGE)
    ctl("webhooks", "drop", "--all").must(USAGE)
    ctl("webhooks", "retry", "--account", "shop", "1-1").must(NOT_FOUND)
    good.append(1)
    receiver.requests.clear()
    ctl("webhooks", "retry", "--account", "shop", made[1]).must()
    wait("the one", lambda: receiver.ids() == ["m1"] and settled(stage), consumer)
    stage.redis("XDEL", "gp:ev:{shop}", made[2])
    matches("2 of 3", ctl("webhooks", "retry", "--all").must().err, "what is said")
    wait("the others", lambda: sorted(receiver.ids()) == ["m0", "m1", "m3"] and settled(stage), consumer)
    equal([(r["event"], r["type"]) for r in dead(ctl)], [(made[2], "-")], "what is left")
    ctl("webhooks", "drop", "--account", "shop", made[2]).must()
    equal(dead(ctl), [], "dropped")
    consumer.stop()


def test_kept_no_more(stage):
    """an event that goes from the stream while it waits is in the dead list, one that goes before it was read is counted;
    a person who is forgotten is not told of again"""
    receiver = Receiver(stage, lambda h, n: say(h, 500))
    ctl = ctl_for(stage, {"shop": shop(receiver.url)}, {"retry_first": "1s", "retry_longest": "1s", "tries": 9})
    made = event(stage, "a", rcpt="ann@example.com")
    consumer = Consumer(stage, ctl)
    wait("the first try", lambda: receiver.requests, consumer)
    ctl("forget", "ann@example.com", "--yes").must()
    wait("the dead", lambda: dead(ctl), consumer)
    row, = dead(ctl)
    equal((row["event"], row["type"], row["reason"]), (made, "-", "the event is kept no more"), "why")
    wait("the log", lambda: "webhook=dead account=shop events=1" in consumer.log(), consumer)
    check(all(r.event["data"]["rcpt"] == "ann@example.com" for r in receiver.requests), "the copy is not sent")
    consumer.stop()
    for i in range(5):
        event(stage, "b%d" % i)
    stage.redis("XTRIM", "gp:ev:{shop}", "MAXLEN", "=", "2")
    consumer.start()
    wait("the loss", lambda: status(ctl)["lost"] == "3", consumer)
    consumer.stop()
    equal([k for k in stage.redis.keys("*") if "ann" in str(stage.redis("DUMP", k))], [], "where she still is")


# --- things that break ---


def test_killed(stage):
    """killed with -9 after the POST and before it is settled: sent again by who comes next, with the same id"""
    def answer(handler, n):
        if n == 0:
            time.sleep(1.5)
        say(handler, 200)

    receiver = Receiver(stage, answer)
    ctl = ctl_for(stage, {"shop": shop(receiver.url)})
    event(stage, "a")
    consumer = Consumer(stage, ctl)
    wait("the POST", lambda: receiver.requests, consumer)
    consumer.process.kill()
    consumer.start()
    wait("the second", lambda: len(receiver.requests) == 2 and settled(stage), consumer, 30)
    equal(len({r.headers["webhook-id"] for r in receiver.requests}), 1, "one id")
    equal((status(ctl)["delivered"], status(ctl)["unread"]), ("1", "0"), "delivered")
    consumer.stop()


def test_two_consumers(stage):
    """two at once share the work: each event once"""
    receiver = Receiver(stage, lambda h, n: (time.sleep(0.03), say(h, 200)))
    ctl = ctl_for(stage, {"shop": shop(receiver.url)})
    both = [Consumer(stage, ctl, "one"), Consumer(stage, ctl, "two")]
    for consumer in both:
        wait("the start", lambda: "event=started" in consumer.log(), consumer)
    time.sleep(2)  # it reads the accounts
    for i in range(300):
        event(stage, "m%d" % i)
    wait("all", lambda: len(receiver.requests) >= 300 and settled(stage), both[0], 40)
    time.sleep(0.5)
    equal(sorted(receiver.ids()), sorted("m%d" % i for i in range(300)), "each once")
    delivered = [c.log().count("webhook=delivered") for c in both]
    check(min(delivered) > 0 and sum(delivered) == 300, "both worked", delivered)
    for consumer in both:
        consumer.stop()


def test_redis_away(stage):
    """Redis stops answering and comes back: what was on its way is settled, the rest is sent, nothing is lost; a consumer
    starts without it, too"""
    receiver = Receiver(stage, lambda h, n: (time.sleep(0.5), say(h, 200)))
    ctl = ctl_for(stage, {"shop": shop(receiver.url)})
    consumer = Consumer(stage, ctl)
    event(stage, "a")
    wait("the POST", lambda: receiver.requests, consumer)
    stage.redis("CONFIG", "SET", "requirepass", "other")
    stage.redis.password = "other"
    stage.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    for msg in ("b", "c"):
        event(stage, msg)
    wait("that it says so", lambda: "redis=down" in consumer.log(), consumer)
    stage.redis("CONFIG", "SET", "requirepass", "")
    stage.redis.password = None
    wait("all", lambda: set(receiver.ids()) == {"a", "b", "c"} and settled(stage), consumer, 30)
    matches("redis=up", consumer.log(), "that it is back")
    consumer.stop()
    stage.redis.kill()
    consumer.start()
    wait("that it says so", lambda: "redis=down" in consumer.log(), consumer)
    stage.redis.start()
    event(stage, "d")
    wait("the one after", lambda: "d" in receiver.ids(), consumer, 30)
    consumer.stop()


def test_odd_keys(stage):
    """Redis does not like what it has of one account: its events are not settled, others' are prompt; mended, all go on"""
    odd = Receiver(stage, lambda h, n: (time.sleep(1 if n == 0 else 0), say(h, 200)))
    good = Receiver(stage)
    ctl = Ctl(stage, {"webhooks": QUICK, "redis": {"retry": "4s"}, "log": {"level": "debug"}, "account shop": shop(good.url),
                      "account odd": shop(odd.url, match=["login:odd"])})
    event(stage, "a", account="odd")
    consumer = Consumer(stage, ctl)
    wait("the POST", lambda: odd.requests, consumer)
    stage.redis("DEL", "gp:hook:{odd}:due")
    stage.redis("SET", "gp:hook:{odd}:due", "x")
    wait("its end", lambda: "webhook=delivered account=odd" in consumer.log(), consumer)
    delays = []
    for i in range(16):
        began = time.monotonic()
        event(stage, "g%d" % i)
        wait("the good one's", lambda: len(good.requests) > i, consumer, 10)
        delays.append(good.requests[i].at - began)
        time.sleep(0.4)
    check(max(delays) < 2, "the good one's events are prompt", delays)
    wait("that it is told", lambda: re.search("account=odd reason=.*WRONGTYPE", consumer.log()), consumer)
    wait("the good one's", lambda: settled(stage), consumer)
    row, = ctl("webhooks", "--account", "shop").must().rows(STATUS)
    equal(row["delivered"], "16", "they are settled")
    stage.redis("DEL", "gp:hook:{odd}:due")
    consumer.stop()
    consumer.start()
    wait("the odd one's", lambda: settled(stage, "odd"), consumer, 30)
    equal(set(odd.ids()), {"a"}, "what it got")
    consumer.stop()


def test_stop_and_reload(stage):
    """SIGTERM finishes what is on its way; SIGHUP reads milter.conf again, one that is wrong changes nothing"""
    receiver = Receiver(stage, lambda h, n: (time.sleep(1), say(h, 200)))
    daemon = stage.gatepostd({"webhooks": QUICK, "account shop": shop("http://127.0.0.1:1/")}, start=False)
    ctl = Ctl(stage, conf=daemon.conf)
    consumer = Consumer(stage, ctl)
    wait("the start", lambda: "event=started" in consumer.log(), consumer)
    daemon.write_conf(**{"account shop": {"webhook": receiver.url}})
    consumer.process.signal(1)
    wait("the reload", lambda: "event=reloaded" in consumer.log(), consumer)
    stage.world.write(os.path.basename(daemon.conf), "nonsense {")
    consumer.process.signal(1)
    wait("the refusal", lambda: "event=reload_refused" in consumer.log(), consumer)
    event(stage, "a")
    wait("the POST", lambda: receiver.requests, consumer)
    consumer.stop()
    check(settled(stage), "it was settled before the end", stage.redis("XPENDING", "gp:ev:{shop}", "webhooks"))
    equal(len(receiver.requests), 1, "once")


def test_rights(stage):
    """with the rights that doc/redis.md names, nothing is refused"""
    with open(os.path.join(TOP, "doc", "redis.md"), encoding="utf-8") as f:
        rules = re.findall(r"^\tACL SETUSER gatepost (.*)$", f.read(), re.M)
    for rule in rules:
        stage.redis("ACL", "SETUSER", "gatepost", *rule.split())
    stage.redis("ACL", "LOG", "RESET")
    receiver = Receiver(stage, lambda h, n: say(h, 500 if n < 3 else 200))
    ctl = Ctl(stage, {"webhooks": {**QUICK, "tries": 2}, "account shop": shop(receiver.url),
                      "redis": {"user": "gatepost", "password": "PASSWORD"}})
    consumer = Consumer(stage, ctl)
    event(stage, "a")
    event(stage, "b")
    wait("a dead one", lambda: dead(ctl), consumer)
    ctl("webhooks", "retry", "--all").must()
    wait("all", lambda: status(ctl)["delivered"] == "2", consumer)
    stage.redis("XTRIM", "gp:ev:{shop}", "MAXLEN", 0)
    event(stage, "c")
    stage.redis("XTRIM", "gp:ev:{shop}", "MAXLEN", 0)
    wait("the loss", lambda: status(ctl)["lost"] == "1", consumer)
    consumer.stop()
    stage.redis("DEL", "gp:hook:{shop}:due")
    equal([dict(zip(e[::2], e[1::2])) for e in stage.redis("ACL", "LOG")], [], "what was refused")
    stage.redis("ACL", "DELUSER", "gatepost")


@limit(120)
def test_many_dead(stage):
    """forty accounts whose receivers never answer, with events without end, do not hold up the one that does"""
    mute = socket.create_server(("127.0.0.1", 0), backlog=4096)
    stage.world.closers.append(mute.close)
    good = Receiver(stage)
    url = "http://127.0.0.1:%d/" % mute.getsockname()[1]
    ctl = ctl_for(stage, {"shop": shop(good.url), **{"m%d" % i: shop(url, match=["login:m%d" % i]) for i in range(40)}},
                  {"connections": 16, "timeout": "1s", "retry_first": "500ms", "retry_longest": "30s", "tries": 22})
    for i in range(40):
        for n in range(50):
            event(stage, "e%d" % n, account="m%d" % i)
    consumer = Consumer(stage, ctl)
    wait("that they fail", lambda: consumer.log().count("webhook=again") > 150, consumer, 40)
    delays = []
    for i in range(20):
        began = time.monotonic()
        event(stage, "g%d" % i)
        wait("the good one's", lambda: len(good.requests) > i, consumer, 5)
        delays.append(good.requests[i].at - began)
    check(max(delays) < 2, "the good one's events are prompt", delays)
    consumer.stop()


@limit(90)
def test_mute_name_server(stage):
    """an account whose name nobody looks up holds up nobody: its events fail in their time, the good one's are prompt"""
    mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stage.world.closers.append(mute.close)
    address = "127.%d.%d.53" % (os.getpid() >> 8 & 0xff, os.getpid() & 0xff)
    mute.bind((address, 53))
    resolver = stage.world.write("resolv.conf", "nameserver %s\noptions timeout:4 attempts:1\n" % address)
    names = stage.world.write("nsswitch.conf", "hosts: dns\n")
    script = "mount --bind \"$0\" /etc/resolv.conf && mount --bind \"$1\" /etc/nsswitch.conf && shift && exec \"$@\""
    good = Receiver(stage)
    ctl = ctl_for(stage, {"shop": shop(good.url), "slow": shop("http://hook.example.org/", match=["login:slow"])},
                  {"timeout": "1s", "tries": 30})
    for i in range(3):
        event(stage, "m%d" % i, account="slow")
    consumer = Consumer(stage, ctl, enter=["unshare", "--mount", "sh", "-c", script, resolver, names])
    wait("a failure", lambda: "webhook=again account=slow" in consumer.log(), consumer)
    delays = []
    for i in range(20):
        began = time.monotonic()
        event(stage, "g%d" % i)
        wait("the good one's", lambda: len(good.requests) > i, consumer, 10)
        delays.append(good.requests[i].at - began)
        time.sleep(0.2)
    check(max(delays) < 2, "the good one's events are prompt", delays)
    times = [int(ms) for ms in re.findall(r"account=slow .* ms=(\d+)", consumer.log())]
    check(len(times) > 2 and max(times) < 2000, "a try takes its time and no more", times)
    matches(r"account=slow .* reason=.*([Rr]esolv|time)", consumer.log(), "why")
    consumer.stop()


def test_check(stage):
    """gatepostctl check says that nobody sends, that a webhook fails, that events are dead, and that all is well"""
    good = []
    receiver = Receiver(stage, lambda h, n: say(h, 200 if good else 500))
    ctl = ctl_for(stage, {"shop": shop(receiver.url)}, {"tries": 1})

    def said():
        return [line.split("\t")[0::2][:2] for line in ctl("check").out.splitlines() if line.split("\t")[1] == "webhooks"]

    equal(said(), [["fault", "nobody sends events to 1 of them, shop's first"]], "before")
    consumer = Consumer(stage, ctl)
    event(stage, "a")
    wait("the dead", lambda: dead(ctl), consumer)
    equal(said(), [["warning", "1 did not take the last event; shop's: HTTP status 500"],
                   ["warning", "events of 1 could not be delivered, shop's first"]], "after")
    good.append(1)
    time.sleep(1.1)
    ctl("webhooks", "retry", "--all").must()
    wait("it", lambda: settled(stage), consumer)
    equal(said(), [["ok", "1, all right"]], "in the end")
    consumer.stop()


def test_secret(stage):
    """webhooks secret makes another each time, which an account takes"""
    ctl = ctl_for(stage, {})
    made = {ctl("webhooks", "secret").must().out.strip() for _ in range(3)}
    equal(len(made), 3, "different ones")
    for secret in made:
        ctl("account", "add", "x" + secret[6:10].lower().replace("+", "0").replace("/", "0"), "webhook=https://x.example/",
            "webhook_secret=" + secret).must()
    said = ctl("account", "add", "y", "webhook=https://x.example/").must()
    matches("webhook_secret", said.err, "what is missing")
    ctl("webhooks").must(NOT_FOUND)


def test_secret_input(stage):
    """webhook_secret=- is what standard input has, of one line or two; nothing, or nonsense, changes nothing"""
    ctl = ctl_for(stage, {})

    def put(text, *words):
        return subprocess.run(ctl.argv("account", *words, "webhook_secret=-"), input=text.encode(), capture_output=True,
                              timeout=60, env={**os.environ, **_SANITIZER_ENV}, check=False)

    def kept():
        return stage.redis("HGET", "gp:acct:{new}", "webhook_secret")

    done = put(SECRET + "\n", "add", "new", "webhook=https://x.example/")
    equal((done.returncode, kept()), (DONE, SECRET), "the first")
    check(SECRET[6:].encode() not in done.stdout + done.stderr, "not shown", done)
    done = put(OLDER + "\n" + SECRET + "\n", "set", "new")
    equal((done.returncode, kept()), (DONE, OLDER + " " + SECRET), "two")
    for text, word in (("", "standard input is empty"), ("\n", "standard input is empty"), ("x" * 100000, "too long"),
                       ("nonsense", "whsec_"), ("-", "whsec_")):
        done = put(text, "set", "new")
        equal((done.returncode, kept()), (USAGE, OLDER + " " + SECRET), "after " + text[:10])
        matches(word, done.stderr.decode(), "why")
