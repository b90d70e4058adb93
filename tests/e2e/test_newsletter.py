"""A newsletter from end to end: sent through Postfix, opened in Chromium, clicked, unsubscribed from, reported, forgotten."""

import functools
import html
import http.client
import http.server
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

from browser import Browser
from harness import *
from test_outbound import SHOP, sending, verified
from test_report import TOTAL, numbers
from test_tracking import leaves, mail, part, said, sent
from test_web import Web

READER = "reader@far.example"
HOST = "t.shop.example"
# After this a click may be a person's (HIT_SOON_CLICK_S), and the next one is no part of a burst (HIT_BURST_GAP_MS); so
# long a hit waits to be judged.
SOON_S, BURST_S, DELAY_S = 3.3, 1.2, 2
SCANNER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Shop:
    """Where the links lead: an HTTP server that notes what it is asked for."""

    def __init__(self, world):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/favicon.ico":
                    seen.append((self.headers["Host"], self.path, self.headers["Referer"]))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"<!DOCTYPE html><title>Shop</title><p>Here it is.")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        world.closers.append(self.server.shutdown)

    def hrefs(self):
        """Of the newsletter, as they stand between quotes; the last one is longer than what a token takes."""
        base = "http://shop.example:%d" % self.port
        return [base + "/offer?a=1&amp;b=2&amp;amp=3",
                base + "/raw?a=1&copy=2&x",
                base + "/gr\u00fc\u00dfe/k\u00f6ln?stadt=M\u00fcnchen#\u00f6ffnung",
                "http://b\u00fccher.example:%d/" % self.port,
                base + "/list,one;two/@ann?mail=ann@x.example,b#part-2",
                base + "/page#top?not=a&amp;query",
                base + "/a%20b%2Fc+d?q=%26x%C3%A4",
                base + "/" + "x" * (1390 - 1 - len(base)),
                base + "/?" + "y" * (2000 - 2 - len(base))]

    def page(self):
        links = "".join('<p><a id="l%d" target="_blank" href="%s">Offer %d</a></p>\n' % (i, href, i)
                        for i, href in enumerate(self.hrefs()))
        return ("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>News</title></head>\n<body>\n"
                "<h1>Gr\u00fc\u00dfe!</h1>\n%s</body></html>\n" % links)


class Newsroom:
    """gatepostd and gatepost-web of one account, with one keyring, by TLS."""

    def __init__(self, stage, **options):
        self.stage = stage
        self.shop = Shop(stage.world)
        self.port = free_port()
        self.cert, key = stage.world.path("web.crt"), stage.world.path("web.key")
        subprocess.run([program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", self.cert, "-days", "2", "-subj", "/CN=" + HOST, "-addext",
                        "subjectAltName=DNS:" + HOST], check=True, capture_output=True)
        account = {**SHOP, "opens": True, "clicks": True, "track_domain": "%s:%d" % (HOST, self.port),
                   "brand": "The shop at the corner", **options}
        self.daemon, self.ctl, self.keys = sending(stage, {"shop": account})
        self.web = Web(stage, {"shop": account},
                       {"listen_tls": ["127.0.0.1:%d" % self.port], "tls_cert": self.cert, "tls_key": key,
                        "verdict_delay": "%ds" % DELAY_S}, outbound=self.keys.settings())

    def send(self):
        """What arrives of a newsletter, and when it may be read."""
        arrived = sent(self.stage, mail(part(self.shop.page(), "8bit"), extra="X-Gatepost-Tag: news\n"))
        verified(self.stage, arrived, self.keys)
        self.accepted = time.monotonic()
        return arrived

    def wait_read(self):
        """Nobody reads so fast."""
        time.sleep(max(0, self.accepted + SOON_S - time.monotonic()))

    def answer(self):
        """The reply to RCPT, for the next message."""
        with self.stage.postfix.client(address="127.0.0.1", name="localhost", login="ann") as c:
            c.mail("ann@shop.example").must_be_ok("MAIL")
            return c.rcpt(READER)

    def refused(self):
        """What suppresses him is written behind the answer; then the next message is 550, and one event says so."""
        told = wait_for("the next message is refused", lambda: next((a for a in [self.answer()] if not a.ok), None))
        matches(r"^550 5\.7\.1 .*recipient suppressed: unsubscribed", str(told), "the next message")
        wait_for("what is refused is noted", lambda: "refused" in self.report())

    def ask(self, url, method="GET", body=None, **fields):
        """As a program asks, with the certificate checked: (code, fields, body)."""
        parts = urllib.parse.urlsplit(url)
        equal((parts.scheme, parts.netloc), ("https", "%s:%d" % (HOST, self.port)), "where the URL leads")
        c = http.client.HTTPConnection(parts.netloc, timeout=10)
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        c.sock = ssl.create_default_context(cafile=self.cert).wrap_socket(plain, server_hostname=HOST)
        c.request(method, parts.path, body, {k.replace("_", "-"): v for k, v in fields.items()})
        r = c.getresponse()
        answer = (r.status, dict(r.getheaders()), r.read())
        c.close()
        return answer

    def report(self):
        """The counts that are not 0."""
        row, = self.ctl("report", "--account", "shop").must().rows(TOTAL)
        return numbers(row)

    def events(self, count):
        """Those of what readers did, once there are so many; then there must be no more."""
        def hits():
            return [e for e in self.web.events() if e["type"] in ("opened", "clicked", "unsubscribed")]

        wait_for("%d hits" % count, lambda: len(hits()) >= count, 10)
        time.sleep(DELAY_S + 0.5)
        found = hits()
        equal(len(found), count, "hits: %s" % found)
        return found

    def stop(self):
        self.web.stop()


@functools.cache
def browser(stage):
    return Browser(stage.world)


def unsubscribe_url(arrived):
    """Of the header, as RFC 8058 wants it: by https, with its companion, and both of them signed."""
    header, = arrived.header("List-Unsubscribe")
    equal(arrived.header("List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"], "List-Unsubscribe-Post")
    for signature in arrived.header("DKIM-Signature"):
        signed = re.search(r"\bh=([^;]*)", signature).group(1).lower().replace(" ", "").split(":")
        check({"list-unsubscribe", "list-unsubscribe-post"} <= set(signed), "both are signed", signature)
    return matches(r"<(https://[^>]+)>", header, "the link").group(1)


def followed(stage, shop, tab, number):
    """Clicks on a link: what the shop was asked for, and what stands in the address bar then."""
    before, at = set(browser(stage).tabs()), len(shop.seen)
    tab.click("#l%d" % number)
    wait_for("the shop is asked for link %d" % number, lambda: len(shop.seen) > at, 15)

    def arrived():
        new = {k: v for k, v in browser(stage).tabs().items() if k not in before and v.startswith("http://")}
        return new if new else None

    (name, url), = wait_for("the new tab", arrived).items()
    browser(stage).ask("/json/close/" + name)
    return shop.seen[at], url


def opened(stage, name, text):
    return browser(stage).open("file://" + stage.world.write(name, text))


def unsubscribe_by_keyboard(stage, url):
    tab = browser(stage).open(url)
    path = stage.world.path("unsubscribe.png")
    tab.screenshot(path)
    text = tab.evaluate("document.body.innerText")
    check("The shop at the corner" in text and READER in text, "the page", text)
    named = [(n["role"]["value"], n["name"]["value"]) for n in tab("Accessibility.getFullAXTree")["nodes"]
             if n.get("role", {}).get("value") in ("heading", "button", "main")]
    equal(sorted(named), [("button", "Unsubscribe"), ("heading", "Unsubscribe"), ("main", "")], "what a screen reader has")
    tab.press("Tab")
    equal(tab.evaluate("document.activeElement.tagName"), "BUTTON", "where Tab leads")
    tab.screenshot(stage.world.path("unsubscribe-focus.png"))
    equal(stage.redis("HLEN", "gp:supp:{shop}"), 0, "nobody is unsubscribed by looking")
    tab.press("Enter")
    tab.wait("the answer", "document.readyState == 'complete' && document.body.innerText.includes('You are unsubscribed')")
    equal(tab.evaluate("document.querySelector('[role=status]').innerText"),
          "No more of these messages will be sent to %s." % READER, "the answer")
    tab.screenshot(stage.world.path("unsubscribed.png"))
    tab.close()


@limit(240)
def test_reader(stage):
    """a person: images shown, each link leads where it led before, unsubscribed by keyboard, 550; the report says so"""
    room = Newsroom(stage)
    shop, hrefs = room.shop, room.shop.hrefs()
    tab = opened(stage, "before.html", shop.page())
    want = [followed(stage, shop, tab, i) for i in range(len(hrefs))]
    tab.close()
    equal([len(html.unescape(h)) for h in hrefs[-2:]], [1390, 2000], "how long the last ones are")

    arrived = room.send()
    room.wait_read()
    page = said(leaves(arrived.data)[0])
    equal(page.count("/c/"), len(hrefs) - 1, "links that are tracked: all but the one that is too long")
    tab = opened(stage, "newsletter.html", page)
    equal(tab.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth])"), [[True, 1]], "the pixel is an image")
    time.sleep(BURST_S)
    for i, href in enumerate(hrefs):
        (host, path, referrer), url = followed(stage, shop, tab, i)
        equal((host, path, url), (*want[i][0][:2], want[i][1]), "where %s leads" % href[:100])
        equal(referrer, None, "what the shop learns of the mail")
        time.sleep(BURST_S)
    tab.close()

    unsubscribe_by_keyboard(stage, unsubscribe_url(arrived))
    room.refused()

    clicks = len(hrefs) - 1
    events = room.events(1 + clicks + 1)
    equal([(e["type"], e["who"]) for e in events],
          [("opened", "human"), *[("clicked", "human")] * clicks, ("unsubscribed", "human")], "the events")
    equal(room.report(), {"messages": 1, "recipients": 1, "delivered": 1, "opened": 1, "opened_total": 1, "clicked": 1,
                          "clicked_total": clicks,
                          "unsubscribed": 1, "refused": 1}, "the report")
    forgotten(room)
    room.stop()


def everything(redis):
    """{key: all that it holds}"""
    read = {"string": ("GET",), "hash": ("HGETALL",), "set": ("SMEMBERS",), "list": ("LRANGE", 0, -1),
            "zset": ("ZRANGE", 0, -1), "stream": ("XRANGE", "-", "+")}
    held = {}
    for key in redis.keys():
        command, *more = read[redis("TYPE", key)]
        held[key] = repr(redis(command, key, *more))
    return held


def forgotten(room):
    """The person asks to be forgotten: what stays is that nothing is to be sent, and the numbers."""
    redis = room.stage.redis
    before = room.report()
    trace = re.compile(r"reader(@|=)far\.example", re.I)
    named = [k for k, v in everything(redis).items() if trace.search(k + v)]
    check(len(named) > 1, "there is something to forget", named)
    room.ctl("forget", READER, "--yes").must()
    held = everything(redis)
    equal([k for k, v in held.items() if trace.search(k + v)], ["gp:supp:{shop}"], "where the address still is")
    check("Chrome/" not in str(held) and "127.0.0.1" not in held["gp:ev:{shop}"], "nor what and where from", held)
    equal({k: v for k, v in room.report().items() if k != "refused"},
          {k: v for k, v in before.items() if k != "refused"}, "the report counts what it counted")
    matches(r"^550 ", str(room.answer()), "and still nothing is sent")


@limit(120)
def test_one_click(stage):
    """a mail client: one POST as the header says (RFC 8058), and the next message is 550"""
    room = Newsroom(stage)
    url = unsubscribe_url(room.send())
    room.answer().must_be_ok("before")
    code, fields, _ = room.ask(url, "POST", "List-Unsubscribe=One-Click", Content_Type="application/x-www-form-urlencoded")
    equal((code, "Location" in fields, "Set-Cookie" in fields), (200, False, False), "the answer")
    room.refused()
    event, = room.events(1)
    equal((event["type"], event["rcpt"], event["why"]), ("unsubscribed", READER, "one-click"), "the event")
    equal(room.report(), {"messages": 1, "recipients": 1, "delivered": 1, "unsubscribed": 1, "refused": 1}, "the report")
    room.stop()


@limit(120)
def test_scanner(stage):
    """a scanner that GETs every link, as a browser by name: no person in the report, and nobody is unsubscribed"""
    room = Newsroom(stage)
    arrived = room.send()
    room.wait_read()
    page = said(leaves(arrived.data)[0])
    urls = re.findall(r'(?:href|src)="(https://[^"]+/[co]/[\w-]+)"', page) + [unsubscribe_url(arrived)]
    equal(len(urls), len(room.shop.hrefs()) + 1, "links, the pixel, the page")
    for url in urls:
        check(room.ask(url, User_Agent=SCANNER)[0] in (200, 302), url)
    events = room.events(len(urls) - 1)
    equal({(e["who"], e["why"].split(":")[0]) for e in events}, {("bot", "burst")}, "who it was")
    equal(room.report(), {"messages": 1, "recipients": 1, "delivered": 1, "opened_machine": 1, "opened_machine_total": 1,
                          "clicked_machine": 1, "clicked_machine_total": len(urls) - 2}, "the report")
    equal(stage.redis("HLEN", "gp:supp:{shop}"), 0, "nobody is unsubscribed")
    room.answer().must_be_ok("the next message")
    room.stop()


@limit(120)
def test_trap(stage):
    """a program that follows the link that nobody sees, and one other: neither click is a person's; and nobody does see it"""
    room = Newsroom(stage, trap=True)
    arrived = room.send()
    check("traps=1" in room.daemon.wait_message(account="shop")["did"], "the log says so")
    room.wait_read()
    page = said(leaves(arrived.data)[0])
    tab = opened(stage, "trap.html", page)
    hidden = tab.evaluate("[...document.links].filter(a => a.offsetParent === null).map(a => [a.href, a.tabIndex, a.rel])")
    tab.close()
    (url, tab_index, rel), = hidden
    equal((tab_index, rel, page.count(url)), (-1, "nofollow", 1), "the trap")
    other = re.search(r'id="l0"[^>]*href="([^"]+)"', page).group(1)
    room.events(1)  # the pixel, which Chromium asked for
    for link, where in ((other, None), (url, "https://%s:%d/" % (HOST, room.port))):
        code, fields, _ = room.ask(link, User_Agent=SCANNER)
        check(code == 302 and (where is None or fields["Location"] == where), "where it leads", fields)
    found = [e for e in room.events(3) if e["type"] == "clicked"]
    equal([(e["who"], e["why"].split(" ")[0]) for e in found], [("bot", "trap")] * 2, "who it was")
    equal(room.ask("https://%s:%d/" % (HOST, room.port))[0], 404, "what is there")
    room.stop()
