"""gatepostctl account: accounts made, changed, shown, moved and removed, with a real Redis."""

import json
import os
import subprocess
import threading
import time

from harness import *
from test_ctl import DONE, NOT_FOUND, UNAVAILABLE, USAGE, Ctl, Result, plain

CHANGES = ("account", "option", "before", "after")
LIST = ("name", "lane", "tracking", "dkim", "match", "source", "problems")
STATES = ("account", "state", "options", "keys")
MANY = 10000
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

CONF = {"account": {"bounce_domain": "b.example", "lane": "bulk"},
        "account confshop": {"match": Words('{ "login:conf", "ip:192.0.2.77", "from:@conf.example" }'), "check_from": True},
        "account other": {"from": Words('{ "other.example" }'), "match": Words('{ "login:both" }')}}


def account(stage, settings=None):
    """The tool, with a keyring and a directory of keys that are there."""
    keys = stage.world.path("keys")
    os.makedirs(os.path.join(keys, "shop.example"), exist_ok=True)
    stage.world.write("keyring", "")
    stage.world.write("keys/shop.example/s1.key", "", 0o640)
    outbound = {"keyring": stage.world.path("keyring"), "keys": keys, **(settings or {}).pop("outbound", {})}
    ctl = Ctl(stage, {"outbound": outbound, **(settings or {})})
    return lambda *words, **more: ctl("account", *words, **more)


def feed(stage, text, *words):
    """The same, with something on standard input."""
    argv = Ctl(stage).argv("account", *words)
    done = subprocess.run(argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    return Result(argv, done.returncode, done.stdout.decode(), done.stderr.decode())


def cells(said, kind):
    return [line.split("\t")[1:] for line in said.out.splitlines() if line.startswith(kind + "\t")]


def fields(stage, name):
    """What Redis has, without the mark that makes an account be there."""
    return {k: v for k, v in stage.redis.hash("gp:acct:{%s}" % name).items() if (k, v) != ("match", "")}


def keys(stage):
    return stage.redis.hash("gp:acctmap")


def test_add(stage):
    """add makes an account with its options and keys, once, and says what is missing"""
    acct = account(stage)
    said = acct("add", "shop", "opens=yes", "track_domain=t.shop.example", "bounce_domain=b.shop.example",
                "dkim=s1:shop.example", "rate=200/s", "--match", "login:Ann", "--match", "IP:192.0.2.1/32",
                "--match", "from:@Shop.example").must()
    equal(said.err, "", "nothing is missing")
    equal({r["option"]: (r["before"], r["after"]) for r in said.rows(CHANGES) if r["option"] != "match"},
          {"opens": ("-", "yes"), "track_domain": ("-", "t.shop.example"), "bounce_domain": ("-", "b.shop.example"),
           "dkim": ("-", "s1:shop.example"), "rate": ("-", "200/s")}, "what is new")
    equal(fields(stage, "shop"), {"opens": "yes", "track_domain": "t.shop.example", "bounce_domain": "b.shop.example",
                                  "dkim": "s1:shop.example", "rate": "200/s"}, "what Redis has")
    equal(keys(stage), {"login:ann": "shop", "ip:192.0.2.1": "shop", "from:@shop.example": "shop"}, "the map")
    matches("there is an account shop already", acct("add", "shop", "rate=1/s").must(NOT_FOUND).err, "twice")
    equal(fields(stage, "shop")["rate"], "200/s", "and nothing was changed")
    acct("add", "plain", "--match", "login:plain").must()
    equal(stage.redis.keys("gp:acct:*"), ["gp:acct:{plain}", "gp:acct:{shop}"], "one without options is there, too")
    said = acct("add", "lacks", "opens=on", "clicks=on", "mail_from=verp", "dkim=s2:shop.example", "lane=bulk",
                "check_from=yes", "list_unsubscribe=yes", "domainkeys=yes").must()
    for wanted in ("opens: it needs a track_domain", "clicks: it needs", "mail_from: verp needs a bounce_domain",
                   "dkim: s2:shop.example: there is no file .*/keys/shop.example/s2.key", "lane: .* needs a bounce_domain",
                   "check_from: every message would be refused", "list_unsubscribe: it needs", "match: no key is its own"):
        matches("lacks: " + wanted, said.err, "what is missing")
    os.unlink(stage.world.path("keyring"))
    matches("mail_from: there is no keyring", Ctl(stage, {"outbound": {"keyring": stage.world.path("keyring")}})(
        "account", "add", "ring", "bounce_domain=b.example", "--match", "login:r").must().err, "no keyring")


def test_set(stage):
    """set changes, adds to lists and takes out of them, goes back to defaults, and shows both"""
    acct = account(stage)
    acct("add", "shop", "rate=200/s", "from=a.example", "--match", "login:ann").must()
    said = acct("set", "shop", "rate=", "daily=5000", "from+=b.example, Bob@C.example", "--match", "ip:2001:DB8::/32",
                "--unmatch", "LOGIN:ann").must()
    equal([[r[k] for k in CHANGES[1:]] for r in said.rows(CHANGES)],
          [["rate", "200/s", "-"], ["daily", "-", "5000"], ["from", "a.example", "@a.example,@b.example,bob@c.example"],
           ["match", "-", "ip:2001:db8::/32"], ["match", "login:ann", "-"]], "before and after")
    equal(fields(stage, "shop"), {"daily": "5000", "from": "@a.example,@b.example,bob@c.example"}, "in Redis")
    equal(keys(stage), {"ip:2001:db8::/32": "shop"}, "the map")
    acct("set", "shop", "from-=a.example,bob@c.example", "from+=d.example").must()
    equal(fields(stage, "shop")["from"], "@b.example,@d.example", "the list")
    acct("set", "shop", "from-=b.example,d.example").must()
    equal(fields(stage, "shop")["from"], "", "an empty list is not the default")
    acct("set", "shop", 'id_header=off', 'sender=""').must()
    equal(fields(stage, "shop")["sender"], "", "set to nothing")
    equal(acct("set", "shop", "daily=5000").must().out, "", "nothing to change")
    said = acct("--json", "set", "shop", "daily=7", "sender=").must().json()
    equal(said, [{"account": "shop", "option": "sender", "before": "", "after": None},
                 {"account": "shop", "option": "daily", "before": "5000", "after": "7"}], "JSON")
    matches("no account shap; did you mean shop", acct("set", "shap", "daily=1").must(NOT_FOUND).err, "no such account")
    text = plain(Ctl(stage).terminal("--color=always", "account", "set", "shop", "daily=").must().out)
    matches(r"OPTION +BEFORE +AFTER\ndaily +7 +0", text, "a terminal sees the default")


def test_checked_first(stage):
    """whatever is wrong is told, all of it, and nothing is written"""
    acct = account(stage)
    acct("add", "shop", "rate=200/s", "--match", "login:ann").must()
    before = stage.redis.hash("gp:acct:{shop}"), keys(stage)
    said = acct("set", "shop", "daily=5", "openz=yes", "clicks=perhaps", "rate=3x", "from-=z.example", "burst+=3", "match=a",
                "login:x", "noise", "=x", "dkim=x", "privacy=none", "daily=6", "id_header=Subject", "webhook=ftp://x", "webhook_secret=hunter2",
                "lane=a.b", "--match", "foo", "--match", "ip:10.0.0.1/8", "--match", "from:x", "--match", "login:a b",
                "--unmatch", "login:bob", "--match", "login:q", "--match", "Login:Q").must(USAGE)
    equal(said.out, "", "nothing on stdout")
    for wanted in ('"openz": there is no such option; did you mean "opens"', "clicks: perhaps: .*yes.*no", "rate: 3x: .*200/s",
                   'from: "@z.example" is not in the list', "burst: it is no list", "match: .*--match KEY",
                   '"login:x": a key. write --match login:x', '"noise": write OPTION=VALUE', '"=x": write OPTION=VALUE',
                   "dkim: .*SELECTOR:DOMAIN", "privacy: none: .*identified, pseudonymous, anonymous", "daily: it is there twice",
                   "id_header: .*X-", "webhook: .*http", r"webhook_secret: \(hidden\): write whsec_", "lane: a.b: ", '"foo": that is no key', "10.0.0.0/8", '"from:x": that is no address',
                   '"login:a b": that is no key', "login:bob is no key of account shop", "login:q is there twice",
                   "nothing was changed"):
        matches(wanted, said.err, "what is told")
    equal((stage.redis.hash("gp:acct:{shop}"), keys(stage)), before, "nothing was written")
    for name in ("", "Shop", "_x", "a b", "a}b", "x" * 33, "a\nb", "a:b", "\xff"):
        matches("is no name of an account", acct("add", name, "--match", "login:n").must(USAGE).err, "the name %r" % name)
    for words, wanted in ((["set", "shop"], "wants what to set"), (["add"], "usage:"), (["show"], "usage:"), (["match"], "wants --ip"),
                          (["match", "--ip", "300.1.1.1"], "IPv4 or IPv6"), (["match", "--from", "x"], "write an address"),
                          (["remove"], "usage:"), (["list", "x"], "unexpected"), (["shwo", "x"], 'did you mean "account show"'),
                          (["set", "shop", "--yes"], "takes no --yes"), (["add", "n", "--match"], "wants a value")):
        matches(wanted, acct(*words).must(USAGE).err, "account %s" % " ".join(words))
    equal(stage.redis.keys("gp:acct:*"), ["gp:acct:{shop}"], "no other account")


def test_hostile(stage):
    """hostile names, values and keys in Redis are shown escaped, and can be removed"""
    acct = account(stage)
    stage.redis("HSET", "gp:acct:{we\033[31m ird}", "foo\033", "bar\n", "opens", "maybe", "match", "x")
    stage.redis("HSET", "gp:acct:{good}", "from", "a.example, b@@c", "opens", b"\xff\xfe", "rate", "x" * 70000)
    stage.redis("SET", "gp:acct:{text}", "x")
    stage.redis("HSET", "gp:acctmap", "LOGIN:X", "good", "login:x", "good", b"bogus\xff", "good", "login:y", "ghost,good", "login:z", "UP!",
                "ip:10.1.1.1", "good," * 20 + "good")
    said = acct("list").must()
    equal([r["name"] for r in said.rows(LIST)], ["good", "text", r"we\x1b[31m ird"], "all are there")
    check(all(int(r["problems"]) > 0 for r in said.rows(LIST)), "with problems", said)
    equal(said.rows(LIST)[0]["match"], "login:x,login:y", "each key once")
    for wanted in ("login:y is the key of account ghost", r"bogus\\xff", '"UP!" is no name', "more than 16 accounts"):
        matches(wanted, said.err, "what is wrong with the map")
    check("\033" not in said.out + said.err, "escaped", said)
    shown = acct("--json", "show", "good").must().json()[0]
    equal(shown["options"]["opens"], {"value": r"\xff\xfe", "in_force": "no", "from": "redis", "set": True}, "a wrong value")
    equal(shown["options"]["from"]["in_force"], "@a.example", "the right entries are in force")
    equal({p["option"] for p in shown["problems"]} >= {"from", "opens", "rate"}, True, "what is wrong")
    acct("--json", "show", "text").must().json()
    plain(Ctl(stage).terminal("account", "show", "we\033[31m ird").must().out)
    acct("set", "good", "from+=c.example", "opens=", "rate=1/s", "--unmatch", "login:x").must()
    equal(fields(stage, "good"), {"from": "@a.example,@c.example", "rate": "1/s"}, "mended")
    check("LOGIN:X" not in keys(stage) and "login:x" not in keys(stage), "both ways to write a key are gone", keys(stage))
    acct("remove", "we\033[31m ird").must()
    acct("remove", "text").must()
    matches("would leave without it", acct("remove", "ghost").must(USAGE).err, "one of which only keys are left")
    acct("remove", "ghost", "--yes").must()
    equal(keys(stage)["login:y"], "good", "its place is taken")
    equal(stage.redis.keys("gp:acct:*"), ["gp:acct:{good}"], "the others are gone")
    stage.redis("HSET", "gp:acct:{good}", "newer_option", "1")
    acct("set", "good", "daily=3").must()
    equal(fields(stage, "good")["newer_option"], "1", "an option of another version stays")
    acct("set", "good", "newer_option=").must()
    check("newer_option" not in fields(stage, "good"), "until it is taken out")
    stage.redis("DEL", "gp:acctmap")
    stage.redis("SET", "gp:acctmap", "x")
    matches("WRONGTYPE", acct("list").must(UNAVAILABLE).err, "a map that is none")


def test_show(stage):
    """show tells each option's value, what is in force, and where it comes from"""
    acct = account(stage, {"account": {"lane": "bulk", "retention": "10d"}})
    acct("add", "shop", "rate=100/s", "burst=5", "daily=100", "warmup=on", "opens=yes", "--match", "login:ann").must()
    acct("add", "agency", "--match", "login:ann").must()
    said = acct("show", "shop").must()
    options = {c[0]: c[1:] for c in cells(said, "option")}
    equal(options["rate"], ["100/s", "100/s", "redis"], "set")
    equal(options["opens"], ["yes", "no", "redis"], "set, and not in force")
    equal(options["clicks"], ["no", "no", "built in"], "built in")
    equal(options["lane"][0:2], ["bulk", "bulk"], "of milter.conf")
    matches(r"^gatepostd-\d+\.conf:\d+$", options["lane"][2], "with its line")
    equal(options["mail_from"], ["verp", "keep", "built in"], "a default that cannot be had")
    equal(cells(said, "match"), [["login:ann", "shop,agency", "redis"]], "its key")
    equal({c[0]: c[1:] for c in cells(said, "limit")},
          {"room": ["5", "5"], "today": ["0", "100"], "warmup": ["0", "50"], "step": ["1", "-"]}, "its limits")
    matches("opens\tit needs a track_domain", said.out, "its problems")
    shown = acct("--json", "show", "shop").must().json()
    equal((len(shown), shown[0]["name"], shown[0]["source"], shown[0]["line"]), (1, "shop", "redis", None), "JSON")
    equal(shown[0]["match"], [{"key": "login:ann", "accounts": ["shop", "agency"], "source": "redis"}], "keys in JSON")
    equal(shown[0]["limits"], {"room": 5, "burst": 5, "today": 0, "daily": 100, "warmup": 0, "warmup_limit": 50, "warmup_step": 1}, "limits")
    text = plain(Ctl(stage).terminal("account", "show", "shop").must().out)
    matches(r"^shop  \(redis\)\n", text, "the title")
    matches(r"\nkeys\n  login:ann  of shop,agency\n", text, "keys")
    matches(r"\nlimits\n  5 of 5 would pass at once\n", text, "limits")
    matches("no account shopp; did you mean shop", acct("show", "shopp").must(NOT_FOUND).err, "no such account")


def test_list(stage):
    """list has a line for each account, sorted, and JSON an object"""
    acct = account(stage, dict(CONF))
    acct("add", "zoo", "clicks=yes", "opens=yes", "track_domain=t.example", "lane=slow", "--match", "login:z").must()
    acct("add", "aaa", "dkim=s1:shop.example,ed:shop.example", "--match", "ip:10.0.0.0/8", "--match", "login:a", "--match", "login:b",
         "--match", "login:c").must()
    rows = acct("list").must().rows(LIST)
    equal([(r["name"], r["source"]) for r in rows], [("aaa", "redis"), ("confshop", "milter.conf"), ("other", "milter.conf"), ("zoo", "redis")], "sorted")
    equal((rows[0]["match"], rows[0]["dkim"], rows[0]["tracking"]),
          ("ip:10.0.0.0/8,login:a,login:b,login:c", "s1:shop.example,ed:shop.example", "-"), "aaa")
    equal((rows[3]["lane"], rows[3]["tracking"]), ("slow", "opens,clicks"), "zoo")
    listed = acct("--json", "list").must().json()
    equal(listed[3], {"name": "zoo", "lane": "slow", "opens": True, "clicks": True, "dkim": [], "match": ["login:z"],
                      "source": "redis", "problems": 0}, "JSON")
    text = plain(Ctl(stage, dict(CONF)).terminal("account", "list").must().out)
    matches("ip:10.0.0.0/8,login:a and 2 more", text, "many keys are told in short")
    matches("\n4 accounts\n", text, "the count")
    stage.redis("FLUSHALL")
    equal(Ctl(stage)("--json", "account", "list").must().json(), [], "none at all")


def test_configured(stage):
    """accounts in milter.conf are shown, with their lines, and changed there"""
    acct = account(stage, dict(CONF))
    for words in (["set", "confshop", "rate=1/s"], ["add", "confshop"], ["remove", "confshop"], ["remove", "confshop", "--yes"], ["export", "confshop"]):
        matches(r"account confshop stands in .*\.conf, line \d+: change it there", acct(*words).must(USAGE).err, "%s" % words)
    equal(stage.redis.keys(), [], "nothing is in Redis")
    said = acct("show", "confshop").must()
    matches(r"^account\tconfshop\t\S+\.conf:\d+\t-\n", said.out, "where it stands")
    options = {c[0]: c[1:] for c in cells(said, "option")}
    matches(r"\.conf:\d+$", options["check_from"][2], "its own line")
    matches(r"\.conf:\d+$", options["bounce_domain"][2], "the defaults' line")
    check(options["check_from"][2] != options["bounce_domain"][2], "which is another", said)
    equal([c[0] for c in cells(said, "match")], ["login:conf", "ip:192.0.2.77", "from:@conf.example"], "its keys")
    equal(acct("--json", "show", "confshop").must().json()[0]["source"], "milter.conf", "JSON")
    # one of that name in Redis is hidden, said, and can be removed
    stage.redis("HSET", "gp:acct:{confshop}", "rate", "1/s")
    matches("problem\taccount\tRedis has one of that name, too", acct("show", "confshop").must().out, "hidden")
    options = {c[0]: c[1:] for c in cells(acct("show", "confshop").must(), "option")}
    equal(options["rate"][0], "off", "milter.conf's is in force")
    matches("line .* stays as it is", acct("remove", "confshop").must().err, "Redis's is removed")
    # a key of milter.conf holds
    said = acct("add", "shop", "--match", "login:conf", "--match", "login:x").must()
    matches("login:conf is the key of confshop in .*; it does not count for shop", said.err, "told")
    matches("problem\tlogin:conf\tit is confshop's in milter.conf", acct("show", "shop").must().out, "and shown")
    matches("it stands in .*line", feed_conf(stage, {"accounts": [{"name": "other"}]}).must(USAGE).err, "import")


def feed_conf(stage, value):
    argv = Ctl(stage, dict(CONF)).argv("account", "import")
    done = subprocess.run(argv, input=json.dumps(value).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    return Result(argv, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_remove(stage):
    """remove takes the keys first, asks for --yes when mail is concerned, and says what stays"""
    acct = account(stage, {"outbound": {"default_account": "rest"}})
    acct("add", "shop", "rate=1/s", "--match", "login:a", "--match", "login:b").must()
    acct("add", "agency", "--match", "login:b").must()
    acct("add", "rest").must()
    matches("2 keys .*--yes", acct("remove", "shop").must(USAGE).err, "--yes is wanted")
    matches("default_account.*--yes", acct("remove", "rest").must(USAGE).err, "for the default account, too")
    equal(len(stage.redis.keys("gp:acct:*")), 3, "nothing is gone")
    said = acct("remove", "shop", "--yes").must()
    matches("events, .*messages and .*suppressed recipients stay", said.err, "what stays")
    equal([r["before"] for r in said.rows(CHANGES)], ["1/s", "login:a", "login:b"], "what is gone")
    equal(keys(stage), {"login:b": "agency"}, "the other keeps its key")
    acct("remove", "rest", "--yes").must()
    equal(stage.redis.keys("gp:acct:*"), ["gp:acct:{agency}"], "the accounts")
    matches("there is no account shop", acct("remove", "shop", "--yes").must(NOT_FOUND).err, "twice")


def test_match(stage):
    """match says whose mail it would be and why, over milter.conf and Redis, as the daemon would"""
    acct = account(stage, {**CONF, "outbound": {"default_account": "rest"}, "inbound": {"submit_networks": Words('{ "198.51.100.0/24" }')}})
    acct("add", "shop", "check_from=yes", "from=extra.example", "--match", "login:ann", "--match", "from:@shop.example").must()
    acct("add", "agency", "--match", "ip:10.0.0.0/8", "--match", "login:ann").must()
    acct("add", "office", "--match", "ip:10.1.0.0/16", "--match", "login:both").must()
    acct("add", "rest").must()
    for words, account_, by, key in (
            (["--login", "ANN", "--ip", "10.1.2.3"], "shop", "login", "login:ann"),
            (["--ip", "10.1.2.3"], "office", "network", "ip:10.1.0.0/16"), (["--ip", "10.2.2.3"], "agency", "network", "ip:10.0.0.0/8"),
            (["--ip", "10.2.2.3", "--from", "x@shop.example"], "agency", "network", "ip:10.0.0.0/8"),
            (["--from", "X@Shop.example"], "shop", "from", "from:@shop.example"),
            (["--login", "ann", "--header", "agency"], "agency", "header", "login:ann"),
            (["--login", "ann", "--header", "office"], "shop", "login", "login:ann"),
            (["--login", "nobody"], "rest", "default", None), (["--login", "conf"], "confshop", "login", "login:conf"),
            (["--ip", "192.0.2.77"], "confshop", "network", "ip:192.0.2.77"),
            (["--login", "both"], "other", "login", "login:both"),
            (["--ip", "::ffff:10.1.2.3"], "office", "network", "ip:10.1.0.0/16")):
        said = acct("--json", "match", *words).must().json()[0]
        equal((said["account"], said["by"], said["key"]), (account_, by, key), "%s: %s" % (words, said))
    said = acct("match", "--login", "ann", "--ip", "10.1.2.3", "--from", "x@evil.example").must()
    matches(r"why\tshop: login:ann says so, before ip:10.1.0.0/16 \(office\)\n", said.out, "why")
    matches(r"login\tshop \(login:ann\)\nnetwork\toffice \(ip:10.1.0.0/16\)\n", said.out, "the candidates")
    matches(r"may_write\taccount shop may not use x@evil.example in From\n", said.out, "what it may not write")
    for froms, may in ((["a@shop.example"], True), (["a@extra.example", "b@shop.example"], True), (["a@shop.example", "b@c.example"], False)):
        options = [w for f in froms for w in ("--from", f)]
        equal(acct("--json", "match", "--login", "ann", *options).must().json()[0]["may_write"], may, "%s" % froms)
    said = acct("--json", "match", "--login", "ann", "--header", "office").must().json()[0]
    equal((said["header_refused"], said["exists"], said["source"], said["direction"]), (True, True, "redis", "outbound"), "the rest")
    matches("this mail arrives", acct("match", "--ip", "203.0.113.1").must().out, "mail that is nobody's of ours")
    equal(acct("--json", "match", "--ip", "198.51.100.1").must().json()[0]["not_asked"], None, "a submitting network")
    stage.redis("HSET", "gp:acctmap", "login:lost", "gone")
    matches("problem\tthere is no such account", acct("match", "--login", "lost").must(NOT_FOUND).out, "a key of nobody")
    text = plain(Ctl(stage).terminal("account", "match", "--login", "nobody").must(NOT_FOUND).out)
    matches("no account: neither login, network nor From is in the map", text, "none")


def test_precedence(stage):
    """match follows outbound.precedence"""
    acct = account(stage, {"outbound": {"precedence": Words("{ from, network }")}})
    acct("add", "a", "--match", "login:l").must()
    acct("add", "b", "--match", "from:x@y.example", "--match", "ip:192.0.2.1").must()
    equal(acct("match", "--login", "l").must(NOT_FOUND).out.split("\n")[0], "account\t-", "logins are not asked")
    said = acct("--json", "match", "--login", "l", "--from", "x@y.example").must().json()[0]
    equal((said["account"], said["by"]), ("b", "from"), "From is")


def test_export_import(stage):
    """export and import are each other's inverse, options, keys and their order"""
    acct = account(stage)
    acct("add", "shop", "rate=200/s", 'sender=""', "from=a.example,\xe4\xf6@b.example", "--match", "login:ann", "--match", "login:x").must()
    acct("add", "agency", "webhook=https://h.example/x?a=,", "webhook_secret=" + SECRET, "warmup=50 x2 10000 x1.3", "--match", "login:ann", "--match", "login:x").must()
    acct("add", "empty").must()
    acct("add", "first", "--match", "login:y").must()
    acct("set", "agency", "--match", "login:y").must()
    before = {k: stage.redis.hash(k) for k in stage.redis.keys()}
    said = acct("export").must()
    value = json.loads(said.out)
    equal([a["name"] for a in value["accounts"]], ["agency", "empty", "first", "shop"], "sorted")
    equal(value["shared"], {"login:ann": ["shop", "agency"], "login:x": ["shop", "agency"], "login:y": ["first", "agency"]}, "whose is first")
    path = stage.world.write("accounts.json", said.out)
    equal({r["state"] for r in acct("import", path).must().rows(STATES)}, {"same"}, "nothing to do")
    stage.redis("FLUSHALL")
    equal({r["state"] for r in acct("import", "--dry-run", path).must().rows(STATES)}, {"created"}, "a trial")
    equal(stage.redis.keys(), [], "writes nothing")
    acct("import", path).must()
    equal({k: stage.redis.hash(k) for k in stage.redis.keys()}, before, "the same as before")
    equal(acct("export").must().out, said.out, "and the same file")
    equal([a["name"] for a in json.loads(acct("export", "shop", "empty").must().out)["accounts"]], ["empty", "shop"], "some of them")
    matches("no account shup; did you mean shop", acct("export", "shup").must(NOT_FOUND).err, "one that there is not")
    stage.redis("HSET", "gp:acct:{raw}", "rate", b"\xff")
    said = acct("export").must(NOT_FOUND)
    matches("account raw has bytes that JSON cannot hold", said.err, "bytes")
    equal(len(json.loads(said.out)["accounts"]), 4, "the others are there")
    stage.redis("FLUSHALL")
    equal(json.loads(acct("export").must().out), {"accounts": []}, "none")


def test_import(stage):
    """import makes accounts what the file says, from a file or standard input, and leaves others alone"""
    acct = account(stage)
    acct("add", "shop", "rate=1/s", "daily=9", "--match", "login:a", "--match", "login:b").must()
    acct("add", "stays", "--match", "login:b", "--match", "login:s").must()
    said = feed(stage, json.dumps({"accounts": [
        {"name": "shop", "options": {"rate": "2/s", "opens": True, "track_domain": "t.example", "burst": 7, "from": ["a.example", "b.example"]},
         "match": ["LOGIN:B", "login:b", "ip:10.0.0.0/8"]},
        {"name": "new"}, {"name": "other", "options": {"opens": True}}]}).encode(), "import").must()
    equal({r["account"]: r["state"] for r in said.rows(STATES)}, {"shop": "changed", "new": "created", "other": "created"}, "states")
    matches("other: opens: it needs a track_domain", said.err, "what one option lacks of another")
    equal(fields(stage, "shop"), {"rate": "2/s", "opens": "yes", "track_domain": "t.example", "burst": "7", "from": "a.example,b.example"}, "shop")
    equal(keys(stage), {"login:b": "shop,stays", "login:s": "stays", "ip:10.0.0.0/8": "shop"}, "the map")
    said = feed(stage, json.dumps({"accounts": [{"name": "stays", "match": ["login:b", "login:s"]}], "shared": {"login:b": ["stays", "shop"]}}).encode(),
                "import", "-").must()
    equal(keys(stage)["login:b"], "stays,shop", "the order that is wanted")
    listed = feed(stage, b'{"accounts": [{"name": "new"}]}', "--json", "import").must().json()
    equal(listed, [{"account": "new", "state": "same", "options": 0, "keys": 0}], "JSON")


def test_import_wrong(stage):
    """import of a file with something wrong: all is told, nothing is written; --skip-wrong does the rest"""
    acct = account(stage)
    value = {"accounts": [
        {"name": "good", "options": {"rate": "5/s"}, "match": ["login:g"]},
        {"name": "Bad Name"}, {"name": "opt", "options": {"openz": "yes", "rate": "fast", "match": "x", "daily": None, "from": [1]}},
        {"name": "key", "match": ["foo", "login:ok"]}, {"name": "good"}, {"nam": "x"}, 7, {"name": "more", "option": {}},
        {"name": "shape", "options": [], "match": "login:x"}]}
    said = feed(stage, json.dumps(value).encode(), "import").must(USAGE)
    for wanted in (r'accounts\[1\] \(Bad Name\): "Bad Name" is no name', r'accounts\[2\] \(opt\): "openz": .*did you mean "opens"', "rate: fast: .*200/s",
                   r"accounts\[2\] \(opt\): match: ", '"daily": write a string', '"from": write a string', r'accounts\[3\] \(key\): "foo": that is no key',
                   r"accounts\[4\] \(good\): there is an account of that name in the file", r"accounts\[5\] \(\): write", r"accounts\[6\] \(\): write",
                   r'accounts\[7\] \(more\): "option": .*did you mean "options"', r"\(shape\): options: write", r"\(shape\): match: write", "nothing was written; --skip-wrong"):
        matches(wanted, said.err, "what is wrong")
    equal(stage.redis.keys(), [], "nothing was written")
    said = feed(stage, json.dumps(value).encode(), "import", "--skip-wrong").must()
    equal([r["account"] for r in said.rows(STATES) if r["state"] == "created"], ["good"], "the right one")
    equal((stage.redis.keys(), keys(stage)), (["gp:acct:{good}", "gp:acctmap"], {"login:g": "good"}), "is written")
    for text, wanted in ((b"", r"standard input:1: "), (b"{", "standard input:1"), (b"[]", "as `account export` does"), (b'{"accounts": 1}', "as `account export`"),
                         (b'{"accounts": [], "acounts": 1}', 'did you mean "accounts"'), (b'{"accounts": [], "accounts": []}', "duplicate"),
                         (b'{"accounts": [], "shared": []}', "shared: write"), (b'{"accounts": [], "shared": {"login:a": "x"}}', "write an array of names"),
                         (b'{"accounts": [{"name": "a\\u0000b"}]}', "standard input:1: "), (b'\xff\xfe', "standard input"), (b"[" * 100000, "depth|nest"),
                         (json.dumps({"accounts": [{"name": "n%d" % i, "match": ["login:x"]} for i in range(17)]}).encode(), "more than 16 accounts; nothing was written")):
        matches(wanted, feed(stage, text, "import").must(USAGE).err, "%r" % text[:40])
    matches("No such file", acct("import", "/nonexistent/x.json").must(USAGE).err, "no file")
    matches("s a directory", acct("import", "/").must(USAGE).err, "a directory")
    equal(len(stage.redis.keys("gp:acct:*")), 1, "nothing more")


@limit(300)
def test_import_large(stage):
    """a file of 10,000 accounts is imported, listed and exported in seconds; one that is too large is refused"""
    acct = account(stage)
    value = {"accounts": [{"name": "acct%05d" % i, "options": {
        "opens": "yes", "clicks": "yes", "track_domain": "t%d.example" % i, "bounce_domain": "b%d.example" % i, "rate": "200/s", "lane": "bulk",
        "dkim": "s1:shop.example", "from": "d%d.example" % i}, "match": ["from:@d%d.example" % i, "ip:10.%d.%d.0/24" % (i >> 8, i & 255), "login:user%d" % i]}
        for i in range(MANY)]}
    path = stage.world.write("large.json", json.dumps(value))
    took = {}

    def timed(what, *words):
        begin = time.monotonic()
        said = acct(*words).must()
        took[what] = time.monotonic() - begin
        return said

    equal([r["state"] for r in timed("import", "import", path).rows(STATES)].count("created"), MANY, "created")
    equal([r["state"] for r in timed("again", "import", path).rows(STATES)].count("same"), MANY, "the same")
    equal(len(timed("list", "list").rows(LIST)), MANY, "listed")
    equal(json.loads(timed("export", "export").out), value, "exported")
    timed("set", "set", "acct00007", "rate=1/s")
    timed("show", "show", "acct00007")
    print("# %d accounts: %s" % (MANY, ", ".join("%s %.2f s" % item for item in took.items())), flush=True)
    check(max(took.values()) < 30, "in seconds", took)
    with open(stage.world.path("huge.json"), "wb") as huge:
        huge.truncate(129 * 1024 * 1024)
    matches("huge.json: larger than 128 MB", acct("import", stage.world.path("huge.json")).must(USAGE).err, "too large")


def test_together(stage):
    """several operators at once: each change is there in the end, or was refused"""
    acct = account(stage)
    for i in range(4):
        acct("add", "a%d" % i).must()
    said = []

    def work(i):
        for j in range(4):
            said.append((i, j, acct("set", "a%d" % i, "daily=%d" % (j + 1), "--match", "login:k%d" % j, "--match", "login:own%d-%d" % (i, j))))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there = keys(stage)
    for i, j, result in said:
        check(result.code in (DONE, UNAVAILABLE), "done or refused", result)
        if result.code == DONE:
            check("a%d" % i in there["login:k%d" % j].split(","), "a%d has k%d" % (i, j), there)
            equal(there["login:own%d-%d" % (i, j)], "a%d" % i, "its own key")
    check(sum(r.code == DONE for _, _, r in said) > 8, "most are done")


def test_redis_gone(stage):
    """no Redis, or one that refuses: exit 69 with the reason, and nothing half done"""
    acct = account(stage, {"redis": {"server": "unix:/nonexistent/redis.sock"}})
    for words in (["add", "x"], ["set", "x", "rate=1/s"], ["show", "x"], ["list"], ["remove", "x"], ["export"], ["match", "--login", "x"]):
        said = acct(*words).must(UNAVAILABLE)
        matches("/nonexistent/redis.sock.*No such file", said.err, "the reason for %s" % words)
        equal(said.out, "", "nothing on stdout")
    equal(feed_json(stage, acct).code, UNAVAILABLE, "import, too")
    acct = account(stage)
    acct("add", "shop", "rate=1/s", "--match", "login:a").must()
    stage.redis("CONFIG", "SET", "maxmemory", "1")
    for words in (["add", "new", "--match", "login:n"], ["set", "shop", "rate=2/s", "--match", "login:b"]):
        matches("OOM|memory", acct(*words).must(UNAVAILABLE).err, "%s" % words)
    stage.redis("CONFIG", "SET", "maxmemory", "0")
    equal((fields(stage, "shop"), keys(stage), stage.redis.keys("gp:acct:*")), ({"rate": "1/s"}, {"login:a": "shop"}, ["gp:acct:{shop}"]), "as before")


def feed_json(stage, acct):
    return acct("import", stage.world.write("one.json", '{"accounts": [{"name": "x"}]}'))


def test_rights(stage):
    """a Redis user with the rights that doc/redis.md tells can do it all"""
    stage.redis("ACL", "SETUSER", "ctl", "reset", "on", ">secret", "~gp:*", "+ping", "+script|load", "+evalsha", "+eval", "+time", "+select", "+watch", "+multi",
                "+exec", "+hset", "+hget", "+hmget", "+hdel", "+del", "+hgetall", "+hscan", "+scan", "+get")
    acct = account(stage, {"redis": {"user": "ctl", "password": "secret"}})
    acct("add", "shop", "rate=1/s", "--match", "login:a").must()
    acct("set", "shop", "rate=2/s", "--unmatch", "login:a").must()
    acct("list").must()
    acct("show", "shop").must()
    acct("import", stage.world.write("one.json", acct("export").must().out)).must()
    acct("match", "--login", "a").must(NOT_FOUND)
    acct("remove", "shop").must()
    stage.redis("ACL", "DELUSER", "ctl")
