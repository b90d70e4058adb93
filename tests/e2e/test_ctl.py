"""gatepostctl as operators use it: at a terminal, in a pipe, and when things are broken."""

import fcntl
import functools
import grp
import json
import os
import pty
import re
import select
import shutil
import socket
import struct
import subprocess
import termios
import threading
import time

from harness import *

SENDER = "alice@sender.example"
RCPT = "bob@example.org"
NETWORK = "203.0.113.0/24"
BLOCK = 3

DONE, NOT_FOUND, USAGE, UNAVAILABLE, IO_ERROR, CONFIG = 0, 1, 64, 69, 74, 78

COMMANDS = ("check", "config", "grey list", "grey show", "grey known", "grey forget", "grey allow", "grey allowed",
            "grey optout", "grey optouts", "allow", "allowed", "optout", "optouts", "dnsbl off", "dnsbl on", "dnsbl known",
            "dnsbl", "spf", "explain", "test", "preview", "stats checks", "stats outbound", "stats", "log", "report", "consent set",
            "consent show", "consent remove", "consent list", "suppress list", "suppress show", "suppress add", "suppress remove",
            "suppress import", "suppress export", "forget", "setup postfix", "setup sendmail", "key new",
            "key list", "key show", "key check", "key rotate", "keyring new", "keyring rotate", "keyring list",
            "token decode", "bounce", "complaint", "account add", "account set", "account show", "account list",
            "account remove", "account import", "account export", "account match", "webhooks run", "webhooks dead", "webhooks retry",
            "webhooks drop", "webhooks test", "webhooks secret", "webhooks", "help")
NEED_REDIS = (["grey", "list"], ["grey", "show", RCPT], ["grey", "known"], ["grey", "forget", RCPT], ["grey", "allowed"],
              ["grey", "allow", "192.0.2.0/24"], ["grey", "optout", RCPT], ["grey", "optouts"],
              ["allowed"], ["allow", "192.0.2.0/24"], ["optout", RCPT], ["optouts"], ["dnsbl", "off", "dnsbl.example"],
              ["dnsbl", "on", "dnsbl.example"], ["explain", RCPT], ["stats"], ["stats", "checks"], ["stats", "outbound"],
              ["log"], ["report", "--all"], ["consent", "set", RCPT, "off"], ["consent", "show", RCPT],
              ["consent", "remove", RCPT], ["consent", "list"], ["forget", RCPT], ["account", "add", "shop"],
              ["account", "set", "shop", "rate=1/s"], ["account", "show", "shop"], ["account", "list"],
              ["account", "export"], ["account", "match", "--login", "ann"], ["account", "remove", "shop"],
              ["webhooks"], ["webhooks", "dead"], ["webhooks", "retry", "--all"], ["webhooks", "drop", "--all", "--yes"])
ROW = ("state", "identity", "sender", "rcpt", "tries", "first", "last", "passed", "passes_from", "forgotten")
STATS = ("hour", "asked", "new", "early", "passed", "never_back", "repeat", "known", "met", "learned", "exempt",
         "would_defer", "errors", "dropped", "median")
CHECKS = ("hour", "judged", "exempt", "refused", "messages", "messages_refused", "split",
          *("refused_" + c for c in ("rdns", "dnsbl", "spf", "dmarc", "score", "forged")),
          *("would_" + c for c in ("rdns", "dnsbl", "spf", "dmarc", "score")), "marked", "held", "discarded",
          *("errors_" + c for c in ("rdns", "spf", "dkim", "dmarc")))

_SANITIZER = re.compile(r"(Address|Leak)Sanitizer|runtime error:")
_ENV = {"ASAN_OPTIONS": "abort_on_error=0:exitcode=99", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=98",
        "LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": ""}


class Result:
    """What one run said: text of stdout (or of the terminal), stderr, and the exit code."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    def __str__(self):
        return "%s: exit %d\n%s\n%s" % (" ".join(self.argv), self.code, self.out, self.err)

    def must(self, code=DONE):
        check(not _SANITIZER.search(self.err + self.out), "a sanitizer reported", self)
        check(self.code == code, "exit code %d" % code, self)
        return self

    def rows(self, keys=ROW):
        """The lines of a pipe, as dicts."""
        lines = [line.split("\t") for line in self.out.splitlines()]
        for line in lines:
            equal(len(line), len(keys), "columns in %r" % (line,))
        return [dict(zip(keys, line)) for line in lines]

    def json(self):
        value = json.loads(self.out)
        check(isinstance(value, list) and all(isinstance(v, dict) for v in value), "an array of objects", self)
        return value


def answer_dns(server):
    """A resolver that answers each question with one SOA record of the root."""
    try:
        while True:
            question, client = server.recvfrom(512)
            end = question.index(b"\0", 12) + 5
            record = b"\xc0\x0c" + struct.pack("!HHIH", 6, 1, 60, 22) + bytes(22)
            server.sendto(question[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + question[12:end] + record, client)
    except OSError:
        pass  # closed: the test is over


@functools.cache
def resolver():
    """Such a resolver, for all the tests here: the system's may be slow, or not there."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    threading.Thread(target=answer_dns, args=(server,), daemon=True).start()
    return "127.0.0.1@%d" % server.getsockname()[1]


class Ctl:
    def __init__(self, stage, settings=None, conf=None):
        settings = {"dns": {"resolver": resolver()}, **(settings or {})}
        self.conf = conf or stage.gatepostd(settings, start=False).conf

    def argv(self, *words):
        return [program("gatepostctl", BUILD), "-c", self.conf, *words]

    def __call__(self, *words, env=None, stdout=subprocess.PIPE):
        argv = self.argv(*words)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=60,
                              env={**os.environ, **_ENV, **(env or {})}, check=False)
        return Result(argv, done.returncode, (done.stdout or b"").decode("utf-8", "surrogateescape"),
                      done.stderr.decode("utf-8", "surrogateescape"))

    def terminal(self, *words, env=None, columns=120):
        """The same with a terminal for stdout."""
        argv = self.argv(*words)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
                              env={**os.environ, **_ENV, **(env or {})}) as process:
            os.close(theirs)
            out = _read_terminal(ours)
            err = process.stderr.read().decode("utf-8", "surrogateescape")
        os.close(ours)
        return Result(argv, process.returncode, out.replace("\r\n", "\n"), err)


def _read_terminal(fd):
    out = b""
    while select.select([fd], [], [], 30)[0]:
        try:
            part = os.read(fd, 65536)
        except OSError:
            break
        if not part:
            break
        out += part
    return out.decode("utf-8", "surrogateescape")


def plain(text):
    return re.sub("\033\\[[0-9;]*m", "", text)


def attempt(stage, sender=SENDER, rcpt=RCPT, address="203.0.113.7"):
    """One recipient at the daemon's socket: the kind of the answer."""
    with Peer(stage.socket) as peer:
        answers, _ = peer.open(address=address).transaction(sender, [rcpt])
        peer.quit()
    return answers[0].kind


def make_tuple(stage, identity=NETWORK, sender=SENDER, rcpt=RCPT, first=60, last=60, tries=1, passed=None):
    """A tuple as the daemon would have made it, so many seconds ago."""
    now = int(stage.redis("TIME")[0])
    key = "gp:grey:{%s}:%s:%s" % (identity, sender, rcpt)
    fields = ["first", now - first, "last", now - last, "tries", tries]
    if passed is not None:
        fields += ["passed", now - passed]
    stage.redis("HSET", key, *fields)
    stage.redis("EXPIRE", key, 86400)
    return key


def make_known(stage, identity, passes):
    now = int(stage.redis("TIME")[0])
    stage.redis("HSET", "gp:known:{%s}" % identity, "passes", passes, "last_counted", now - 500, "last", now - 100)


def test_help(stage):
    """help tells every command, help COMMAND all about one; exit 0, and no colours in a pipe"""
    ctl = Ctl(stage, conf="/nonexistent")
    said = ctl("help").must()
    equal(ctl("-h").must().out, said.out, "-h says the same")
    listed = said.out[:said.out.index("\n\noptions")].splitlines()[2:]
    named = {line: max((c for c in COMMANDS if line.startswith("  %s " % c)), key=len, default=None) for line in listed}
    equal([line for line in listed if not named[line]], [], "lines of commands that COMMANDS does not name")
    equal(len({re.match("  %s +" % named[line], line).end() for line in listed}), 1, "what they do stands in one column")
    for command in COMMANDS:
        matches(r"(?m)^  %s +\S" % re.escape(command), said.out, "%s in the help" % command)
        one = ctl("help", *command.split()).must()
        check(one.out.startswith("usage: gatepostctl " + command), "its usage", one)
        equal(ctl(*command.split(), "-h").must().out, one.out, "-h behind the command")
    for code in (0, 1, 64, 69, 74, 78):
        matches(r"(?m)^  %d +\w" % code, said.out, "the exit code %d is told" % code)
    matches(r"^usage: gatepostctl test --ip IP --rcpt ADDR \.\.\. \[--helo NAME\]", ctl("help", "test").must().out, "what test must have")
    matches(r"let in\?\n", ctl("help", "explain").must().out, "a question has no full stop")
    for command in ("list", "show", "known", "forget", "allow", "optout"):
        matches("usage: gatepostctl grey %s" % command, ctl("help", "grey").must().out, "the group")
    matches(r"^gatepostctl \d", ctl("-V").must().out, "-V")
    check("\033" not in said.out, "no colours")


def test_usage(stage):
    """wrong usage: exit 64, one line on stderr that says what was meant, nothing on stdout"""
    ctl = Ctl(stage)
    for words, says in (
            ([], "usage:"), (["gery", "list"], 'did you mean "grey list"'), (["grey"], "wants one word more: list, show, known, forget, allow, allowed, optout, optouts;"),
            (["grey", "lst"], 'did you mean "grey list"'), (["list"], 'did you mean "grey list"'),
            (["stat"], 'did you mean "stats"'), (["chekc"], 'did you mean "check"'), (["xyzzy"], "there is no command"),
            (["stats", "chekcs"], 'unexpected argument.*did you mean "stats checks"'), (["stats", "xyzzy"], "help stats"), (["stats", "checks", "--yes"], "stats checks takes no --yes"),
            (["x\033[31my"], r"x\\x1b\[31my"), (["stats", "--hous", "3"], "did you mean --hours"),
            (["stats", "--hours"], "wants a value"), (["stats", "--yes"], "stats takes no --yes"),
            (["stats", "--hours", "0"], "at least 1"), (["stats", "--hours", "3x"], "number"),
            (["stats", "--hours", "-1"], "number"), (["stats", "--hours", "99999999999999999999"], "number"),
            (["stats", "--day", "2026-02-30"], "write it as"), (["stats", "--day", "tomorrow"], "write it as"),
            (["stats", "--day", "2999-01-01"], "is to come"), (["stats", "--day", "2026-01-01", "--hours", "2"], "exclude"),
            (["grey", "list", "--state", "lost"], "waiting or passed"), (["grey", "list", "--limit", ""], "number"),
            (["grey", "list", "more"], "unexpected argument"), (["grey", "show"], "usage:"),
            (["grey", "show", "a", "b"], "IDENTITY SENDER RCPT"), (["grey", "show", "a", "b", "c", "d"], "unexpected"),
            (["grey", "forget"], "forget what"), (["grey", "forget", "a@b", "--rcpt", "x"], "not both"),
            (["grey", "forget", "--known"], "wants an identity"), (["grey", "allow"], "usage:"),
            (["grey", "allow", "10.1.2.3/24"], "10.1.2.0/24"), (["grey", "allow", "10.1.2.300"], "10.1.2.300"),
            (["grey", "allow", "10.1.2.0/33"], "from 0 to 32"), (["grey", "allow", "10.1.2.0/024"], "without leading zeros"),
            (["grey", "allow", "0.0.0.0/0"], r"0\.0\.0\.0/0 is very much .*--yes"), (["grey", "allow", "2.0.0.0/7"], "--yes"),
            (["grey", "allow", "::/0"], "--yes"), (["grey", "allow", "2000::/15"], "--yes"),
            (["grey", "allow", "::ffff:0:0/96"], "--yes"),
            (["grey", "allow", "2001:db8::/129"], "2001:db8"), (["grey", "allow", "a b@c"], "spaces"),
            (["grey", "allow", "*@example.org"], "wildcard"), (["grey", "allow", ""], "empty"),
            (["grey", "optout", "bad..domain"], "empty"), (["optout", "bad..domain"], "empty"), (["optout"], "usage:"),
            (["allow"], "usage:"), (["allow", "10.1.2.3/24"], "10.1.2.0/24"), (["allow", "0.0.0.0/0"], "no check would .*--yes"),
            (["allow", "friend.example"], "gatepostctl grey allow"), (["optout", "a@b", "--yes"], "takes no --yes"),
            (["allowed", "more"], "unexpected argument"), (["--color=sometimes", "stats"], "auto, always or never"),
            (["--json=yes", "stats"], "takes no value"), (["-x"], "there is no option -x"), (["help", "nosuch"], "no command"),
    ):
        said = ctl(*words).must(USAGE)
        equal(said.out, "", "nothing on stdout: %s" % said)
        matches(says, said.err, "what %s is told" % words)
        check("\033" not in said.err, "hostile bytes are escaped", said)


def test_redis_down(stage):
    """Redis down: exit 69 with the reason, at once, for every command that needs it"""
    ctl = Ctl(stage, {"redis": {"server": "unix:/nonexistent/redis.sock"}})
    for words in NEED_REDIS:
        said = ctl(*words).must(UNAVAILABLE)
        matches("/nonexistent/redis.sock.*No such file", said.err, "the reason for %s" % words)
        equal(said.out, "", "nothing on stdout")


def test_redis_stalled(stage):
    """a Redis that does not answer: exit 69 after some seconds, not never"""
    ctl = Ctl(stage)
    stage.redis.stall()
    try:
        began = time.monotonic()
        ctl("grey", "list").must(UNAVAILABLE)
        check(time.monotonic() - began < 15, "it took long", time.monotonic() - began)
    finally:
        stage.redis.resume()


def test_redis_refuses(stage):
    """a wrong password: exit 69, with Redis's own words, and without the password"""
    ctl = Ctl(stage, {"redis": {"password": "wrong-secret"}})
    said = ctl("grey", "list").must(UNAVAILABLE)
    matches("AUTH", said.err, "Redis's words")
    check("wrong-secret" not in said.err, "the password is not told", said)


def test_config_wrong(stage):
    """a configuration that is wrong or not there: exit 78 with file, line and reason"""
    path = stage.world.write("wrong.conf", "greylist {\n\tblok = 4m\n}\n")
    for words in (*NEED_REDIS, ["config"]):
        matches(r"wrong\.conf:2: .*blok", Ctl(stage, conf=path)(*words).must(CONFIG).err, "the reason for %s" % words)
    matches("No such file", Ctl(stage, conf="/nonexistent")("config").must(CONFIG).err, "no file")
    said = Ctl(stage, conf=path)("check").must(CONFIG)
    matches(r"(?m)^fault\tconfig\t.*wrong\.conf:2: ", said.out, "check says it in a line of its own")


def test_config(stage):
    """config: one line an option in a pipe, JSON, and only what differs with --diff; no secrets"""
    ctl = Ctl(stage, {"redis": {"password": "hush-hush"}, "greylist": {"allow_networks": ["192.0.2.0/24", "2001:db8::1"]}})
    every = ctl("config").must().out.splitlines()
    check(all(re.match(r"[a-z_]+\.[a-z0-9_]+ = ", line) for line in every), "section.option = value", *every)
    check("greylist.block = 3s" in every and "greylist.pass = 6h" in every, "values in force", *every)
    differ = ctl("config", "--diff").must().out.splitlines()
    check(set(differ) < set(every), "--diff is a part of it", *differ)
    check("greylist.block = 3s" in differ and "greylist.pass = 6h" not in differ, "what differs", *differ)
    check("greylist.allow_networks = { 192.0.2.0/24, 2001:db8::1 }" in differ, "lists", *differ)
    check("redis.password = (hidden)" in differ, "the secret is hidden", *differ)
    for form in ([], ["--json"], ["-v"], ["--color=always"], ["--color=always", "-v"]):
        check("hush" not in ctl("config", *form).must().out, "no secret in %s" % form)
    objects = ctl("--json", "config").must().json()
    equal(len(objects), len(every), "as many in JSON")
    block = [o for o in objects if (o["section"], o["option"]) == ("greylist", "block")][0]
    equal((block["value"], block["default"], block["differs"]), ("3s", "4m", True), "an object")
    check(block["line"] > 0, "the line where it stands", block)
    verbose = ctl("config", "-v").must().out
    matches(r"# A retry sooner.*\(0 to 1d\)\ngreylist\.block = 3s\n", verbose, "help and limits with -v")


def test_config_hostile(stage):
    """config: what is not ASCII comes out escaped, and in the words of milter.conf"""
    path = stage.world.write("odd.conf", 'milter { socket_group = "caf\u00e9 \\"x\\" \\\\ end" }\n')
    said = Ctl(stage, conf=path)("config", "--diff").must()
    equal(said.out, 'milter.socket_group = "caf\\xc3\\xa9 \\"x\\" \\\\ end"\n', "the value")
    copied = stage.world.write("copied.conf", "milter { %s }\n" % said.out[len("milter."):].strip())
    equal(Ctl(stage, conf=copied)("config", "--diff").must().out, said.out, "it may be copied back")


def test_config_example(stage):
    """config --example: every option commented, and its defaults are the defaults"""
    ctl = Ctl(stage, conf="/nonexistent")
    example = ctl("config", "--example").must().out
    equal(ctl("config", "--example", "--color=always").must().out, example, "the same wherever it goes")
    as_is = stage.world.write("example.conf", example)
    uncommented = re.sub(r"(?m)^\t#([a-z])", r"\t\1", example)
    given = stage.world.write("given.conf", uncommented)
    check(uncommented != example, "there are options to take the # off")
    for path in (as_is, given):
        equal(Ctl(stage, conf=path)("config", "--diff").must().out, "", "nothing differs in %s" % path)
    every = Ctl(stage, conf=given)("--json", "config").must().json()
    check(all(o["line"] for o in every), "every option is in it", [o for o in every if not o["line"]])
    check(all(len(line) < 200 for line in example.splitlines()), "lines stay readable")


def test_grey_real(stage):
    """tuples that the daemon made: waiting, passed, shown, forgotten"""
    stage.gatepostd()
    ctl = Ctl(stage)
    equal(ctl("grey", "list").must().out, "", "an empty greylist is no error")
    equal(ctl("--json", "grey", "list").must().json(), [], "nor in JSON")
    equal(attempt(stage), "reply", "first try")
    row, = ctl("grey", "list").must().rows()
    equal([row[k] for k in ROW[:5]] + [row["passed"]], ["waiting", NETWORK, SENDER, RCPT, "1", "-"], "the row")
    equal(int(row["passes_from"]) - int(row["first"]), BLOCK, "a retry passes after block")
    equal(int(row["forgotten"]) - int(row["first"]), 6 * 3600, "forgotten after pass")
    equal(attempt(stage), "reply", "early retry")
    said = ctl.terminal("grey", "show", "203.0.113.99", "Alice@Sender.Example", "bob+tag@example.org").must()
    matches(r"(?s)first try +(now|\d seconds? ago).*tries +2\n.*waiting: a retry is still too early", plain(said.out), "words")
    time.sleep(BLOCK + 0.1)
    matches("waiting: a retry would pass", plain(ctl.terminal("grey", "show", RCPT).must().out), "then it may pass")
    check(attempt(stage) != "reply", "the retry passes")
    row, = ctl("grey", "list", "--state", "passed").must().rows()
    equal((row["state"], row["passes_from"]), ("passed", "-"), "it passed")
    equal(int(row["forgotten"]) - int(row["last"]), 36 * 86400, "forgotten after expire")
    matches(r"passed, [34] seconds after the first try", plain(ctl.terminal("grey", "show", RCPT).must().out), "words")
    equal(ctl("grey", "forget", NETWORK, SENDER, RCPT).must().out, "1\n", "forget says how many")
    equal(attempt(stage), "reply", "the tuple starts anew")


def test_grey_filters(stage):
    """grey list: filters by part, pattern, address and state; the newest first with a limit"""
    ctl = Ctl(stage)
    for n in range(5):
        make_tuple(stage, "100.64.%d.0/24" % n, "user%d@big.example" % n, first=5000, last=100 * n, passed=4000)
    make_tuple(stage, "2001:db8:1:2::/64", "<>", "carol@example.org")
    make_tuple(stage, NETWORK, "bounce-#@lists.example", "dave@example.net")
    for options, count in (
            (["--identity", "100.64"], 5), (["--identity", "100.64.3.77"], 1), (["--identity", "2001:db8:1:2::9"], 1),
            (["--identity", "100.64.?.0/24"], 5), (["--identity", "100.65"], 0), (["--sender", "USER3"], 1),
            (["--sender", "<>"], 1), (["--sender", "*@big.example"], 5), (["--sender", "user*@big"], 0),
            (["--sender", "bounce-20261121@lists.example"], 1), (["--rcpt", "example.net"], 1),
            (["--rcpt", "bob@example.org", "--sender", "user1"], 1), (["--state", "waiting"], 2),
            (["--state", "passed", "--identity", "*"], 5), (["--rcpt", "nobody"], 0),
    ):
        said = ctl("grey", "list", *options).must(DONE if count else NOT_FOUND)
        equal(len(said.rows()), count, "rows with %s" % options)
    rows = ctl("grey", "list", "--limit", "3").must().rows()
    equal(len(rows), 3, "a limit")
    equal([int(r["last"]) for r in rows], sorted((int(r["last"]) for r in rows), reverse=True), "newest first")
    matches("the newest 2 of 7 tuples", ctl.terminal("grey", "list", "--limit", "2").must().out, "a terminal is told of more")
    objects = ctl("--json", "grey", "list", "--state", "waiting").must().json()
    check(all(set(o) == set(ROW) and o["passed"] is None and isinstance(o["first"], int) for o in objects), "JSON", objects)
    for operand, count in (("bob@example.org", 5), ("100.64.2.9", 1), ("100.64.2.0/24", 1), ("<>", 1), ("big.example", 5),
                           ("user4@big.example", 1), ("nobody@example.org", 0)):
        said = ctl("grey", "show", operand).must(DONE if count else NOT_FOUND)
        equal(len(said.rows()), count, "tuples with %s" % operand)
    ctl("grey", "show", NETWORK, SENDER, "nobody@example.org").must(NOT_FOUND)


def test_grey_many(stage):
    """thousands of tuples: listed whole in a pipe, counted on a terminal, forgotten with --yes"""
    ctl = Ctl(stage)
    script = ("for i = 1, 5000 do redis.call('HSET', 'gp:grey:{10.' .. (i % 250) .. '.0.0/24}:s' .. i .. "
              "'@x.example:bob@example.org', 'first', 1, 'last', i, 'tries', 1) end")
    stage.redis("EVAL", script, 0)
    equal(len({r["sender"] for r in ctl("grey", "list").must().rows()}), 5000, "all of them")
    matches("the newest 50 of 5,000 tuples", plain(ctl.terminal("grey", "list").must().out), "a terminal gets a screen")
    rows = ctl("grey", "list", "--limit", "10").must().rows()
    equal([r["sender"] for r in rows], ["s%d@x.example" % n for n in range(5000, 4990, -1)], "the newest ten")
    said = ctl("grey", "forget", "--sender", "@x.example").must(USAGE)
    matches("5000 tuples; add --yes", said.err, "more than one wants --yes")
    equal(len(stage.redis.keys("gp:grey:*")), 5000, "nothing was forgotten")
    equal(ctl("grey", "forget", "--identity", "10.7.0.1", "--yes").must().out, "20\n", "a network's")
    equal(ctl("grey", "forget", "--sender", "@x.example", "--yes").must().out, "4980\n", "the rest")
    equal(stage.redis.keys("gp:grey:*"), [], "nothing is left")
    ctl("grey", "forget", "--sender", "@x.example").must(NOT_FOUND)


def test_grey_forgotten(stage):
    """grey show: a tuple that passed a second ago is remembered for greylist.expire, not for a day less"""
    make_tuple(stage, first=60, last=2, passed=2)
    matches(r"forgotten +in 36 days", Ctl(stage).terminal("grey", "show", RCPT, env={"NO_COLOR": "1"}).must().out, "rounded up")


def test_grey_known(stage):
    """grey known: identities with their passes; forget --known"""
    ctl = Ctl(stage)
    make_known(stage, "192.0.2.0/24", 5)
    make_known(stage, NETWORK, 2)
    stage.redis("SET", "gp:known:{odd}", "not a hash")
    keys = ("state", "passes", "last_counted", "last", "forgotten", "identity")
    rows = {r["identity"]: r for r in ctl("grey", "known").must().rows(keys)}
    equal({k: (r["state"], r["passes"]) for k, r in rows.items()},
          {"192.0.2.0/24": ("known", "5"), NETWORK: ("on its way", "2")}, "the rows")
    equal(len(ctl("--json", "grey", "known").must().json()), 2, "JSON")
    equal(len(ctl("grey", "known", "--identity", "192.0.2.5").must().rows(keys)), 1, "a client's")
    ctl("grey", "known", "--identity", "198.51.100.1").must(NOT_FOUND)
    make_tuple(stage)
    matches("2 of 5 passes", plain(ctl.terminal("grey", "show", RCPT).must().out), "show tells of the identity")
    equal(ctl("grey", "forget", "--known", "--identity", "192.0.2.5").must().out, "1\n", "forgotten")
    equal([r["identity"] for r in ctl("grey", "known").must().rows(keys)], [NETWORK], "the other stays")


def test_grey_allow(stage):
    """allow, optout, and those of grey: in force within seconds at a running daemon, and so is their end"""
    stage.gatepostd()
    ctl = Ctl(stage)
    for n, (words, client, other) in enumerate((
            (["grey", "allow", NETWORK], {}, {"rcpt": "new@example.org"}),
            (["grey", "allow", "203.0.113.7"], {}, {"rcpt": "new@example.org"}),
            (["grey", "allow", "2001:DB8::/32"], {"address": "2001:db8::7"}, {"rcpt": "new@example.org"}),
            (["grey", "allow", SENDER.upper()], {}, {"rcpt": "new@example.org"}),
            (["grey", "allow", "sender.example"], {}, {"rcpt": "new@example.org"}),
            (["grey", "optout", RCPT], {}, {"sender": "new@sender.example"}),
            (["grey", "optout", "example.org"], {}, {"sender": "new@sender.example"}),
            (["allow", NETWORK], {}, {"rcpt": "new@example.org"}),
            (["allow", "2001:DB8::/32"], {"address": "2001:db8::7"}, {"rcpt": "new@example.org"}),
            (["optout", RCPT], {}, {"sender": "new@sender.example"}),
            (["optout", "example.org"], {}, {"sender": "new@sender.example"}))):
        stage.redis("FLUSHALL")
        wait_for("%d: no list is in force" % n, lambda: attempt(stage, **client) == "reply", 5, 0.1)  # pylint: disable=W0640
        equal(ctl(*words).must().out, "1\n", "added")
        equal(ctl(*words).must().out, "0\n", "added twice: no error, no change")
        wait_for("%s is in force" % words, lambda: attempt(stage, **client) != "reply", 2.5, 0.1)  # pylint: disable=W0640
        equal(ctl(*words, "--remove").must().out, "1\n", "removed")
        ctl(*words, "--remove").must(NOT_FOUND)
        wait_for("its end is in force", lambda: attempt(stage, **{**client, **other}) == "reply", 5, 0.1)  # pylint: disable=W0640


def test_grey_allow_vast(stage):
    """allow, grey allow: what is much of the internet wants --yes, but may be removed without"""
    ctl = Ctl(stage)
    for words, key in ((["grey", "allow"], "gp:allow:networks"), (["allow"], "gp:allow:clients")):
        for network in ("0.0.0.0/0", "2.0.0.0/7", "2000::/3"):
            ctl(*words, network).must(USAGE)
            equal(stage.redis("SMEMBERS", key), [], "nothing was added")
            equal(ctl(*words, network, "--yes").must().out, "1\n", "added")
            equal(stage.redis("SMEMBERS", key), [network], "it is there")
            equal(ctl(*words, network, "--remove").must().out, "1\n", "removed")
        for network in ("10.0.0.0/8", "2001::/16"):
            equal(ctl(*words, network).must().out, "1\n", "added")


def test_grey_lists(stage):
    """grey allowed, grey optouts: from the file and from Redis, with their origin"""
    ctl = Ctl(stage, {"greylist": {"allow_networks": ["192.0.2.0/24"], "allow_senders": ["friend@example.com"],
                                   "optout": ["example.net"]}})
    stage.redis("SADD", "gp:allow:networks", "10.0.0.0/8", "not\033a network")
    stage.redis("SADD", "gp:allow:senders", "friends.example")
    stage.redis("SADD", "gp:optout:grey", "eve@example.org")
    keys = ("kind", "entry", "in_force", "origin")
    rows = ctl("grey", "allowed").must().rows(keys)
    found = {(r["kind"], r["entry"], r["in_force"], re.sub(r"^/.*:\d+$", "file", r["origin"])) for r in rows}
    equal(found, {("network", "192.0.2.0/24", "yes", "file"), ("network", "10.0.0.0/8", "yes", "redis"),
                  ("network", "not\\x1ba network", "no", "redis"), ("sender", "friend@example.com", "yes", "file"),
                  ("sender", "friends.example", "yes", "redis")}, "allowed")
    origin = [r["origin"] for r in rows if r["entry"] == "192.0.2.0/24"][0]
    with open(ctl.conf, encoding="utf-8") as f:
        line = f.read().split("\n")[int(origin.rsplit(":", 1)[1]) - 1]
    check("allow_networks" in line, "the line of milter.conf", origin, line)
    equal({(r["entry"], r["origin"] == "redis") for r in ctl("grey", "optouts").must().rows(keys)},
          {("@example.net", False), ("eve@example.org", True)}, "optouts")
    check(all(isinstance(o["in_force"], bool) for o in ctl("--json", "grey", "allowed").must().json()), "JSON")
    said = ctl("grey", "allow", "192.0.2.0/24", "--remove").must(NOT_FOUND)
    matches("option greylist.allow_networks", said.err, "what the file has must go there")
    ctl("grey", "allow", "not\033a network", "--remove").must()
    equal(stage.redis("SMEMBERS", "gp:allow:networks"), ["10.0.0.0/8"], "what is no network can be removed")


def test_lists_all(stage):
    """allowed, optouts: what no check judges, in the file and in Redis, apart from the lists of grey"""
    ctl = Ctl(stage, {"inbound": {"allow_networks": ["192.0.2.0/24"], "optout": ["example.net"]}})
    keys = ("kind", "entry", "in_force", "origin")
    ctl("allow", "203.0.113.7").must()
    ctl("optout", "Example.ORG").must()
    equal(stage.redis("SMEMBERS", "gp:allow:clients"), ["203.0.113.7"], "the key")
    equal(stage.redis("SMEMBERS", "gp:optout:all"), ["@example.org"], "the key")
    stage.redis("SADD", "gp:allow:clients", "friend.example")
    stage.redis("SADD", "gp:optout:all", "a b@example.org")
    equal({(r["kind"], r["entry"], r["in_force"], r["origin"] == "redis") for r in ctl("allowed").must().rows(keys)},
          {("network", "192.0.2.0/24", "yes", False), ("network", "203.0.113.7", "yes", True),
           ("network", "friend.example", "no", True)}, "allowed")
    rows = ctl("optouts").must().rows(keys)
    equal({(r["kind"], r["entry"], r["in_force"], r["origin"] == "redis") for r in rows},
          {("rcpt", "@example.net", "yes", False), ("rcpt", "@example.org", "yes", True),
           ("rcpt", "a b@example.org", "no", True)}, "optouts")
    for words in (["grey", "allowed"], ["grey", "optouts"]):
        equal(ctl(*words).must().out, "", "nothing of it is in the lists of grey")
    matches("(?m)^3 entries$", plain(ctl.terminal("allowed").must().out), "a terminal is told how many")
    for words, option in ((["allow", "192.0.2.0/24"], "inbound.allow_networks"), (["optout", "example.net"], "inbound.optout")):
        matches("option " + option, ctl(*words, "--remove").must(NOT_FOUND).err, "what the file has must go there")
    ctl("allow", "friend.example", "--remove").must()
    ctl("optout", "a b@example.org", "--remove").must()
    equal(ctl("allow", "203.0.113.7/32", "--remove").must().out, "1\n", "in another form")
    equal(ctl("optout", "@example.org", "--remove").must().out, "1\n", "in another form")
    equal(stage.redis("KEYS", "gp:*:*"), [], "nothing is left")


def test_stats_real(stage):
    """stats: what the daemon counted in this hour"""
    daemon = stage.gatepostd({"greylist": {"block": "1s"}})
    ctl = Ctl(stage)
    began = int(time.time()) // 3600
    equal(attempt(stage), "reply", "first try")
    equal(attempt(stage, rcpt="postmaster@example.org"), "continue", "a role address")
    time.sleep(1.1)
    check(attempt(stage) != "reply" and attempt(stage) != "reply", "retry and repeat")
    daemon.stop()  # writes what is counted
    row = ctl("stats", "--hours", "2", "--total").must().rows(STATS)[0]
    want = {"hour": "total", "asked": "3", "new": "1", "early": "0", "passed": "1", "never_back": "-", "repeat": "1",
            "exempt": "0", "errors": "0"}
    equal({k: row[k] for k in want}, want, "the counters")
    check(row["median"] in ("1", "2", "3"), "the median delay", row)
    row = ctl("stats", "checks", "--hours", "2", "--total").must().rows(CHECKS)[0]
    want = {"hour": "total", "judged": "3", "exempt": "1", "refused": "0", "split": "0"}
    equal({k: row[k] for k in want}, want, "the role address is exempt from everything")
    rows = ctl("stats").must().rows(STATS)
    now = time.gmtime(float(stage.redis("TIME")[0]))
    check(len(rows) in (now.tm_hour, now.tm_hour + 1), "today has so many hours", len(rows), now)
    check(began * 3600 in [int(r["hour"]) for r in rows] or now.tm_hour == 0, "this one among them")
    check(not ctl("stats", "--json").must().json()[-1]["asked"] is None, "JSON")


def test_stats_windows(stage):
    """stats: who never came back is told when the pass window is over, and not before"""
    ctl = Ctl(stage)
    hour = int(stage.redis("TIME")[0]) // 3600 * 3600
    for ago in (0, 3, 5, 8, 30):
        name = time.strftime("gp:stat:%Y%m%d%H", time.gmtime(hour - ago * 3600))
        stage.redis("HSET", name, "grey_asked", 100, "grey_new", 40, "grey_returned", 10, "grey_delay_300", 9,
                    "grey_error", "-7", "grey_met", "nonsense", "unheard_of", 1)
    rows = ctl("stats", "--hours", "9").must().rows(STATS)
    equal(len(rows), 9, "so many hours")
    equal([r["never_back"] for r in rows if r["asked"] == "100"], ["30", "-", "-", "-"], "after six hours")
    equal([r["median"] for r in rows if r["asked"] == "100"], ["300"] * 4, "the median of 240 to 300 s")
    total, = ctl("stats", "--hours", "9", "--total").must().rows(STATS)
    equal((total["asked"], total["new"], total["never_back"]), ("400", "160", "30"), "the sum")
    objects = ctl("stats", "--hours", "9", "--json").must().json()
    equal([o["never_back"] for o in objects if o["asked"]], [30, None, None, None], "JSON")
    equal([o["median"] for o in objects if not o["asked"]], [None] * 5, "no median where nothing was delayed")
    name = time.strftime("gp:stat:%Y%m%d%H", time.gmtime(hour - 50 * 3600))
    stage.redis("HSET", name, *(w for k in ("asked", "new", "exempt", "error", "delay_more") for w in ("grey_" + k, "9" * 18)))
    ctl.terminal("stats", "--hours", "60").must()
    equal(len(ctl("stats", "--hours", "60").must().rows(STATS)), 60, "absurd counters do no harm")
    day = time.strftime("%Y-%m-%d", time.gmtime(hour - 30 * 3600))
    rows = ctl("stats", "--day", day).must().rows(STATS)
    equal(len(rows), 24, "a day that is over has 24 hours")
    equal(len(ctl("stats", "--day", "yesterday").must().rows(STATS)), 24, "so has yesterday")
    check(len(ctl("stats", "--day", "today").must().rows(STATS)) <= 24, "today")
    check("100" in [r["asked"] for r in rows], "with what was counted in it")
    said = ctl.terminal("stats", "--hours", "9").must()
    matches(r"(?m)^HOUR \(UTC\) +ASKED +NEW .*NEVER BACK.*MEDIAN", plain(said.out), "a header on a terminal")
    matches(r"(?m)^total +400 +160 ", plain(said.out), "a total line")
    check("LEARNED" not in said.out, "columns in which nothing happened are left out", said)
    check("\u2588" in said.out or "#" in said.out, "a bar", said)
    check("\u2588" not in ctl.terminal("stats", "--hours", "9", env={"LC_ALL": "C"}).must().out, "only ASCII with LC_ALL=C")


def test_stats_checks(stage):
    """stats checks: refused by what, shadow mode, errors, in every form"""
    ctl = Ctl(stage)
    hour = int(stage.redis("TIME")[0]) // 3600 * 3600
    counted = {"in_judged": 100, "in_exempt": 7, "in_refused": 30, "in_split": 2, "in_messages": 60, "in_quarantined": 3,
               "in_marked": 5, "refused_dnsbl": 20, "refused_score": 10, "refused_dmarc": 4, "would_spf": 6, "error_spf": 9}
    want = {"hour": hour, "judged": 100, "exempt": 7, "refused": 30, "split": 2, "messages": 60, "messages_refused": 4,
            "held": 3, "discarded": 0, "marked": 5, "refused_dnsbl": 20, "refused_score": 10, "refused_dmarc": 4,
            "refused_rdns": 0, "refused_spf": 0, "refused_forged": 0, "would_spf": 6, "would_rdns": 0, "would_dnsbl": 0,
            "would_dmarc": 0, "would_score": 0, "errors_spf": 9, "errors_rdns": 0, "errors_dkim": 0, "errors_dmarc": 0}
    equal(set(want), set(CHECKS), "every column has its test")
    for ago in (0, 2):
        stage.redis("HSET", time.strftime("gp:stat:%Y%m%d%H", time.gmtime(hour - ago * 3600)),
                    *(word for item in counted.items() for word in item))
    rows = ctl("stats", "checks", "--hours", "3").must().rows(CHECKS)
    equal(rows[2], {k: str(v) for k, v in want.items()}, "the last hour in a pipe")
    equal([r["judged"] for r in rows], ["100", "0", "100"], "one row for each hour")
    equal(ctl("stats", "checks", "--hours", "3", "--json").must().json()[2], want, "in JSON")
    total, = ctl("stats", "checks", "--hours", "3", "--total").must().rows(CHECKS)
    equal(total, {k: "total" if k == "hour" else str(2 * v) for k, v in want.items()}, "the sum")
    said = plain(ctl.terminal("stats", "checks", "--hours", "3", columns=200).must().out)
    header, *lines = said.splitlines()
    equal(header.split("  ")[0], "HOUR (UTC)", "a terminal has a header: %s" % said)
    check(all(t in header for t in ("JUDGED", "MSG REFUSED", "BY DNSBL", "WOULD SPF", "SPF ERRORS")), "what happened", said)
    check("BY FORGED" not in header and "DISCARDED" not in header and "WOULD RDNS" not in header, "and nothing else", said)
    check(len(lines) == 4 and lines[3].startswith("total "), "three hours and their sum", said)
    stage.redis("HSET", time.strftime("gp:stat:%Y%m%d%H", time.gmtime(hour - 3600)), "in_refused", 5, "in_judged", "-3",
                "refused_spf", "9" * 18, "would_spf", "nonsense")
    odd = ctl("stats", "checks", "--hours", "3").must().rows(CHECKS)[1]
    check(all(int(v) >= 0 for v in odd.values()), "absurd counters do no harm", odd)
    stage.redis("DEL", *stage.redis.keys("gp:stat:*"))
    said = plain(ctl.terminal("stats", "checks", "--hours", "1").must().out)
    matches(r"^HOUR \(UTC\) +JUDGED +EXEMPT +REFUSED +MESSAGES\n", said, "so much always")


def test_terminal(stage):
    """colours and alignment on a terminal only; NO_COLOR, TERM=dumb and --color are honoured"""
    ctl = Ctl(stage)
    make_tuple(stage)
    make_tuple(stage, "10.0.0.0/24", "a-rather-long-address@sender.example", passed=30)
    check("\033[" in ctl.terminal("grey", "list").must().out, "colours on a terminal")
    for env, options in (({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--color=never"])):
        said = ctl.terminal("grey", "list", *options, env=env).must()
        check("\033" not in said.out, "no colours with %s %s" % (env, options), said)
        check(said.out.startswith("STATE "), "but a header", said)
    lines = plain(ctl.terminal("grey", "list").must().out).splitlines()
    places = {lines[0].index("SENDER"), *(re.search("alice|a-rather", line).start() for line in lines[1:3])}
    equal(len(places), 1, "the columns are aligned: %s" % lines)
    matches(r"\d+ (second|minute)s ago", "\n".join(lines), "times in words")
    said = ctl("grey", "list").must()
    check("\033" not in said.out and "STATE" not in said.out and "  " not in said.out, "a pipe gets bare cells", said)
    always = ctl("grey", "list", "--color=always").must().out
    check("\033[" in always and "STATE" in always, "--color=always gives a pipe what a terminal gets", always)
    check("\033" not in ctl.terminal("--json", "grey", "list").must().out, "no colours in JSON")
    for words in (["check"], ["config"], ["stats"], ["stats", "checks"], ["grey", "known"], ["grey", "allowed"], ["help"]):
        check("\033" not in ctl(*words).out, "no colours in a pipe from %s" % words)
    for line in plain(ctl.terminal("check", columns=80).out).splitlines():
        check(len(line) <= 80 or " " not in line[22:], "sentences are wrapped at 80 places", line)


def test_hostile(stage):
    """hostile bytes in keys and lists reach neither the terminal nor JSON as they are"""
    ctl = Ctl(stage)
    odd = [b"\x1b]0;title\x07", b"\x1b[2J", b"a\nb", b"a\tb", b"\xff\xfe",
           "\u202egro.elpmaxe".encode(), b"nul\x00byte", b"back\\slash"]
    for n, piece in enumerate(odd):
        for key in (b"gp:grey:{1.2.%d.0/24}:%s:r@x" % (n, piece), b"gp:grey:{%s}:s@x:r@x" % piece,
                    b"gp:grey:{1.3.%d.0/24}:s@x:%s" % (n, piece)):
            stage.redis("HSET", key, "first", 1, "last", 2, "tries", 3)
        stage.redis("HSET", b"gp:known:{%s}" % piece, "passes", 1, "last_counted", 1, "last", 1)
        for name in ("gp:allow:senders", "gp:allow:networks", "gp:optout:grey"):
            stage.redis("SADD", name, piece)
    stage.redis("HSET", "gp:grey:{9.9.9.0/24}:x@y:z@y", "first", "nonsense", "last", "-5", "tries", "99999999999999999999")
    for n, value in enumerate(("9" * 18, "-" + "9" * 17)):
        stage.redis("HSET", "gp:grey:{9.9.%d.0/24}:r@x:z@y" % n, "first", value, "last", value, "tries", "7", "passed", "0")
        stage.redis("HSET", "gp:known:{9.9.%d.0/24}" % n, "passes", value, "last", value)
    for key in ("gp:grey:{", "gp:grey:{}", "gp:grey:{a}:b", "gp:grey:{a}::", "gp:grey:", "gp:known:{", "gp:known:{}"):
        stage.redis("HSET", key, "first", 1, "tries", 1)
    stage.redis("HSET", "gp:grey:{long}:" + "x" * 100000 + ":y", "first", 1, "tries", 1)
    for words in (["grey", "list", "--limit", "0"], ["grey", "known"], ["grey", "allowed"], ["grey", "optouts"],
                  ["grey", "show", "r@x"]):
        said = ctl(*words).must()
        check(not re.search("[^\t\n -~]", said.out), "only plain bytes in a pipe", said)
        check(len({line.count("\t") for line in said.out.splitlines()}) == 1, "a tab in a key makes no column", said)
        shown = ctl.terminal(*words).must()
        check(not re.search("[^\n -~]", plain(shown.out)), "only plain bytes on a terminal", repr(shown.out))
        objects = ctl("--json", *words).must()
        check(len(objects.json()) > 0 and not re.search("[^\n -~]", objects.out), "only plain bytes in JSON", objects)
    for piece in odd:
        ctl("grey", "forget", "--identity", "1.2.", "--yes")
    equal([k for k in stage.redis.keys("gp:grey:*") if "{1.2." in k], [], "they can be forgotten")


def test_wrong_type(stage):
    """a key of another kind under our prefix does not hide the others"""
    ctl = Ctl(stage)
    make_tuple(stage)
    stage.redis("SET", "gp:grey:{1.2.3.0/24}:a@b:c@d", "a string")
    equal([r["rcpt"] for r in ctl("grey", "list").must().rows()], [RCPT], "the tuple is listed")


def test_output_fails(stage):
    """a full disk: exit 74; a reader that leaves: no complaint"""
    ctl = Ctl(stage)
    make_tuple(stage)
    for words in (["grey", "list"], ["config"], ["help"], ["--json", "grey", "list"], ["grey", "allowed", "--color=always"]):
        with open("/dev/full", "wb") as full:
            check(ctl(*words, stdout=full).code == IO_ERROR, "exit 74 from %s" % words)
    stage.redis("EVAL", "for i = 1, 20000 do redis.call('HSET', 'gp:grey:{1.2.3.0/24}:s' .. i .. ':r', 'first', 1, "
                        "'tries', 1) end", 0)
    ours, theirs = os.pipe()
    with subprocess.Popen(ctl.argv("grey", "list"), stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        os.read(ours, 100)
        os.close(ours)
        equal(process.stderr.read(), b"", "no complaint")
        process.wait(20)


def postfix_conf(stage, chroot="n", services="", **settings):
    """A directory for --postfix, with one smtpd and these settings."""
    folder = stage.world.path("postfix")
    text = {"queue_directory": stage.world.path("queue"), "smtpd_milters": "unix:" + stage.socket,
            "milter_default_action": "tempfail", "compatibility_level": "3.6", "mail_owner": "nobody",
            "myhostname": "mx.example.org",
            "mydomain": "example.org", "inet_interfaces": "127.0.0.1", **settings}
    for name, content in (("main.cf", "".join("%s = %s\n" % (k, v) for k, v in text.items())),
                          ("master.cf", "smtp inet n - %s - - smtpd\ncleanup unix n - y - 0 cleanup\n%s" % (chroot, services))):
        path = stage.world.write("postfix/" + name, content)
        os.utime(path, (0, 0))  # Postfix waits for files to be some seconds old
    return folder


def lines_of(result, topic):
    """[(state, what, todo)] of the lines about that topic."""
    rows = result.rows(("state", "topic", "what", "todo"))
    check(all(r["state"] in ("ok", "warning", "fault") for r in rows), "states", result)
    return [(r["state"], r["what"], r["todo"]) for r in rows if r["topic"] == topic]


def has(lines, state, pattern):
    check(any(s == state and re.search(pattern, what) for s, what, _ in lines), "%s: /%s/" % (state, pattern), *lines)


def test_check(stage):
    """check: all in place: no fault, exit 0; the same in JSON and on a terminal"""
    stage.gatepostd()
    ctl = Ctl(stage)
    folder = postfix_conf(stage)
    said = ctl("check", "--postfix", folder).must()
    check("fault" not in [r["state"] for r in said.rows(("state", "topic", "what", "todo"))], "no fault", said)
    has(lines_of(said, "redis"), "ok", "answers in .* primary")
    has(lines_of(said, "redis"), "ok", "trial step")
    has(lines_of(said, "redis"), "warning", "nothing on disk")
    has(lines_of(said, "clock"), "ok", "agree")
    has(lines_of(said, "socket"), "ok", "a milter answers")
    has(lines_of(said, "postfix"), "ok", "comes by smtp is asked about")
    has(lines_of(said, "postfix"), "ok", "may connect")
    check(lines_of(said, "dns"), "a line about DNS", said)
    objects = ctl("check", "--postfix", folder, "--json").must().json()
    equal([(o["state"], o["topic"]) for o in objects],
          [(r["state"], r["topic"]) for r in said.rows(("state", "topic", "what", "todo"))], "JSON says the same")
    check(all(set(o) == {"state", "topic", "what", "todo"} for o in objects), "its keys", objects)
    shown = ctl.terminal("check", "--postfix", folder).must()
    matches(r"(?m)^0 faults, \d+ warnings?$|^all is well$", plain(shown.out), "a closing line")
    for state, what, todo in lines_of(said, "redis"):
        check(state == "ok" or todo != "-", "what is not ok says what to do", what)


def warnings_of(stage, **settings):
    """What `check` warns of in a configuration with these settings: [what], with what to do about each."""
    lines = lines_of(Ctl(stage, settings)("check", "--postfix", postfix_conf(stage)), "config")
    equal(lines[0][0], "ok", "it can be read: %s" % (lines,))
    for state, what, todo in lines[1:]:
        check(state == "warning" and todo != "-", "a warning says what to do", what)
    return [what for _, what, _ in lines[1:]]


SPF = {"enabled": True}
DMARC = {"dmarc": {"enabled": True}, "dkim": {"enabled": True}, "spf": SPF}


def test_check_conf(stage):
    """check: settings that are allowed, and hardly meant, are a warning each"""
    for settings, *wanted in (
            ({},),
            ({"greylist": {"mode": "suspicious"}}, r"greylist\.mode = suspicious: nobody is put off"),
            ({"greylist": {"mode": "suspicious"}, "spf": SPF},),
            ({"greylist": {"mode": "suspicious"}, "dkim": SPF}, r"greylist\.mode = suspicious: .*always 0"),
            ({"greylist": {"mode": "suspicious"}, "spf": {**SPF, "shadow": True}}, r"spf\.shadow = yes", "or in shadow mode"),
            ({"greylist": {"learning": True}}, r"conf:\d+: greylist\.learning = yes: nothing is enforced by greylist"),
            ({"greylist": {"shadow": True}}, r"conf:\d+: greylist\.shadow = yes: nothing is enforced by greylist"),
            ({"greylist": {"shadow": True, "mode": "off"}},), ({"greylist": {"learning": True, "mode": "off"}},),
            ({"spf": {"shadow": True}},),  # it is off
            ({"score": {"shadow": True}}, r"score\.shadow = yes: nobody is refused for the score, .* counted$"),
            ({"score": {"shadow": True}, **DMARC, "spf": {**SPF, "block": True}, "reverse_dns": {**SPF, "block": True}},
             r"these still refuse: reverse_dns\.block, spf\.block, dmarc$"),
            ({"score": {"shadow": True}, **DMARC, "dmarc": {**SPF, "on_reject": "score"}}, r"counted$"),
            ({"score": {"shadow": True}, **DMARC, "dmarc": {**SPF, "on_reject": "score", "enforce": ["a.example"]}}, "refuse: dmarc$"),
            ({"score": {"shadow": True}, "spf": {**SPF, "block": True, "shadow": True}}, r"spf\.shadow", r"counted$"),
            ({"score": {"shadow": True}, "spf": {"block": True}}, r"counted$"),  # it is off
            ({"score": {"shadow": True}, "dnsbl": {"lists": ["a.example*5", "b.example*5 block"]}}, r"refuse: dnsbl \(block\)$"),
            ({"score": {"shadow": True}, "dnsbl": {"lists": ["a.example*5"]}}, r"counted$"),
            ({"spf": SPF, "score": {"smtp_block": 0}},),
            ({"spf": SPF, "score": {"high_action": "none"}},),
            ({"spf": SPF, "score": {"smtp_block": 0, "high_action": "none"}}, r"score\.smtp_block = 0: .*high_action = none"),
            ({"spf": SPF, "score": {"smtp_block": 0, "low": 0, "medium": 0, "high": 0}}, "no action is left"),
            ({"spf": SPF, "score": {"smtp_block": 0, "high": 0}},),  # medium has an action
            ({"score": {"smtp_block": 0, "high_action": "none"}},),  # nothing scores
            ({"inbound": {"allow_networks": ["10.0.0.0/8", "2001::/16"]}},),
            ({"inbound": {"allow_networks": ["10.0.0.0/7", "::/0"]}}, r"allow_networks: 10\.0\.0\.0/7 is", "::/0 is very much"),
            ({"inbound": {"submit_networks": ["0.0.0.0/0"]}}, r"submit_networks: 0\.0\.0\.0/0 .*outbound"),
            ({"greylist": {"allow_networks": ["2000::/3"]}}, r"greylist\.allow_networks: 2000::/3 .*put off"),
            ({"verdicts": {"keep": 0}}, r"verdicts\.keep = 0: .*explain. will find nothing"),
            ({"dmarc": {"accept": ["a.example"], "enforce": ["a.example"]}},),  # it is off
    ):
        said = warnings_of(stage, **settings)
        equal(len(said), len(wanted), "%s: %s" % (settings, said))
        for pattern, what in zip(wanted, said):
            matches(pattern, what, "%s" % settings)


def test_check_conf_dmarc(stage):
    """check: a domain that dmarc is to accept and to enforce is a warning, an exception is none"""
    for accept, enforce, wanted in (
            (["a.example"], ["a.example", "b.example"], ["a.example is in dmarc.accept"]),
            (["A.example"], ["@a.Example"], ["a.example is in"]), ([".a.example"], ["b.a.example"], ["b.a.example is in"]),
            ([".a.example"], [".b.a.example"], [r"\.b\.a\.example is in"]), ([".a.example"], ["a.example"], []),
            (["b.a.example"], [".a.example", "a.example"], []), ([".a.example"], [".a.example"], [r"\.a\.example is in"])):
        said = warnings_of(stage, **{**DMARC, "dmarc": {"enabled": True, "accept": accept, "enforce": enforce}})
        equal(len(said), len(wanted), "%s, %s: %s" % (accept, enforce, said))
        for pattern, what in zip(wanted, said):
            matches(r"dmarc\.enforce: " + pattern, what, "%s, %s" % (accept, enforce))


def test_check_dnsbl(stage):
    """check: DNS lists that are dead, or asked by way of a public resolver, are a warning"""
    folder = postfix_conf(stage)

    def said(*lists, **dns):
        ctl = Ctl(stage, {"dnsbl": {"lists": list(lists)}, **({"dns": {**dns, "timeout": "100ms"}} if dns else {})})
        return ctl, lines_of(ctl("check", "--postfix", folder), "dnsbl")

    equal(said()[1], [], "no list, no line")
    equal(said(resolver="8.8.8.8")[1], [], "nor with such a resolver")
    equal([s for s, _, _ in said("dnsbl.example=127.0.0.2*5")[1]], ["ok"], "nothing is known against it")
    has(said("dnsbl.sorbs.net=127.0.0.2*5")[1], "warning", "sorbs")
    for address, operator in (("8.8.8.8", "Google"), ("9.9.9.9@53", "Quad9"), ("2606:4700:4700::1111", "Cloudflare")):
        lines = said("dnsbl.example=127.0.0.2*5", resolver=address)[1]
        has(lines, "warning", "in dns.resolver, is the public resolver of " + operator)
    ctl, _ = said("dnsbl.example=127.0.0.2*5", resolver="system")
    for text, wanted in (("nameserver 192.0.2.1\n", None), ("search x\nnameserver 192.0.2.1\nnameserver 1.1.1.1\n", "Cloudflare"),
                         ("#nameserver 1.1.1.1\n", None), ("nameserver 127.0.0.53\n", "Google")):
        lines = lines_of(resolv_conf_run(stage, ctl, text, "check", "--postfix", folder), "dnsbl")
        equal([s for s, _, _ in lines], ["ok"] + ["warning"] * (wanted is not None), text)
        if wanted is not None:
            has(lines, "warning", "public resolver of " + wanted)


def test_check_dnsbl_suspended(stage):
    """check: a DNS list that gatepostd suspended is a warning with the reason, unless that is old"""
    ctl = Ctl(stage, {"dnsbl": {"lists": ["bl.example*5", "typo.example*5"]}})
    now = int(stage.redis("TIME")[0])

    def said(state, reason, seen):
        stage.redis("HSET", "gp:dnsbl:typo.example", "state", state, "since", now - 600, "reason", reason, "host", "mx", "seen", now - seen)
        return lines_of(ctl("check", "--postfix", postfix_conf(stage)), "dnsbl")

    lines = said("suspended", "dead", 10)
    has(lines, "warning", "typo.example was suspended 10 minutes ago, and is not asked: its test entry is not listed")
    matches("is the zone written right", [todo for state, _, todo in lines if state == "warning"][0], "what to do")
    has(said("suspended", "quux\033[2J", 10), "warning", r"not asked: quux\\x1b")
    equal([s for s, _, _ in said("suspended", "dead", 600)], ["ok"], "nobody tells any more")
    equal([s for s, _, _ in said("ok", "", 10)], ["ok"], "it is well")


def resolv_conf_run(stage, ctl, text, *words):
    """The command where /etc/resolv.conf has that text, and systemd-resolved asks Google."""
    path = stage.world.write("resolv.conf", text)
    resolved = os.path.dirname(stage.world.write("resolve/resolv.conf", "nameserver 8.8.4.4\n"))
    os.chmod(path, 0o644)
    script = ("mount --bind \"$0\" /etc/resolv.conf && mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && mkdir /run/systemd/resolve && "
              "cp \"$1\"/resolv.conf /run/systemd/resolve/ && shift && exec \"$@\"")
    argv = ["unshare", "--mount", "sh", "-c", script, path, resolved, *ctl.argv(*words)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, text=True,
                          env={**os.environ, **_ENV}, check=False)
    check(done.returncode in (DONE, NOT_FOUND), "the command ran", done.stdout, done.stderr)
    return Result(argv, done.returncode, done.stdout, done.stderr)


def test_check_redis(stage):
    """check: Redis down, refusing, a replica, evicting: a fault or a warning with what to do"""
    ctl = Ctl(stage)
    folder = postfix_conf(stage)
    lines = lines_of(Ctl(stage, {"redis": {"server": "tcp:127.0.0.1:1"}})("check", "--postfix", folder).must(NOT_FOUND), "redis")
    has(lines, "fault", "refused")
    lines = lines_of(Ctl(stage, {"redis": {"password": "wrong"}})("check", "--postfix", folder).must(NOT_FOUND), "redis")
    has(lines, "fault", "AUTH")
    stage.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    has(lines_of(ctl("check", "--postfix", folder), "redis"), "warning", "allkeys-lru")
    stage.redis("CONFIG", "SET", "maxmemory-policy", "volatile-ttl")
    has(lines_of(ctl("check", "--postfix", folder), "redis"), "ok", "volatile-ttl")
    stage.redis("CONFIG", "SET", "maxmemory", "1")
    stage.redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
    has(lines_of(ctl("check", "--postfix", folder).must(NOT_FOUND), "redis"), "fault", "OOM")
    stage.redis("CONFIG", "SET", "maxmemory", "0")
    stage.redis("REPLICAOF", "127.0.0.1", "1")
    has(lines_of(ctl("check", "--postfix", folder).must(NOT_FOUND), "redis"), "fault", "replica")
    stage.redis("REPLICAOF", "NO", "ONE")
    stage.redis("CONFIG", "SET", "save", "")
    has(lines_of(ctl("check", "--postfix", folder), "redis"), "warning", "forgets everybody")
    for n in range(5):
        stage.redis("HSET", "gp:acct:{shop%d}" % n, "daily", "5")
    stage.redis("HSET", "gp:supp:{*}", "ann@example.com", "manual 1 1 1 0")
    has(lines_of(ctl("check", "--postfix", folder), "redis"), "warning",
        "forgets the accounts shop0, shop1, shop2 and 2 more, and who gets no more mail of all accounts$")
    stage.redis("CONFIG", "SET", "appendonly", "yes")
    has(lines_of(ctl("check", "--postfix", folder), "redis"), "ok", "appendonly")
    stage.redis("CONFIG", "SET", "appendonly", "no")
    equal(stage.redis.keys("gp:grey:*"), [], "checking leaves no tuples")


def todo_of(lines, pattern):
    """What to do about the first fault that says so."""
    found = [todo for state, what, todo in lines if state == "fault" and re.search(pattern, what)]
    check(found, "a fault with %s" % pattern, *lines)
    return found[0]


def test_check_redis_rights(stage):
    """check: passwords and rights that Redis wants: what to write where; the rights are enough"""
    folder = postfix_conf(stage)

    def lines(**redis):
        return lines_of(Ctl(stage, {"redis": redis})("check", "--postfix", folder), "redis")

    matches("take redis { password } out", todo_of(lines(password="x"), "AUTH"), "no password there")
    stage.redis("ACL", "SETUSER", "gp", "reset", "on", ">pw")
    try:
        matches("must be the password", todo_of(lines(user="gp", password="wrong"), "WRONGPASS"), "a wrong one")
        todo = todo_of(lines(user="gp", password="pw"), "NOPERM")
        command = matches(r"ACL SETUSER gp ~gp:\* .*$", todo, "the command").group(0)
        stage.redis("ACL", "SETUSER", "gp", "+script|load", "+ping", "+info", "~gp:*", "+set", "+evalsha")
        equal(todo_of(lines(user="gp", password="pw"), "NOPERM|ACL failure|The user executing"), todo, "inside the script")
        stage.redis(*command.split())
        check("fault" not in [s for s, _, _ in lines(user="gp", password="pw")], "with these rights")
        ctl = Ctl(stage, {"redis": {"user": "gp", "password": "pw"}})
        for words in NEED_REDIS:
            check(ctl(*words).code in (DONE, NOT_FOUND), "%s with these rights" % words, ctl(*words))
        matches(r" \+select$", todo_of(lines(user="gp", password="pw", database="3"), "NOPERM"), "another database")
    finally:
        stage.redis("ACL", "DELUSER", "gp")
    stage.redis("CONFIG", "SET", "requirepass", "secret")
    stage.redis.password = "secret"
    matches(r"write redis \{ password = ", todo_of(lines(), "NOAUTH"), "a password is wanted")


def as_nobody(argv):
    """Runs it as the user nobody, with the group daemon: (exit code, output, errors)."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False, user="nobody",
                          group=grp.getgrnam("nogroup").gr_gid, extra_groups=[], env={**os.environ, **_ENV})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_denied(stage):
    """an ordinary user, who may not read the configuration or use a socket, is told who may"""
    group = grp.getgrnam("daemon")
    stage.gatepostd({"milter": {"socket_mode": "0660", "socket_group": "daemon"}})
    ctl = Ctl(stage)
    binary = stage.world.path("gatepostctl")
    shutil.copy(program("gatepostctl", BUILD), binary)  # the build may be in a folder of root's
    argv = [binary, "-c", ctl.conf]
    os.chmod(ctl.conf, 0o640)
    for gid, who in ((group.gr_gid, r"run this as root, or as a member of group daemon"), (0, r"run this as root\n")):
        os.chown(ctl.conf, 0, gid)
        code, _, err = as_nobody([*argv, "stats"])
        equal(code, CONFIG, "status of stats")
        matches(r"%s: Permission denied: this runs as nobody, who may not read it \(0640 root:%s\); %s"
                % (re.escape(ctl.conf), grp.getgrgid(gid).gr_name, who), err, "what it is told")
        code, out, _ = as_nobody([*argv, "check"])
        equal(code, CONFIG, "status of check")
        matches(r"^fault\tconfig\t\S+: Permission denied.*\t" + who, out, "the line of check")
    os.chmod(ctl.conf, 0o644)
    os.chmod(stage.redis.socket, 0o660)
    os.chown(stage.redis.socket, 0, group.gr_gid)
    try:
        code, out, _ = as_nobody([*argv, "check"])
    finally:
        os.chmod(stage.redis.socket, 0o777)
    equal(code, NOT_FOUND, "status of check")
    for topic, path in (("redis", stage.redis.socket), ("socket", stage.socket)):
        matches(r"(?m)^fault\t%s\t%s: Permission denied: this runs as nobody, who may not write to it \(0660 root:daemon\)"
                r"\trun this as root, or as a member of group daemon$" % (topic, re.escape(path)), out, "the line about " + topic)


def test_check_secret(stage):
    """check: a password that everybody may read is a warning"""
    stage.redis("CONFIG", "SET", "requirepass", "secret")
    stage.redis.password = "secret"
    try:
        ctl = Ctl(stage, {"redis": {"password": "secret"}})
        has(lines_of(ctl("check", "--postfix", postfix_conf(stage)), "config"), "warning", "everybody may read")
        os.chmod(ctl.conf, 0o640)
        equal([s for s, _, _ in lines_of(ctl("check", "--postfix", postfix_conf(stage)), "config")], ["ok"], "after chmod")
    finally:
        stage.redis("CONFIG", "SET", "requirepass", "")
        stage.redis.password = None


def test_check_reload(stage):
    """check, gatepostd -t: files that milter.user may not read are a warning each: a reload would be refused"""
    networks = stage.world.write("networks", "192.0.2.0/24\n")
    ctl = Ctl(stage, {"milter": {"user": "nobody"}, "inbound": {"allow_networks": [networks]}})
    for conf_mode, list_mode, wanted in ((0o644, 0o644, []), (0o600, 0o644, [ctl.conf]), (0o644, 0o600, [networks]),
                                         (0o600, 0o600, [ctl.conf, networks])):
        os.chmod(ctl.conf, conf_mode)
        os.chmod(networks, list_mode)
        warnings = [what for state, what, _ in lines_of(ctl("check", "--postfix", postfix_conf(stage)), "config") if state == "warning"]
        equal(len(warnings), len(wanted), "%s" % warnings)
        done = subprocess.run([program("gatepostd", BUILD), "-t", "-c", ctl.conf], capture_output=True, text=True, timeout=20, check=False,
                              env={**os.environ, **_ENV})
        equal((done.returncode, done.stdout), (0, ctl.conf + ": ok\n"), "-t")
        for path, what, line in zip(wanted, warnings, done.stderr.splitlines()):
            for text in (what, line):
                matches("user nobody may not read %s, which is 0600 .*a reload is refused" % re.escape(path), text, "the warning")
        equal(len(done.stderr.splitlines()), len(wanted), done.stderr)


def serve_once(path, answer):
    """Something else at a unix socket: takes one connection, reads, answers, and closes."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(4)

    def run():
        connection, _ = server.accept()
        with connection:
            connection.recv(100)
            if answer is None:
                time.sleep(5)
            elif answer:
                connection.sendall(answer)
        server.close()

    threading.Thread(target=run, daemon=True).start()


def test_check_dns(stage):
    """check: a resolver that does not answer is a warning, or a fault when somebody asks it; in bounded time"""
    folder = postfix_conf(stage)
    has(lines_of(Ctl(stage)("check", "--postfix", folder), "dns"), "ok", re.escape(resolver()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        began = time.monotonic()
        ctl = Ctl(stage, {"dns": {"resolver": "127.0.0.1@%d" % silent.getsockname()[1], "timeout": "300ms"}})
        has(lines_of(ctl("check", "--postfix", folder), "dns"), "warning", "does not answer")
        where = "127.0.0.1@%d" % silent.getsockname()[1]
        ctl = Ctl(stage, {**DMARC, "dns": {"resolver": where, "timeout": "300ms"}})
        has(lines_of(ctl("check", "--postfix", folder).must(NOT_FOUND), "dns"), "fault",
            "does not answer .*without DNS these find out nothing, .*: spf, dkim, dmarc$")
        check(time.monotonic() - began < 10, "in bounded time")


def test_check_socket(stage):
    """check: nobody at the socket, a stranger, one that hangs: each a fault with its reason"""
    ctl = Ctl(stage)
    folder = postfix_conf(stage)
    has(lines_of(ctl("check", "--postfix", folder).must(NOT_FOUND), "socket"), "fault", "No such file")
    for answer, reason in ((b"220 hello\r\n", "no milter"), (b"", "closes the connection"), (None, "does not answer")):
        if os.path.exists(stage.socket):
            os.unlink(stage.socket)
        serve_once(stage.socket, answer)
        began = time.monotonic()
        has(lines_of(ctl("check", "--postfix", folder).must(NOT_FOUND), "socket"), "fault", reason)
        check(time.monotonic() - began < 20, "in bounded time")
    os.unlink(stage.socket)
    with open(stage.socket, "w", encoding="ascii"):
        said = lines_of(ctl("check", "--postfix", folder).must(NOT_FOUND), "socket")
    has(said, "fault", "exists and is no socket")
    check(len(said) == 1 and "remove it" in todo_of(said, "no socket"), "what to do", said)
    os.unlink(stage.socket)
    port = free_port()
    stage.gatepostd(listen="inet:%d@127.0.0.1" % port)
    inet = Ctl(stage, {"milter": {"listen": "inet:%d@127.0.0.1" % port}})
    said = inet("check", "--postfix", postfix_conf(stage, smtpd_milters="inet:localhost:%d" % port)).must()
    has(lines_of(said, "socket"), "ok", "a milter answers at inet:")
    has(lines_of(said, "postfix"), "ok", "comes by smtp")


def test_check_postfix(stage):
    """check: what is wrong with Postfix's settings, and what to do"""
    stage.gatepostd()
    ctl = Ctl(stage)
    below = Ctl(stage, {"milter": {"listen": "unix:" + stage.world.path("queue/gp.sock")}})

    def postfix(of=ctl, **settings):
        return lines_of(of("check", "--postfix", postfix_conf(stage, **settings)), "postfix")

    lines = postfix(smtpd_milters="inet:localhost:1")
    has(lines, "warning", "does not name unix:")
    check(any("postconf -e 'smtpd_milters = unix:" in todo for _, _, todo in lines), "what to do", lines)
    has(postfix(chroot="y"), "fault", "runs in the chroot")
    check(any("unix:gatepost/gatepostd.sock" in todo for _, _, todo in postfix(chroot="y", smtpd_milters="")), "chroot advice")
    for chroot in ("y", "n"):
        has(postfix(of=below, chroot=chroot, smtpd_milters="unix:gp.sock"), "ok", "comes by smtp")
    has(postfix(of=below, chroot="y", smtpd_milters="unix:/gp.sock"), "ok", "comes by smtp")
    has(postfix(of=below, chroot="n", smtpd_milters="unix:/gp.sock"), "fault", "does not run in the chroot")
    has(postfix(services="submission inet n - n - - smtpd\n  -o smtpd_milters=\n"), "ok", "by smtp .*not by submission")
    has(postfix(smtpd_milters="inet:localhost:1, $ours", ours="{ unix:%s, default_action=accept, command_timeout = 1s }"
                % stage.socket), "ok", "default_action = accept")
    has(postfix(milter_default_action="reject"), "warning", "= reject")
    has(postfix(milter_protocol="2"), "warning", "milter_protocol = 2")
    has(postfix(milter_command_timeout="0s"), "fault", "is over before dns.timeout and redis.timeout")
    matches(r"milter_command_timeout=30s$", todo_of(postfix(milter_command_timeout="0s"), "is over"), "the default will do")
    slow = Ctl(stage, {"dns": {"timeout": "40s"}})
    matches(r"milter_command_timeout=50s$", todo_of(postfix(of=slow, milter_command_timeout="30s"), "40500 ms"), "more is needed")
    matches(r"write command_timeout=50s into that entry",
            todo_of(postfix(of=slow, smtpd_milters="$ours", ours="{ unix:%s, command_timeout=30s }" % stage.socket), "40500 ms"), "in the entry")
    has(postfix(of=slow, milter_command_timeout="50s"), "ok", "leaves room")
    has(postfix(non_smtpd_milters="$smtpd_milters"), "ok", "local mail passes gatepostd; greylisting never puts it off")
    has(postfix(mail_owner="nosuchuser"), "warning", "no user nosuchuser")
    os.chmod(stage.socket, 0o600)
    has(postfix(), "fault", "user nobody may not write to .*0600")
    os.chmod(stage.socket, 0o666)
    os.chmod(stage.world.directory, 0o700)
    try:
        has(postfix(), "fault", "user nobody may not enter .*0700")
    finally:
        os.chmod(stage.world.directory, 0o755)


def test_check_program(stage):
    """check: a postconf that hangs, talks without end, or fails does no harm"""
    ctl = Ctl(stage)
    for text, says in (("exec sleep 600", "did not end in time"), ("sleep 600 & exec sleep 600", "did not end"),
                       ("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", "said more than"),
                       ("exit 7", "fails \\(7\\)"), ("kill -9 $$", "fails \\(137\\)"), ("exec >&-; sleep 600", "fails")):
        path = stage.world.write("bin/postconf", "#!/bin/sh\n%s\n" % text, 0o755)
        began = time.monotonic()
        said = ctl("check", env={"PATH": os.path.dirname(path) + ":/usr/bin:/bin"})
        has(lines_of(said, "postfix"), "warning", says)
        check(time.monotonic() - began < 25, "in bounded time", text, time.monotonic() - began)


def test_check_sendmail(stage):
    """check: what is wrong with Sendmail's settings"""
    ctl = Ctl(stage)

    def sendmail(text):
        path = stage.world.write("sendmail.cf", text)
        return lines_of(ctl("check", "--postfix", postfix_conf(stage), "--sendmail", path), "sendmail")

    names = "O InputMailFilters=other, gatepost\n"
    filters = "Xother, S=inet:1@localhost\nXgatepost, S=local:%s, F=%%s, T=S:30s;R:30s\n" % stage.socket
    has(sendmail(names + filters % "T"), "ok", "asks the filter gatepost")
    has(sendmail(names + filters % "T"), "ok", "put off")
    has(sendmail(names + filters % "R"), "warning", "refused")
    has(sendmail(names + filters % ""), "ok", "passes unseen")
    has(sendmail(filters % "T"), "warning", "does not name it")
    has(sendmail(names), "warning", "no filter at")
    has(sendmail("X\nX,\nXa, S=\nO InputMailFilters=\n" + "X" * 10000), "warning", "no filter at")
    has(lines_of(ctl("check", "--sendmail", "/nonexistent"), "sendmail"), "warning", "No such file")
