"""Pixel and links in HTML that leaves, through a real Postfix: what is changed, and what never is.

What arrives is taken back here: links are read out of their tokens, the pixel is taken out, and then it must be what was sent.
"""

import base64
import email
import email.policy
import functools
import html
import re
import types

from harness import *
from test_outbound import DOMAIN, SHOP, sending, verified

BASE = "https://t.shop.example/"
TRACKING = {**SHOP, "opens": True, "clicks": True}
RCPT = "reader@far.example"
HEAD, MAC = 23, 16  # bytes of a token before and behind its target

PAGE = ("<!DOCTYPE html>\n<html><head><title>News</title></head>\n<body>\n<p>Gr\u00fc\u00dfe aus K\u00f6ln "
        '<a href="https://shop.example/sale?a=1&amp;b=2#now">Sale</a>\n'
        "<a href='http://www.shop.example/'>home</a> <a href=https://shop.example/bare>bare</a>\n"
        '<a href="mailto:ann@shop.example">write</a> <a href="https://shop.example/private" data-no-track>quiet</a></p>\n'
        "</body></html>\n")
LINKS = ["https://shop.example/sale?a=1&b=2#now", "http://www.shop.example/", "https://shop.example/bare"]

PIXEL = re.compile(r'<img src="%so/[\w-]+" width="1" height="1"[^>]*>' % re.escape(BASE))
CLICK = re.compile(r'(["\'])%sc/([\w-]+)\1' % re.escape(BASE))


def target(token):
    """What a click's token says."""
    data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return data[HEAD:-MAC].decode("ascii")


def taken_back(text):
    """(the HTML without what was added, targets of its links, how many pixels it had)"""
    targets = [target(m.group(2)) for m in CLICK.finditer(text)]
    pixels = len(PIXEL.findall(text))
    text = PIXEL.sub("", text)
    return CLICK.sub(lambda m: m.group(1) + target(m.group(2)) + m.group(1), text), targets, pixels


def plain(text):
    """HTML with the values of its href in one form: references decoded, in double quotes."""
    text = re.sub(r"href=([^\s\"'>]+)", r'href="\1"', text.replace("\r\n", "\n"))
    return re.sub(r"href=([\"'])(.*?)\1", lambda m: 'href="%s"' % html.unescape(m.group(2)), text)


def encoded(text, encoding, charset="utf-8"):
    data = text.replace("\n", "\r\n").encode(charset)
    if encoding == "base64":
        return base64.encodebytes(data).decode().strip() + "\n"
    if encoding == "quoted-printable":
        # by the email package, which shares no code with gatepost
        part = email.message.EmailMessage(policy=email.policy.SMTP)
        part.set_content(text, subtype="html", cte=encoding, charset=charset)
        return part.get_payload().replace("\r\n", "\n")
    return text


def part(text, encoding="7bit", kind="text/html", more=""):
    return "Content-Type: %s; charset=utf-8\nContent-Transfer-Encoding: %s\n%s\n%s" % (kind, encoding, more,
                                                                                      encoded(text, encoding))


def multipart(kind, *parts, boundary="=_x"):
    inside = "".join("--%s\n%s" % (boundary, p if p.endswith("\n") else p + "\n") for p in parts)
    return 'Content-Type: multipart/%s; boundary="%s"\n\n%s--%s--\n' % (kind, boundary, inside, boundary)


def mail(entity, extra=""):
    """A message whose body is this entity, with its fields."""
    head, _, _ = message("ann@shop.example", RCPT, body="").partition("\n\n")
    return extra + head + "\nMIME-Version: 1.0\n" + entity


@functools.cache
def far(stage, eightbit):
    """(Postfix, sink): the far end offers 8BITMIME, or not."""
    if eightbit:
        return stage.postfix, stage.sink
    sink = Sink(stage.world, eightbit=False)
    world = World("gatepost-7bit-")
    stage.world.closers.append(world.close)
    return Postfix(world, sink, "unix:" + stage.socket), sink


def sent(stage, text, eightbit=True):
    """What arrived of it."""
    postfix, sink = far(stage, eightbit)
    sink.clear()
    data = text.encode("utf-8", "surrogateescape")
    with postfix.client(address="127.0.0.1", name="localhost", login="ann") as c:
        c.mail("ann@shop.example", "BODY=8BITMIME" if max(data) > 127 else "BODY=7BIT").must_be_ok("MAIL")
        c.rcpt(RCPT).must_be_ok("RCPT")
        equal(c.data().code, 354, "DATA")
        c.message(data).must_be_ok("the message")
    return sink.wait()[0]


def leaves(data):
    parsed = email.message_from_bytes(data) if isinstance(data, bytes) else data
    return [p for p in parsed.walk() if not p.is_multipart()]


def said(leaf):
    return leaf.get_payload(decode=True).decode(leaf.get_content_charset("utf-8"))


def same_but_tracked(text, arrived, which=0, links=None):
    """All leaves say what they said; the html leaf `which` has the pixel and the links in addition."""
    before = leaves(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))
    after = leaves(arrived.data)
    equal([p.get_content_type() for p in after], [p.get_content_type() for p in before], "the parts")
    seen = 0
    for a, b in zip(before, after):
        tracked = False
        if a.get_content_type() == "text/html" and "attachment" not in str(a.get("Content-Disposition")):
            tracked = seen == which
            seen += 1
        if not tracked:
            equal(b.get_payload(decode=True), a.get_payload(decode=True), "a part that is not tracked")
            continue
        back, targets, pixels = taken_back(said(b))
        equal(plain(back), plain(said(a)), "the HTML, with the pixel and the links taken back")
        equal(targets, LINKS if links is None else links, "where the links lead")
        equal(pixels, 1, "pixels")


def logged(daemon, count):
    """The line about the `count`th message."""

    def found():
        lines = daemon.messages(account="shop")
        return lines if len(lines) >= count else None

    return wait_for("%d lines of the log" % count, found, 5)[count - 1]


def body_of(data):
    return data.partition(b"\r\n\r\n")[2]


def untouched(text, arrived):
    equal(body_of(arrived.data), body_of(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")), "the body, byte for byte")


# --- what is tracked ---


def encodings(stage, eightbit):
    daemon, _, keys = sending(stage, {"shop": TRACKING})
    for number, encoding in enumerate(("7bit", "8bit", "quoted-printable", "base64"), 1):
        page = PAGE.replace("\u00fc\u00df", "ues").replace("\u00f6", "oe") if encoding == "7bit" else PAGE
        text = mail(part(page, encoding))
        arrived = sent(stage, text, eightbit)
        same_but_tracked(text, arrived)
        verified(stage, arrived, keys)
        check(max(arrived.data) < 128, "7 bits only", encoding)
        stays = {"8bit": "quoted-printable"}.get(encoding, encoding)
        equal(arrived.message["Content-Transfer-Encoding"], stays, "how %s leaves" % encoding)
        line = logged(daemon, number)
        check("pixels=1 links=3 " in line["did"], "the log says what was tracked", line)


def test_encodings(stage):
    """7bit, 8bit, quoted-printable and base64: pixel, links, nothing else; signatures verify"""
    encodings(stage, True)


def test_encodings_7bit(stage):
    """the same, when the far end has no 8BITMIME"""
    encodings(stage, False)


def nested():
    related = multipart("related", part(PAGE, "quoted-printable"), part("PNG", "base64", "image/png",
                                                                       "Content-Disposition: inline; filename=a.png\n"),
                        boundary="=_rel")
    alternative = multipart("alternative", part("Gr\u00fc\u00dfe https://shop.example/sale\n", "8bit", "text/plain"), related,
                            boundary="=_alt")
    attached = part(PAGE, "quoted-printable", more="Content-Disposition: attachment; filename=page.html\n")
    return mail(multipart("mixed", alternative, attached, part(PAGE, "base64"), boundary="=_mix"))


def test_nested(stage):
    """mixed, alternative, related: one pixel; the attachment and the text say what they said; both far ends"""
    daemon, _, keys = sending(stage, {"shop": {**TRACKING, "clicks": False}})
    for eightbit in (True, False):
        text = nested()
        arrived = sent(stage, text, eightbit)
        same_but_tracked(text, arrived, links=[])
        verified(stage, arrived, keys)
    line = daemon.wait_message(account="shop")
    check("pixels=1" in line["did"] and "links=" not in line["did"], "the log says what was tracked", line)
    check("part=attachment" in line["skipped"], "the log says what was skipped", line)


def test_two_parts(stage):
    """links are tracked in both HTML parts of a message, the pixel stands in the first"""
    _, _, keys = sending(stage, {"shop": TRACKING})
    text = mail(multipart("mixed", part(PAGE, "8bit"), part(PAGE, "base64")))
    arrived = sent(stage, text)
    verified(stage, arrived, keys)
    first, second = (taken_back(said(p)) for p in leaves(arrived.data))
    for (back, targets, pixels), want in ((first, 1), (second, 0)):
        equal(plain(back).strip(), plain(PAGE).strip(), "the HTML, taken back")
        equal(targets, LINKS, "where the links lead")
        equal(pixels, want, "pixels")


def test_latin1(stage):
    """ISO-8859-1 stays ISO-8859-1"""
    _, _, keys = sending(stage, {"shop": TRACKING})
    entity = ("Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
              + encoded(PAGE, "quoted-printable", "iso-8859-1"))
    text = mail(entity)
    arrived = sent(stage, text)
    same_but_tracked(text, arrived)
    verified(stage, arrived, keys)
    equal(arrived.message.get_content_charset(), "iso-8859-1", "the charset")


def test_500_links(stage):
    """of 600 links 500 are tracked, and the others stay"""
    daemon, ctl, keys = sending(stage, {"shop": TRACKING})
    links = ["https://shop.example/item/%d?from=mail&x=%d" % (i, i * i) for i in range(600)]
    page = "<html><body>\n%s</body></html>\n" % "".join('<p><a href="%s">%d</a></p>\n' % (html.escape(link), i)
                                                        for i, link in enumerate(links))
    for encoding in ("quoted-printable", "base64"):
        text = mail(part(page, encoding))
        arrived = sent(stage, text)
        same_but_tracked(text, arrived, links=links[:500])
        verified(stage, arrived, keys)
    line = logged(daemon, 2)
    check("pixels=1 links=500 " in line["did"], "the log", line)
    for number in (0, 499):
        token = [m.group(2) for m in CLICK.finditer(said(leaves(arrived.data)[0]))][number]
        out = ctl("token", "decode", BASE + "c/" + token).must().out
        matches(re.escape(links[number]), out, "the link, as gatepostctl reads it")


# --- what never is ---


def test_left_alone(stage):
    """multipart/signed, PGP, encrypted, a report, a forwarded mail: byte for byte as they were, and the log says why"""
    daemon, _, keys = sending(stage, {"shop": TRACKING})
    page = PAGE.replace("\u00fc\u00df", "ues").replace("\u00f6", "oe")
    signature = "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\nabc=\n-----END PGP SIGNATURE-----\n"
    cases = {
        "signed": multipart('signed; micalg=pgp-sha256; protocol="application/pgp-signature"', part(page), signature),
        "encrypted": multipart('encrypted; protocol="application/pgp-encrypted"',
                               "Content-Type: application/pgp-encrypted\n\nVersion: 1\n", part(page)),
        "report": multipart("report; report-type=delivery-status", part(page),
                            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n"),
        "message": multipart("mixed", part("Look\n", "7bit", "text/plain"),
                             "Content-Type: message/rfc822\n\nFrom: a@b.example\nMIME-Version: 1.0\n" + part(page)),
        "attachment": multipart("mixed", part("Look\n", "7bit", "text/plain"),
                                part(page, more="Content-Disposition: attachment\n")),
        "charset": part(page).replace("utf-8", "x-unheard-of"),
    }
    for number, (reason, entity) in enumerate(cases.items()):
        for at, eightbit in enumerate((True, False)):
            text = mail(entity)
            arrived = sent(stage, text, eightbit)
            untouched(text, arrived)
            verified(stage, arrived, keys)
            line = logged(daemon, 2 * number + at + 1)
            check("part=" + reason in line["skipped"], "the log says " + reason, line)
            check("pixels=" not in line["did"], "nothing was tracked", line)


def test_presigned(stage):
    """what came with a signature of somebody else's body stays as it is"""
    daemon, _, _ = sending(stage, {"shop": TRACKING})
    page = PAGE.replace("\u00fc\u00df", "ues").replace("\u00f6", "oe")
    text = mail(part(page), extra="DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=x; h=From; bh=abc=; b=abc=\n")
    untouched(text, sent(stage, text))
    check("track=presigned" in daemon.wait_message(account="shop")["skipped"], "the log says why")


def test_switches(stage):
    """X-Gatepost-Track narrows, and never leaves; an account that tracks nothing changes nothing"""
    daemon, ctl, keys = sending(stage, {"shop": TRACKING})
    for words, pixels, links in (("opens=off", 0, 3), ("clicks=off", 1, 0), ("off", 0, 0)):
        arrived = sent(stage, mail(part(PAGE, "quoted-printable"), extra="X-Gatepost-Track: %s\n" % words))
        back, targets, seen = taken_back(said(leaves(arrived.data)[0]))
        equal((seen, len(targets)), (pixels, links), "pixels and links with " + words)
        equal(plain(back), plain(PAGE), "the rest")
        equal(arrived.header("X-Gatepost-Track"), [], "the field")
        verified(stage, arrived, keys)
    daemon.stop()
    sending(stage, {"shop": {**SHOP, "match": ["login:ann"]}})
    text = mail(part(PAGE, "quoted-printable"))
    untouched(text, sent(stage, text))


# --- gatepostctl preview ---


def test_preview(stage):
    """preview says what the daemon then does: the same `did`, the same parts, signatures that verify"""
    daemon, ctl, keys = sending(stage, {"shop": TRACKING, "closed": {"check_from": True, "from": ["@bank.example"]}})
    text = nested()
    path = stage.world.write("newsletter.eml", text)
    seen = ctl("--json", "preview", "--account", "shop", "--from", "ann@shop.example", "--rcpt", RCPT, path).must().json()[0]
    arrived = sent(stage, text)
    line = daemon.wait_message(account="shop")
    equal(seen["did"], line["did"], "did")
    equal(seen["skipped"], line["skipped"], "skipped")
    parts = {p["part"]: p for p in seen["parts"]}
    tracked = [p for p in parts.values() if p["tracked"] == "done"]
    equal([(p["pixels"], p["links"], p["kept"]) for p in tracked], [(1, 3, {"other": 1, "opt-out": 1}),
                                                                   (0, 3, {"other": 1, "opt-out": 1})], "the parts tracked")
    equal([len(p["changes"]) for p in tracked], [4, 3], "differences in them: links, and the pixel")
    equal([p["tracked"] for p in parts.values() if p["tracked"] not in ("done", None)], ["attachment"], "the part that is not")
    raw = ctl("preview", "--raw", "--account", "shop", path).must().out
    data = re.sub(r"\r?\n", "\r\n", raw).encode()
    shown = leaves(data)
    equal([p.get_content_type() for p in shown], [p.get_content_type() for p in leaves(arrived.data)], "the parts of --raw")

    verified(stage, types.SimpleNamespace(data=data), keys)
    told = ctl("preview", "--account", "closed", path).must(1)
    matches(r"^refused\t553\t.*ann@shop\.example", told.out, "a From that it may not use")
    matches("there is no account", ctl("preview", "--account", "nobody", path).must(1).err, "an account that is not there")
    ctl("preview", path).must(64)
    equal(stage.redis("EXISTS", "gp:ev:{closed}"), 0, "nothing is kept")
