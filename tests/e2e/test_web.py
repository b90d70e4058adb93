"""gatepost-web: pixels, links, unsubscribe pages; what is kept of them, and what abuse does to it."""

import functools
import http.client
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import time

import webtoken
from harness import *
from gatepostd import _SANITIZER, _SANITIZER_ENV, conf_text, log_fields

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TARGET = "https://shop.example/a/b?c=d&e=%C3%A4,f@g#h;i"
ANN = "ann@far.example"
FORM = "unsubscribe=yes"
ONE_CLICK = "List-Unsubscribe=One-Click"
SHOP = {"match": ["login:shop"], "track_domain": "t.shop.example", "brand": "Shop & Söhne <GmbH>"}
BANK = {"match": ["login:bank"], "track_domain": "t.bank.example:8443"}


@functools.cache
def growth_kib():
    """What memory may grow by: a sanitizer keeps what was freed."""
    with open(program("gatepost-web", BUILD), "rb") as binary:
        return 400000 if re.search(rb"__[at]san_init", binary.read()) else 20000


class Web:
    """gatepost-web with a keyring of its own; accounts are in milter.conf."""

    def __init__(self, stage, accounts=None, web=None, listen=(), env=None, **sections):
        self.stage = stage
        self.port, self.status = free_port(), free_port()
        self.name = "web-%d" % self.port
        self.ring = stage.world.path(self.name + ".keyring")
        self.keys = webtoken.Keyring(self.ring)
        self.settings = {
            "redis": {"server": "unix:" + stage.redis.socket, "timeout": "500ms", "retry": "200ms", "lists_refresh": "200ms"},
            "log": {"target": "stderr"},
            "outbound": {"keyring": self.ring},
            "web": {"listen": ["127.0.0.1:%d" % self.port, *listen], "status": "127.0.0.1:%d" % self.status,
                    "verdict_delay": "300ms", **(web or {})},
        }
        for name, options in (accounts or {"shop": SHOP, "bank": BANK}).items():
            self.settings["account " + name] = options
        for section, options in sections.items():
            self.settings.setdefault(section, {}).update(options)
        self.message = webtoken.message_id(time.monotonic_ns(), time.time() - 600)
        self.conf = self.write()
        self.process = stage.world.start(self.name, [program("gatepost-web", BUILD), "-f", "-c", self.conf],
                                         env={**_SANITIZER_ENV, **(env or {})})
        wait_for("gatepost-web listens", self.ready, 20)

    def write(self, **sections):
        for section, options in sections.items():
            self.settings.setdefault(section, {}).update(options)
        return self.stage.world.write(self.name + ".conf", conf_text(self.settings))

    def ready(self):
        check(self.process.running(), "gatepost-web did not start", self.process.tail())
        return listens(self.port) and listens(self.status)

    def ask(self, path, method="GET", body=None, host="t.shop.example", port=None, agent=FIREFOX, **fields):
        """(code, fields, body)"""
        c = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        headers = {"Host": host, **({"User-Agent": agent} if agent else {}),
                   **{k.replace("_", "-"): v for k, v in fields.items()}}
        c.request(method, path, body, headers)
        r = c.getresponse()
        answer = (r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
        c.close()
        return answer

    def open(self, account="shop", **more):
        return self.keys.open(account, self.message, **more)

    def click(self, account="shop", target=TARGET, **more):
        return self.keys.click(account, self.message, target, **more)

    def unsubscribe(self, account="shop", address=ANN, **more):
        return self.keys.unsubscribe(account, self.message, address, **more)

    def events(self, account="shop", count=1, seconds=5):
        """The account's events, once there are so many."""
        def found():
            rows = self.stage.redis("XRANGE", "gp:ev:{%s}" % account, "-", "+") or []
            rows = [dict(zip(fields[::2], fields[1::2])) for _, fields in rows]
            return rows if len(rows) >= count else None

        return wait_for("%d event(s) of %s" % (count, account), found, seconds)

    def no_events(self, account="shop"):
        time.sleep(0.8)
        equal(self.stage.redis("XLEN", "gp:ev:{%s}" % account), 0, "events of " + account)

    def metrics(self):
        code, _, text = self.ask("/metrics", port=self.status)
        equal(code, 200, "metrics")
        return {n: float(v) for n, v in re.findall(r"^(gatepost_\S+) (\S+)$", text.decode(), re.M)}

    def alive(self):
        check(self.process.running(), "gatepost-web is gone", self.process.tail(60))
        check(not _SANITIZER.search(self.process.log()), "a sanitizer reported", self.process.log()[-6000:])

    def rss_kib(self):
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s*(\d+)", f.read()).group(1))

    def records(self, **fields):
        rows = [log_fields(line) for line in self.process.log().split("\n")]
        return [r for r in rows if all(r.get(k) == str(v) for k, v in fields.items())]

    def stop(self):
        self.alive()
        equal(self.process.stop(30), 0, "exit code\n" + self.process.tail())
        check(not _SANITIZER.search(self.process.log()), "a sanitizer reported", self.process.log()[-6000:])


def raw(web, data, seconds=5, port=None):
    """What comes back on one connection, until it is closed or `seconds` of silence are over."""
    with socket.create_connection(("127.0.0.1", port or web.port), seconds) as s:
        s.sendall(data)
        out = b""
        try:
            while chunk := s.recv(65536):
                out += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return out


# --- what is answered ---


def test_pixel(stage):
    """a pixel is a GIF that nobody keeps, and its event says who and which message"""
    web = Web(stage)
    code, fields, body = web.ask(web.open(rcpt=3))
    equal((code, fields["content-type"], len(body)), (200, "image/gif", 43), "the pixel")
    equal(body[:6], b"GIF89a", "its first bytes")
    matches("no-store", fields["cache-control"], "Cache-Control")
    check("set-cookie" not in fields, "no cookies")
    event = web.events()[0]
    want = {"type": "opened", "account": "shop", "msg": webtoken.message_text(web.message), "nth": "3", "who": "human",
            "client": "127.0.0.1", "agent": FIREFOX}
    equal({k: event.get(k) for k in want}, want, "the event")
    web.stop()


def test_click(stage):
    """a click leads byte for byte where the link led"""
    web = Web(stage)
    targets = [TARGET, "http://shop.example", "https://shop.example/" + "x" * 1370, "https://[2001:db8::1]:8443/?@",
               "HTTPS://Shop.Example/%0d%0aX:%20y"]
    for target in targets:
        code, fields, _ = web.ask(web.click(target=target))
        equal((code, fields["location"]), (302, target), "the redirect")
        equal(fields["referrer-policy"], "no-referrer", "Referrer-Policy")
        matches("no-store", fields["cache-control"], "Cache-Control")
    events = web.events(count=len(targets))
    equal(sorted(e["url"] for e in events), sorted(targets), "the URLs of the events")
    equal({e["link"] for e in events}, {"1"}, "the link's number")
    web.stop()


def test_versions(stage):
    """HTTP/1.0 and 1.1, a target as proxies are asked, keep-alive and its end"""
    web = Web(stage)
    path = web.open()
    out = raw(web, ("GET %s HTTP/1.0\r\n\r\n" % path).encode())
    matches(r"^HTTP/1\.0 200 OK\r\n.*GIF89a", out.decode("latin-1"), "HTTP/1.0")
    out = raw(web, ("GET %s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" % path).encode(), 1)
    matches(r"(?i)connection: keep-alive", out.decode("latin-1"), "HTTP/1.0 with keep-alive")
    out = raw(web, ("GET http://t.shop.example%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path).encode())
    matches(r"^HTTP/1\.1 200 OK\r\n", out.decode("latin-1"), "a whole URL")
    web.stop()


def test_not_counted(stage):
    """HEAD, a range, and what is not ours: answered, and not counted"""
    web = Web(stage)
    code, fields, body = web.ask(web.open(), "HEAD")
    equal((code, fields["content-length"], body), (200, "43", b""), "HEAD of a pixel")
    equal(web.ask(web.click(), "HEAD")[1]["location"], TARGET, "HEAD of a link")
    equal(web.ask(web.open(), Range="bytes=0-1")[0], 200, "a range")
    equal(web.ask("/robots.txt")[2], b"User-agent: *\nDisallow: /\n", "robots.txt")
    web.no_events()
    web.stop()


def test_methods(stage):
    """other methods: 405 with what there is, known to evhttp or not"""
    web = Web(stage)
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "X"):
        code, fields, _ = web.ask(web.open(), method)
        equal((code, fields.get("allow")), (405, "GET, HEAD"), method)
    equal(web.ask(web.unsubscribe(), "PUT")[1]["allow"], "GET, HEAD, POST", "of an unsubscribe page")
    web.no_events()
    web.stop()


ATTACKS = ("/c/", "/c", "/c/x", "/c/https://evil.example/", "/c/../c/", "//c/", "/c/%2e%2e/", "/", "/o/", "/u/")


def test_no_open_redirect(stage):
    """every attack on a link is 404, and leads nowhere"""
    web = Web(stage)
    good = web.click()
    token = good[3:]
    evil = webtoken.Keyring(stage.world.path("evil.keyring"), ((7, b"\x42" * 32),))
    paths = [*ATTACKS, evil.click("shop", web.message, "https://evil.example/"),
             web.keys.click("shop", web.message, "javascript:alert(1)"),
             web.keys.click("shop", web.message, "https:///evil.example"),
             web.keys.click("shop", web.message, "https://shop.example@evil.example/"),
             web.keys.click("shop", web.message, "https://shop.example\\@evil.example/"),
             web.keys.click("shop", web.message, b"https://shop.example/\r\nSet-Cookie: a=b"),
             web.keys.click("shop", web.message, "//evil.example/"),
             web.keys.click("shop", web.message, ""),
             web.keys.click("shop", web.message, "https://shop.example/" + "x" * 1400),
             good + "/", good + "%2F", good + "%0d%0aX:%20y", good + "/https://evil.example/", good + "A", good + "=",
             good[:-1], good[:-4], "/c/" + token[::-1], "/c/" + token.replace(token[10], "%" + "%02x" % ord(token[10])),
             "/c/" + web.open()[3:], "/c/" + web.unsubscribe()[3:], "/o/" + token, "/u/" + token, "/c/" + "A" * 8192,
             "/c/%00" + token, "/C/" + token, "/c//" + token, "/c/./" + token]
    paths += ["/c/" + token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:] for i in range(0, len(token) - 1, 7)]
    for path in paths:
        code, fields, body = web.ask(path)
        check(code == 404 and "location" not in fields, "%s leads on" % path[:200], code, fields)
        check(b"evil" not in body, "the answer repeats what was asked")
    for line in ("GET %s\r\nX: y HTTP/1.1" % good, "GET  %s HTTP/1.1" % good, "GET\t%s HTTP/1.1" % good):
        out = raw(web, (line + "\r\nHost: t.shop.example\r\nConnection: close\r\n\r\n").encode())
        check(b" 302 " not in out.split(b"\r\n")[0], line, out[:200])
    web.no_events()
    web.stop()


def test_hosts(stage):
    """a token works at its account's host and at nobody's, but never under another account's good name"""
    web = Web(stage)
    for host, code in (("t.shop.example", 302), ("T.Shop.Example:80", 302), ("old.shop.example", 302), ("127.0.0.1", 302),
                       ("t.bank.example", 404), ("t.bank.example:8443", 404), ("T.BANK.example", 404)):
        equal(web.ask(web.click(), host=host)[0], code, host)
    equal(web.ask(web.click("bank"), host="t.bank.example")[0], 302, "the bank's own")
    equal(web.metrics()["gatepost_web_other_host_total"], 3, "counted")
    web.stop()


def test_client(stage):
    """X-Forwarded-For counts behind the proxies that are listed, and only as far as they wrote it"""
    web = Web(stage, web={"proxies": ["127.0.0.0/8", "10.0.0.0/8"]})
    web.ask(web.open(rcpt=1), X_Forwarded_For="198.51.100.1, 203.0.113.9, 10.0.0.7")
    web.ask(web.open(rcpt=2), X_Forwarded_For="evil")
    events = {e["nth"]: e["client"] for e in web.events(count=2)}
    equal(events, {"1": "203.0.113.9", "2": "127.0.0.1"}, "clients")
    web.stop()
    web = Web(stage, web={"proxies": ["192.0.2.1"]})
    web.ask(web.open("bank"), host="t.bank.example", X_Forwarded_For="203.0.113.9")
    equal(web.events("bank")[0]["client"], "127.0.0.1", "behind no proxy of ours")
    web.stop()


def test_unix(stage):
    """a unix socket, for a proxy before us: X-Forwarded-For is believed there"""
    path = stage.world.path("web-proxy.sock")
    web = Web(stage, listen=["unix:" + path], web={"proxies": []})
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(("GET %s HTTP/1.1\r\nHost: t.shop.example\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"
                   % web.open()).encode())
        matches("^HTTP/1.1 200", s.recv(4096).decode("latin-1"), "over the unix socket")
    equal(web.events()[0]["client"], "203.0.113.9", "the client")
    web.stop()
    check(not os.path.exists(path), "the socket is gone")


# --- unsubscribing ---


def suppressed(stage, account="shop", address=ANN):
    return stage.redis("HGET", "gp:supp:{%s}" % account, address)


def test_unsubscribe_page(stage):
    """GET shows a page in the reader's language and unsubscribes nobody; the form does"""
    web = Web(stage)
    for accept, lang, words in (("de-AT,en;q=0.5", "de", "Abmelden"), ("fr", "fr", "Se désabonner"),
                                ("es-MX;q=0.9,ja", "es", "Darse de baja"), ("", "en", "Unsubscribe"),
                                ("ja", "en", "Unsubscribe")):
        code, fields, body = web.ask(web.unsubscribe(), Accept_Language=accept)
        text = body.decode()
        equal((code, fields["content-language"]), (200, lang), "the language for " + accept)
        check('<html lang="%s">' % lang in text and words in text, "its words", text)
        check("Shop &amp; Söhne &lt;GmbH&gt;" in text and ANN in text and "<script" not in text, "the page", text)
        matches("default-src 'none'", fields["content-security-policy"], "its policy")
    for _ in range(3):
        web.ask(web.unsubscribe(), "HEAD")
    web.no_events()
    equal(suppressed(stage), None, "nobody is unsubscribed by looking")
    code, _, body = web.ask(web.unsubscribe(), "POST", FORM,
                            Content_Type="application/x-www-form-urlencoded", Accept_Language="de")
    equal(code, 200, "the form")
    check("Sie sind abgemeldet" in body.decode(), "its answer", body.decode())
    check(suppressed(stage), "it is done when it is said to be")
    event = web.events()[0]
    equal((event["type"], event["rcpt"], event["who"], event["why"]), ("unsubscribed", ANN, "human", "form"), "the event")
    matches(r"^unsubscribed 1 \d+ \d+ 0 web form [a-z2-7]{13}$", suppressed(stage), "the suppression")
    equal(len(web.records(event="unsubscribed", account="shop", how="form")), 1, "the log")
    web.stop()


def test_one_click(stage):
    """RFC 8058, in both encodings: no redirect, no cookie; twice adds up, and other reasons stay"""
    web = Web(stage)
    code, fields, _ = web.ask(web.unsubscribe(), "POST", "List-Unsubscribe=One-Click", agent=None,
                              Content_Type="application/x-www-form-urlencoded")
    equal((code, "set-cookie" in fields, "location" in fields), (200, False, False), "one click")
    boundary = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    equal(web.ask(web.unsubscribe(), "POST", boundary, Content_Type="multipart/form-data; boundary=b")[0], 200, "form-data")
    equal([e["why"] for e in web.events(count=2)], ["one-click", "one-click"], "the events")
    matches("^unsubscribed 2 ", suppressed(stage), "it adds up")
    stage.redis("HSET", "gp:supp:{shop}", "bob@far.example", "complained 1 1763700000 1763700000 0 by letter",
                "cal@far.example", "do not write to him", "dan@far.example", "bounced 2 1763700000 1763700000 1763800000 x")
    for name in ("bob", "cal", "dan"):
        equal(web.ask(web.unsubscribe(address=name + "@far.example"), "POST", FORM)[0], 200, name)
    web.events(count=5)
    matches(r"^complained 1 1763700000 \d+ 0 by letter$", suppressed(stage, address="bob@far.example"), "a complaint stays")
    equal(suppressed(stage, address="cal@far.example"), "do not write to him", "an operator's words stay")
    matches(r"^unsubscribed 1 \d+ \d+ 0 web form", suppressed(stage, address="dan@far.example"), "for good, now")
    web.stop()


def test_unknown_account(stage):
    """an account that is not known: links work, pixels too; who unsubscribes is told to come again"""
    web = Web(stage)
    equal(web.ask(web.open("gone"))[0], 200, "a pixel")
    equal(web.ask(web.click("gone"))[0], 302, "a link")
    code, fields, _ = web.ask(web.unsubscribe("gone"), "POST", "List-Unsubscribe=One-Click")
    equal((code, fields["retry-after"]), (503, "60"), "unsubscribing")
    equal(web.metrics()["gatepost_web_unknown_account_total"], 3, "counted")
    web.stop()


def test_other_forms(stage):
    """a POST that does not say so unsubscribes nobody, and gets the page that asks"""
    web = Web(stage)
    for body in ("", "x=y", "unsubscribe=no", "List-Unsubscribe=", "One-Click", '{"List-Unsubscribe": "One-Click"}'):
        code, fields, text = web.ask(web.unsubscribe(), "POST", body)
        equal((code, fields["content-type"]), (400, "text/html; charset=utf-8"), body)
        check(b'<form method="post">' in text, "the page", text)
    web.no_events()
    equal(suppressed(stage), None, "nobody is unsubscribed")
    equal(web.ask(web.unsubscribe(), "POST", "List%2DUnsubscribe=One%2dClick")[0], 200, "encoded, as it may be")
    check(suppressed(stage), "and done")
    web.stop()


def is_later(answer, what):
    code, fields, body = answer
    equal((code, fields.get("retry-after")), (503, "60"), what)
    check(b"try again" in body and b'<form method="post">' in body and b'name="unsubscribe"' in body, what, body)


@limit(60)
def test_unsubscribe_without_redis(stage):
    """who unsubscribes while Redis is away, still, or refuses to write is told to try again, soon, and by the same form"""
    web = Web(stage)
    for body in (FORM, ONE_CLICK):
        for what, break_it in (("stalled", stage.redis.stall), ("gone", stage.redis.kill),
                               ("refusing", lambda: stage.redis("CONFIG", "SET", "min-replicas-to-write", "1"))):
            break_it()
            for _ in range(4):
                begin = time.monotonic()
                is_later(web.ask(web.unsubscribe(), "POST", body), what)
                check(time.monotonic() - begin < 5, what + ": in time", time.monotonic() - begin)
                equal(web.ask(web.open())[0], 200, what + ": a pixel")
            stage.redis.heal()
            stage.redis("CONFIG", "SET", "min-replicas-to-write", "0")
            wait_for("Redis is back", lambda: b"redis up" in web.ask("/health", port=web.status)[2])
            equal(web.ask(web.unsubscribe(address=what + "@far.example"), "POST", body)[0], 200, what + ": over")
            check(suppressed(stage, address=what + "@far.example"), what + ": done")
    lost = web.records(event="unsubscribe_lost", account="shop")
    check(len(lost) >= 20 and all(r.get("reason") for r in lost), "the log", lost)
    web.stop()


@limit(60)
def test_unsubscribe_waits(stage):
    """while Redis is slow a thousand wait for its answer, for some seconds, and no more; who hangs up is forgotten"""
    web = Web(stage, redis={"timeout": "8s"})
    post = ("POST %%s HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: %d\r\n\r\n%s" % (len(FORM), FORM)).encode()
    stage.redis.stall()
    begin = time.monotonic()
    waiting = []
    for i in range(1200):
        s = socket.create_connection(("127.0.0.1", web.port), 10)
        s.sendall(post % web.unsubscribe(address="u%d@far.example" % i).encode())
        waiting.append(s)
    for s in waiting[1:100:2]:  # who hangs up, politely and not
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    for s in waiting[:100]:
        s.close()
    equal(web.ask(web.open())[0], 200, "a pixel")
    answers = {}
    for i, s in enumerate(waiting[100:], 100):
        answers[i] = s.recv(65536)[:12]
    took = time.monotonic() - begin
    equal(set(answers.values()), {b"HTTP/1.1 503"}, "answers")
    check(3 < took < 9, "in time: %.1f s" % took)
    stage.redis.resume()
    wait_for("it goes on", lambda: web.ask(web.unsubscribe(), "POST", FORM)[0] == 200)
    # the connection goes on
    waiting[500].setblocking(False)
    try:
        while waiting[500].recv(65536):
            pass
    except BlockingIOError:
        pass
    waiting[500].settimeout(5)
    waiting[500].sendall(post % web.unsubscribe(address="bob@far.example").encode())
    equal(waiting[500].recv(65536)[:12], b"HTTP/1.1 200", "on a connection that was put off")
    for s in waiting[100:]:
        s.close()
    kept = stage.redis.hash("gp:supp:{shop}")
    check({ANN, "bob@far.example"} <= set(kept) and len(kept) < 10, "who is suppressed", kept)
    check(web.metrics()['gatepost_web_requests_total{kind="unsubscribe",code="503"}'] >= 1100, "counted", web.metrics())
    check(web.records(event="unsubscribe_lost"), "the log")
    web.stop()


def test_unsubscribe_stop(stage):
    """SIGTERM while somebody waits for Redis: he is answered, or cut off, and it ends in time"""
    for timeout, stop_timeout, answer in (("1s", "4s", b"HTTP/1.1 503"), ("3s", "1s", b"")):
        web = Web(stage, redis={"timeout": timeout}, web={"stop_timeout": stop_timeout})
        stage.redis.stall()
        with socket.create_connection(("127.0.0.1", web.port), 20) as s:
            s.sendall(("POST %s HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: %d\r\n\r\n%s" % (
                web.unsubscribe(), len(FORM), FORM)).encode())
            time.sleep(0.3)
            begin = time.monotonic()
            web.process.signal(signal.SIGTERM)
            try:
                got = s.recv(65536)[:12]
            except ConnectionResetError:
                got = b""
            equal(got, answer, "the answer")
            check(time.monotonic() - begin < 6, "in time")
        stage.redis.resume()
        equal(web.process.wait(10), 0, "exit code\n" + web.process.log()[:6000])
        check(not _SANITIZER.search(web.process.log()), "a sanitizer reported", web.process.log()[-6000:])
        check(not suppressed(stage) or web.records(event="unsubscribed"), "what was done is in the log")
        stage.redis("FLUSHALL")


def test_unsubscribe_log(stage):
    """the log has neither address nor message, whatever account and recipient allow, kept or lost"""
    web = Web(stage, accounts=privacy_accounts())
    stage.redis("HSET", "gp:consent:{identified}", ANN, "off")
    for mode in privacy_accounts():
        equal(web.ask(web.unsubscribe(mode), "POST", FORM)[0], 200, mode)
        check(suppressed(stage, mode), mode + ": suppressed")
        wait_for("a line", lambda: web.records(event="unsubscribed", account=mode))
    stage.redis.stall()
    equal(web.ask(web.unsubscribe("identified"), "POST", ONE_CLICK)[0], 503, "without Redis")
    wait_for("a line", lambda: web.records(event="unsubscribe_lost", account="identified"))
    stage.redis.resume()
    for word in (ANN, webtoken.message_text(web.message)):
        check(word not in web.process.log(), word + " is in the log", web.process.log()[-3000:])
    web.stop()


# --- who it was ---


def test_scanner(stage):
    """a scanner that GETs every link is told from a person, from its first hit on; it unsubscribes nobody"""
    web = Web(stage)
    links = [web.click(target="https://shop.example/%d" % i, link=i + 1) for i in range(6)]
    for path in [web.open(), *links, web.unsubscribe()]:
        check(web.ask(path)[0] in (200, 302), "the scanner's " + path)
    events = web.events(count=7)
    equal({e["who"] for e in events}, {"bot"}, "all of them")
    check(all(re.match(r"burst:\d", e["why"]) for e in events), "why", events)
    equal(suppressed(stage), None, "nobody is unsubscribed")
    time.sleep(1.5)
    web.ask(web.open())
    web.ask(links[2])
    events = web.events(count=9)[7:]
    equal(sorted((e["type"], e["who"]) for e in events), [("clicked", "human"), ("opened", "human")], "and the person")
    web.stop()


def test_verdicts(stage):
    """proxies, programs, too soon, the link that nobody sees"""
    web = Web(stage)
    now = webtoken.message_id(77)
    asks = [(web.open(rcpt=1), "Mozilla/5.0", "proxy", "agent:mozilla/5.0"),
            (web.open(rcpt=2), "x (via ggpht.com GoogleImageProxy)", "proxy", "agent:googleimageproxy"),
            (web.click(rcpt=3), "curl/8", "bot", "agent:curl/"),
            (web.click(rcpt=4), None, "unknown", "no-agent"),
            (web.keys.click("shop", now, TARGET, rcpt=5), FIREFOX, "bot", "soon"),
            (web.click(rcpt=6, link=webtoken.TRAP_LINK), FIREFOX, "bot", "trap"),
            (web.click(rcpt=7), FIREFOX, "human", "")]
    for path, agent, _, _ in asks:
        web.ask(path, agent=agent)
    events = {int(e["nth"]): e for e in web.events(count=len(asks))}
    for i, (_, _, who, why) in enumerate(asks, 1):
        equal(events[i]["who"], who, "hit %d: %s" % (i, events[i]))
        check(why in events[i].get("why", ""), "why of hit %d" % i, events[i])
    web.stop()


# --- what is kept ---


def privacy_accounts():
    return {mode: {"match": ["login:" + mode], "privacy": mode} for mode in
            ("identified", "pseudonymous", "anonymous", "off")}


def sent(stage, account, message, to, tag="news", nrcpt=None):
    """What gatepostd notes of a message."""
    stage.redis("HSET", "gp:msg:{%s}:%s" % (account, webtoken.message_text(message)), "to", to, "nrcpt",
                str(nrcpt or len(to.split(", "))), "tag", tag)


def test_privacy(stage):
    """each mode keeps what it says, and nothing else"""
    web = Web(stage, accounts=privacy_accounts())
    for mode in privacy_accounts():
        sent(stage, mode, web.message, ANN)
        web.ask(web.open(mode))
        web.ask(web.click(mode))
    identified = web.events("identified", 2)
    equal({e["type"] for e in identified}, {"opened", "clicked"}, "identified")
    check(all("client" in e and "agent" in e and "msg" in e for e in identified), "identified", identified)
    pseudonymous = sorted(web.events("pseudonymous", 2), key=lambda e: -len(e["type"]) + len(e))
    equal([set(e) for e in pseudonymous], [{"type", "time", "account", "person", "who", "tag"},
                                          {"type", "time", "account", "person", "who", "tag", "link", "url"}],
          "pseudonymous")
    equal(len({e["person"] for e in pseudonymous}), 1, "the same person")
    equal(pseudonymous[1]["url"], TARGET.split("?")[0], "without the query")
    day = time.strftime("%Y%m%d", time.gmtime())
    counts = wait_for("counts", lambda: stage.redis.hash("gp:hits:{anonymous}:" + day))
    equal(counts, {"opened human": "1", "opened human tag=news": "1", "clicked human": "1",
                   "clicked human tag=news": "1", "clicked human url=" + TARGET.split("?")[0]: "1"}, "anonymous")
    check(stage.redis("TTL", "gp:hits:{anonymous}:" + day) > 0, "counts do not stay for ever")
    rest = [k for k in stage.redis.keys() if ("{off}" in k or "{anonymous}" in k) and ":msg:" not in k]
    equal(rest, ["gp:hits:{anonymous}:" + day], "off and anonymous leave nothing else")
    text = json.dumps(pseudonymous) + json.dumps(counts)
    check(ANN not in text and "127.0.0.1" not in text and "Firefox" not in text, "no trace of who", text)
    web.stop()


def test_consent(stage):
    """a recipient's consent takes away, and never adds"""
    web = Web(stage, accounts={"shop": SHOP, "strict": {**SHOP, "match": ["login:strict"], "privacy": "pseudonymous"}})
    stage.redis("HSET", "gp:consent:{shop}", "bob@far.example", "off 1763700000 by letter", "cal@far.example",
                "anonymous 1763700000", "dan@far.example", "pseudonymous 0", "eve@far.example", "identified 0",
                "fay@far.example", "nonsense")
    stage.redis("HSET", "gp:consent:{*}", "gus@far.example", "off 0")
    stage.redis("HSET", "gp:consent:{strict}", ANN, "identified 0")
    people = ["ann@far.example", "bob@far.example", "cal@far.example", "dan@far.example", "eve@far.example",
              "fay@far.example", "gus@far.example"]
    sent(stage, "shop", web.message, ", ".join(people))
    sent(stage, "strict", web.message, ANN)
    for nth in range(1, len(people) + 1):
        web.ask(web.open(rcpt=nth))
    web.ask(web.open("strict"))
    events = web.events(count=3)
    time.sleep(0.5)
    events = web.events(count=3)
    equal(sorted(e.get("rcpt", "") for e in events), ["", "ann@far.example", "eve@far.example"], "who is in the events")
    equal([("person" in e) == ("rcpt" not in e) for e in events], [True] * 3, "and who only as somebody")
    day = time.strftime("%Y%m%d", time.gmtime())
    equal(stage.redis("HGET", "gp:hits:{shop}:" + day, "opened human"), "1", "who only counts")
    check("person" in web.events("strict")[0], "consent does not add")
    other = webtoken.message_id(5, time.time() - 600)
    web.ask(web.keys.open("shop", other))
    wait_for("who it was is not known: anonymous", lambda: stage.redis(
        "HGET", "gp:hits:{shop}:" + day, "opened human") == "2")
    equal(web.ask(web.unsubscribe(address="bob@far.example"), "POST", FORM)[0], 200, "unsubscribing")
    check(suppressed(stage, address="bob@far.example"), "he is suppressed all the same")
    equal(len(web.events()), 3, "without an event")
    web.stop()


# --- life ---


def test_reload(stage):
    """SIGHUP: new accounts and keys hold at once, a mistake changes nothing, and nobody is cut off"""
    web = Web(stage)
    c = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
    c.request("GET", web.open(), headers={"User-Agent": FIREFOX})
    equal(c.getresponse().read()[:3], b"GIF", "before")
    equal(web.ask(web.unsubscribe("new"), "POST", FORM)[0], 503, "an account that there is not yet")
    web.write(**{"account new": {**SHOP, "match": ["login:new"]}})
    web.process.signal(signal.SIGHUP)
    wait_for("it is reloaded", lambda: web.records(event="reloaded"))
    equal(web.ask(web.unsubscribe("new"), "POST", FORM)[0], 200, "and now")
    c.request("GET", web.open(), headers={"User-Agent": FIREFOX})
    equal(c.getresponse().read()[:3], b"GIF", "the same connection")
    c.close()
    with open(web.conf, "a", encoding="ascii") as f:
        f.write("web {\n\tlisten = nonsense\n}\n")
    web.process.signal(signal.SIGHUP)
    wait_for("it is refused", lambda: web.records(event="reload_refused"))
    equal(web.ask(web.open())[0], 200, "still there")
    for _ in range(5):
        web.write()
        web.process.signal(signal.SIGHUP)
        equal(web.ask(web.open())[0], 200, "in between")
    web.stop()


def test_stop(stage):
    """SIGTERM: who is being answered is answered, what is held is recorded, and the port is free"""
    web = Web(stage, web={"verdict_delay": "30s", "stop_timeout": "3s"})
    for i in range(50):
        web.ask(web.open(rcpt=i + 1))
    with socket.create_connection(("127.0.0.1", web.port)) as s:
        data = ("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n\r\n" % web.open(rcpt=51)).encode()
        s.sendall(data[:20])
        time.sleep(0.3)
        web.process.signal(signal.SIGTERM)
        time.sleep(0.5)
        s.sendall(data[20:])
        answer = s.recv(4096).decode("latin-1")
        matches(r"^HTTP/1.1 200 .*onnection: close", answer, "who had begun")
    equal(web.process.wait(10), 0, "exit code")
    equal(len(web.events(count=51)), 51, "the events")
    check(not listens(web.port), "the port is free")


def kept_open(web):
    """A connection on which a first request was answered."""
    s = socket.create_connection(("127.0.0.1", web.port), 20)
    s.sendall(("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n\r\n" % web.open()).encode())
    answer = b""
    while b"\0;" not in answer:
        answer += s.recv(4096)
    return s


def test_second_drips(stage):
    """a second request that comes byte by byte is ended by the request's time limit, like a first one"""
    web = Web(stage, web={"request_timeout": "2s", "keep_alive": "60s"})
    data = ("GET %s HTTP/1.1\r\nHost: x\r\nX-Pad: %s" % (web.open(), "y" * 500)).encode()
    with kept_open(web) as s:
        begin, at = time.monotonic(), 0
        s.settimeout(0.1)
        while time.monotonic() - begin < 8:
            try:
                s.sendall(data[at:at + 1])
                at += 1
                if s.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        took = time.monotonic() - begin
    check(1.5 < took < 5, "closed after %.1f s" % took)
    equal(web.metrics()['gatepost_web_connections_closed_total{why="slow"}'], 1, "counted")
    web.stop()


def test_second_at_stop(stage):
    """SIGTERM in the middle of a second request lets it finish; who is between two is let go at once"""
    web = Web(stage, web={"stop_timeout": "5s"})
    data = ("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n\r\n" % web.open(rcpt=2)).encode()
    with kept_open(web) as s, kept_open(web) as idle:
        s.sendall(data[:20])
        time.sleep(0.3)
        web.process.signal(signal.SIGTERM)
        equal(idle.recv(4096), b"", "who is idle")
        time.sleep(0.5)
        s.sendall(data[20:])
        matches(r"^HTTP/1.1 200 .*onnection: close", s.recv(4096).decode("latin-1"), "who had begun")
    equal(web.process.wait(10), 0, "exit code")
    equal(len(web.events(count=3)), 3, "the events")


def test_second_ahead(stage):
    """a second request that is sent ahead, by half, has its own time, and its unknown method is understood"""
    web = Web(stage, web={"request_timeout": "2s"})
    one = ("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n\r\n" % web.open()).encode()
    for second, answer in ((one, b"HTTP/1.1 200"), (one.replace(b"GET", b"PROPFIND", 1), b"HTTP/1.1 405")):
        with kept_open(web) as s:
            s.sendall(one + second[:30])
            time.sleep(1.5)
            s.sendall(second[30:])
            time.sleep(0.3)
            equal(re.findall(rb"HTTP/1\.1 \d+", s.recv(65536)), [b"HTTP/1.1 200", answer], "both are answered")
        with kept_open(web) as s:
            s.sendall(one + second[:30])
            begin, got = time.monotonic(), b""
            while chunk := s.recv(65536):
                got += chunk
            equal(got.count(b"HTTP/1.1 "), 1, "who leaves it at half has one answer")
            check(1.5 < time.monotonic() - begin < 5, "and is closed in time")
    web.stop()


def test_post_then_more(stage):
    """what is sent behind an unsubscription that waits for Redis waits with it"""
    web = Web(stage)
    post = "POST %s HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: %d\r\n\r\n%s" % (web.unsubscribe(), len(FORM), FORM)
    chunked = ("POST %s HTTP/1.1\r\nHost: t.shop.example\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
               % (web.unsubscribe(), len(FORM), FORM))
    get = "GET /robots.txt HTTP/1.1\r\nHost: t.shop.example\r\n%s\r\n"
    out = raw(web, (post + get % "" + post + chunked + get % "Connection: close\r\n").encode())
    equal(re.findall(rb"HTTP/1\.1 (\d+)", out), [b"200"] * 5, "all are answered")
    equal(re.findall(rb"<h1>You are unsubscribed|User-agent", out),
          [b"<h1>You are unsubscribed", b"User-agent", *[b"<h1>You are unsubscribed"] * 2, b"User-agent"], "in their order")
    matches("^unsubscribed 3 ", suppressed(stage), "three times")
    web.stop()


def test_health(stage):
    """health and metrics are at an address of their own, and Redis's absence is no illness"""
    web = Web(stage)
    equal(web.ask("/health", port=web.status)[::2], (200, b"ok\nredis up\n"), "health")
    equal(web.ask("/metrics")[0], 404, "not for the world")
    equal(web.ask("/health")[0], 404, "nor this")
    web.ask(web.open())
    m = web.metrics()
    equal(m['gatepost_web_requests_total{kind="open",code="200"}'], 1, "requests")
    equal(m['gatepost_web_tokens_total{result="good"}'], 1, "tokens")
    equal(m["gatepost_web_redis_up"], 1, "Redis")
    check(any(k.startswith("gatepost_build_info{") for k in m), "build info")
    stage.redis.kill()
    wait_for("Redis is missed", lambda: b"redis down" in web.ask("/health", port=web.status)[2])
    equal(web.ask("/health", port=web.status)[0], 200, "still well")
    equal(web.ask(web.open())[0], 200, "and answers")
    web.stop()


def test_started_twice(stage):
    """a second one at the ports of the first ends with 69: neither gets a part of the other's connections, or its place"""
    web = Web(stage, web={"threads": 2})
    for name, port in (("listen", web.port), ("status", web.status)):
        settings = {**web.settings, "web": {**web.settings["web"], "listen": "127.0.0.1:%d" % free_port(),
                                            "status": "127.0.0.1:%d" % free_port(), name: "127.0.0.1:%d" % port}}
        conf = stage.world.write("twice.conf", conf_text(settings))
        done = subprocess.run([program("gatepost-web", BUILD), "-f", "-c", conf], capture_output=True, text=True, timeout=20,
                              env={**os.environ, **_SANITIZER_ENV})
        equal(done.returncode, 69, name + ": exit code\n" + done.stderr)
        matches("cannot listen at 127.0.0.1:%d: Address already in use" % port, done.stderr, name)
    equal(web.ask(web.open())[0], 200, "the first one")
    web.stop()


def test_no_keyring(stage):
    """without a keyring it does not start, and says what to do"""
    conf = stage.world.write("nokeys.conf", conf_text({"outbound": {"keyring": stage.world.path("nothing")},
                                                       "web": {"listen": ["127.0.0.1:%d" % free_port()], "status": ""}}))
    done = subprocess.run([program("gatepost-web", BUILD), "-f", "-c", conf], capture_output=True, text=True, timeout=20,
                          check=False, env={**os.environ, **_SANITIZER_ENV})
    equal(done.returncode, 78, "exit code")
    matches("keyring new", done.stderr, "advice")
    done = subprocess.run([program("gatepost-web", BUILD), "-t", "-c", conf], capture_output=True, text=True, timeout=20,
                          check=False)
    equal((done.returncode, done.stdout), (78, ""), "-t")
    matches("keyring new", done.stderr, "advice")


def test_trial(stage):
    """-t says what a start would say: of the configuration, the keyring, the certificate and its key"""
    ring, (cert, key) = stage.world.path("trial.keyring"), certificate(stage)
    webtoken.Keyring(ring)
    broken = stage.world.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for files, code, words in (((ring, cert, key), 0, "^$"), ((broken, cert, key), 78, "broken.pem"),
                               ((ring, broken, key), 78, "broken.pem"), ((ring, cert, "/nothing"), 78, "/nothing")):
        conf = stage.world.write("trial.conf", conf_text({
            "outbound": {"keyring": files[0]},
            "web": {"listen": [], "listen_tls": ["127.0.0.1:%d" % free_port()], "status": "", "tls_cert": files[1], "tls_key": files[2]}}))
        done = subprocess.run([program("gatepost-web", BUILD), "-t", "-c", conf], capture_output=True, text=True, timeout=20,
                              check=False, env={**os.environ, **_SANITIZER_ENV})
        equal((done.returncode, done.stdout), (code, "" if code else conf + ": ok\n"), str(files) + done.stderr)
        matches(words, done.stderr, str(files))


def certificate(stage, name="t.shop.example"):
    """The files of a new certificate and its key."""
    cert, key = stage.world.path("tls.crt"), stage.world.path("tls.key")
    subprocess.run([program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=" + name, "-addext",
                    "subjectAltName=DNS:" + name], check=True, capture_output=True)
    return cert, key


def test_tls(stage):
    """TLS of its own, renewed by a reload"""
    cert, key = certificate(stage)
    port = free_port()
    web = Web(stage, web={"listen_tls": ["127.0.0.1:%d" % port], "tls_cert": cert, "tls_key": key})

    def ask(path):
        context = ssl.create_default_context(cafile=cert)
        with socket.create_connection(("127.0.0.1", port), 5) as plain_socket:
            with context.wrap_socket(plain_socket, server_hostname="t.shop.example") as s:
                for _ in range(2):
                    s.sendall(("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n\r\n" % path).encode())
                    out = b""
                    while b"\r\n\r\n" not in out:
                        out += s.recv(4096)
                    if b"image/gif" in out and b"GIF89a" not in out:
                        s.recv(4096)
                return out, s.getpeercert()["serialNumber"]

    out, serial = ask(web.open())
    matches("^HTTP/1.1 200", out.decode("latin-1"), "over TLS")
    certificate(stage)
    web.process.signal(signal.SIGHUP)
    wait_for("it is reloaded", lambda: web.records(event="reloaded"))
    out, renewed = ask(web.click())
    matches("^HTTP/1.1 302", out.decode("latin-1"), "with the new one")
    check(serial != renewed, "the certificate is another one")
    equal(raw(web, b"GET / HTTP/1.1\r\n\r\n", 2, port)[:5] == b"HTTP/", False, "no TLS, no answer")
    web.stop()


def speaks_tls(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as s, context.wrap_socket(s) as tls:
            tls.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            return tls.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def test_reload_listeners(stage):
    """a reload that would listen elsewhere, or without TLS, is refused, and says so"""
    cert, key = certificate(stage)
    port = free_port()
    tls = {"listen_tls": ["127.0.0.1:%d" % port], "tls_cert": cert, "tls_key": key}
    web = Web(stage, web=tls)
    before = dict(web.settings["web"])
    for name, other in (("listen_tls", []), ("listen", ["127.0.0.1:%d" % free_port()]), ("status", ""),
                        ("listen_tls", ["127.0.0.1:%d" % port, "127.0.0.1:%d" % free_port()])):
        refused = len(web.records(event="reload_refused"))
        web.write(web={**before, name: other})
        web.process.signal(signal.SIGHUP)
        wait_for("it is refused", lambda n=refused: len(web.records(event="reload_refused")) > n)
        matches(r"^web\.%s is another: .* restart" % name, web.records(event="reload_refused")[-1]["reason"], "why")
        check(speaks_tls(port), "TLS where there was TLS")
        check(b"HTTP" not in raw(web, b"GET / HTTP/1.1\r\n\r\n", 2, port), "and nothing else")
    web.write(web=before)
    web.process.signal(signal.SIGHUP)
    wait_for("as it was", lambda: web.records(event="reloaded"))
    check(speaks_tls(port), "TLS, still")
    web.stop()


# Instead of OpenSSL's, while the file is there: no memory for a session.
NO_SESSION = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>
void *SSL_new(void *context)
{
	void *(*real)(void *) = (void *(*)(void *))dlsym(RTLD_NEXT, "SSL_new");
	return access("%s", F_OK) == 0 ? NULL : real(context);
}
"""


def test_tls_without_memory(stage):
    """where a TLS session cannot be made the connection is closed, never answered without TLS"""
    cert, key = certificate(stage)
    port, switch, shim = free_port(), stage.world.path("no-session"), stage.world.path("no-session.so")
    subprocess.run([program("cc"), "-shared", "-fPIC", "-o", shim, "-x", "c", "-", "-ldl"], input=NO_SESSION % switch,
                   text=True, check=True)
    web = Web(stage, web={"listen_tls": ["127.0.0.1:%d" % port], "tls_cert": cert, "tls_key": key},
              env={"LD_PRELOAD": shim, "ASAN_OPTIONS": "verify_asan_link_order=0"})
    check(speaks_tls(port), "TLS")
    stage.world.write("no-session", "")
    for _ in range(20):
        equal(raw(web, b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n", 5, port), b"", "no session, no answer")
    equal(web.metrics()['gatepost_web_connections_closed_total{why="refused"}'], 20, "counted")
    os.unlink(switch)
    check(speaks_tls(port), "TLS again")
    web.stop()


# --- abuse ---


def test_descriptors(stage):
    """it takes no more of the limit of open files than it needs, since what it keeps of connections is as large as that"""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 10000:
        raise Cannot("the limit of open files is low already")
    web = Web(stage, web={"connections": 1000, "threads": 2})
    with open("/proc/%d/limits" % web.process.pid, encoding="ascii") as f:
        soft = int(re.search(r"Max open files +(\d+)", f.read()).group(1))
    check(1500 <= soft < 2000, "open files", soft)
    web.stop()


@limit(120)
def test_many_connections(stage):
    """10,000 connections that stay: all are answered, memory is bounded, the next one takes the oldest's place"""
    want = 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < want + 1500:
        raise Cannot("the limit of open files is %d" % hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    web = Web(stage, web={"connections": want, "keep_alive": "60s"})
    request = ("GET %s HTTP/1.1\r\nHost: t.shop.example\r\nUser-Agent: %s\r\n\r\n" % (web.open(), FIREFOX)).encode()
    open_ones = []
    try:
        for _ in range(want):
            open_ones.append(socket.create_connection(("127.0.0.1", web.port), 10))
        for _ in range(2):
            for s in open_ones:
                s.sendall(request)
            answered = sum(s.recv(4096).startswith(b"HTTP/1.1 200") for s in open_ones)
            check(answered == want, "%d of %d are answered" % (answered, want))
        rss = web.rss_kib()
        connections = web.metrics()["gatepost_web_connections"]
        check(connections >= want, "connections", connections)
        check(rss < 150000 + (growth_kib()), "memory: %d KiB" % rss)
        for _ in range(200):
            equal(web.ask(web.open())[0], 200, "the next ones")
        check(web.metrics()["gatepost_web_connections"] <= want + 2, "a bound is a bound")
        print("# 10,000 connections: %d KiB, %d answered" % (rss, answered))
    finally:
        for s in open_ones:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    web.stop()


def test_crowd(stage):
    """who comes when there are as many as may be takes an idle one's place, whichever thread has that"""
    web = Web(stage, web={"connections": 16, "threads": 16, "keep_alive": "60s"})
    request = ("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n\r\n" % web.open()).encode()
    open_ones = []
    for i in range(100):
        s = socket.create_connection(("127.0.0.1", web.port), 10)
        s.sendall(request)
        check(s.recv(4096).startswith(b"HTTP/1.1 200"), "number %d" % i)
        open_ones.append(s)
    time.sleep(0.5)
    m = web.metrics()
    check(m["gatepost_web_connections"] <= 16, "a bound is a bound", m["gatepost_web_connections"])
    equal([m['gatepost_web_connections_closed_total{why="%s"}' % why] for why in ("crowded", "refused")], [84, 0], "closed")
    busy = [socket.create_connection(("127.0.0.1", web.port), 10) for _ in range(16)]
    for s in busy:
        s.sendall(request[:20])
    time.sleep(0.5)
    equal(raw(web, request, 2), b"", "when nobody is idle there is no room")
    check(web.metrics()['gatepost_web_connections_closed_total{why="refused"}'] > 0, "counted")
    for s in busy:
        s.sendall(request[20:])
        check(s.recv(4096).startswith(b"HTTP/1.1 200"), "who was there first")
    for s in open_ones + busy:
        s.close()
    web.stop()


@limit(60)
def test_slow_clients(stage):
    """who sends a byte now and then, or nothing, or never reads, is closed in time; others are served"""
    web = Web(stage, web={"request_timeout": "2s", "keep_alive": "2s"})
    begin = time.monotonic()
    slow = [socket.create_connection(("127.0.0.1", web.port), 10) for _ in range(300)]
    data = ("GET %s HTTP/1.1\r\nHost: x\r\nX-Pad: %s" % (web.open(), "y" * 200)).encode()
    for s in slow[:200]:
        s.sendall(b"G" if s is not slow[0] else b"GET /o/")
    at, gone = 1, set()
    while len(gone) < 300 and time.monotonic() - begin < 12:
        for i, s in enumerate(slow):
            if i in gone:
                continue
            try:
                if i < 200:
                    s.sendall(data[at:at + 1])
                s.setblocking(False)
                if s.recv(1) == b"":
                    gone.add(i)
            except BlockingIOError:
                pass
            except (ConnectionError, BrokenPipeError):
                gone.add(i)
            finally:
                s.setblocking(True)
        at += 1
        equal(web.ask(web.open())[0], 200, "others meanwhile")
        time.sleep(0.2)
    equal(len(gone), 300, "all of them are closed")
    took = time.monotonic() - begin
    check(took < 6, "in time: %.1f s" % took)
    check(web.metrics()['gatepost_web_connections_closed_total{why="slow"}'] >= 200, "counted", web.metrics())
    for s in slow:
        s.close()
    web.stop()


def test_huge(stage):
    """huge headers and bodies, endless lines: refused, closed, and forgotten"""
    web = Web(stage)
    path = web.open()
    before = web.rss_kib()
    huge = ("GET %s HTTP/1.1\r\nHost: t.shop.example\r\n" % path).encode()
    for data in (huge + b"X: " + b"y" * 20000 + b"\r\n\r\n", huge + b"X: y\r\n" * 5000 + b"\r\n", b"A" * 30000,
                 b"GET /" + b"a" * 30000 + b" HTTP/1.1\r\n\r\n",
                 b"POST " + web.unsubscribe().encode() + b" HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 20000,
                 b"POST " + web.unsubscribe().encode() + b" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                 + b"1000\r\n" + b"x" * 4096 + b"\r\n2\r\nxx\r\n0\r\n\r\n"):
        out = raw(web, data, 3)
        check(not out.startswith(b"HTTP/1.1 2") and not out.startswith(b"HTTP/1.1 3"), "huge", data[:80], out[:100])
    equal(suppressed(stage), None, "nobody is unsubscribed")
    with socket.create_connection(("127.0.0.1", web.port), 3) as s:
        try:
            for _ in range(2000):
                s.sendall(b"x" * 65536)
        except OSError:
            pass
    check(web.rss_kib() - before < growth_kib(), "memory", before, web.rss_kib())
    web.stop()


def test_framing(stage):
    """what a proxy and we might read in two ways is refused, and the connection ends"""
    web = Web(stage)
    smuggled = "POST %s HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 0\r\n\r\n" % web.unsubscribe()
    head = "%s %s HTTP/1.1\r\nHost: t.shop.example\r\n"
    get, post = head % ("GET", web.open()), head % ("POST", web.unsubscribe(address="x@far.example"))
    rows = [get + "Content-Length: %d\r\n\r\n%s" % (len(smuggled), smuggled),
            get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
            post + "Content-Length : 5\r\n\r\n" + smuggled,
            post + "Content-Length: +0\r\n\r\n" + smuggled,
            post + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + smuggled,
            post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled,
            post + "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + smuggled]
    for data in rows:
        out = raw(web, data.encode(), 3)
        equal((out[:12], out.count(b"HTTP/1.1 ")), (b"HTTP/1.1 400", 1), data[:300])
    web.no_events()
    equal(stage.redis("HLEN", "gp:supp:{shop}"), 0, "nobody is unsubscribed")
    web.stop()


def test_pipelining(stage):
    """requests that are sent ahead are answered in their order; who never reads the answers cannot fill us up"""
    web = Web(stage, web={"request_timeout": "3s"})
    n = 500
    one = "GET %s HTTP/1.1\r\nHost: t.shop.example\r\n%s\r\n"
    data = "".join(one % (web.click(target="https://shop.example/%d" % i, rcpt=i + 1), "") for i in range(n - 1))
    out = raw(web, (data + one % (web.open(), "Connection: close\r\n")).encode(), 5).decode("latin-1")
    equal(re.findall(r"Location: https://shop.example/(\d+)\r", out), [str(i) for i in range(n - 1)], "in their order")
    before = web.rss_kib()
    request = (one % (web.open(), "")).encode() * 200
    sent_bytes, begin = 0, time.monotonic()
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", web.port))
        s.settimeout(0.5)
        try:
            while time.monotonic() - begin < 15 and sent_bytes < 1 << 28:
                sent_bytes += s.send(request)
        except OSError:
            pass
    check(web.rss_kib() - before < growth_kib(), "memory", before, web.rss_kib(), sent_bytes)
    equal(web.ask(web.open())[0], 200, "others")
    web.stop()


@limit(120)
def test_redis_stalls(stage):
    """Redis stalls for 30 s: pixels are answered as fast as ever, the queue is bounded, and losses are counted"""
    web = Web(stage, web={"verdict_delay": "100ms"}, redis={"queue": Words("128k")})
    web.ask(web.open())
    web.events()
    before = web.rss_kib()
    stage.redis.stall()
    begin, asked, slowest, lost_at = time.monotonic(), 0, 0.0, None
    c = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    while time.monotonic() - begin < 30:
        t = time.monotonic()
        c.request("GET", web.open(rcpt=asked % 60000 + 1), headers={"User-Agent": FIREFOX, "Host": "t.shop.example"})
        equal(c.getresponse().read()[:3], b"GIF", "a pixel")
        slowest = max(slowest, time.monotonic() - t)
        asked += 1
        if lost_at is None and asked % 50 == 0 and web.metrics()["gatepost_web_events_dropped_total"] > 0:
            lost_at = asked
        time.sleep(0.005)
    c.close()
    equal(web.ask(web.unsubscribe(address="bob@far.example"), "POST", FORM)[0], 503, "nobody is told that he is unsubscribed")
    m = web.metrics()
    check(lost_at is not None, "128 KiB are too little for that", asked, m)
    check(slowest < 1.0, "the slowest pixel took %.3f s" % slowest)
    check(m["gatepost_web_queue_bytes"] <= 128 * 1024, "the queue", m["gatepost_web_queue_bytes"])
    check(web.rss_kib() - before < growth_kib(), "memory", before, web.rss_kib())
    stage.redis.resume()
    wait_for("what was queued is written", lambda: web.metrics()["gatepost_web_queue_bytes"] == 0 and
             web.metrics()["gatepost_web_hits_held"] == 0, 20)
    time.sleep(0.5)
    m = web.metrics()
    kept, lost = len([e for e in web.events() if e["type"] == "opened"]), int(m["gatepost_web_events_dropped_total"])
    # what ages the stream goes through the queue as well
    check(asked + 1 <= kept + lost <= asked + 10, "each one is kept or counted", asked, kept, lost)
    equal(web.ask(web.unsubscribe(), "POST", FORM)[0], 200, "and now it can be kept")
    print("# 30 s without Redis: %d pixels, the slowest %.0f ms; %d kept, %d lost and counted" % (
        asked, slowest * 1000, kept, lost))
    web.stop()
