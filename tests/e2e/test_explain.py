"""gatepostctl explain and test: why a mail got its answer, and what one would get."""

import os
import re
import socket
import struct
import threading
import time

from gatepostd import CHECKS
from harness import *
from test_ctl import DONE, NOT_FOUND, UNAVAILABLE, USAGE, Ctl, attempt, plain

EX_NOINPUT = 66
CLIENT = "203.0.113.7"
ALL_CHECKS = {name: {"enabled": True} for name in CHECKS}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

REFUSED = {
    "code": "1K7QF0000A", "time": 1795244547, "host": "mx1.example.org", "id": "4gH2nD3Kz5z9vNM", "action": "mixed",
    "client": CLIENT, "name": "mail.example.net", "helo": "mail.example.net", "from": "alice@sender.example",
    "rcpt": "bob@example.org reject block; postmaster@example.org accept role", "nrcpt": 3,
    "rdns": "pass mail.example.net", "dnsbl": "bl.example listed 127.0.0.2", "spf": "fail for sender.example by -all",
    "score": 35, "limits": "block=30 low=10 medium=20 high=30",
    "findings": "dnsbl listed score 10 listed by bl.example; spf fail score 25 the sender's domain forbids this client; "
                "score block block 0 Sending address not accepted; rdns none shadow 8 no reverse DNS name",
    "reply": "554 5.7.1 Sending address not accepted (spf; 1K7QF0000A)",
}


def keep(stage, at="*", **fields):
    """A record like REFUSED, with other fields; None leaves one out."""
    words = []
    for name, value in {**REFUSED, **fields}.items():
        words += [name, value] if value is not None else []
    return stage.redis("XADD", "gp:verdicts", at, *words)


def code_of(unix_ms, salt=0):
    bits = (unix_ms & ((1 << 41) - 1)) << 9 | salt
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(45, -1, -5))


def blocks(said):
    """The records in a pipe: [[(name, cells…)]]."""
    return [[tuple(line.split("\t")) for line in block.splitlines()] for block in said.out.split("\n\n") if block]


def fields(block, name):
    return [row[1:] for row in block if row[0] == name]


class Names:
    """A DNS server that knows these addresses, and that there is nothing else."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server.bind(("127.0.0.1", 0))
        self.where = "127.0.0.1@%d" % self.server.getsockname()[1]
        threading.Thread(target=self._answer, daemon=True).start()

    def close(self):
        self.server.close()

    def _answer(self):
        try:
            while True:
                question, client = self.server.recvfrom(512)
                self.server.sendto(self._reply(question), client)
        except OSError:
            pass  # closed

    def _reply(self, question):
        end = question.index(b"\0", 12)
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode("ascii").lower())
            at += 1 + question[at]
        address = self.addresses.get(".".join(labels)) if question[end + 1:end + 3] == b"\0\1" else None
        known = any(name == ".".join(labels) for name in self.addresses)
        head = question[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1, 1 if address else 0, 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address) if address else b""
        return head + question[12:end + 5] + record


def test_explain(stage):
    """explain: code, queue id, client, network, sender, recipient and domain find the record; who and why is told"""
    ctl = Ctl(stage)
    keep(stage, code="T3Z7G8WW14", id=None, client="198.51.100.1", **{"from": "<>"}, rcpt="x@other.example accept known")
    keep(stage)
    for words in ("1K7QF0000A", "1k7qf0000a", "ik7qfoOooA", "4gH2nD3Kz5z9vNM", CLIENT, "203.0.113.0/24", "::ffff:" + CLIENT,
                  "Alice@Sender.example", "@sender.example", "BOB@example.org", "postmaster@example.org", " @EXAMPLE.org "):
        found = blocks(ctl("explain", words).must())
        equal([fields(b, "id") for b in found], [[("4gH2nD3Kz5z9vNM",)]], "what %r finds" % words)
    equal(fields(blocks(ctl("explain", "<>").must())[0], "code"), [("T3Z7G8WW14",)], "the null sender")
    said = ctl.terminal("explain", CLIENT, env={"NO_COLOR": "1"}).must().out
    for pattern in (r"^Answered differently to each, code 1K7QF0000A\n", r"\n  when +.*\(20\d\d-\d\d-\d\d [\d:]+ UTC\)\n",
                    r"\n  client +%s  mail.example.net\n" % re.escape(CLIENT), r"\n  queue id +4gH2nD3Kz5z9vNM\n",
                    r"\n  SPF +fail for sender.example by -all\n", r"\n  dnsbl +10  listed by bl.example\n",
                    r"\n  rdns +shadow 8  none: no reverse DNS name\n", r"\n  sum +35  block at 30, low at 10, ",
                    r"\n  bob@example.org +refused \(block\)\n  postmaster@example.org +accepted \(role\)\n  and 1 more\n",
                    r"\nWhat the client was told\n  554 5.7.1 Sending address", r"\nWhat would have changed it\n"
                    r'  - Without "listed by bl.example" \(dnsbl, 10\) the score would be 25, below block at 30.\n'):
        matches(pattern, said, "in what a person is told")


def explained(ctl, **record):
    """What a terminal of 80 places is told about a record like REFUSED with other fields."""
    keep(ctl.stage, **record)
    return ctl.terminal("explain", "--last", "1", record.get("client", CLIENT), env={"NO_COLOR": "1"}, columns=80).must().out


def test_explain_end(stage):
    """explain: a message refused at its end, held, or put off at DATA: what its recipients got, and why"""
    ctl = Ctl(stage)
    ctl.stage = stage
    text = "Message not accepted: the DMARC policy of sender.example refuses mail that neither SPF nor DKIM ties to it (1K7QF0000A)"
    told = {"action": "reject", "rcpt": "carol@example.org accept passed; dave@example.org accept none", "nrcpt": "2", "score": "0",
            "dmarc": "fail for sender.example, p=reject at sender.example, done: reject", "findings": "dmarc fail block 0 " + text,
            "reply": "554 5.7.26 " + text}
    said = explained(ctl, **told)
    for pattern in (r"\n  carol@example.org  accepted at RCPT \(passed\); then the message was refused\n"
                    r"  dave@example.org   accepted at RCPT; then the message was refused\n",
                    r"\n  - Only DMARC fail stands in the way\.\n", r"dmarc\.forwarders names", r"with\s+sender\.example\s+in\s+dmarc\.accept",
                    r"\n  dmarc  +refused  fail: Message not accepted: [^\n]+\n {26}\S"):
        matches(pattern, said, "refused at its end")
    equal(said.count("1K7QF0000A"), 2, "the code stands in the title and in the reply:\n" + said)
    check(all(len(line) <= 80 for line in said.splitlines()), "it is wrapped", said)
    said = explained(ctl, **{**told, "action": "quarantine"})
    matches(r"\(passed\); then the message was held\n", said, "held")
    said = explained(ctl, **{**told, "action": "accept", "findings": "dmarc fail note 0 " + text, "reply": None, "would": "reject:dmarc"})
    matches(r"\n  dmarc  +shadow  fail: Message[^()]+\(shadow: would\s+have been refused\)\n", said, "shadowed")
    matches(r"- But for shadow mode it would have been refused, by DMARC\.\n", said, "what would have been")
    matches(r"\n  carol@example.org  accepted \(passed\)\n", said, "nobody was refused")
    said = explained(ctl, client="198.51.100.9", action="defer", rcpt="bob@example.org accept none", nrcpt="1", score="0", findings="spf none score 0 ",
                     reply="451 4.7.1 Greylisted, please try again in 240 seconds", **{"from": "<>"})
    for pattern in (r"^Put off, ", r"\n  bob@example.org  accepted at RCPT; then the message was put off\n",
                    r"- Put off at DATA, as mail from the null sender is", r"grey allow\s+198\.51\.100\.9"):
        matches(pattern, said, "from the null sender")
    said = explained(ctl, action="reject", rcpt="bob@example.org reject score", nrcpt="1", reply="554 5.7.1 no",
                     findings="spf fail score 35 no; score score block 0 Sending address not accepted due to spam filter (no; 1K7QF0000A)")
    matches(r"\n  score +refused  the sum reaches block at 30\n", said, "the score is short")
    said = ctl("explain", "T3Z7G8WW15").must(NOT_FOUND)
    matches("while Redis is away there is none; the log has all mail", said.err, "a code without a record")


def test_explain_forms(stage):
    """explain: rows in a pipe, an array in JSON"""
    ctl = Ctl(stage)
    keep(stage)
    rows = blocks(ctl("explain", CLIENT).must())[0]
    equal(fields(rows, "rcpt"), [("bob@example.org", "reject", "block"), ("postmaster@example.org", "accept", "role")], "rcpt")
    equal(fields(rows, "finding")[0], ("dnsbl", "listed", "score", "10", "listed by bl.example"), "finding")
    equal(fields(rows, "limit")[0], ("block", "30"), "limit")
    equal(len(fields(rows, "change")), 2, "changes")
    record, = ctl("--json", "explain", CLIENT).must().json()
    equal((record["code"], record["time"], record["score"]), ("1K7QF0000A", 1795244547, 35), "plain fields")
    equal(record["rcpts"][1], {"address": "postmaster@example.org", "answer": "accept", "reason": "role"}, "rcpts")
    equal(record["findings"][1]["weight"], 25, "findings")
    equal(record["limits"]["medium"], 20, "limits")
    equal(record["dkim"], None, "what there is not")
    check(any("below block at 30" in c for c in record["changes"]), "changes", record)


def test_explain_last(stage):
    """explain: the newest first, five at most or --last, each once though Redis has it twice"""
    ctl = Ctl(stage)
    for i in range(300):
        keep(stage, code="T3Z700%04d" % i, client=CLIENT if i % 30 == 0 else "198.51.100.1")
    keep(stage, code="T3Z7000270")  # a batch that was sent again

    def codes(*words):
        return [fields(b, "code")[0][0][-3:] for b in blocks(ctl("explain", CLIENT, *words).must())]

    equal(codes(), ["270", "240", "210", "180", "150"], "five")
    equal(codes("--last", "2"), ["270", "240"], "two")
    equal(codes("--last", "100"), ["270", "240", "210", "180", "150", "120", "090", "060", "030", "000"], "all")
    equal(len(ctl("--json", "explain", CLIENT).must().json()), 5, "in JSON, too")


def test_explain_code(stage):
    """explain: a code leads to its record at once, also when clocks differ or Redis was away meanwhile"""
    ctl = Ctl(stage)
    now = int(time.time() * 1000)
    for ms, kept in ((now - 3600000, now - 3590000), (now - 1800000, now - 60000), (now, now - 30000)):
        keep(stage, at="%d-0" % kept, code=code_of(ms), id=None)
        for i in range(250):
            keep(stage, at="%d-%d" % (kept, i + 1), code=code_of(ms, i % 511 + 1), id=None)
    for ms in (now - 3600000, now - 1800000, now):
        found = blocks(ctl("explain", code_of(ms)).must())
        equal([fields(b, "code") for b in found], [[(code_of(ms),)]], "by its code")
    said = ctl("explain", code_of(now, 511)).must(NOT_FOUND)
    matches("no decision record of %s among the 753 that are kept" % code_of(now, 511), said.err, "a code of nobody")
    matches("of mail that leaves see `gatepostctl log`", said.err, "where else to look")


def test_explain_none(stage):
    """explain: nothing there is exit 1, with a sentence that says what to do"""
    ctl = Ctl(stage)
    said = ctl("explain", "1K7QF0000A").must(NOT_FOUND)
    equal(said.out, "", "nothing on stdout")
    matches(r"no decision records in this Redis: .*verdicts\.keep.*redis\.prefix.*`gatepostctl log`", said.err, "no stream")
    equal(ctl("--json", "explain", CLIENT).must(NOT_FOUND).json(), [], "an empty array")
    keep(stage)
    said = ctl("explain", "nobody@example.org").must(NOT_FOUND)
    matches(r"of nobody@example.org among the 1 that are kept, the oldest from .*verdicts\.keep", said.err, "none of these")
    stage.redis("DEL", "gp:verdicts")
    stage.redis("SET", "gp:verdicts", "x")
    matches("WRONGTYPE", ctl("explain", CLIENT).must(UNAVAILABLE).err, "something else by that name")


def test_explain_usage(stage):
    """explain and test: wrong usage is exit 64 with what was meant"""
    ctl = Ctl(stage)
    for words, says in ((["explain"], "usage:"), (["explain", ""], "explain what"), (["explain", "a", "b"], "unexpected"),
                        (["explain", "a", "--last", "0"], "at least 1"), (["explain", "a", "--last", "101"], "0 to 100"),
                        (["test"], "wants --ip"), (["test", "--ip", CLIENT], "wants --ip"),
                        (["test", "--ip", "mail.example", "--rcpt", "x@y"], "no IP address"),
                        (["test", "--ip", CLIENT] + ["--rcpt", "x@y"] * 51, "more than 50")):
        matches(says, ctl(*words).must(USAGE).err, "what %s is told" % words)


def test_explain_hostile(stage):
    """explain: whatever is in the stream, no control byte comes out, and rows stay rows"""
    ctl = Ctl(stage)
    keep(stage, helo="a\033[2Jb\tc\nd\rhelo", rcpt=b"\x9b31m\xff@x reject \0; ; a", score="99999999999999999999999",
         findings="; ; x\n\ty; " * 200, limits="block==;low=\033", reply="554 " + "\302\233" * 300, time="-1", nrcpt="-7")
    keep(stage, **{name: "" for name in REFUSED if name != "client"})
    keep(stage, **{name: "x" * 20000 for name in REFUSED if name != "client"})
    for said in (ctl("explain", CLIENT), ctl.terminal("explain", CLIENT, env={"NO_COLOR": "1"}), ctl("--json", "explain", CLIENT)):
        check(not re.search(r"[^\x20-\x7e\n\t]", said.must().out), "only printable ASCII", said)
    for block in blocks(ctl("explain", CLIENT)):
        check(all(re.fullmatch(r"[a-z_]+", row[0]) and len(row) <= 6 for row in block), "rows", block)


@limit(60)
def test_explain_rights(stage):
    """explain: a user who may only look can; without rights, and without Redis, it says why"""
    keep(stage)
    stage.redis("ACL", "SETUSER", "viewer", "reset", "on", ">pw", "%R~gp:*", "+script|load", "+time", "+scan", "+sscan",
                "+hmget", "+ttl", "+hgetall", "+xrange", "+xrevrange")
    try:
        viewer = {"redis": {"user": "viewer", "password": "pw"}}
        for words in (CLIENT, "1K7QF0000A"):
            Ctl(stage, viewer)("explain", words).must()
        stage.redis("ACL", "SETUSER", "viewer", "-xrevrange")
        matches("NOPERM", Ctl(stage, viewer)("explain", CLIENT).must(UNAVAILABLE).err, "Redis's words")
    finally:
        stage.redis("ACL", "DELUSER", "viewer")
    ctl = Ctl(stage, {"redis": {"server": "unix:/nonexistent/redis.sock"}})
    matches("No such file", ctl("explain", CLIENT).must(UNAVAILABLE).err, "no Redis")


def test_explain_daemon(stage):
    """explain: what gatepostd put off and let in can be explained"""
    names = Names({"mx.example": CLIENT})
    settings = {"dns": {"resolver": names.where}}
    daemon = stage.gatepostd(settings)
    equal(attempt(stage, rcpt="bob@example.org"), "reply", "the first try")
    equal(attempt(stage, rcpt="postmaster@example.org"), "continue", "a role address")
    daemon.stop()
    ctl = Ctl(stage, settings)
    said = ctl("explain", "bob@example.org").must()
    block, = blocks(said)
    equal(fields(block, "action"), [("defer",)], "the action")
    equal(fields(block, "rcpt"), [("bob@example.org", "defer", "new")], "the answer")
    matches(r"^451 4\.7\.1 Greylisted", fields(block, "reply")[0][0], "the reply")
    check(any("grey allow" in c[0] for c in fields(block, "change")), "what to do", said)
    code = fields(block, "code")[0][0]
    equal(blocks(ctl("explain", code).must()), [block], "by its code")
    block, = blocks(ctl("explain", "postmaster@example.org").must())
    equal(fields(block, "rcpt"), [("postmaster@example.org", "accept", "role")], "the other")
    equal(len(blocks(ctl("explain", CLIENT).must())), 2, "both")
    daemon.start()
    equal(attempt(stage, sender="<>", rcpt="carol@example.org"), "continue", "a bounce, at RCPT")
    daemon.stop()
    block, = blocks(ctl("explain", "<>").must())
    equal(fields(block, "action"), [("defer",)], "it was put off all the same")
    check(any("at DATA, as mail from the null sender" in c[0] for c in fields(block, "change")), "and why", block)
    names.close()


def test_test(stage):
    """test: a listed client is refused with the reasons, a role address is not; Redis is not touched"""
    names = Names({"7.113.0.203.bl.example": "127.0.0.2"})
    settings = {**ALL_CHECKS, "dns": {"resolver": names.where}, "dnsbl": {"lists": ["bl.example=127.0.0.2*40"]},
                "redis": {"server": "unix:/nonexistent/redis.sock"}}
    ctl = Ctl(stage, settings)
    words = ["test", "--ip", CLIENT, "--helo", "mx.example", "--from", "alice@sender.example"]
    block, = blocks(ctl(*words, "--rcpt", "bob@example.org", "--rcpt", "postmaster@example.org").must())
    equal([r[:2] for r in fields(block, "rcpt")], [("bob@example.org", "reject"), ("postmaster@example.org", "accept")],
          "two recipients, two answers")
    check(("dnsbl", "listed", "score", "40") in [f[:4] for f in fields(block, "finding")], "the listing", block)
    matches(r"bl\.example", fields(block, "reply")[0][0], "the reason in the reply")
    said = ctl.terminal(*words, "--rcpt", "bob@example.org", env={"NO_COLOR": "1"}).must().out
    matches(r"^A trial: .*\n.*\n.*\n\nRefused, code \w{10}\n", said, "in words")
    matches(r'Without "listed by bl\.example\b.*" \(dnsbl, 40\) the score would be', said, "what would have changed it")
    equal(ctl(*words, "--login", "alice", "--rcpt", "bob@example.org").must().code, DONE, "with a login")
    block, = blocks(ctl("test", "--ip", "198.51.100.1", "--from", "a@b.example", "--rcpt", "bob@example.org").must())
    equal(fields(block, "rcpt"), [("bob@example.org", "defer", "new")], "an unlisted one is a stranger")
    block, = blocks(ctl(*words, "--rcpt", "postmaster@example.org").must())
    equal(fields(block, "action"), [("accept",)], "accepted, as far as that is known")
    equal(stage.redis.keys(), [], "nothing is in Redis")
    names.close()


def test_test_message(stage):
    """test --message: what the end of the message decides, and what would be changed in it"""
    names = Names({"7.113.0.203.bl.example": "127.0.0.2"})
    ctl = Ctl(stage, {**ALL_CHECKS, "dns": {"resolver": names.where}, "greylist": {"mode": "off"},
                      "dnsbl": {"lists": ["bl.example=127.0.0.2*12"]}, "reverse_dns": {"enabled": True, "no_ptr": 0}})
    for end in ("\n", "\r\n"):
        lines = ["From alice Mon Nov 23 10:00:00 2026", "Received: from a", "\tby b", "From: Alice <alice@sender.example>",
                 "X-Gatepost-Score: 0 (clean)", "Subject: Hello", "", "Hello.", "no line end here"]
        path = stage.world.write("mail.eml", end.join(lines))
        words = ["test", "--ip", CLIENT, "--from", "alice@sender.example", "--rcpt", "bob@example.org", "--message", path]
        record, = ctl("--json", *words).must().json()
        equal(record["action"], "accept", "accepted")
        check(record["dkim"] is not None, "the body was looked at", record)
        edits = [(e["edit"], e["name"]) for e in record["edits"]]
        check(("delete", "X-Gatepost-Score") in edits and ("insert", "X-Gatepost-Score") in edits, "the mark", record)
        check(("insert", "Authentication-Results") in edits, "the results", record)
    rows = [row for row in blocks(ctl(*words).must())[0] if row[0] == "edit"]
    check(all(len(row) == 5 and row[1] in ("insert", "change", "delete") for row in rows), "rows of edits", rows)
    matches(r"\nWhat would be changed in the message\n  delete X-Gatepost-Score \(number 1\)\n",
            ctl.terminal(*words, env={"NO_COLOR": "1"}).must().out, "in words")
    matches("No such file", ctl(*words[:-1], "/nonexistent").must(EX_NOINPUT).err, "no file")
    matches("not a regular file", ctl(*words[:-1], "/dev/null").must(EX_NOINPUT).err, "no file of bytes")
    path = stage.world.write("large.eml", "")
    os.truncate(path, 65 * 1024 * 1024)
    matches("larger than", ctl(*words[:-1], path).must(EX_NOINPUT).err, "a bound")
    for text in (b"", b"\r\n", b"\n\n\n", b"\0" * 1000, b":\n: :\n" + bytes(range(256)) * 300, b"A: b\r\n" * 5000):
        with open(path, "wb") as f:
            f.write(text)
        blocks(ctl(*words[:-1], path).must())
    names.close()


def test_test_retry(stage):
    """test --message: a stranger who is put off is tried again, and then his message is judged"""
    names = Names({"7.113.0.203.bl.example": "127.0.0.2"})
    ctl = Ctl(stage, {**ALL_CHECKS, "dns": {"resolver": names.where}, "greylist": {"mode": "all", "block": Words("4m")},
                      "dnsbl": {"lists": ["bl.example=127.0.0.2*12"]}, "reverse_dns": {"enabled": True, "no_ptr": 0},
                      "redis": {"server": "unix:/nonexistent/redis.sock"}})
    path = stage.world.write("mail.eml", "From: Alice <alice@sender.example>\nSubject: Hello\n\nHello.\n")
    words = ["test", "--ip", CLIENT, "--from", "alice@sender.example", "--rcpt", "bob@example.org"]
    for more in ([], ["--rcpt", "postmaster@example.org"]):
        first, second = blocks(ctl(*words, *more, "--message", path).must())
        equal(fields(first, "rcpt")[0], ("bob@example.org", "defer", "new"), "the first try")
        equal((fields(first, "retry"), second[0]), ([], ("retry", "240")), "the second is told apart")
        equal(fields(second, "rcpt")[0], ("bob@example.org", "accept", "passed"), "the second")
        equal(fields(second, "action"), [("mixed" if more else "accept",)], "its end")
        check(fields(second, "dkim") == [("none",)] and fields(second, "dmarc"), "the message was looked at", second)
        equal(fields(second, "score"), [("12",)], "its score")
        edits = [row[2] for row in fields(second, "edit")]
        check("X-Greylist" in edits and "Authentication-Results" in edits, "edits", second)
    first, second = ctl("--json", *words, "--message", path).must().json()
    equal((first["retry"], first["action"], first["edits"]), (None, "defer", []), "the first in JSON")
    equal((second["retry"], second["action"]), (240, "accept"), "the second in JSON")
    said = ctl.terminal(*words, "--message", path, env={"NO_COLOR": "1"}).must().out
    matches(r"as to a first try, then to a retry.*\n\nPut off, code [^\f]*\n\nAs if the client had come back after 240 seconds\n\n"
            r"Accepted, code [^\f]*\nWhat would be changed in the message\n", said, "in words")
    words[4] = "<>"  # is put off at DATA, when greylisting knows that a message comes
    first, second = blocks(ctl(*words, "--message", path).must())
    equal((fields(first, "action"), fields(second, "action")), ([("defer",)], [("accept",)]), "the null sender")
    equal(len(blocks(ctl(*words).must())), 1, "without a message there is one try")
    names.close()


def test_test_dead_dns(stage):
    """test: a resolver that does not answer is a temporary error, and within the deadline"""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    ctl = Ctl(stage, {**ALL_CHECKS, "dns": {"resolver": "127.0.0.1@%d" % silent.getsockname()[1], "timeout": Words("1s")}})
    began = time.monotonic()
    said = plain(ctl("--color=always", "test", "--ip", CLIENT, "--from", "a@b.example", "--rcpt", "c@d.example").must().out)
    check(time.monotonic() - began < 10, "in time", time.monotonic() - began)
    matches(r"reverse DNS +temperror", said, "told so")
    silent.close()
