"""gatepostctl report, consent, forget and stats outbound, with a real Redis."""

import collections
import csv
import io
import os
import random
import re
import resource
import socket
import subprocess
import sys
import time

from harness import *
from store import _reply, _request
from test_ctl import NOT_FOUND, USAGE, Ctl, plain

DAY = 86400
COUNTS = ("messages", "recipients", "delivered",
          *(k + p for k in ("opened", "clicked") for p in ("", "_total", "_machine", "_machine_total", "_unknown", "_unknown_total")),
          "unsubscribed", "bounced_hard", "bounced_soft", "deferred", "complained", "suppressed", "refused")
RATES = ("open_rate", "click_rate", "unsubscribe_rate", "bounce_rate", "hard_bounce_rate", "complaint_rate")
FLAGS = ("complaints_raised", "complaints_high", "bounces_raised", "bounces_high")
TOTAL = ("account", *COUNTS, *RATES, *FLAGS)
CONSENT = ("account", "address", "mode", "since", "note")
FORGET = ("kind", "account", "found", "done", "what")
ANN, BOB = "ann@example.com", "bob@example.net"
HOSTILE = 'x",\t\n\r\\ \x1b[31m=1+1 \xff\x00'


def in_range(value, low, high, what):
    check(low <= value <= high, "%s: %s..%s" % (what, low, high), value)


def by(kind):
    return ("account", kind, *TOTAL[1:])


def event(stage, **fields):
    return stage.redis("XADD", "gp:ev:{%s}" % fields.get("account", "shop"), "*", *(str(x) for pair in fields.items() for x in pair))


def now(stage):
    return int(stage.redis("TIME")[0])


def numbers(row):
    """The counts that are not 0."""
    return {k: int(row[k]) for k in COUNTS if row[k] not in ("0", 0, "-", "", None)}


def sent(stage, msg, to, when, account="shop", **more):
    people = to.split(", ")
    event(stage, type="sent", time=when, account=account, msg=msg, to=to, nrcpt=len(people), **more)
    fields = ["type", "sent", "time", when, "msg", msg, "to", to, "nrcpt", len(people), "from", "news@shop.example", "subject", "Hello"]
    for person in people:
        fields += ["rcpt:" + person.lower(), "sent"]
    stage.redis("HSET", "gp:msg:{%s}:%s" % (account, msg), *fields)
    stage.redis("EXPIRE", "gp:msg:{%s}:%s" % (account, msg), 86400)


def campaign(stage):
    """Three messages, four recipients, and all that may become of them, over two days."""
    today = now(stage) // DAY * DAY
    one, two = today - DAY + 3600, today + 1
    sent(stage, "m1", "Ann@Example.com", one, tag="welcome promo")
    sent(stage, "m1", "Ann@Example.com", one, tag="welcome promo")  # a batch that came twice
    sent(stage, "m2", BOB, one, tag="welcome")
    sent(stage, "m3", "Ann@Example.com, carol@third.example", two)
    for when, who in ((one, "human"), (one + 5, "human"), (two, "human"), (one, "proxy"), (one, "bot"), (one, "unknown")):
        event(stage, type="opened", time=when, msg="m1", nth=1, who=who, client="192.0.2.9", agent="Mail/1")
    event(stage, type="opened", time=two, msg="m3", who="human", client="192.0.2.9")
    event(stage, type="opened", time=two, person="abcdef", who="human")
    for url, nth, msg, who in (("https://shop.example/a?x=1", 1, "m1", "human"), ("https://shop.example/a?x=1", 1, "m1", "human"),
                               ("https://shop.example/b", 1, "m1", "human"), ("https://shop.example/b", 1, "m2", "bot")):
        event(stage, type="clicked", time=two, msg=msg, nth=nth, link=3, url=url, who=who)
    event(stage, type="unsubscribed", time=two, msg="m1", nth=1, rcpt=ANN, who="human")
    event(stage, type="bounced", time=two, msg="m2", rcpt=BOB, strength="hard", **{"class": "recipient"})
    event(stage, type="bounced", time=two, msg="m3", rcpt="carol@third.example", strength="soft", **{"class": "mailbox-full"})
    for _ in range(2):
        event(stage, type="deferred", time=one, msg="m3", rcpt="carol@third.example", **{"class": "infrastructure"})
    event(stage, type="deferred", time=one, msg="m1", rcpt=ANN)
    event(stage, type="complained", time=two, msg="m2", rcpt=BOB)
    for _ in range(2):
        event(stage, type="suppressed", time=two, rcpt=BOB, reason="bounced 3 times")
    event(stage, type="refused", time=two, rcpt=BOB)
    event(stage, type="tomorrow", time=two)
    return one, two


def test_counts(stage):
    """report counts people, machines and who knows, once and all together, and the rates"""
    ctl = Ctl(stage)
    campaign(stage)
    row, = ctl("report", "--account", "shop").must().rows(TOTAL)
    equal(numbers(row), {"messages": 3, "recipients": 4, "delivered": 2, "deferred": 2, "opened": 3, "opened_total": 5, "opened_machine": 1, "opened_machine_total": 2,
                         "opened_unknown": 1, "opened_unknown_total": 1, "clicked": 1, "clicked_total": 3, "clicked_machine": 1,
                         "clicked_machine_total": 1, "unsubscribed": 1, "bounced_hard": 1, "bounced_soft": 1, "complained": 1,
                         "suppressed": 2, "refused": 1}, "all")
    equal([row[r] for r in RATES], ["0.750000", "0.250000", "0.250000", "0.500000", "0.250000", "0.500000"], "rates: complaints are among what was delivered")
    equal([row[f] for f in FLAGS], ["yes"] * 4, "the marks")
    value, = ctl("--json", "report", "--account", "shop").must().json()
    equal((numbers(value), value["open_rate"], value["complaints_high"]), (numbers(row), 0.75, True), "JSON")
    said = ctl("--csv", "report", "--account", "shop").must()
    table = list(csv.DictReader(io.StringIO(said.out)))
    equal([dict(r) for r in table], [row], "CSV")
    text = plain(ctl.terminal("--color=always", "report", "--account", "shop", columns=200).must().out)
    matches(r"COMPLAINT RATE", text, "its title")
    matches(r"25\.00 % !! +50\.00 % !!", text, "the mark on a terminal")
    matches("say no recipient", text, "how the rest was counted")


def test_groups(stage):
    """report --by day, tag, link and domain; --since and --until"""
    ctl = Ctl(stage)
    one, two = campaign(stage)
    rows = {k: {r[k]: numbers(r) for r in ctl("report", "--account=shop", "--by", k).must().rows(by(k))} for k in ("day", "tag", "link", "domain")}
    first, second = (time.strftime("%Y-%m-%d", time.gmtime(t)) for t in (one, two))
    equal(list(rows["day"]), [first, second], "days in order")
    equal((rows["day"][first]["opened"], rows["day"][first]["opened_total"], rows["day"][first]["messages"]), (1, 2, 2), "the first day")
    equal((rows["day"][second]["opened"], rows["day"][second]["messages"], rows["day"][second]["recipients"]), (3, 1, 2), "the second")
    equal({k: (v.get("messages", 0), v.get("opened", 0), v.get("clicked", 0)) for k, v in rows["tag"].items()},
          {"welcome": (2, 1, 1), "promo": (1, 1, 1), "-": (1, 2, 0)}, "tags")
    equal(rows["link"], {"https://shop.example/b": {"clicked": 1, "clicked_total": 1, "clicked_machine": 1, "clicked_machine_total": 1},
                         "https://shop.example/a?x=1": {"clicked": 1, "clicked_total": 2}}, "links")
    equal({k: (v.get("messages", 0), v.get("recipients", 0), v.get("opened", 0)) for k, v in rows["domain"].items()},
          {"example.com": (2, 2, 1), "example.net": (1, 1, 0), "third.example": (1, 1, 0), "(several)": (0, 0, 1), "-": (0, 0, 1)}, "domains")
    late, = ctl("report", "--account=shop", "--since", str(two)).must().rows(TOTAL)
    early, = ctl("report", "--account=shop", "--until", str(two)).must().rows(TOTAL)
    equal((late["messages"], early["messages"], late["opened"], early["opened"]), ("1", "2", "3", "1"), "that second belongs to --since")
    tags = {r["tag"]: numbers(r) for r in ctl("report", "--account=shop", "--by=tag", "--since", str(two)).must().rows(by("tag"))}
    equal(tags["promo"], {"opened": 1, "opened_total": 1, "clicked": 1, "clicked_total": 3, "unsubscribed": 1}, "tags of what was sent before")
    equal(len(ctl("report", "--account=shop", "--by=tag", "--limit=1").must().rows(by("tag"))), 1, "a limit")
    text = plain(ctl.terminal("--color=always", "report", "--account=shop", "--by=tag", "--limit=1", columns=200).must().out)
    matches("2 more rows", text, "what is left out")


def test_returns(stage):
    """report --by class and account: what came back, and who is over the thresholds"""
    ctl = Ctl(stage)
    campaign(stage)
    table = ctl("report", "--account=shop", "--by=class").must().rows(by("class"))
    equal([(r["class"], r["bounced_hard"], r["bounced_soft"], r["deferred"], r["bounce_rate"], r["hard_bounce_rate"], r["recipients"], r["complaint_rate"]) for r in table],
          [("infrastructure", "0", "0", "1", "0.000000", "0.000000", "-", "-"), ("mailbox-full", "0", "1", "0", "0.250000", "0.000000", "-", "-"),
           ("recipient", "1", "0", "0", "0.250000", "0.250000", "-", "-"), ("-", "0", "0", "1", "0.000000", "0.000000", "-", "-")], "classes")
    value = ctl("--json", "report", "--account=shop", "--by=class").must().json()[1]
    equal((value["class"], value["bounced_soft"], value["recipients"], value["bounces_high"]), ("mailbox-full", 1, None, False), "JSON")
    csv_row = list(csv.DictReader(io.StringIO(ctl("--csv", "report", "--account=shop", "--by=class").must().out)))[1]
    equal((csv_row["class"], csv_row["bounced_soft"], csv_row["recipients"]), ("mailbox-full", "1", ""), "CSV")
    rows = {r["domain"]: r for r in ctl("report", "--account=shop", "--by=domain").must().rows(by("domain"))}
    equal({k: (r["delivered"], r["bounced_hard"], r["bounced_soft"], r["complained"], r["complaint_rate"], r["bounces_high"]) for k, r in rows.items() if k[0] not in "(-"},
          {"example.com": ("2", "0", "0", "0", "0.000000", "no"), "example.net": ("0", "1", "0", "1", "-", "yes"),
           "third.example": ("0", "0", "1", "0", "-", "no")}, "domains")
    at = now(stage)
    for account, hard, complaints in (("fine", 4, 0), ("raised", 5, 1), ("high", 10, 3)):
        for i in range(10):
            sent(stage, "%s%d" % (account, i), ", ".join("u%d@%s.example" % (n, account) for n in range(100)), at, account=account)
        for i in range(hard * 10):
            event(stage, type="bounced", time=at, account=account, msg="%s%d" % (account, i % 10), rcpt="u%d@%s.example" % (i // 10, account), strength="hard")
        for i in range(complaints):
            event(stage, type="complained", time=at, account=account, msg=account + "0", rcpt="u%d@%s.example" % (90 + i, account))
    all_of_them = ctl("report", "--by=account").must()
    equal(all_of_them.out, ctl("report", "--all").must().out, "the same as --all")
    equal({r["account"]: [r[f] for f in FLAGS] for r in all_of_them.rows(TOTAL) if r["account"] != "shop"},
          {"fine": ["no"] * 4, "raised": ["yes", "no", "yes", "no"], "high": ["yes"] * 4}, "thresholds")
    text = plain(ctl.terminal("--color=always", "report", "--by=account", columns=200).must().out)
    for what in (r"fine .* 4\.00 % +0\.00 %\n", r"raised .* 5\.00 % ! +0\.10 % !", r"high .* 10\.00 % !! +0\.33 % !!", "providers"):
        matches(what, text, "marks on a terminal")
    ctl("report", "--by=account", "--account=shop").must(USAGE)


def test_counted(stage):
    """what is only counted (privacy = anonymous) is in the totals"""
    ctl = Ctl(stage)
    one, two = campaign(stage)
    day = time.strftime("%Y%m%d", time.gmtime(two))
    stage.redis("HSET", "gp:hits:{shop}:" + day, "opened human", 7, "opened human tag=promo spring", 4, "clicked bot", 3,
                "clicked bot url=https://shop.example/c", 2, "odd", 9, "clicked human", -4, "clicked human tag=x", "much")
    row, = ctl("report", "--account=shop").must().rows(TOTAL)
    equal((row["opened"], row["opened_total"], row["clicked_machine_total"], row["clicked_total"]), ("3", "12", "4", "3"), "in all")
    tags = {r["tag"]: r["opened_total"] for r in ctl("report", "--account=shop", "--by=tag").must().rows(by("tag"))}
    equal(tags, {"welcome": "3", "promo": "7", "spring": "4", "-": "5"}, "by tag")
    links = {r["link"]: r["clicked_machine_total"] for r in ctl("report", "--account=shop", "--by=link").must().rows(by("link"))}
    equal(links, {"https://shop.example/a?x=1": "0", "https://shop.example/b": "1", "https://shop.example/c": "2", "-": "1"}, "by link")
    row, = ctl("report", "--account=shop", "--until", str(one)).must().rows(TOTAL)
    equal(row["opened_total"], "0", "not on the days before")


def test_counted_only(stage):
    """an account of which nothing is kept but counts has a report, too"""
    ctl = Ctl(stage)
    day = time.strftime("%Y%m%d", time.gmtime(now(stage)))
    stage.redis("HSET", "gp:hits:{quiet}:" + day, "opened human", 7)
    row, = ctl("report", "--account=quiet").must().rows(TOTAL)
    equal(row["opened_total"], "7", "by its name")
    equal([(r["account"], r["opened_total"]) for r in ctl("report", "--all").must().rows(TOTAL)], [("quiet", "7")], "among all")
    ctl("report", "--account=quiet", "--by=link").must()
    ctl("report", "--account=quiet", "--until", str(now(stage) - 2 * DAY)).must(NOT_FOUND)


def test_all(stage):
    """report --all has each account, and on a terminal the total; names that are none are refused"""
    ctl = Ctl(stage)
    equal(ctl("report", "--all").must().out, "", "nothing")
    equal(ctl("--json", "report", "--all").must().json(), [], "nothing in JSON")
    equal(ctl("--csv", "report", "--all").must().out.strip().split(","), list(TOTAL), "only a header line")
    campaign(stage)
    sent(stage, "z1", BOB, now(stage), account="zoo")
    rows = ctl("report", "--all").must().rows(TOTAL)
    equal([(r["account"], r["messages"]) for r in rows], [("shop", "3"), ("zoo", "1")], "both")
    matches(r"(?m)^total +4 ", plain(ctl.terminal("--color=always", "report", "--all", columns=200).must().out), "the sum")
    matches("no events of account shap", ctl("report", "--account=shap").must(NOT_FOUND).err, "no such")
    for words in (["--account=No Name"], ["--account=*"], [], ["--all", "--account=shop"], ["--all", "--by=week"], ["--all", "--since=soon"],
                  ["--all", "--since=2026-01-02", "--until=2026-01-01"], ["--all", "--limit=-1"], ["--all", "--csv", "--json"]):
        ctl("report", *words).must(USAGE)


def test_hostile(stage):
    """values of anybody's choice break neither the table, nor CSV, nor JSON"""
    ctl = Ctl(stage)
    names = [HOSTILE, "=cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "a,b", 'say "yes"', "\u00fcber", "x" * 5000, "y" * 5000 + "1", "y" * 5000 + "2"]
    for i, name in enumerate(names):
        event(stage, type="clicked", time=now(stage), msg="m%d" % i, url=name, who="human", nrcpt="-7")
    event(stage, type="sent", time="x", msg=HOSTILE, nrcpt="99999999999999999999", to=", ,,@," + HOSTILE, tag="  a  a " + HOSTILE)
    stage.redis("XADD", "gp:ev:{shop}", "*", "type", "")
    stage.redis("XADD", "gp:ev:{shop}", "*", *[str(i) for i in range(4000)])
    said = ctl("report", "--account=shop", "--by=link").must()
    equal(sum(int(r["clicked_total"]) for r in said.rows(by("link"))), len(names), "rows in a pipe")
    matches(r"^[\x20-\x7e\n\t]*$", said.out, "printable")
    table = list(csv.DictReader(io.StringIO(ctl("--csv", "report", "--account=shop", "--by=link").must().out, newline="")))
    equal(len(table), len(said.rows(by("link"))), "rows of CSV")
    check(all(row["link"][:1] not in tuple("=+-@") for row in table), "no formula", table)
    check(all(None not in row and None not in row.values() for row in table), "columns of CSV", table)
    check({"a,b", 'say "yes"', "'-2+3"} <= {row["link"] for row in table}, "texts come back", [row["link"] for row in table])
    equal(len(ctl("--json", "report", "--account=shop", "--by=link").must().json()), len(table), "JSON")
    for kind in ("day", "tag", "domain"):
        ctl("report", "--account=shop", "--by", kind).must()
        ctl.terminal("report", "--account=shop", "--by", kind).must()
    stage.redis("DEL", "gp:ev:{shop}")
    stage.redis("SET", "gp:ev:{shop}", "x")
    matches("WRONGTYPE", ctl("report", "--account=shop").must(69).err, "no stream")


def pour(stage, commands):
    """Many commands at once."""
    with socket.create_connection(("127.0.0.1", stage.redis.port), 60) as s:
        reader = s.makefile("rb")
        commands = iter(commands)
        while True:
            part = [c for _, c in zip(range(5000), commands)]
            if not part:
                return
            s.sendall(b"".join(_request(*c) for c in part))
            for _ in part:
                _reply(reader)


@limit(300)
def test_million(stage):
    """many events are counted exactly, in bounded memory, and fast"""
    ctl = Ctl(stage)
    many = int(os.environ.get("GATEPOST_MANY", "100000"))
    messages, rnd, start = many * 3 // 10, random.Random(5), now(stage) - 20 * DAY
    seen = collections.Counter()

    def events():
        for i in range(messages):
            yield "XADD", "gp:ev:{big}", "*", "type", "sent", "time", start + i, "account", "big", "msg", "m%d" % i, "to", "u%d@d%d.example" % (i, i % 50), \
                "nrcpt", 1, "id", "4Rx%d" % i, "from", "news@shop.example", "return", "b-abcdefghijklmnop@b.shop.example", "subject", "Our news of November", \
                "tag", "t%d" % (i % 7), "bytes", 51234, "client", "192.0.2.1", "login", "ann", "did", "verp=expand dkim=s2026:shop.example"
            seen["sent"] += 1
        once = set()
        for i in range(many - messages):
            m, human, kind = rnd.randrange(messages), rnd.random() < 0.6, "opened" if rnd.random() < 0.8 else "clicked"
            yield "XADD", "gp:ev:{big}", "*", "type", kind, "time", start + messages + i, "account", "big", "msg", "m%d" % m, "nth", 1, \
                "who", "human" if human else "proxy", "client", "198.51.100.7", "agent", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0", \
                *(("link", m % 30, "url", "https://shop.example/item/%d" % (m % 30)) if kind == "clicked" else ())
            seen[kind, human, "all"] += 1
            if (kind, human, m) not in once:
                once.add((kind, human, m))
                seen[kind, human] += 1

    pour(stage, events())
    equal(stage.redis("XLEN", "gp:ev:{big}"), many, "events")
    for words in ([], ["--by=day"], ["--by=link"], ["--by=tag"], ["--by=domain"], ["--by=class"]):
        began = time.monotonic()
        said = ctl("--json", "report", "--account=big", *words).must()
        took = time.monotonic() - began
        print("# report %-12s %d events in %.1f s: %d a second" % (" ".join(words), many, took, many / took))
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print("#   memory: %d MB at most" % most)
        check(most < 1000, "bounded memory, of a sanitizer, too", most)
        sys.stdout.flush()
        if not words:
            row, = said.json()
            equal((row["messages"], row["recipients"], row["opened"], row["opened_total"], row["opened_machine"], row["opened_machine_total"], row["clicked"],
                   row["clicked_total"]), (messages, messages, seen["opened", True], seen["opened", True, "all"], seen["opened", False],
                                           seen["opened", False, "all"], seen["clicked", True], seen["clicked", True, "all"]), "exact")
        if words in (["--by=tag"], ["--by=domain"]):
            equal(sum(r["opened"] for r in said.json()), seen["opened", True], "in rows, too")
    stage.redis("DEL", "gp:ev:{big}")


def test_consent(stage):
    """consent set, show, list and remove; for one account and for all; what somebody else wrote is off"""
    ctl = Ctl(stage)
    at = now(stage)
    row, = ctl("consent", "set", "Ann@Example.COM", "anonymous", "--note", "by letter,\tü").must().rows(CONSENT)
    equal([row[k] for k in CONSENT if k != "since"], ["*", ANN, "anonymous", "by letter,???"], "what is said")
    in_range(int(row["since"]), at, at + 60, "when")
    matches(r"^anonymous \d+ by letter,\?\?\?$", stage.redis.hash("gp:consent:{*}")[ANN], "in Redis")
    ctl("consent", "set", ANN, "off", "--account=shop").must()
    ctl("consent", "set", BOB, "pseudonymous", "--account=shop").must()
    stage.redis("HSET", "gp:consent:{zoo}", ANN, "never ever\x1b[31m", HOSTILE, "identified 5")
    rows = {r["account"]: r for r in ctl("consent", "show", '"ann"@example.com').must().rows(CONSENT)}
    equal({k: (v["mode"], v["note"]) for k, v in rows.items()}, {"*": ("anonymous", "by letter,???"), "shop": ("off", "-"),
                                                                 "zoo": ("off", "never ever?[31m")}, "of one")
    equal([r["mode"] for r in ctl("consent", "show", ANN, "--account=shop").must().rows(CONSENT)], ["off"], "of one account")
    equal(len(ctl("consent", "list").must().rows(CONSENT)), 5, "all")
    equal(len(ctl("--json", "consent", "list", "--account=shop").must().json()), 2, "of one account")
    equal(len(ctl("--json", "consent", "list", "--account=none").must().json()), 0, "of one without")
    ctl.terminal("--color=always", "consent", "list").must()
    matches("all accounts", ctl.terminal("consent", "set", ANN, "off").must().out, "on a terminal")
    ctl("consent", "remove", ANN).must()
    ctl("consent", "remove", ANN).must(NOT_FOUND)
    ctl("consent", "remove", ANN, "--account=shop").must()
    equal(len(ctl("consent", "show", ANN).must().rows(CONSENT)), 1, "zoo's is left")
    ctl("consent", "show", "nobody@example.com").must(NOT_FOUND)
    for words in (["set", ANN], ["set", ANN, "maybe"], ["set", "ann", "off"], ["set", "<>", "off"], ["set", ANN, "off", "--note", "x" * 201],
                  ["set", ANN, "off", "--all", "--account=shop"], ["set", ANN, "off", "--account=No"], ["show"], ["list", "x"]):
        ctl("consent", *words).must(USAGE)
    for i in range(1200):
        stage.redis("HSET", "gp:consent:{many}", "u%d@example.com" % i, "off 1")
    equal(len({r["address"] for r in ctl("consent", "list", "--account=many").must().rows(CONSENT)}), 1200, "many")


def everywhere(stage):
    """Every value and name that is kept in Redis, as one text."""
    out = []
    for key in stage.redis.keys():
        kind = stage.redis("TYPE", key)
        out.append(key)
        if kind == "hash":
            out += stage.redis("HGETALL", key)
        elif kind == "stream":
            out += [x for _, fields in stage.redis("XRANGE", key, "-", "+") for x in fields]
        elif kind == "string":
            out.append(stage.redis("GET", key))
    return "\n".join(out)


def person(stage):
    """Ann in all the places where a person may be, and others beside her."""
    one, two = campaign(stage)
    event(stage, type="opened", time=two, msg="m3", nth=2, who="human", client="192.0.2.33", agent="Carol's")
    event(stage, type="clicked", time=two, msg="m1", nth=1, who="human", client="192.0.2.9", url="https://shop.example/?mail=ann%40example.com&x=1")
    event(stage, type="clicked", time=two, msg="m2", nth=1, who="human", client="192.0.2.44", url="https://shop.example/?friend=Ann@example.com")
    event(stage, type="opened", time=two, msg="m4", nth=1, rcpt="joann@example.com", who="human", client="192.0.2.55")
    event(stage, type="opened", time=two, msg="m5", nth=1, rcpt="ann@example.com.au", who="human", client="192.0.2.56")
    stage.redis("HSET", "gp:supp:{shop}", ANN, "unsubscribed 1 2 3 0 web one-click aaaaaaaaaacne", BOB, "bounced 1 2 3 0")
    stage.redis("HSET", "gp:consent:{*}", ANN, "anonymous 5", BOB, "off 5")
    stage.redis("HSET", "gp:consent:{shop}", ANN, "identified 5")
    stage.redis("HSET", "gp:hits:{shop}:20991231", "clicked human url=https://shop.example/ann%40example.com", 2)
    stage.redis("HSET", "gp:bounce:{shop}:" + ANN, "soft", "1 2 3 4 5")
    stage.redis("HSET", "gp:bounce:{shop}:" + BOB, "soft", "1 2 3 4 5")
    stage.redis("SET", "gp:met:{ann@example.com}:x@far.example", 1)
    stage.redis("SET", "gp:met:{y@shop.example}:ann@example.com", 1)
    stage.redis("SET", "gp:met:{y@shop.example}:bob@example.net", 1)
    for names in ("alice@a.example:ann@example.com", "ann@example.com:bob@example.net", "alice@a.example:bob@example.net"):
        stage.redis("HSET", "gp:grey:{203.0.113.0/24}:" + names, "first", 1, "last", 1, "tries", 1)
    for fields in ({"rcpt": "Ann@example.com 250 ok; bob@example.net 250 ok"}, {"from": "bounce-ann=example.com@list.example"}, {"from": "alice@a.example"}):
        stage.redis("XADD", "gp:verdicts", "*", "code", "x", *(x for pair in fields.items() for x in pair))
    stage.redis("SET", "gp:msg:{shop}:string", "x")
    return one, two


def test_forget(stage):
    """forget removes a person everywhere, keeps the counts, the others, and that nothing is sent to her"""
    ctl = Ctl(stage)
    person(stage)
    before = {k: ctl("report", "--account=shop", "--by", k).must().out for k in ("day", "tag")}
    all_before, kept = everywhere(stage), [stage.redis("XLEN", "gp:ev:{shop}")]
    said = ctl("forget", "ANN@example.com").must(USAGE)
    dry = ctl("forget", "ann@example.com", "--dry-run", "--yes").must()
    equal(dry.out, said.out, "without --yes it is a trial")
    equal(everywhere(stage), all_before, "which changes nothing")
    found = {(r["kind"], r["account"]): (int(r["found"]), int(r["done"])) for r in dry.rows(FORGET)}
    equal({k: v[0] for k, v in found.items() if k[0] != "events"},
          {("messages", "-"): 2, ("decisions", "-"): 2, ("tuples", "-"): 2, ("correspondents", "-"): 2, ("returns", "-"): 1, ("counts", "-"): 1,
           ("consents", "shop"): 1, ("refusals", "*"): 1, ("suppressions", "shop"): 1}, "found")
    done = {(r["kind"], r["account"]): (int(r["found"]), int(r["done"])) for r in ctl("forget", ANN, "--yes").must().rows(FORGET)}
    equal(done, {k: (n, 0 if k[0] in ("suppressions", "refusals") else n) for k, (n, _) in found.items()}, "and done")
    kept.append(stage.redis("XLEN", "gp:ev:{shop}"))
    equal(kept[0], kept[1], "no event is lost")
    equal({k: ctl("report", "--account=shop", "--by", k).must().out for k in before}, before, "the reports are as before")
    text = everywhere(stage)
    equal(re.findall(r"(?i)[^\n]*(?<![a-z])ann(?:@|=|%40)example\.com(?!\.)[^\n]*", text), [ANN, ANN], "only what she refused names her")
    for gone in ("192.0.2.9", "Mail/1", "aaaaaaaaaacne"):
        check(gone not in text, "%s is gone: who she was" % gone, text)
    for stays in ("192.0.2.33", "Carol's", "192.0.2.44", "192.0.2.55", "joann@example.com", "ann@example.com.au", "carol@third.example", BOB,
                  "gp:met:{y@shop.example}:bob@example.net", "gp:grey:{203.0.113.0/24}:alice@a.example:bob@example.net"):
        check(stays in text, "%s is still there" % stays, text)
    for msg in ("m1", "m3"):
        in_range(stage.redis("TTL", "gp:msg:{shop}:" + msg), 1, 86400, "still expires")
    equal(stage.redis("HMGET", "gp:msg:{shop}:m1", "to", "nrcpt", "subject"), ["(forgotten)", "1", None], "her message")
    equal(stage.redis.hash("gp:msg:{shop}:m3")["to"], "(forgotten), carol@third.example", "that to two")
    matches("^off ", stage.redis.hash("gp:consent:{*}")["(forgotten)"], "what she opens is not recorded")
    again = ctl("forget", ANN, "--yes").must(NOT_FOUND)
    equal(sorted((r["kind"], r["done"]) for r in again.rows(FORGET)), [("refusals", "0"), ("suppressions", "0")], "again: nothing is left to do")
    ctl("forget", ANN, "--yes", "--suppression").must()
    check(ANN not in stage.redis.hash("gp:supp:{shop}") and ANN not in stage.redis.hash("gp:consent:{*}"), "that, too")
    matches("nothing is kept about", ctl("forget", ANN, "--yes").must(NOT_FOUND).err, "nothing")
    for words in (["ann"], ["<>"], ["@example.com"], [""], [ANN, BOB], []):
        ctl("forget", *words).must(USAGE)


def test_forget_busy(stage):
    """forget works while events keep coming, and again after it was killed midway"""
    ctl = Ctl(stage)
    at = now(stage)
    pour(stage, (("XADD", "gp:ev:{shop}", "*", "type", "opened", "time", at, "msg", "m%d" % i, "rcpt", ANN if i % 3 == 0 else "u%d@example.com" % i,
                  "who", "human", "client", "192.0.2.%d" % (i % 250)) for i in range(30000)))
    with subprocess.Popen(ctl.argv("forget", ANN, "--yes"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for("it has begun", lambda: int(stage.redis("XINFO", "STREAM", "gp:ev:{shop}")[7].split("-")[0]) > at * 1000 + 1 and
                 stage.redis("XREVRANGE", "gp:ev:{shop}", "+", "-", "COUNT", 1)[0][1][-2] == "forgot")
        process.kill()
        process.communicate()
    for i in range(100):
        event(stage, type="opened", time=at, msg="n%d" % i, rcpt="v%d@example.com" % i, who="human")
    ctl("forget", ANN, "--yes").must()
    row, = ctl("report", "--account=shop").must().rows(TOTAL)
    equal((row["opened"], row["opened_total"]), ("30100", "30100"), "each once")
    equal(stage.redis("XLEN", "gp:ev:{shop}"), 30100, "events")
    check(ANN not in everywhere(stage), "she is gone")


def test_stats_outbound(stage):
    """stats outbound shows what mail that leaves was told"""
    ctl = Ctl(stage)
    hour = now(stage) // 3600 * 3600
    stage.redis("HSET", "gp:stat:" + time.strftime("%Y%m%d%H", time.gmtime(hour)), "out_rcpts", 9, "out_suppressed", 2, "out_limited", 3, "out_refused", 4,
                "out_messages", 5, "error_account", 6, "error_send", 7, "events_dropped", 1, "returned", 20, "bounced_hard", 8, "bounced_soft", 9,
                "complained", 2, "opened", 30, "clicked", 11, "hits_machine", 12, "unsubscribed", 3,
                "refused_returns", 13, "error_returns", 14)
    rows = ctl("stats", "outbound", "--hours", "1").must().rows(("hour", "recipients", "messages", "suppressed", "limited", "refused", "errors_account",
                                                                  "errors_send", "dropped", "returned", "bounced_hard", "bounced_soft", "complained",
                                                                  "opened", "clicked", "hits_machine", "unsubscribed",
                                                                  "refused_returns", "errors_returns"))
    equal([list(r.values()) for r in rows], [[str(hour), "9", "5", "2", "3", "4", "6", "7", "1", "20", "8", "9", "2", "30", "11", "12", "3", "13", "14"]], "a pipe")
    matches("SEND ERRORS .*BACK, REFUSED +BACK ERRORS", plain(ctl.terminal("stats", "outbound", "--total").must().out), "a terminal")
    equal(ctl("--json", "stats", "outbound", "--total").must().json()[0]["recipients"], 9, "JSON")


def test_report_rights(stage):
    """a Redis user with the rights that doc/redis.md tells can do it all"""
    person(stage)
    stage.redis("ACL", "SETUSER", "ctl", "reset", "on", ">secret", "~gp:*", "+ping", "+script|load", "+eval", "+time", "+scan", "+hscan", "+hmget", "+hgetall",
                "+hset", "+hdel", "+hincrby", "+del", "+ttl", "+xrange", "+xdel", "+xadd", "+zadd", "+zrem", "+zscore", "+expire", "+exists")
    ctl = Ctl(stage, {"redis": {"user": "ctl", "password": "secret"}})
    ctl("report", "--all", "--by=tag").must()
    ctl("report", "--account=shop").must()
    ctl("consent", "set", BOB, "off").must()
    ctl("consent", "list").must()
    ctl("consent", "show", BOB).must()
    ctl("consent", "remove", BOB).must()
    ctl("forget", ANN, "--yes", "--suppression").must()
    equal([e for e in stage.redis("ACL", "LOG") if "ctl" in e], [], "nothing was refused")
    stage.redis("ACL", "DELUSER", "ctl")
