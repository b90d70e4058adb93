"""gatepostctl suppress: who is suppressed, shown, added, removed, imported and exported, with a real Redis."""

import csv
import io
import os
import threading
import re
import subprocess
import time

from harness import *
from test_ctl import NOT_FOUND, UNAVAILABLE, USAGE, Ctl, Result, plain

LIST = ("account", "address", "reason", "in_force", "count", "first", "last", "until", "evidence")
SHOW = ("account", "reason", "in_force", "count", "first", "last", "until", "evidence", "soft", "soft_first", "soft_last", "steps")
CHANGE = ("state", "account", "address", "reason", "until")
IMPORT = ("format", "rows", "created", "changed", "same", "kept", "wrong", "rows_per_second")
HEADER = "account,address,reason,count,first,last,until,evidence\n"
NO_INPUT = 66
DAY = 86400
MANY = int(os.environ.get("GATEPOST_MANY", "100000"))  # rows of the large import
MEMORY_KB = 64 * 1024

CONF = {"account confshop": {"match": Words('{ "login:conf" }')}}


class Suppress:
    def __init__(self, stage):
        self.stage = stage
        self.ctl = Ctl(stage, dict(CONF))
        for name in ("shop", "club"):
            stage.redis("HSET", "gp:acct:{%s}" % name, "match", "")

    def __call__(self, *words, **more):
        return self.ctl("suppress", *words, **more)

    def feed(self, data, *words):
        argv = self.ctl.argv("suppress", *words)
        data = data if isinstance(data, bytes) else data.encode()
        done = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        return Result(argv, done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode())

    def imported(self, data, *words):
        return self.feed(data, "import", *words).must().rows(IMPORT)[0]

    def put(self, account, address, entry):
        self.stage.redis("HSET", "gp:supp:{%s}" % account, address, entry)

    def entries(self, account):
        return self.stage.redis.hash("gp:supp:{%s}" % account)

    def everything(self):
        return {key: self.stage.redis.hash(key) for key in self.stage.redis.keys("gp:supp:*")}


def now(stage):
    return int(stage.redis("TIME")[0])


def test_list(stage):
    """list: all lists or one, filtered, the newest first, as pipe, JSON and for a terminal"""
    supp = Suppress(stage)
    t = now(stage)
    supp.put("shop", "ann@example.com", "bounced 3 %d %d 0 550 5.1.1 no such user" % (t - 9000, t - 300))
    supp.put("shop", "bob@example.com", "complained 1 %d %d 0 arf" % (t - 100, t - 100))
    supp.put("shop", "old@sub.example.com", "bounced 3 %d %d %d mailbox full" % (t - 9 * DAY, t - 9 * DAY, t - 8 * DAY))
    supp.put("shop", "dan@other.example", "left the company")
    supp.put("*", "spam@trap.example", "manual 1 %d %d 0 a trap" % (t - 200, t - 200))
    supp.put("club", "ann@example.com", "unsubscribed 1 %d %d 0" % (t - 50, t - 50))
    stage.redis("SET", "gp:supp:odd", "x")
    rows = supp("list").must().rows(LIST)
    equal([(r["account"], r["address"]) for r in rows],
          [("club", "ann@example.com"), ("shop", "bob@example.com"), ("*", "spam@trap.example"), ("shop", "ann@example.com"),
           ("shop", "old@sub.example.com"), ("shop", "dan@other.example")], "the newest first")
    equal(rows[3], dict(zip(LIST, ("shop", "ann@example.com", "bounced", "yes", "3", str(t - 9000), str(t - 300), "-", "550 5.1.1 no such user"))), "a row")
    equal((rows[4]["in_force"], rows[4]["until"]), ("no", str(t - 8 * DAY)), "one that ended")
    equal([rows[5][k] for k in ("reason", "in_force", "first", "last", "evidence")], ["manual", "yes", "-", "-", "left the company"], "an operator's words")

    def found(*words):
        return [r["address"] for r in supp("list", *words).must().rows(LIST)]

    equal(found("--account", "shop"), ["bob@example.com", "ann@example.com", "old@sub.example.com", "dan@other.example"], "of one")
    equal(found("--all"), ["spam@trap.example"], "of all accounts")
    equal(found("--account", "*"), ["spam@trap.example"], "the same")
    equal(found("--reason", "complained, unsubscribed"), ["ann@example.com", "bob@example.com"], "by reason")
    equal(found("--since", "-2m"), ["ann@example.com", "bob@example.com"], "since")
    equal(found("--domain", "example.com"), ["ann@example.com", "bob@example.com", "ann@example.com"], "a domain")
    equal(found("--domain", ".Example.com"), ["ann@example.com", "bob@example.com", "ann@example.com", "old@sub.example.com"], "and below")
    equal(found("--domain", "@other.example", "--account", "shop"), ["dan@other.example"], "with the @")
    equal(found("--limit", "2"), ["ann@example.com", "bob@example.com"], "a limit")
    matches("no account nobody", supp("list", "--account", "nobody").must(NOT_FOUND).err, "no such account")
    equal(found("--account", "confshop"), [], "none")
    listed = supp("list", "--all", "--json").must().json()
    equal(listed, [{"account": "*", "address": "spam@trap.example", "reason": "manual", "in_force": True, "count": 1, "first": t - 200,
                    "last": t - 200, "until": None, "evidence": "a trap"}], "JSON")
    equal(supp("list", "--account", "confshop", "--json").must().json(), [], "no JSON")
    text = plain(supp.ctl.terminal("suppress", "list", "--limit", "3").must().out)
    matches(r"ACCOUNT +ADDRESS +REASON", text, "a title")
    matches(r"the newest 3 of 6 entries; --limit 0 shows all", text, "what is left out")
    for words, wanted in ((["--reason", "gone"], "--reason gone: write some of"), (["--since", "soon"], "--since soon"),
                          (["--account", "shop", "--all"], "not both"), (["--account", "A b"], "is no name"), (["--limit", "x"], "--limit")):
        matches(re.escape(wanted), supp("list", *words).must(USAGE).err, "wrong %s" % words)
    stage.redis("DEL", "gp:supp:{club}")
    stage.redis("SET", "gp:supp:{club}", "x")
    matches("WRONGTYPE", supp("list").must(UNAVAILABLE).err, "a list that is none")


def test_list_newest(stage):
    """list --limit keeps the newest of many"""
    supp = Suppress(stage)
    for i in range(0, 3000, 500):
        stage.redis("HSET", "gp:supp:{shop}", *[w for n in range(i, i + 500) for w in ("u%d@example.com" % n, "bounced 1 1 %d 0" % (1000000 + n * 7919 % 3000))])
    rows = supp("list", "--limit", "100").must().rows(LIST)
    equal([int(r["last"]) for r in rows], list(range(1002999, 1002899, -1)), "the newest")
    equal(len(supp("list").must().rows(LIST)), 3000, "all")


def test_add_remove(stage):
    """add and remove: for one account and for all, with reason, end and note; what weighs more stays"""
    supp = Suppress(stage)
    t = now(stage)

    def change(*words):
        return supp(*words).must().rows(CHANGE)[0]

    equal(change("add", "<Ann@Example.COM>", "--account", "shop", "--note", "left the company"),
          dict(zip(CHANGE, ("added", "shop", "ann@example.com", "manual", "-"))), "added")
    reason, count, first, last, until, note = supp.entries("shop")["ann@example.com"].split(" ", 5)
    equal((reason, count, until, note), ("manual", "1", "0", "left the company"), "in Redis")
    check(t <= int(first) == int(last) <= t + 60, "by Redis's clock", first)
    equal(change("add", "bob@example.com", "--all", "--until", "+30d")["account"], "*", "for all accounts")
    check(30 * DAY <= int(supp.entries("*")["bob@example.com"].split(" ")[4]) - t <= 30 * DAY + 60, "until", supp.entries("*"))
    equal(change("add", "bob@example.com", "--all", "--until", "2099-12-24")["state"], "changed", "longer")
    equal(change("add", "bob@example.com", "--all", "--until", "+1d")["state"], "stands", "shorter")
    equal(change("add", "cem@example.com", "--account", "confshop", "--reason", "complained")["reason"], "complained", "of milter.conf, with a reason")
    equal(change("add", "cem@example.com", "--account", "confshop", "--reason", "bounced"),
          dict(zip(CHANGE, ("stands", "confshop", "cem@example.com", "complained", "-"))), "the graver stays")
    for words, code, wanted in (
            (["add", "x@y.example"], USAGE, "whose list"), (["remove", "x@y.example"], USAGE, "whose list"),
            (["add", "x@y.example", "--account", "shap"], NOT_FOUND, "no account shap"), (["add", "not an address", "--all"], USAGE, "is no address"),
            (["add", "<>", "--all"], USAGE, "is no address"), (["add", "foo", "--account", "shop"], USAGE, '"foo" is no address'), (["add", "x@y.example", "--all", "--until", "-1d"], USAGE, "a time to come"),
            (["add", "x@y.example", "--all", "--until", "soon"], USAGE, "a time to come"), (["add", "x@y.example", "--all", "--reason", "gone"], USAGE, "--reason gone"),
            (["add", "x@y.example", "--all", "--note", "a\nb"], USAGE, "--note"), (["add", "x@y.example", "--all", "--note", "x" * 201], USAGE, "200 bytes"),
            (["remove", "x@y.example", "--all"], NOT_FOUND, "not on that list")):
        matches(wanted, supp(*words).must(code).err, " ".join(words))
    stage.redis("HSET", "gp:acctmap", "login:shop", "shop")
    for words in (["list"], ["export"], ["remove", "x@y.example"], ["add", "x@y.example"]):
        matches("no account shpo; did you mean shop", supp(*words, "--account", "shpo").must(NOT_FOUND).err, "a slip of the pen")
    supp.put("removed", "ann@example.com", "manual 1 1 1 0")
    equal(len(supp("list", "--account", "removed").must().rows(LIST)), 1, "of an account that there is no more")
    stage.redis("HSET", "gp:bounce:{shop}:ann@example.com", "soft", "2 5 6 1 7", "seen", "m/soft")
    equal(change("remove", "ANN@example.com", "--account", "shop")["state"], "removed", "removed")
    equal((supp.entries("shop"), stage.redis.hash("gp:bounce:{shop}:ann@example.com")), ({}, {"seen": "m/soft"}), "gone, with what counted")
    matches("ann@example.com was added to the list of account club: by the operator on",
            plain(supp.ctl.terminal("suppress", "add", "ann@example.com", "--account", "club").must().out), "in words")
    matches("ann@example.com was taken off the list of account club", plain(supp.ctl.terminal("suppress", "remove", "ann@example.com", "--account", "club").must().out), "in words")


def test_show(stage):
    """show: one recipient on all lists, with the evidence and what counts"""
    supp = Suppress(stage)
    t = now(stage)
    supp.put("shop", "ann@example.com", "bounced 3 %d %d %d 552 5.2.2 full \033[31m" % (t - 500, t - 10, t + DAY))
    supp.put("*", "ann@example.com", "complained 1 0 0 0")
    stage.redis("HSET", "gp:bounce:{confshop}:ann@example.com", "soft", "2 %d %d 1 %d" % (t - 70, t - 60, t - 5 * DAY))
    rows = supp("show", "Ann@Example.com").must().rows(SHOW)
    equal([(r["account"], r["reason"], r["in_force"], r["soft"], r["steps"]) for r in rows],
          [("*", "complained", "yes", "0", "0"), ("confshop", "-", "no", "2", "1"), ("shop", "bounced", "yes", "0", "0")], "all lists")
    equal(rows[2]["evidence"], "552 5.2.2 full ?[31m", "the evidence")
    text = plain(supp.ctl.terminal("suppress", "show", "ann@example.com").must().out)
    matches(r"^all accounts\n  complained, 1 time; first unknown, last unknown; for good\n\naccount confshop\n"
            r"  soft failures that count: 2, first .* UTC, last .* UTC\n  suppressed for a while so far: 1 time\n\naccount shop\n"
            r"  bounced, 3 times; first .*; until .* UTC\n  evidence: 552 5.2.2 full \?\[31m\n$", text, "in words")
    equal(len(supp("--json", "show", "ann@example.com").must().json()), 3, "JSON")
    matches("is on no list", supp("show", "nobody@example.com").must(NOT_FOUND).err, "nobody")


FORMATS = {
    "sendgrid": ("status,reason,email,created\n5.1.1,\"550 5.1.1 The account, \"\"x\"\" does\nnot exist\",User@Example.com,1730000000\n",
                 {"user@example.com": "bounced 1 1730000000 1730000000 0 sendgrid: 5.1.1 550 5.1.1 The account, \"x\" does?not exist"}),
    "mailgun": ("address,code,error,created_at\nann@example.com,550,No such mailbox,\"Fri, 21 Oct 2011 11:02:55 GMT\"\nbob@example.com,,,\n",
                {"ann@example.com": "bounced 1 1319194975 1319194975 0 mailgun: 550 No such mailbox", "bob@example.com": "bounced 1 0 0 0 mailgun:"}),
    "mailgun unsubscribes": ("address,tags,created_at\nann@example.com,*,\"Fri, 21 Oct 2011 13:02:55 +0200\"\n", {"ann@example.com": "unsubscribed 1 1319194975 1319194975 0 mailgun:"}),
    "postmark": ("EmailAddress,SuppressionReason,Origin,CreatedAt\na@example.com,HardBounce,Recipient,2019-12-17T08:58:33-05:00\n"
                 "b@example.com,SpamComplaint,Recipient,2019-12-17T08:58:33.123Z\nc@example.com,ManualSuppression,Customer,2019-12-17\n",
                 {"a@example.com": "bounced 1 1576591113 1576591113 0 postmark: Recipient", "b@example.com": "complained 1 1576573113 1576573113 0 postmark: Recipient",
                  "c@example.com": "manual 1 1576540800 1576540800 0 postmark: Customer"}),
    "ses": ("EmailAddress,Reason,LastUpdateTime\na@example.com,BOUNCE,2024-03-01T00:00:00+00:00\nb@example.com,COMPLAINT,1709251200\n",
            {"a@example.com": "bounced 1 1709251200 1709251200 0 ses:", "b@example.com": "complained 1 1709251200 1709251200 0 ses:"}),
    "ses bulk": ("recipient1@example.com,BOUNCE\r\nrecipient2@example.com, COMPLAINT\r\n",
                 {"recipient1@example.com": "bounced 1 0 0 0 ses:", "recipient2@example.com": "complained 1 0 0 0 ses:"}),
    "mandrill": ("email,reason,detail,created_at,expires_at,last_event_at,expires_at,subaccount\n"
                 "a@example.com,hard-bounce,\"smtp;550 5.1.10 not found\",\"2015-12-18 17:49:49.74724\",,\"2016-01-14 19:04:39\",,\n"
                 "b@example.com,soft-bounce,,2015-11-03 10:22:19.9567,2099-11-04 10:22:19,2015-11-03 10:22:19,2099-11-04 10:22:19,\n"
                 "c@example.com,unsub,,2015-11-03 10:22:19,,,,\n",
                 {"a@example.com": "bounced 1 1450460989 1452798279 0 mandrill: smtp;550 5.1.10 not found",
                  "b@example.com": "bounced 1 1446546139 1446546139 4097470939 mandrill:", "c@example.com": "unsubscribed 1 1446546139 0 0 mandrill:"}),
    "sparkpost": ("recipient,type,source,description,created\na@example.com,non_transactional,Spam Complaint,by fbl,2020-01-01T00:00:00+00:00\n"
                  "b@example.com,transactional,Bounce Rule,550 gone,2020-01-01T00:00:00+00:00\n",
                  {"a@example.com": "complained 1 1577836800 1577836800 0 sparkpost: by fbl", "b@example.com": "bounced 1 1577836800 1577836800 0 sparkpost: 550 gone"}),
    "addresses": ("\ufeffName;E-Mail;Reason\nAnn;ann@example.com;bounce\n;bob@example.com;opt-out\n", {"ann@example.com": "bounced 1 0 0 0 addresses:",
                                                                                                "bob@example.com": "unsubscribed 1 0 0 0 addresses:"}),
}


def test_formats(stage):
    """import knows the columns of large providers by their header line"""
    supp = Suppress(stage)
    for name, (text, want) in FORMATS.items():
        stage.redis("DEL", "gp:supp:{shop}")
        said = supp.imported(text, "--account", "shop")
        equal(said["format"], name.split()[0], name)
        equal(supp.entries("shop"), want, name)
        equal((said["rows"], said["created"], said["wrong"]), (str(len(want)), str(len(want)), "0"), name)
    stage.redis("DEL", "gp:supp:{shop}")
    matches("does not say why: add --reason", supp.feed("email,created\na@b.example,1600000000\n", "import", "--account", "shop").must(USAGE).err, "no reason")
    supp.imported("email,created\na@b.example,1600000000\n", "--account", "shop", "--reason", "unsubscribed")
    supp.imported("c@d.example\n\ne@f.example\n", "--account", "shop", "--reason", "manual")
    equal(supp.entries("shop"), {"a@b.example": "unsubscribed 1 1600000000 1600000000 0 addresses:", "c@d.example": "manual 1 0 0 0 addresses:",
                                 "e@f.example": "manual 1 0 0 0 addresses:"}, "with --reason")


def test_wrong(stage):
    """import: what is wrong is named with its line, and nothing is written, or only the rest"""
    supp = Suppress(stage)
    text = HEADER + ("shop,ann@example.com,bounced,1,,,,x\n"
                     "shop,no address,bounced,1,,,,\n"
                     "shop,bob@example.com,gone,1,,,,\n"
                     "shop,cem@example.com,manual,many,,,,\n"
                     "shop,dan@example.com,manual,1,yesterday,,,\n"
                     "Shop Ltd,eve@example.com,manual,1,,,,\n"
                     ",fay@example.com,manual,1,,,,\n"
                     "shop,,manual,1,,,,\n"
                     "shop,gus@example.com,manual,1,,,,\"two\nlines\"\n"
                     "shop,hal@example.com,manual,1,2026-02-30,,,\n"
                     "shop,ida@example.com,manual,1,,,,\"not closed\n")
    said = supp.feed(text, "import").must(USAGE)
    for line, wanted in ((3, '"no address" is no address'), (4, '"gone" is no reason'), (5, '"many" is no count'), (6, '"yesterday" is no time'),
                         (7, "is no name"), (8, "there is no account"), (9, "there is no address"), (12, '"2026-02-30" is no time')):
        matches(r"standard input: line %d: .*%s" % (line, wanted), said.err, "line %d" % line)
    matches("line 13: .*a quote is not closed", said.err, "the last")
    check("line 2:" not in said.err and "10" not in re.findall(r"lines? (\d+)", said.err), "the good ones are not named", said.err)
    matches("nothing was written", said.err, "why")
    equal(supp.everything(), {}, "nothing")
    row = supp.feed(text, "import", "--skip-wrong").must().rows(IMPORT)[0]
    equal((row["rows"], row["created"], row["wrong"]), ("11", "2", "9"), "the rest")
    equal(supp.entries("shop"), {"ann@example.com": "bounced 1 0 0 0 x", "gus@example.com": "manual 1 0 0 0 two?lines"}, "is written")
    matches("and 950 more", supp.feed(HEADER + "shop,x,bounced\n" * 0 + "shop,x y,bounced\n" * 1000, "import").must(USAGE).err, "very many")
    for data, words, code, wanted in (("", ["--all"], USAGE, "nothing in it"), ("name,phone\nx,y\n", ["--all"], USAGE, "must name the columns"),
                                      ("email,reason\nx@y.example,bounce\n", [], USAGE, "whose list"), (HEADER, ["--account", "shap"], NOT_FOUND, "no account shap"),
                                      (HEADER, ["--all", "--reason", "x"], USAGE, "--reason x"), (b"\0\xff\xfe" * 9999, ["--all"], USAGE, "must name"),
                                      (b'"' * 200001, ["--all"], USAGE, "must name")):
        matches(wanted, supp.feed(data, "import", *words).must(code).err, "wrong: %r" % data[:20])
    matches("No such file", supp("import", "/nonexistent", "--all").must(NO_INPUT).err, "no file")
    equal(supp.feed("email,reason\r\n", "import", "--all").must().rows(IMPORT)[0]["rows"], "0", "a header alone")
    equal(supp.feed(HEADER + "shop," + "x" * 70000 + "@y.example,manual,1,,,,\nshop,b@y.example,manual,1,,,,\n", "import", "--skip-wrong").must().rows(IMPORT)[0]["created"],
          "1", "a row that is too long ends with its line")
    equal(supp.feed("email,reason\nx@y.example,soft-bounce\n", "import", "--all", "--skip-wrong").must().rows(IMPORT)[0]["wrong"], "1", "a soft bounce without an end")


def test_merge(stage):
    """import releases nobody, says what it does, and does nothing with --dry-run"""
    supp = Suppress(stage)
    supp.put("shop", "a@example.com", "complained 2 5 6 0 arf")
    supp.put("shop", "b@example.com", "bounced 3 5 6 4000000000 full")
    supp.put("shop", "c@example.com", "bounced 3 5 6 7 ended")
    supp.put("shop", "d@example.com", "manual 1 0 0 0 x")
    supp.put("shop", "e@example.com", "bounced 1 5 1900000000 0 newer")
    supp.put("shop", "hand@example.com", "left the company")
    text = "address,reason,count,first,last,until,evidence\n" + "".join(
        "%s@example.com,%s\n" % row for row in (
            ("a", "bounced,1,,,,file"), ("b", "bounced,1,,,,file"), ("c", "unsubscribed,1,,,,file"), ("d", "manual,1,,,,x"), ("e", "bounced,1,,,,file"),
            ("hand", "bounced,1,,,,file"), ("f", "complained,1,,,,file"), ("f", "bounced,1,,,,file"), ("g", "bounced,1,,,,file"), ("g", "complained,1,,,,file")))
    before = supp.everything()
    want = {"format": "gatepost", "rows": "10", "created": "2", "changed": "2", "same": "1", "kept": "5", "wrong": "0"}
    said = supp.imported(text, "--account", "shop", "--dry-run")
    equal({k: said[k] for k in want}, want, "dry run")
    equal(supp.everything(), before, "nothing was written")
    said = supp.imported(text, "--account", "shop")
    equal({k: said[k] for k in want}, want, "what was done")
    equal(supp.entries("shop"), {
        "a@example.com": "complained 2 5 6 0 arf", "b@example.com": "bounced 1 0 0 0 file", "c@example.com": "unsubscribed 1 0 0 0 file", "d@example.com": "manual 1 0 0 0 x",
        "e@example.com": "bounced 1 5 1900000000 0 newer", "hand@example.com": "left the company", "f@example.com": "complained 1 0 0 0 file",
        "g@example.com": "complained 1 0 0 0 file"}, "the lists")
    said = supp.imported(text, "--account", "shop")
    equal((said["created"], said["changed"]), ("0", "0"), "again")


def test_identity(stage):
    """export, and import of that, is the identity"""
    supp = Suppress(stage)
    odd = ["bounced 3 1 2 0 550 5.1.1 \"quoted\", and; more", "complained 1 0 0 0", "unsubscribed 0 1 253402300799 253402300799  blanks ", "manual 1000000000000 5 6 7 =1+1",
           "manual 1 1 2 3 " + "x" * 200, "bounced 1 1700000000 1700000001 1800000000 comma, \"\"\"",
           "bounced 1 1 2 0 '=1+1", "bounced 1 1 2 0 ''@SUM(1)", "bounced 1 1 2 0 -2+3\"", "bounced 1 1 2 0 'quoted'", "bounced 1 1 2 0 +1", "bounced 1 1 2 0 @x"]
    for i, entry in enumerate(odd):
        for account in ("shop", "club", "*", "gone"):
            supp.put(account, "u%d@example.com" % i, entry)
    supp.put("shop", '"a b"@example.com', "bounced 1 1 2 0")
    supp.put("shop", '"a,\\"b"@example.com', "bounced 1 1 2 0")
    supp.put("shop", "postmaster", "bounced 1 1 2 0")
    for local in ("=cmd|x", "+x", "-x", "'=x", "'x"):
        supp.put("shop", local + "@far.example", "bounced 1 1 2 0")
    supp.put("shop", "\u00e4nn@ex\u00e4mple.com", "bounced 1 1 2 0")
    before = supp.everything()
    out = supp("export").must().out
    equal(out.split("\n")[0] + "\n", HEADER, "the header")
    cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
    equal([cell for cell in cells if cell[:1] in ("=", "+", "-", "@")], [], "no formulas")
    equal([cell for cell in cells if "cmd|" in cell], ["'=cmd|x@far.example"], "a mark makes it text")
    equal(len(list(csv.reader(io.StringIO(out)))), 1 + sum(len(v) for v in before.values()), "rows")
    for key in before:
        stage.redis("DEL", key)
    said = supp.imported(out.encode("utf-8", "surrogateescape"))
    equal(said["created"], str(sum(len(v) for v in before.values())), "all are made")
    equal(supp.everything(), before, "and the same")
    said = supp.imported(out.encode("utf-8", "surrogateescape"))
    equal(said["same"], said["rows"], "again")
    path = stage.world.write("list.csv", supp("export", "--account", "club", "--reason", "manual").must().out)
    equal(len(open(path, encoding="utf-8").readlines()), 3, "filters")
    said = supp("import", path, "--account", "confshop").must().rows(IMPORT)[0]
    equal((said["created"], sorted(supp.entries("confshop"))), ("2", ["u3@example.com", "u4@example.com"]), "to another account")
    matches("writes CSV", supp("--json", "export").must(USAGE).err, "no JSON")


def test_refused(stage):
    """what stands on a list is refused at RCPT, from then on, until it is taken off"""
    daemon = stage.gatepostd({"greylist": {"mode": "off"}, "account shop": {"match": Words('{ "ip:192.0.2.1" }')}})
    supp = Ctl(stage, conf=daemon.conf)

    def told():
        with Peer(stage.socket) as peer:
            peer.open("192.0.2.1", "c.example", "c.example", auth_authen="shop")
            peer.mail("a@shop.example")
            return str(peer.rcpt("Ann@example.com"))

    check("550" not in told(), "let through")
    supp("suppress", "add", "ann@example.com", "--account", "shop", "--note", "x").must()
    matches("550 5.7.1 .*suppressed: by the operator on", told(), "refused")
    supp("suppress", "remove", "ann@example.com", "--account", "shop").must()
    check("550" not in told(), "let through again")


def watch_memory(process):
    """[the most that it has had], kept up to date; ru_maxrss would have this program's own before exec()."""
    most = [0]

    def watch():
        while process.returncode is None:
            try:
                with open("/proc/%d/status" % process.pid, encoding="ascii") as f:
                    found = re.search(r"VmHWM:\s*(\d+)", f.read())
            except OSError:
                return
            most[0] = max(most[0], int(found.group(1)) if found else 0)
            time.sleep(0.05)

    threading.Thread(target=watch, daemon=True).start()
    return most


@limit(600)
def test_million(stage):
    """many rows are imported, listed and exported in bounded memory"""
    supp = Suppress(stage)
    path = os.path.join(stage.world.directory, "million.csv")
    with open(path, "w", encoding="ascii") as f:
        f.write("status,reason,email,created\n")
        for i in range(MANY):
            f.write('5.1.1,"550 5.1.1 <u%d@d%d.example>: Recipient address rejected: User unknown",u%d@d%d.example,%d\n' % (i, i % 5000, i, i % 5000, 1700000000 + i))
    begin = time.monotonic()
    argv = supp.ctl.argv("suppress", "import", path, "--account", "shop")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"}) as process:
        most_kb = watch_memory(process)
        out, err = process.stdout.read(), process.stderr.read()
        process.wait()
    said = Result(argv, process.returncode, out.decode(), err.decode()).must().rows(IMPORT)[0]
    equal((said["rows"], said["created"]), (str(MANY), str(MANY)), "all")
    print("# %s rows per second by its own word, %.1f s in all, %d kB of memory" % (said["rows_per_second"], time.monotonic() - begin, most_kb[0]))
    check(0 < most_kb[0] < MEMORY_KB, "memory", most_kb[0])
    equal(stage.redis("HLEN", "gp:supp:{shop}"), MANY, "in Redis")
    lines = subprocess.run("%s | wc -l" % " ".join(supp.ctl.argv("suppress", "export", "--account", "shop")), shell=True, stdout=subprocess.PIPE, timeout=300, check=True)
    equal(int(lines.stdout), MANY + 1, "exported")
    rows = supp("list", "--limit", "3").must().rows(LIST)
    equal([r["address"] for r in rows], ["u%d@d%d.example" % (i, i % 5000) for i in range(MANY - 1, MANY - 4, -1)], "the newest")
    print("# used_memory of Redis: %s" % stage.redis.info("memory", "used_memory_human"))

