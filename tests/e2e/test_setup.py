"""`gatepostctl setup`, `gatepostctl log`, and what `gatepostctl check` says of mail that leaves."""

import grp
import json
import os
import shutil
import subprocess
import time

from harness import *
from test_web import Web
from test_ctl import as_nobody, NOT_FOUND, UNAVAILABLE, USAGE, Ctl

COLUMNS = ("time", "account", "type", "from", "rcpt", "id", "msg", "subject", "did", "skipped", "reason", "to", "nrcpt",
           "host", "return", "tag", "msgid", "bytes", "client", "login", "by", "class", "category", "strength", "status", "mta",
           "link", "url", "who", "why", "agent")


def outbound(stage):
    return {"outbound": {"keyring": stage.world.path("setup-keyring"), "keys": stage.world.path("setup-keys")}}


def account(stage, name, **fields):
    stage.redis("HSET", "gp:acct:{%s}" % name, *[x for pair in fields.items() for x in pair])
    stage.redis("HSET", "gp:acctmap", "login:" + name, name)


def shop(stage, **fields):
    account(stage, "shop", **{"bounce_domain": "b.shop.example", "lane": "bulk", "overflow": "warm", **fields})


def ctl_with(stage):
    return Ctl(stage, outbound(stage))


def paste(text):
    """As who reads it would: in a shell, with gatepostctl where it is installed."""
    env = {**os.environ, "PATH": os.path.dirname(program("gatepostctl", BUILD)) + ":" + os.environ["PATH"]}
    done = subprocess.run(["sh", "-e"], input=text.encode(), capture_output=True, timeout=60, check=False, env=env)
    equal(done.returncode, 0, "the shell: %s" % done.stderr.decode())


def commands(text):
    """What a shell would run."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_postfix(stage):
    """setup postfix: pasted into a shell, it makes Postfix do all of it; then nothing is left to do"""
    shop(stage)
    ctl = ctl_with(stage)
    world = World()
    postfix = Postfix(world, stage.sink, "", default_action="accept")
    ours = "--postfix=" + postfix.config
    first = ctl("setup", "postfix", ours).must()
    check("smtpd_command_filter" in first.out and "@bulk.b.shop.example bulk:" in first.out, "what is needed", first)
    matches(r"b\.shop\.example\.\s+IN MX 10 mx\.example\.org\.", first.out, "the MX records")
    check(any("_domains_" not in line and "setup-" not in line for line in commands(first.out)), "commands", first)
    paste(first.out)
    again = ctl("setup", "postfix", "--diff", ours).must()
    equal(commands(again.out), [], "the second time")
    check("Postfix has all of it" in again.out, "it says so", again)
    third = ctl("setup", "postfix", ours).must()
    check("# is so: smtpd_milters" in third.out, "what is so stands in a comment", third)
    with postfix.client(address=None, port=postfix.submission) as c:
        c.mail("ann@shop.example").must_be_ok("who submits may have XVERP")
    said = ctl("check", ours)
    check("each recipient gets a return path" in said.out, "check sees it", said)
    stage.redis("HSET", "gp:acct:{shop}", "lane", "other")
    more = ctl("setup", "postfix", "--diff", ours).must()
    check("'other/unix = other unix - - n - - smtp'" in more.out and "# is now: another text" in more.out,
          "a new lane is missing", more)
    world.close()


def test_postfix_bounces(stage):
    """setup postfix: the bounce domain stays beside a lane's, mailboxes stay as somebody wrote them, unsubscribing works"""
    account(stage, "shop", bounce_domain="b.shop.example")
    ctl = ctl_with(stage)
    world = World()
    postfix = Postfix(world, stage.sink, "", default_action="accept")
    ours = "--postfix=" + postfix.config
    first = ctl("setup", "postfix", ours).must()
    check("postmaster stands for yours" in " ".join(first.out.split("\n# ")), "whose mailbox", first)
    paste(first.out)
    aliases = os.path.join(postfix.config, "gatepost-bounces")
    with open(aliases, encoding="ascii") as f:
        text = f.read()
    check("if /^[bu]-[^@]+@/\n/@b\\.shop\\.example$/ postmaster\nendif\n" in text, "the table", text)
    world.write(aliases, text.replace(" postmaster\n", "\tann@mx.example.org,\n  bob@mx.example.org\n"))
    stage.redis("HSET", "gp:acct:{shop}", "lane", "bulk")
    account(stage, "news", bounce_domain="b.news.example")
    more = ctl("setup", "postfix", "--diff", ours).must()
    for domain in ("b.shop.example", "bulk.b.shop.example", "b.news.example"):
        check("\n/@%s$/ ann@mx.example.org, bob@mx.example.org\n" % domain.replace(".", "\\.") in more.out, "the mailbox of " + domain, more)
        check("\n%s gatepost\n" % domain in more.out, "it is taken in", more)
        matches(r"(?m)^#  %s\.  IN MX 10 " % domain, more.out, "its MX")
    check("postmaster" not in more.out, "nobody else", more)
    paste(more.out)
    equal(commands(ctl("setup", "postfix", "--diff", ours).must().out), [], "then all is so")
    with postfix.client(address="203.0.113.9") as c:
        c.mail("").must_be_ok("MAIL FROM:<>")
        for rcpt in ("b-abc@b.shop.example", "u-abc@bulk.b.shop.example", "b-abc+x=y.example@bulk.b.shop.example"):
            reply = c.rcpt(rcpt)
            check(reply.ok or reply.wait_s, "%s should not be refused" % rcpt, reply)
        equal(c.rcpt("x-abc@b.shop.example").code, 550, "another address")
    world.write(aliases, "/@b\\.shop\\.example$/ an\x1b[31mn\n")
    said = ctl("setup", "postfix", "--diff", ours).must().out
    check("\x1b" not in said and "\n/@b\\.shop\\.example$/ postmaster\n" in said, "no hostile byte", said)
    world.close()


def test_optouts(stage):
    """setup and check, where gatepostd does not read bounces: whose would be judged; those that are opted out are well"""
    shop(stage)
    ctl = Ctl(stage, {**outbound(stage), "inbound": {"optout": ["bulk.b.shop.example"]}, "returns": {"enabled": False}})
    ours = "--postfix=" + stage.postfix.config

    def judged():
        rows = [line.split("\t") for line in ctl("check", ours).out.splitlines()]
        return [row[3] for row in rows if row[:2] == ["warning", "outbound"] and "bounces to" in row[2]]

    def missing():
        items = ctl("setup", "postfix", "--json", ours).must().json()
        return [item["value"] for item in items if item["where"] == "gatepostctl" and item["state"] != "done"]

    equal(judged(), ["gatepostctl optout b.shop.example", "gatepostctl optout warm.b.shop.example"], "check")
    equal(missing(), ["b.shop.example", "warm.b.shop.example"], "setup")
    matches(r"(?m)^dnl  gatepostctl -c \S+ optout warm\.b\.shop\.example$", ctl("setup", "sendmail").must().out, "for Sendmail")
    ctl("optout", "B.shop.example").must()
    equal(missing(), ["warm.b.shop.example"], "one of them")
    matches(r"# is so: optout b\.shop\.example\n", ctl("setup", "postfix", ours).must().out, "it is so")
    ctl("optout", ".shop.example").must()
    equal((judged(), missing()), ([], []), "all below a domain")


def test_own_bounces(stage):
    """setup and check: Postfix's own bounces must be shown to gatepostd, beside what else is; not where it reads none"""
    shop(stage)
    world = World()
    postfix = Postfix(world, stage.sink, "unix:" + stage.socket, extra=["internal_mail_filter_classes = notify"])
    ours = "--postfix=" + postfix.config

    def said(ctl):
        return [line.split("\t")[0] + " " + line.split("\t")[2] for line in ctl("check", ours).out.splitlines()
                if "own bounces" in line]

    ctl = ctl_with(stage)
    matches("^warning internal_mail_filter_classes does not name bounce: ", "\n".join(said(ctl)), "check")
    first = ctl("setup", "postfix", "--diff", ours).must()
    check("-e 'internal_mail_filter_classes = notify, bounce'\n" in first.out and "optout" not in first.out, "setup", first)
    paste(first.out)
    equal(said(ctl), ["ok internal_mail_filter_classes: Postfix's own bounces pass gatepostd"], "check after that")
    postfix._run("postconf", "-c", postfix.config, "non_smtpd_milters=")
    matches("^warning non_smtpd_milters does not name us: ", "\n".join(said(ctl)), "no milter")
    off = Ctl(stage, {**outbound(stage), "returns": {"enabled": False}})
    equal(said(off), [], "where it reads none")
    check("internal_mail" not in off("setup", "postfix", "--diff", ours).must().out, "setup there")
    world.close()


def test_postfix_json(stage):
    """setup postfix --json: each setting with its state"""
    shop(stage)
    postfix = stage.postfix
    items = ctl_with(stage)("setup", "postfix", "--json", "--postfix=" + postfix.config).must().json()
    states = {item["name"]: item["state"] for item in items}
    equal(states["smtpd_milters"], "done", "smtpd_milters")
    equal(states["default_verp_delimiters"], "done", "default_verp_delimiters")
    equal(states["bulk/unix"], "missing", "the lane")
    equal({item["where"] for item in items} - {"main.cf", "master.cf", "master.cf option", "file", "dns", "gatepostctl"}, set(),
          "where they belong")


def test_postfix_other_settings(stage):
    """setup postfix: lists are added to, other filters stay, and accounts that keep MAIL FROM are named"""
    shop(stage)
    account(stage, "keeper", mail_from="keep", lane="slow")
    world = World()
    postfix = Postfix(world, stage.sink, "inet:127.0.0.1:8891", extra=[
        "virtual_alias_maps = static:ann@example.org", "milter_default_action = accept"])
    said = ctl_with(stage)("setup", "postfix", "--postfix=" + postfix.config).must()
    matches(r"smtpd_milters = unix:\S+gp\.sock, inet:127\.0\.0\.1:8891'", said.out, "in front of the other filter")
    matches(r"virtual_alias_maps = static:ann@example\.org, regexp:", said.out, "behind the other map")
    check("is so: milter_default_action = accept" in said.out, "accept may stay", said)
    check("(keeper)" in said.out and "does nothing: keeper." in " ".join(said.out.split("\n# ")), "the keeper", said)
    world.close()


def test_without_redis(stage):
    """setup postfix without Redis: no file of accounts is printed, and the exit code says why"""
    ctl = Ctl(stage, conf=stage.gatepostd(outbound(stage), redis=None, start=False).conf)
    said = ctl("setup", "postfix", "--postfix=" + stage.postfix.config).must(UNAVAILABLE)
    check("Redis could not be read" in said.out and "cat >" not in said.out, "what it says", said)
    check("cannot be told" in said.out and "not needed" not in said.out, "no verdict on XVERP", said)
    world = World()
    postfix = Postfix(world, stage.sink, "", default_action="accept")
    paste(ctl("setup", "postfix", "--postfix=" + postfix.config).must(UNAVAILABLE).out)
    said = ctl("setup", "postfix", "--postfix=" + postfix.config).must(UNAVAILABLE)
    check("# is so: smtpd_milters" in said.out and "has all of it" not in said.out, "no verdict at the end", said)
    world.close()


def test_sendmail(stage):
    """setup sendmail: lines for m4, and what Sendmail cannot"""
    shop(stage)
    said = ctl_with(stage)("setup", "sendmail").must()
    matches(r"INPUT_MAIL_FILTER\(`gatepost', `S=unix:\S+, F=T, T=C:30s;S:30s;R:\d+s;E:5m'\)dnl", said.out, "the filter")
    check("LOCAL_DOMAIN(`bulk.b.shop.example')dnl" in said.out and "XVERP" in said.out, "the rest", said)
    check("LOCAL_DOMAIN(`b.shop.example')dnl" in said.out, "the bounce domain itself", said)
    check("\nC{GatepostReturns}b.shop.example\n" in said.out, "its own bounces come round", said)
    check("a@x.example,b@y.example" in said.out, "what it does to addresses", said)
    check("pass bounces on" not in said.out, "nobody does", said)
    shop(stage, bounces="pass")
    matches(r"pass bounces on, to that mailbox;[^:]*: shop\.", " ".join(ctl_with(stage)("setup", "sendmail").must().out.split("\ndnl ")), "who does")


def test_sendmail_host(stage):
    """setup sendmail: the records for DNS have the host's whole name"""
    shop(stage)
    ctl = ctl_with(stage)
    hosts = stage.world.write("hosts", "127.0.1.1 mx.whole.example whole\n")
    script = "hostname $0; mount --bind %s /etc/hosts; exec \"$@\"" % hosts
    for name, want in (("mx.shop.example", "mx.shop.example"), ("whole", "mx.whole.example")):
        done = subprocess.run(["unshare", "--mount", "--uts", "sh", "-ec", script, name, *ctl.argv("setup", "sendmail")],
                              capture_output=True, timeout=60, check=False)
        equal(done.returncode, 0, done.stderr.decode())
        text = done.stdout.decode()
        check("IN MX 10 %s." % want in text and "a:%s -all" % want in text, "of %s" % name, text)


def event(stage, name, **fields):
    fields = {"account": name, "time": int(time.time()), **fields}
    time.sleep(0.002)  # one after the other
    stage.redis("XADD", "gp:ev:{%s}" % name, "*", *[str(x) for pair in fields.items() for x in pair])


def test_log(stage):
    """log: events of all accounts, the newest last, chosen by account, recipient, time and type"""
    now = int(time.time())
    event(stage, "shop", type="sent", time=now - 7200, msg="a" * 13, to="ann@x.example, bob@y.example", nrcpt=2,
          subject="Hi \x1b[31m")
    event(stage, "news", type="sent", time=now - 60, msg="b" * 13, to="ann@x.example", nrcpt=1, **{"from": "<>"})
    event(stage, "shop", type="refused", time=now - 5, rcpt="eve@z.example", reason="over its rate")
    ctl = ctl_with(stage)
    times = [int(row["time"]) for row in ctl("log").must().rows(COLUMNS)]
    equal(times, [now - 7200, now - 60, now - 5], "all")
    check("\x1b" not in ctl("log").out, "no hostile byte")

    def accounts(*words):
        return [row["account"] + " " + row["type"] for row in ctl("log", *words).must().rows(COLUMNS)]

    equal(accounts("--account", "news"), ["news sent"], "--account")
    equal(accounts("--rcpt", "bob@y.example"), ["shop sent"], "--rcpt")
    equal(accounts("--rcpt", "*@x.example"), ["shop sent", "news sent"], "--rcpt, a pattern")
    equal(accounts("--since", "-1h"), ["news sent", "shop refused"], "--since")
    equal(accounts("--until", str(now - 30)), ["shop sent", "news sent"], "--until")
    equal(accounts("--type", "refused,suppressed"), ["shop refused"], "--type")
    equal(accounts("--limit", "1"), ["shop refused"], "--limit")
    equal(len(accounts("--limit", "0")), 3, "--limit 0")
    equal([e["type"] for e in ctl("log", "--json", "--account=shop").must().json()], ["sent", "refused"], "--json")
    terminal = ctl.terminal("--color=never", "log").out
    matches(r"2 hours ago\s+shop\s+sent", terminal, "a terminal")
    equal(terminal.count("<>"), 1, "nobody is shown for the null sender")
    for wrong in (["--since", "noon"], ["--type", "lost"], ["--account", "A B"], ["--limit", "x"]):
        ctl("log", *wrong).must(USAGE)
    shop(stage)
    stage.redis("HSET", "gp:acctmap", "login:ann", "shop")
    for words in ([], ["--msg", "a" * 13]):
        matches("no account shpo; did you mean shop", ctl("log", "--account", "shpo", *words).must(NOT_FOUND).err, "a slip of the pen")
    account(stage, "silent", daily="5")
    equal(accounts("--account", "silent"), [], "one without events")


def test_log_returns(stage):
    """log: what came back, with whom it is about, its class, its status and who said so"""
    event(stage, "shop", type="bounced", msg="a" * 13, rcpt="ann@x.example", strength="hard", category="userunknown", status="5.1.1",
          mta="mx.x.example", reason="550 5.1.1 no such user", by="return", **{"class": "recipient"})
    event(stage, "shop", type="deferred", msg="b" * 13, rcpt="bob@x.example", category="expired", status="4.4.1", by="return",
          **{"class": "infrastructure"})
    event(stage, "shop", type="replied", msg="c" * 13, rcpt="cy@x.example", category="auto-reply", by="return")
    event(stage, "shop", type="complained", msg="d" * 13, rcpt="dee@x.example", category="abuse", by="feedback")
    event(stage, "shop", type="returned", msg="e" * 13, to="who@x.example", by="envid")
    ctl = ctl_with(stage)
    rows = {row["type"]: row for row in ctl("log").must().rows(COLUMNS)}
    equal([rows["bounced"][k] for k in ("rcpt", "class", "category", "strength", "status", "mta", "reason", "did")],
          ["ann@x.example", "recipient", "userunknown", "hard", "5.1.1", "mx.x.example", "550 5.1.1 no such user", "-"], "a bounce")
    text = ctl.terminal("--color=never", "log", columns=250).out
    for line in (r"bounced .*ann@x\.example .*recipient hard 5\.1\.1 .*550 5\.1\.1 no such user", r"deferred .*bob@x\.example .*infrastructure 4\.4\.1",
                 r"replied .*cy@x\.example .*auto-reply", r"complained .*dee@x\.example .*abuse", r"returned .*who@x\.example"):
        matches(line, text, "on a terminal")
    for kind in ("bounced", "deferred", "delivered", "relayed", "replied", "complained", "feedback", "returned", "unsubscribed"):
        equal([r["type"] for r in ctl("log", "--type", kind).must().rows(COLUMNS)], [kind] if kind in rows else [], "--type " + kind)
    value, = ctl("--json", "log", "--type=bounced").must().json()
    equal((value["class"], value["status"], value["did"]), ("recipient", "5.1.1", None), "JSON")


def test_log_message(stage):
    """log --msg: all of one message, and what became of each recipient"""
    event(stage, "shop", type="sent", msg="a" * 13, to="ann@x.example", nrcpt=1)
    stage.redis("HSET", "gp:msg:{shop}:" + "a" * 13, "type", "sent", "account", "shop", "msg", "a" * 13, "time", "1790000000",
                "rcpt:ann@x.example", "sent", "rcpt:bob@y.example", "bounced \x1b[0m")
    ctl = ctl_with(stage)
    said = ctl("log", "--msg", "A" * 13).must()
    check("state\tann@x.example\tsent\n" in said.out and "state\tbob@y.example\tbounced \\x1b[0m\n" in said.out,
          "the recipients", said)
    found = ctl("log", "--msg", "a" * 13, "--account", "shop", "--json").must().json()[0]
    equal(len(found["states"]), 2, "in JSON")
    ctl("log", "--msg", "b" * 13).must(NOT_FOUND)
    equal(json.loads(ctl("log", "--msg", "b" * 13, "--json").must(NOT_FOUND).out), [], "none, in JSON")


def test_log_hits(stage):
    """log: openings and clicks, with link, who, why and program; log --msg: what happened since"""
    now = int(time.time())
    url = "https://shop.example/sale"
    stage.redis("HSET", "gp:msg:{shop}:" + "a" * 13, "type", "sent", "account", "shop", "msg", "a" * 13, "time", str(now - 600),
                "rcpt:ann@x.example", "sent")
    event(stage, "shop", type="sent", time=now - 600, msg="a" * 13, to="ann@x.example", nrcpt=1)
    event(stage, "shop", type="clicked", time=now - 300, msg="a" * 13, rcpt="ann@x.example", link=2, url=url, who="bot", why="burst:5", agent="Scan/1 \x1b[31m")
    event(stage, "shop", type="unsubscribed", time=now - 60, msg="a" * 13, rcpt="ann@x.example", by="one-click")
    event(stage, "shop", type="clicked", time=now - 30, msg="b" * 13, rcpt="bob@x.example", url=url, who="human", why="")
    ctl = ctl_with(stage)
    row = ctl("log", "--type", "clicked").must().rows(COLUMNS)[0]
    equal([row[k] for k in ("link", "url", "who", "why", "agent")], ["2", url, "bot", "burst:5", "Scan/1 ?[31m"], "a click")
    value = ctl("--json", "log", "--type", "clicked").must().json()[0]
    equal((value["link"], value["url"], value["who"], value["why"]), (2, url, "bot", "burst:5"), "in JSON")
    matches(r"clicked .*ann@x\.example .*https://shop\.example/sale .*bot burst:5", ctl.terminal("--color=never", "log", columns=250).out, "on a terminal")
    said = ctl("log", "--msg", "a" * 13).must().out
    equal([line for line in said.splitlines() if line.startswith("event\t")],
          ["event\t%d\tclicked\tann@x.example\tbot burst:5\t%s\tScan/1 ?[31m" % (now - 300, url),
           "event\t%d\tunsubscribed\tann@x.example\t-\t-\t-" % (now - 60)], "--msg")
    events = ctl("log", "--msg", "a" * 13, "--json").must().json()[0]["events"]
    equal([(e["type"], e["who"], e["link"]) for e in events], [("clicked", "bot", 2), ("unsubscribed", None, None)], "--msg, in JSON")
    matches(r"since +clicked  5 minutes ago  ann@x\.example  bot burst:5  https://shop\.example/sale", ctl.terminal("--color=never", "log", "--msg", "a" * 13, columns=250).out,
            "--msg, on a terminal")


def test_check(stage):
    """check: an account's mistakes, its missing key, the keyring; right when they are there"""
    shop(stage, dkim="s1:shop.example nonsense")
    ctl = ctl_with(stage)
    ours = "--postfix=" + stage.postfix.config
    rows = [line.split("\t") for line in ctl("check", ours).out.splitlines()]
    faults = "\n".join(row[2] for row in rows if row[:2] == ["fault", "outbound"])
    for part in ("account shop: dkim:", "key s1:shop.example is not there", "keyring"):
        check(part in faults, "%s is a fault" % part, faults)
    check(any(row[0] == "warning" and "no service adds XVERP" in row[2] for row in rows), "XVERP is missing", rows)
    ctl("keyring", "new").must()
    ctl("key", "new", "shop.example", "s1").must()
    stage.redis("HSET", "gp:acct:{shop}", "dkim", "s1:shop.example")
    rows = [line.split("\t") for line in ctl("check", ours).out.splitlines()]
    equal([row[2] for row in rows if row[:2] == ["fault", "outbound"]], [], "faults after that")
    os.chmod(stage.world.path("setup-keyring"), 0o644)
    said = ctl("check", ours)
    matches(r"fault\toutbound\t[^\n]*setup-keyring", said.out, "a keyring that everybody may read")


def test_check_age(stage):
    """check: what comes back is taken for longer than what was sent is known"""
    shop(stage, retention="29d")
    ctl = ctl_with(stage)

    def said():
        rows = [line.split("\t") for line in ctl("check", "--postfix=" + stage.postfix.config).out.splitlines()]
        return [row[2] for row in rows if row[:2] == ["warning", "bounces"]]

    matches(r"returns\.max_age is longer than the retention of 1 account, shop's first", "\n".join(said()), "29 days, of 30")
    stage.redis("HSET", "gp:acct:{shop}", "retention", "30d")
    equal(said(), [], "as long")


def test_check_web(stage):
    """check: gatepost-web does not answer for accounts that lead to it; links without one click"""
    ours = "--postfix=" + stage.postfix.config

    def rows(status):
        said = Ctl(stage, {**outbound(stage), "web": {"status": status}})("check", ours).out
        return [row[:3:2] for row in (line.split("\t") for line in said.splitlines()) if row[1] == "web"]

    nobody = "127.0.0.1:%d" % free_port()
    shop(stage, track_domain="t.shop.example")
    equal(rows(nobody), [], "no account leads there")
    shop(stage, clicks="yes", list_unsubscribe="yes")
    (state, what), = rows(nobody)
    equal(state, "warning", "nobody listens")
    matches(r"gatepost-web at 127\.0\.0\.1:\d+: Connection refused: .* 1 account, shop's first", what, "what it says")
    equal(rows("unix:/nonexistent/web.sock")[0][0], "warning", "a unix socket")
    equal(rows("\"\""), [], "it cannot be asked")
    web = Web(stage)
    for status in ("127.0.0.1:%d", "*:%d"):
        equal(rows(status % web.status), [["ok", "gatepost-web answers at " + status % web.status]], "there it is")
    equal(rows("127.0.0.1:%d" % web.port)[0][0], "warning", "404 is not well")
    web.stop()
    shop(stage, track_scheme="http")
    matches(r"1 account, shop first: list_unsubscribe by http .* no one click", rows(nobody)[1][1], "one click")


def test_check_closed(stage):
    """check, account show: what the daemon's user may not read, or reach, and what to do"""
    shop(stage, dkim="s1:shop.example")
    ctl = Ctl(stage, {**outbound(stage), "milter": {"user": "nobody"}})
    ours = "--postfix=" + stage.postfix.config
    if not os.path.exists(stage.world.path("setup-keyring")):
        ctl("keyring", "new").must()
    if not os.path.exists(stage.world.path("setup-keys/shop.example/s1.key")):
        ctl("key", "new", "shop.example", "s1").must()
    keys, key = stage.world.path("setup-keys"), stage.world.path("setup-keys/shop.example/s1.key")
    for path in (keys, os.path.dirname(key), key, stage.world.path("setup-keyring")):
        os.chown(path, 0, grp.getgrnam("nogroup").gr_gid)
        os.chmod(path, 0o750 if os.path.isdir(path) else 0o640)

    def problems():
        return [line for line in ctl("account", "show", "shop").must().out.splitlines() if line.startswith("problem\tdkim\t")]

    equal(problems(), [], "as they should be")
    check("may not" not in ctl("check", ours).out, "check", ctl("check", ours))
    os.chmod(keys, 0o700)
    matches(r"fault\toutbound\tuser nobody may not enter \S+/setup-keys, [^\n]*\t.*chmod 0640, its directories 0750", ctl("check", ours).out, "a directory")
    matches(r"s1:shop\.example: user nobody may not enter \S+/setup-keys, .*directories 0750", "\n".join(problems()), "account show")
    os.chmod(keys, 0o750)
    os.chmod(key, 0o600)
    matches(r"may not read \S+/s1\.key", "\n".join(problems()), "the key alone")
    os.chmod(key, 0o644)
    matches(r"everybody on this host may read the key; chmod 0640", "\n".join(problems()), "world-readable")
    os.chmod(key, 0o640)
    binary = stage.world.path("gatepostctl")
    shutil.copy(program("gatepostctl", BUILD), binary)  # the build may be in a folder of root's
    for path, mode in ((keys, 0o700), (key, 0o600)):
        os.chmod(path, mode)
        code, out, _ = as_nobody([binary, "-c", ctl.conf, "check", ours])
        matches(r"warning\toutbound\t\S+/s1\.key: Permission denied: this runs as nobody, who may not [^\t]*; 1 key not checked\trun this as root", out, "nobody checks")
        check("not there:" not in out and "mend the file" not in out and "can be used" not in out, "no verdict on the key", out)
        os.chmod(path, 0o750 if path == keys else 0o640)
    os.chmod(key, 0o640)
