"""What becomes of a whole message: DMARC and DKIM, marks, Authentication-Results; and hostile messages."""

import re
import struct
import subprocess
import threading
import time

import signer
from harness import *
from nameserver import dns_list, host, serve, txt
from test_ctl import Ctl
from test_mta import pair

RCPT = "bob@example.org"
CLIENT, NAME = "198.51.100.1", "mx.good.example"
BAD = "198.51.100.66"
ID = "mx.example.org"  # what Postfix and Sendmail call themselves
FIELD = "Authentication-Results"

ZONE = "\n".join([
    host(CLIENT, NAME), txt("good.example", "v=spf1 ip4:%s ip4:203.0.113.7 -all" % CLIENT),
    txt("_dmarc.good.example", "v=DMARC1; p=none"),
    txt("_dmarc.bank.example", "v=DMARC1; p=reject"), txt("_dmarc.shop.example", "v=DMARC1; p=quarantine"),
    *(txt("%s._domainkey.%s" % (signer.SELECTOR, d), signer.key_record()) for d in ("bank.example", "good.example")),
    host("203.0.113.7", "mx.client.example"), dns_list("bl.example", BAD)])

ALL = {name: {"enabled": True} for name in ("reverse_dns", "spf", "dkim", "dmarc", "authentication_results")}


def begin(stage, settings=None, records=ZONE):
    """A daemon with all the checks on, and greylisting off."""
    names = serve(stage, records)
    merged = {**ALL, "dns": {"resolver": names.where}, "greylist": {"mode": "off"}}
    for section, values in (settings or {}).items():
        merged[section] = {**merged.get(section, {}), **values}
    return stage.gatepostd(merged), names


def send(stage, text, sender="alice@good.example", rcpts=RCPT, address=CLIENT, name=NAME):
    """One transaction with these bytes."""
    text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    with stage.postfix.client(address=address, name=name) as c:
        tried = Sent(c.mail(sender), [c.rcpt(r) for r in ([rcpts] if isinstance(rcpts, str) else rcpts)])
        tried.rcpt[0].must_be_ok("RCPT")
        equal(c.data().code, 354, "DATA")
        tried.end = c.message(text.encode("utf-8", "surrogateescape"))
        tried.message_id = re.search(r"(?mi)^Message-ID: (\S+)", text).group(1)
        return tried


class Sent:
    def __init__(self, mail, rcpt):
        self.mail, self.rcpt, self.end, self.message_id = mail, rcpt, None, None


def letter(sender, subject="hello", extra="", body="Hello.\n"):
    """A message whose From is somebody, and fields in front of all others."""
    return extra + message(sender, RCPT, subject, body)


def fields_of(data):
    """The header fields, each as it is, and the body."""
    head, body = data.split(b"\r\n\r\n", 1)
    return [f + b"\r\n" for f in re.split(rb"\r\n(?![ \t])", head)], body


def named(fields, name):
    return [f for f in fields if f.lower().startswith(name.lower().encode() + b":")]


def results(mail):
    """Our Authentication-Results, in one line; it has to be the first field."""
    first = fields_of(mail.data)[0][0].decode()
    matches(r"^%s: %s;" % (FIELD, re.escape(ID)), first, "the first field")
    return " ".join(first.split())


def has(text, *parts):
    for part in parts:
        check(part in text, "%r in what was found out" % part, text)


# --- DMARC and DKIM ---


def test_dmarc_reject(stage):
    """a message that its From domain disowns is refused: 554 5.7.26, in words"""
    daemon, _ = begin(stage)
    reply = send(stage, letter("ceo@bank.example")).end
    matches(r"^554 5\.7\.26 Message not accepted: the DMARC policy of bank\.example refuses", str(reply), "the reply")
    line = daemon.wait_message(action=REJECT)
    equal((line.get("dmarc"), line.get("spf"), line.get("rdns")), ("fail", "pass", "pass"), "the log line")
    check(send(stage, letter("alice@good.example")).end.ok, "the next message")
    code, ctl = line.get("code"), Ctl(stage, conf=daemon.conf)
    said = wait_for("the record is there", lambda: ctl("explain", code).out, 5, 0.2)
    has(said, "fail for bank.example, p=reject at bank.example", "done: reject", "pass " + NAME, RCPT)


def test_dmarc_quarantine(stage):
    """on_quarantine = quarantine: Postfix holds the message, and delivers it when it is released"""
    begin(stage, {"dmarc": {"on_quarantine": "quarantine"}})
    held = send(stage, letter("sale@shop.example"))
    held.end.must_be_ok("the message is taken")
    waiting = wait_for("it is in the queue", stage.postfix.queue, 5)
    check(len(waiting) == 1 and '"queue_name": "hold"' in waiting[0], "it is on hold", waiting)
    time.sleep(0.5)
    equal(stage.sink.messages, [], "and not delivered")
    done = subprocess.run([program("postsuper", "/usr/sbin"), "-c", stage.postfix.config, "-H", "ALL"],
                          capture_output=True, timeout=20, check=False)
    equal(done.returncode, 0, "postsuper -H: %s" % done.stderr.decode())
    subprocess.run([program("postqueue", "/usr/sbin"), "-c", stage.postfix.config, "-f"], timeout=20, check=True)
    mail = stage.sink.of(held)
    has(results(mail), "dmarc=fail", "policy.applied-disposition=quarantine")


def test_dmarc_score(stage):
    """by default quarantine is a mark: X-Gatepost-Score and a prefix of the subject"""
    begin(stage)
    mail = stage.sink.of(send(stage, letter("sale@shop.example", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=")))
    matches(r"^20 \(medium\): not from shop\.example, as its DMARC policy says 20$", mail.header("X-Gatepost-Score")[0],
            "the score")
    equal(mail.header("Subject"), ["[SPAM?] =?utf-8?q?Gr=C3=BC=C3=9Fe?="], "the subject")
    has(results(mail), "dmarc=fail", "policy.published-domain-policy=quarantine")


def test_dkim(stage):
    """a signature carries DMARC: dkim=pass, dmarc=pass; with one changed byte it is 554"""
    begin(stage)
    text = letter("ceo@bank.example", body="Hello.\n\n.dot, and \u00e4\u00f6\n")
    for form in ("simple/simple", "relaxed/relaxed", "simple/relaxed", "relaxed/simple"):
        sent = send(stage, signer.sign(letter("ceo@bank.example", body="Hello  you.\n\n.dot, \u00e4\u00f6 \n"),
                                       "bank.example", form))
        sent.end.must_be_ok(form)
        has(results(stage.sink.of(sent)), "dkim=pass", "header.d=bank.example", "header.s=" + signer.SELECTOR,
            "spf=pass smtp.mailfrom=alice@good.example", "dmarc=pass header.from=bank.example", "iprev=pass")
    signed = signer.sign(text, "bank.example")
    for altered in (signed.replace(b"Hello.", b"Hallo."), signed.replace(b"hello", b"hallo"),
                    signed.replace(b"From: ceo@", b"From: boss@"), signed + b"More.\r\n",
                    signed.replace(b"bank.example; ", b"good.example; ")):
        check(altered != signed, "it is altered")
        equal(str(send(stage, altered).end)[:10], "554 5.7.26", "the reply to an altered one")


def test_dkim_fail_marked(stage):
    """a broken signature alone costs nothing: the header says fail"""
    begin(stage)
    sent = send(stage, signer.sign(letter("alice@good.example"), "good.example").replace(b"hello", b"hallo"))
    mail = stage.sink.of(sent)
    has(results(mail), "dkim=fail", "dmarc=pass")
    equal(mail.header("X-Gatepost-Score"), [], "no mark")


def test_dkim_temperror(stage):
    """a key that cannot be fetched is temperror, and DMARC refuses nobody for it"""
    _, names = begin(stage, {"dns": {"timeout": "1s"}})
    names.mute("_domainkey.bank.example")
    sent = send(stage, signer.sign(letter("ceo@bank.example"), "bank.example"))
    sent.end.must_be_ok("the message")
    has(results(stage.sink.of(sent)), "dkim=temperror", "dmarc=temperror")


def test_two_messages(stage):
    """messages of one session are judged each by itself, whatever came before"""
    begin(stage)
    good, bad = letter("alice@good.example"), letter("ceo@bank.example")
    with stage.postfix.client(address=CLIENT, name=NAME) as c:
        for sender, text, code in (("alice@good.example", good, 250), ("alice@good.example", bad, 554),
                                   ("x@none.example", good, 250), ("alice@good.example", good, 250)):
            c.mail(sender).must_be_ok("MAIL")
            c.rcpt(RCPT).must_be_ok("RCPT")
            equal(c.data().code, 354, "DATA")
            equal(c.message(text).code, code, "the reply to a message by %s" % sender)
        c.mail("").must_be_ok("MAIL FROM:<>")
        c.rcpt(RCPT).must_be_ok("RCPT")
        c.data()
        c.message(good).must_be_ok("the null sender's")
    found = [results(m) for m in stage.sink.wait(4)]
    equal(sorted(re.search(r"spf=(\w+) .*?\bsmtp\.([^\s;]+)", t).groups() for t in found),
          [("none", "helo=mx.example"), ("none", "mailfrom=x@none.example"),
           *[("pass", "mailfrom=alice@good.example")] * 2], "whom SPF was asked about")


# --- the header ---

OURS = [
    "Authentication-Results: mx.example.org; dkim=pass header.d=bank.example",
    "Authentication-Results:\n\tmx.example.org;\n\tspf=pass smtp.mailfrom=x@bank.example",
    "AUTHENTICATION-results: MX.Example.ORG; dmarc=pass header.from=bank.example",
    "authentication-results:mx.example.org;spf=pass",
    "Authentication-Results: (by us) mx.example.org (really) 1; auth=pass",
    "Authentication-Results: \"mx.example.org\"; spf=pass",
    "Authentication-Results: (a\n (nested) comment)\n mx.example.org; none",
    "Authentication-Results:\t mx.example.org\t/1\t; none",
]
OTHERS = [
    "Authentication-Results: mx.example.org.evil.example; spf=pass",
    "Authentication-Results: not-mx.example.org; dkim=fail",
    "Authentication-Results: list.example (mx-example.org); spf=pass",
    "X-Authentication-Results: mx.example.org; spf=pass",
    "ARC-Authentication-Results: i=1; list.example; spf=pass",
]
ODD = [
    "X-Tight:no blank", "X-Empty:", "X-Blank: ", "X-Wide:    many   blanks   ", "X-Tab:\tafter a tab",
    "X-Folded: one\n two\n\tthree\n    four", "X-Long: " + "word " * 180, "X-8bit: gr\u00fc\u00dfe",
    "X-Percent: 100% %s %n", "X-Colon:: :", "Received: from a.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000",
    "X-Same: one", "X-Same: two", "x-same: three",
]
BODY = "8-bit: \u00e4\u00f6\u00fc\n.dot\n..two\n\n" + "long " * 190 + "\n\ttab \n trailing   \n\n\nlast\n\n"


def mixed_letter(sender):
    """Forged fields, others' fields and odd fields, in turn, around the plain ones."""
    lines = []
    for n in range(max(len(OURS), len(OTHERS), len(ODD))):
        lines += [group[n] for group in (OURS, OTHERS, ODD) if n < len(group)]
    half = len(lines) // 2
    head, body = letter(sender, body=BODY).split("\n\n", 1)
    return "\n".join([*lines[:half], head, *lines[half:]]) + "\n\n" + body


def test_header_edits(stage):
    """eight forged Authentication-Results are gone, ours is on top; all else is the same byte for byte"""
    begin(stage)
    text = mixed_letter("sale@shop.example")
    sent = send(stage, text)
    sent.end.must_be_ok("the message")
    mail = stage.sink.of(sent)
    has(results(mail), "dmarc=fail")
    got, body = fields_of(mail.data)
    wire = text.replace("\n", "\r\n").encode()
    want, want_body = fields_of(wire)
    equal(body, want_body, "the body")
    added = {name: named(got, name)[0] for name in (FIELD, "X-Gatepost-Score", "Received")}
    check(b"by mx.example.org (Postfix)" in added["Received"], "Postfix's Received", added)
    rest = [f for f in got if f not in added.values()]
    forged = [f.replace("\n", "\r\n").encode() + b"\r\n" for f in OURS]
    kept = [f.replace(b"Subject: ", b"Subject: [SPAM?] ") for f in want if f not in forged]
    equal(rest, kept, "the other fields, in their order")


def test_header_clean(stage):
    """mail that is in order gets Authentication-Results, and nothing else is touched"""
    daemon, _ = begin(stage)
    text = letter("alice@good.example", extra="\n".join(ODD) + "\n", body=BODY)
    mail = stage.sink.of(send(stage, text))
    has(results(mail), "iprev=pass policy.iprev=%s (%s)" % (CLIENT, NAME), "spf=pass smtp.mailfrom=alice@good.example",
        "dkim=none", "dmarc=pass header.from=good.example")
    got, body = fields_of(mail.data)
    want, want_body = fields_of(text.replace("\n", "\r\n").encode())
    equal(body, want_body, "the body")
    equal(got[2:], want, "the fields after Authentication-Results and Received")
    equal(daemon.wait_message(action=ACCEPT).get("score"), "0", "score")


def test_header_score_forged(stage):
    """X-Gatepost-Score that a sender wrote is removed, our own stays"""
    begin(stage)
    forged = "X-Gatepost-Score: 0 (clean)\nx-gatepost-score: -5\n"
    clean = stage.sink.of(send(stage, letter("alice@good.example", extra=forged)))
    equal(clean.header("X-Gatepost-Score"), [], "none on clean mail")
    marked = stage.sink.of(send(stage, letter("sale@shop.example", extra=forged)))
    equal([s[:2] for s in marked.header("X-Gatepost-Score")], ["20"], "ours on the other")


def test_header_blank_before_colon(stage):
    """a forged field with a blank before its colon does not survive, or is no such field"""
    begin(stage)
    forged = "Authentication-Results : mx.example.org; dkim=pass header.d=bank.example\n"
    mail = stage.sink.of(send(stage, letter("alice@good.example", extra=forged)))
    got, _ = fields_of(mail.data)
    left = [f for f in got[1:] if f.lower().replace(b" ", b"").startswith(b"authentication-results:mx.example.org")]
    equal(left, [], "what pretends to be ours")


def test_outbound_untouched(stage):
    """mail of our own users is neither judged nor marked"""
    daemon, _ = begin(stage)
    text = letter("ceo@bank.example", extra=OURS[0] + "\n")
    with stage.postfix.client(address=CLIENT, name=NAME, login="bob") as c:
        sent = c.send("ceo@bank.example", RCPT, text)
    check(sent.delivered, "it is taken", sent)
    got, _ = fields_of(stage.sink.of(sent).data)
    equal(got[1:], fields_of(text.replace("\n", "\r\n").encode())[0], "its fields, after Received")
    equal(daemon.wait_message(action=ACCEPT).get("dir"), "out", "dir=")


def test_shadow_message(stage):
    """dmarc.shadow and score.shadow: the message is taken, and the log says what would have been"""
    for settings in ({"dmarc": {"shadow": True}}, {"score": {"shadow": True, "medium": 15, "high": 20}}):
        daemon, _ = begin(stage, settings)
        sent = send(stage, letter("ceo@bank.example" if "dmarc" in settings else "sale@shop.example"))
        sent.end.must_be_ok("with %s" % settings)
        name, = settings
        line = daemon.wait_message(action=ACCEPT)
        equal((line.get("would"), line.get("dmarc")), ("reject:" + name, "fail"), "would=, dmarc= with %s" % settings)
        matches(r"^[0-9A-Z]{10}$", line.get("code", ""), "code= with %s" % settings)
        equal(daemon.wait_record(STARTED).get("shadow"), name, "shadow= at the start")
        equal(stage.sink.of(sent).header("Subject"), ["hello"], "the subject")
        daemon.stop()


def test_score_actions(stage):
    """score: discard, quarantine and reject at the end of a message"""
    for action, code in (("discard", 250), ("reject", 554)):
        daemon, _ = begin(stage, {"score": {"medium_action": action}})
        reply = send(stage, letter("sale@shop.example")).end
        equal(reply.code, code, "the reply for %s (%s)" % (action, reply))
        equal(daemon.wait_message().get("action"), action, "action=")
        daemon.stop()
    matches(r"^554 5\.7\.26 .*\(not from shop\.example, as its DMARC policy says; [0-9A-Z]{10}\)", str(reply),
            "the text")
    time.sleep(0.5)
    equal(stage.sink.messages, [], "nothing is delivered")


@limit(180)
def test_sendmail_header_edits(stage):
    """Sendmail: forged fields are gone, ours is on top, the subject has its prefix, others stay"""
    begin(stage)
    sendmail, sink = pair(stage)
    text = mixed_letter("sale@shop.example")
    with sendmail.client() as c:
        sent = c.send("alice@good.example", RCPT, text)
    check(sent.delivered, "it is taken", sent)
    mail = sink.of(sent)
    has(results(mail), "iprev=pass", "dmarc=fail header.from=shop.example")
    got, body = fields_of(mail.data)
    equal(body, fields_of(text.replace("\n", "\r\n").encode())[1], "the body")
    pretends = [f for f in got[1:] if re.match(rb"(?is)authentication-results:.*\bmx\.example\.org\b(?!\.evil|\))", f)]
    equal([f for f in pretends if b"not-mx" not in f], [], "what pretends to be ours")
    for other in OTHERS[:3]:
        check(other.encode() in [f.strip() for f in got], "kept: " + other, got)
    equal(mail.header("Subject"), ["[SPAM?] hello"], "the subject")
    equal([s[:2] for s in mail.header("X-Gatepost-Score")], ["20"], "the score")


# --- hostile messages, over the milter protocol itself ---

ANSWERED = ("accept", "continue", "reply")
PLAIN = [("From", " alice@good.example"), ("To", " bob@example.org"), ("Subject", " hello")]


def feed(stage, fields, body=b"Hello.\r\n", sender="alice@good.example", middle=None, address=CLIENT, helo=NAME):
    """The last answer to such a message, how long its end took, and the fields that were inserted."""
    with Peer(stage.socket) as peer:
        peer.open(address, "[%s]" % address, helo)
        peer.macros("M", i="4HOST")
        peer.mail(sender)
        equal(peer.rcpt(RCPT).kind, "continue", "RCPT")
        began = time.monotonic()
        peer.data()
        for name, value in fields:
            peer.header(name, value)
        peer.eoh()
        for at in range(0, len(body), 60000):
            if at > 0 and middle:
                middle()
                middle = None
            if peer.body(body[at:at + 60000]).kind == "skip":
                break
        answer = peer.end()
        took = time.monotonic() - began
        peer.quit()
    inserted = {}
    for kind, data in answer.edits:
        if kind == "insheader":
            name, value = data[4:].rstrip(b"\0").split(b"\0", 1)
            inserted[name.decode()] = " ".join(value.decode("utf-8", "surrogateescape").split())
    return answer, took, inserted


def signature(n, domain="good.example"):
    return ("DKIM-Signature", " v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s%d;\n\th=from:to:subject;"
            " bh=%s=; b=%s" % (domain, n, "A" * 43, ("%04d" % n) + "B" * 340))


def test_hostile_signatures(stage):
    """100 signatures: the keys of 8 are asked for, the answer comes, the daemon lives"""
    daemon, names = begin(stage)
    answer, took, added = feed(stage, [*(signature(n) for n in range(100)), *PLAIN])
    check(answer.kind in ("accept", "continue"), "the answer", answer[:2])
    asked = {name for name in names.asked("_domainkey.good.example")}
    check(len(asked) == 8, "keys that were asked for", sorted(asked))
    check(took < 2, "seconds", took)
    check(len(re.findall("dkim=", added[FIELD])) <= 20, "results in the header", added[FIELD])
    daemon.alive()


def test_hostile_header(stage):
    """a header of 1 MB, in fields of 50 kB of every kind we read: the answer comes in time"""
    daemon, _ = begin(stage)
    filler = " " + "x" * 50000
    signed = signature(1)
    for name, value in (("X-Filler", filler), ("From", filler + "@good.example"), ("Subject", filler),
                        (FIELD, filler), (FIELD, " mx.example.org;" + filler), ("DKIM-Signature", filler),
                        ("DKIM-Signature", signed[1] + " " * 50000), ("List-Id", filler), ("From", " " + "(" * 50000),
                        ("From", " " + "a@b.example, " * 4000), (FIELD, " " + "(" * 50000),
                        ("Subject", " " + "=?utf-8?q?a?= " * 3800)):
        answer, took, _ = feed(stage, [signed, *[(name, value)] * 20, *PLAIN])
        check(answer.kind in ANSWERED, "an answer with 20 %s of %r" % (name, value[:20]), answer[:2])
        check(took < 4, "20 %s of %r: seconds" % (name, value[:20]), took)
    answer, _, added = feed(stage, [*[("X-Filler", filler)] * 20, signed, *PLAIN])
    has(added[FIELD], "dkim=policy", "dmarc=pass")
    daemon.alive()


def test_hostile_header_postfix(stage):
    """a header of 1 MB through Postfix, and one field of 1 MB"""
    daemon, _ = begin(stage)
    for extra in ("X-Filler: %s\n" % ("x" * 900) * 1100, "X-Filler: " + "\n ".join(["x" * 900] * 1100) + "\n"):
        sent = send(stage, letter("alice@good.example", extra=extra))
        check(sent.end is not None, "an answer")
        if sent.end.ok:
            has(results(stage.sink.of(sent)), "spf=pass")
    daemon.alive()


def test_hostile_received(stage):
    """200 Received fields"""
    daemon, _ = begin(stage)
    received = [("Received", " from a%d.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000" % n) for n in range(200)]
    answer, took, added = feed(stage, [*received, *PLAIN])
    check(answer.kind in ("accept", "continue") and took < 1, "the answer", answer.kind, took)
    has(added[FIELD], "dmarc=pass")
    daemon.alive()


def test_hostile_from(stage):
    """From with 50 addresses, and 50 From fields: a bounded number of questions, and a refusal that says so"""
    daemon, names = begin(stage)
    many = ["a%d@d%d.example" % (n, n) for n in range(50)]
    for fields in ([("From", " " + ",\n\t".join(many))], [("From", " " + address) for address in many]):
        answer, took, _ = feed(stage, [*fields, PLAIN[1]])
        matches(r"^554 5\.7\.1 .*more authors in From than can be judged", answer.text, "the reply")
        check(took < 2, "the time", took)
    check(len(set(names.asked("example"))) < 20, "questions", names.asked("example"))
    daemon.alive()


def test_hostile_from_company(stage):
    """an author whose domain asks for reject is not hidden by others, beside him or before him"""
    daemon, _ = begin(stage)
    ceo, others = "ceo@bank.example", ["a%d@d%d.example" % (n, n) for n in range(3)]
    for people in (["alice@good.example", ceo], [*others, ceo], [ceo, *others * 16]):
        for fields in ([("From", " " + ", ".join(people))], [("From", " " + address) for address in people]):
            answer, _, _ = feed(stage, [*fields, PLAIN[1]])
            matches(r"^554 5\.7\.26 .*bank\.example", answer.text, "the reply for %s" % fields[:3])
    daemon.alive()


def test_hostile_from_crowd(stage):
    """… nor by more company than DMARC looks at, nor by fields that fill the room for From"""
    daemon, _ = begin(stage)
    ceo, crowd = "ceo@bank.example", ["a%d@d%d.example" % (n, n) for n in range(50)]
    for fields in ([("From", " " + ", ".join([*crowd[:4], ceo]))], [("From", " " + ", ".join([*crowd, ceo]))],
                   [*[("Subject", " x")] * 20, ("From", " " + ceo)],
                   [("Subject", " " + "x" * 50000), ("From", " " + "(" + "x" * 20000 + ") " + ceo)]):
        answer, _, added = feed(stage, [*fields, PLAIN[1]])
        what = "%d fields, first %s%s" % (len(fields), fields[0][0], fields[0][1][:40])
        equal(answer.text[:3], "554", "the reply to %s (%s)" % (what, added))
    daemon.alive()


def test_hostile_forged(stage):
    """50 forged Authentication-Results are removed, the last first; 51 are refused"""
    daemon, _ = begin(stage)
    forged = [(FIELD, " mx.example.org; spf=pass")]
    answer, _, _ = feed(stage, [*forged * 50, *PLAIN])
    deleted = [struct.unpack("!I", data[:4])[0] for kind, data in answer.edits
               if kind == "chgheader" and data[4:].split(b"\0")[0].decode().lower() == FIELD.lower()]
    equal(deleted, list(range(50, 0, -1)), "the numbers of the deleted ones")
    answer, _, _ = feed(stage, [*forged * 51, *PLAIN])
    matches(r"^554 5\.7\.1 .*too many header fields in the name of this host", answer.text, "with one more")
    daemon.alive()


def methods_of(value):
    """What a reader of RFC 8601 takes for results: without comments, and without quoted strings."""
    value = re.sub(r'"(?:[^"\\]|\\.)*"', "q", value)
    while re.search(r"\([^()]*\)", value):
        value = re.sub(r"\([^()]*\)", "", value)
    return [part.split()[0] for part in value.split(";")[1:]]


def test_hostile_names(stage):
    """names that a sender made up put nothing into Authentication-Results that we did not find"""
    records = [r"1.113.0.203.in-addr.arpa. IN PTR a\)\;dkim=pass\(.evil.example.",
               r"a\)\;dkim=pass\(.evil.example. IN A 203.0.113.1",
               r"2.113.0.203.in-addr.arpa. IN PTR a\010x\013\010Evil:\032yes.evil.example.",
               r"a\010x\013\010Evil:\032yes.evil.example. IN A 203.0.113.2"]
    daemon, _ = begin(stage, {"score": {"smtp_block": 0}}, "\n".join([ZONE, *records]))
    forged = [("DKIM-Signature", " v=1; a=rsa-sha256; d=x(y)\"z; s=s\"(p; h=from; bh=AAAA; b=BB;dmarc=pass")]
    for address, helo, sender in (
            ("203.0.113.1", "mx", "a@b.example"), ("203.0.113.2", "mx", "a@b.example"),
            ("203.0.113.9", "x;dkim=pass header.d=bank.example", ""), ("203.0.113.9", "x(y\"z\\", ""),
            ("203.0.113.9", "a\r\n b", ""), ("203.0.113.9", "mx", "\"a;dkim=pass\"@b.example"),
            ("203.0.113.9", "mx", "a)b(c@b.example"), ("203.0.113.9", "mx", b"a\xff\\@b.example")):
        for author in (" x@bank.example", " x@\"b;dkim=pass\"", " x@[1.2.3.4]", " \"dkim=pass;\" <x@b.example>"):
            _, _, added = feed(stage, [("From", author), *forged], sender=sender, address=address, helo=helo)
            if FIELD not in added:
                continue  # refused
            methods = methods_of(added[FIELD])
            equal([m.split("=")[0] for m in methods], ["iprev", "spf", "dkim", "dmarc"], "methods in " + added[FIELD])
            check("dkim=pass" not in methods and "dmarc=pass" not in methods, "results", added[FIELD])
    daemon.alive()


def test_hostile_bytes(stage):
    """bytes of all kinds in the fields that are read, and in the body"""
    daemon, _ = begin(stage)
    noise = bytes(b for b in range(1, 256) if b not in (10, 13))
    for name in ("From", "Subject", FIELD, "DKIM-Signature", "List-Id", "X-Gatepost-Score", "Sender"):
        for value in (b" " + noise, noise * 20, b"", b" ", b"\n\t", b" \xff\xfe@\x80.example", b" =?" * 300,
                      b" \"" * 300, b" <" * 300, b" v=1; " * 300, b" ;" * 999):
            fields = [(name, value), *[f for f in PLAIN if f[0] != name]]
            answer, _, added = feed(stage, fields, noise * 300)
            check(answer.kind in ANSWERED, "an answer to %s: %r" % (name, value[:20]), answer[:2])
            for field in added.values():
                check(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", field), "no control bytes in our fields", field)
    daemon.alive()


# --- while it streams ---


@limit(120)
def test_reload_while_streaming(stage):
    """a reload, and one that changes everything, while a signed message of 3 MB streams: it still verifies"""
    daemon, _ = begin(stage)
    body = ("%075d\r\n" % 7) * 40000
    signed = signer.sign(letter("ceo@bank.example", body=body), "bank.example", "relaxed/relaxed")
    fields, tail = fields_of(signed)
    pairs = [tuple(f[:-2].replace(b"\r\n", b"\n").decode().split(":", 1)) for f in fields]

    def reload(**sections):
        count = len(daemon.records(**RELOADED))
        daemon.write_conf(**sections)
        daemon.reload()
        daemon.wait_record(RELOADED, count=count + 1)

    for sections in ({}, {"dkim": {"enabled": False}, "dmarc": {"enabled": False}}):
        answer, _, added = feed(stage, pairs, tail, middle=lambda s=sections: reload(**s))
        check(answer.kind in ("accept", "continue"), "the answer", answer[:2])
        has(added[FIELD], "dkim=pass", "dmarc=pass")
    _, _, added = feed(stage, pairs, tail)
    check("dkim=" not in added[FIELD], "the next session has the new configuration", added)
    daemon.alive()


@limit(120)
def test_slow_keys(stage):
    """50 signed messages at once while every answer takes 0.3 s: each is verified"""
    daemon, names = begin(stage)
    signed = signer.sign(letter("ceo@bank.example"), "bank.example")
    fields, tail = fields_of(signed)
    pairs = [tuple(f[:-2].replace(b"\r\n", b"\n").decode().split(":", 1)) for f in fields]
    names.slow("", 0.3)
    found, trouble = [], []

    def story():
        try:
            answer, took, added = feed(stage, pairs, tail)
            found.append((answer.kind in ("accept", "continue"), "dkim=pass" in added[FIELD], took))
        except Exception as e:
            trouble.append(e)

    threads = [threading.Thread(target=story, daemon=True) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    equal(trouble, [], "sessions that failed")
    equal({(kind, verified) for kind, verified, _ in found}, {(True, True)}, "the answers")
    daemon.alive()
