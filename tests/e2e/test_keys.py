"""gatepostctl key, keyring and token: files as they must be, records that openssl agrees with, and a real DNS."""

import base64
import datetime
import hashlib
import hmac
import os
import pwd
import re
import stat
import struct
import subprocess
import time

from harness import *
from nameserver import serve, txt
from test_ctl import CONFIG, DONE, NOT_FOUND, USAGE, Ctl, plain

NOT_WRITTEN = 73
DOMAIN = "shop.example"
DAY = 86400

LIST = ("domain", "selector", "type", "bits", "modified", "state", "next", "next_at", "fingerprint")
CHECK = ("state", "domain", "selector", "what")


class Keys:
    """gatepostctl with a directory of keys and a keyring of its own."""

    def __init__(self, stage, **settings):
        self.home = stage.world.path("etc-%d" % time.monotonic_ns())
        os.mkdir(self.home, 0o755)
        self.directory = os.path.join(self.home, "keys")
        self.keyring = os.path.join(self.home, "keyring")
        settings.setdefault("outbound", {}).update({"keys": self.directory, "keyring": self.keyring})
        self.ctl = Ctl(stage, settings)

    def __call__(self, *words):
        return self.ctl(*words)

    def path(self, selector, suffix=".key", domain=DOMAIN):
        return os.path.join(self.directory, domain, selector + suffix)

    def new(self, selector, *options, domain=DOMAIN):
        """Makes a key: what the pipe said of it."""
        return fields(self("key", "new", domain, selector, *options).must())

    def check(self, *words, code=DONE):
        return self("key", "check", *words).must(code).rows(CHECK)

    def put(self, selector, text, mode=0o640, domain=DOMAIN):
        path = self.path(selector, domain=domain)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)


def fields(result):
    """Lines of name and value."""
    return dict(line.split("\t", 1) for line in result.out.splitlines())


def openssl(*words, text=""):
    done = subprocess.run([program("openssl"), *words], input=text.encode(), capture_output=True, check=False, timeout=30)
    check(done.returncode == 0, "openssl %s" % (words,), done.stderr)
    return done.stdout


def public_der(path):
    return openssl("pkey", "-in", path, "-pubout", "-outform", "DER")


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_new(stage):
    """key new: the file is for root and the group, openssl reads it, and the record has its public half"""
    keys = Keys(stage)
    said = keys.new("s2026")
    path = keys.path("s2026")
    equal((said["file"], said["type"], said["bits"]), (path, "rsa", "2048"), "what was made")
    equal((mode_of(path), mode_of(keys.directory), mode_of(os.path.dirname(path))), (0o640, 0o750, 0o750), "modes")
    p = base64.b64encode(public_der(path)).decode()
    equal(said["record"], "v=DKIM1; k=rsa; p=" + p, "the record")
    equal(said["name"], "s2026._domainkey." + DOMAIN, "its name")
    strings = re.findall(r'"([^"]*)"', said["zone"])
    equal("".join(strings), said["record"], "the strings of the zone file")
    check(all(len(s) <= 255 for s in strings) and len(strings) > 1, "are short enough", strings)
    equal((said["policy_name"], said["policy"]), ("_domainkey." + DOMAIN, "o=~"), "the policy of DomainKeys")
    said = keys.new("ed", "--type", "ed25519")
    equal((said["type"], said["bits"]), ("ed25519", "256"), "Ed25519")
    equal(said["record"], "v=DKIM1; k=ed25519; p=" + base64.b64encode(public_der(keys.path("ed"))[-32:]).decode(), "RFC 8463")
    check("policy" not in said, "DomainKeys does not know it", said)
    equal(keys.new("big", "--bits", "4096")["bits"], "4096", "as long as it may be")
    first, = keys("--json", "key", "new", "B\u00fccher.Example.", "S1").must().json()
    equal((first["domain"], first["selector"]), ("xn--bcher-kva.example", "s1"), "names as DNS has them")
    shown = keys("key", "show", DOMAIN, "s2026").must()
    equal(fields(shown)["record"], "v=DKIM1; k=rsa; p=" + p, "key show tells it again")
    eyes = plain(keys("key", "new", DOMAIN, "eyes", "--color=always").must().out)
    matches(r"(?s)IN TXT \(\n\t\"v=DKIM1; k=rsa; \"\n\t\"p=.*some mail is signed.*key check.*reload.*account set NAME dkim=eyes:shop",
            eyes, "for eyes")


def test_new_refused(stage):
    """key new: nothing is overwritten, and wrong words are told"""
    keys = Keys(stage)
    keys.new("s1")
    with open(keys.path("s1"), "rb") as f:
        before = f.read()
    matches("is there already.*key show", keys("key", "new", DOMAIN, "s1").must(NOT_FOUND).err, "the second")
    with open(keys.path("s1"), "rb") as f:
        equal(f.read(), before, "the file stays")
    equal(sorted(os.listdir(os.path.dirname(keys.path("s1")))), ["s1.key"], "and nothing lies around")
    for words, says in ((("shop", "s1"), "no domain"), ((DOMAIN, "a/b"), "no selector"), ((DOMAIN, "../x"), "no selector"),
                        ((DOMAIN, "s_1"), "no selector"), ((DOMAIN, "s2", "--bits", "512"), "1024 are the least"),
                        ((DOMAIN, "s2", "--bits", "8192"), "from 0 to 4096"), ((DOMAIN, "s2", "--type", "dsa"), "rsa or ed25519"),
                        ((DOMAIN, "s2", "--type", "ed25519", "--bits", "2048"), "one length"),
                        ((DOMAIN, ".".join(["a" * 60] * 4)), "more than 253 bytes"), ((DOMAIN,), "usage:")):
        matches(says, keys("key", "new", *words).must(USAGE).err, "what %s is told" % (words,))
    os.rename(keys.directory, keys.directory + "-")
    with open(keys.directory, "w", encoding="ascii"):
        matches("Not a directory", keys("key", "new", DOMAIN, "s2").must(NOT_WRITTEN).err, "no place for it")


def test_owner(stage):
    """key new as root, with milter.user: the file is root's, and that user's group may read it"""
    nobody = pwd.getpwnam("nobody")
    keys = Keys(stage, milter={"user": "nobody"})
    keys.new("s1")
    keys("keyring", "new").must()
    for path in (keys.path("s1"), os.path.dirname(keys.path("s1")), keys.directory, keys.keyring):
        state = os.stat(path)
        equal((state.st_uid, state.st_gid), (0, nobody.pw_gid), "whose %s is" % path)
    read = subprocess.run([program("setpriv"), "--reuid=nobody", "--regid=%d" % nobody.pw_gid, "--clear-groups", "cat", keys.path("s1")],
                          capture_output=True, check=False, timeout=10)
    matches(b"BEGIN PRIVATE KEY".decode(), read.stdout.decode(), "the user reads it")
    wrong = Keys(stage, milter={"user": "no-such-user"})
    check(wrong("key", "new", DOMAIN, "s1").code != DONE, "an unknown user")


def test_list(stage):
    """key list: each key with its state; what cannot be used is told once, with what to do"""
    keys = Keys(stage)
    equal(keys("key", "list").must().out, "", "no directory is no error")
    keys.new("s1")
    keys.new("ed", "--type", "ed25519", domain="b.example")
    keys.put("small", openssl("genrsa", "512").decode())
    keys.put("locked", openssl("genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:x").decode())
    keys.put("curve", openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode())
    keys.put("open", openssl("genpkey", "-algorithm", "ED25519").decode(), mode=0o644)
    keys.put("empty", "")
    said = keys("key", "list").must()
    rows = {(r["domain"], r["selector"]): r for r in said.rows(LIST)}
    states = {selector: r["state"] for (_, selector), r in rows.items()}
    equal(states, {"s1": "ok", "ed": "ok", "small": "too-small", "locked": "encrypted", "curve": "wrong-type",
                   "open": "world-readable", "empty": "damaged"}, "the states")
    for selector, todo in (("small", "512 bits.*key new"), ("locked", "pass phrase"), ("curve", "type EC"),
                           ("open", "chmod 0640"), ("empty", "no private key")):
        matches(re.escape(keys.path(selector)) + ": .*" + todo, said.err, "what is said of %s" % selector)
    equal(len(said.err.splitlines()), 5, "once each")
    row = rows[DOMAIN, "s1"]
    equal(row["fingerprint"], hashlib.sha256(public_der(keys.path("s1"))).hexdigest(), "the fingerprint")
    equal((row["type"], row["bits"], row["next"]), ("rsa", "2048", "-"), "the row")
    check(abs(int(row["modified"]) - time.time()) < 60, "when it was made", row)
    equal([r["selector"] for r in keys("key", "list", "b.example").must().rows(LIST)], ["ed"], "of one domain")
    equal(len(keys("--json", "key", "list", DOMAIN, "s1").must().json()), 1, "one key, JSON")
    matches("no key of c.example", keys("key", "list", "c.example").must(NOT_FOUND).err, "nothing by that name")
    matches(r"fingerprint", plain(keys.ctl.terminal("key", "list").must().out), "for eyes")


def test_check(stage):
    """key check: what a real DNS has of each key, and what is wrong with it"""
    dns = serve(stage)
    keys = Keys(stage, dns={"resolver": dns.where, "timeout": "3s"})
    made = {s: keys.new(s, *t) for s, t in (("rsa", ()), ("ed", ("--type", "ed25519")), ("big", ("--bits", "4096")))}
    for selector in ("testing", "missing", "other", "revoked", "several", "nodkim", "kind", "sha1", "narrow", "cut", "twice"):
        made[selector] = keys.new(selector, "--type", "ed25519")
    records = {s: m["record"] for s, m in made.items()}
    records["testing"] += "; t=y"
    records["other"] = made["ed"]["record"]
    records["revoked"] = "v=DKIM1; k=ed25519; p="
    records["nodkim"] = "v=spf1 -all"
    records["kind"] = records["kind"].replace("k=ed25519; ", "")
    records["sha1"] += "; h=sha1"
    records["narrow"] += "; g=ann"
    records["cut"] = records["cut"][:-10]
    del records["missing"]
    lines = [txt(made[s]["name"] + ("." + DOMAIN if s == "twice" else ""), text) for s, text in records.items()]
    lines.append(txt(made["several"]["name"], made["ed"]["record"]))
    lines[0] = made["rsa"]["zone"]  # as it was printed: a zone file takes it
    dns.load("\n".join(lines))
    rows = {r["selector"]: r for r in keys.check(code=NOT_FOUND)}
    want = {"rsa": "ok", "ed": "ok", "big": "ok", "testing": "testing", "missing": "missing", "other": "different",
            "revoked": "revoked", "several": "several", "nodkim": "not-dkim", "kind": "wrong-kind", "sha1": "no-sha256",
            "narrow": "narrow", "cut": "different", "twice": "missing"}
    equal({s: r["state"] for s, r in rows.items()}, want, "the states")
    for selector, says in (("rsa", "^-$"), ("testing", "t=y"), ("cut", "34 of 44"), ("twice", "the domain is there twice"),
                           ("missing", "publish"), ("kind", "without k=")):
        matches(says, rows[selector]["what"], "what is said of %s" % selector)
    equal([r["state"] for r in keys.check(DOMAIN, "rsa")], ["ok"], "exit 0 when all is well")
    keys.check(DOMAIN, "testing", code=NOT_FOUND)
    keys.check(DOMAIN, "nosuch", code=NOT_FOUND)
    matches("to publish", plain(keys.ctl.terminal("key", "check", DOMAIN, "missing").must(NOT_FOUND).out), "the record again")
    listed = keys("key", "list", "--check").must().rows(LIST + ("dns",))
    equal({r["selector"]: r["dns"] for r in listed}, want, "key list --check says the same")
    dns.mute("_domainkey." + DOMAIN)
    equal(keys.check(DOMAIN, "ed", code=NOT_FOUND)[0]["state"], "no-answer", "a DNS that is silent")
    dns.speak()
    equal(keys("key", "check", DOMAIN, "ed", "-s", "127.0.0.1@1").must(NOT_FOUND).rows(CHECK)[0]["state"], "no-answer", "--resolver")


def test_check_many(stage):
    """key check: more keys than DNS is asked about at a time"""
    dns = serve(stage)
    keys = Keys(stage, dns={"resolver": dns.where, "timeout": "3s"})
    pem = openssl("genpkey", "-algorithm", "ED25519").decode()
    for i in range(150):
        keys.put("s%d" % i, pem)
    record = fields(keys("key", "show", DOMAIN, "s1").must())["record"]
    dns.load("\n".join(txt("s%d._domainkey.%s" % (i, DOMAIN), record) for i in range(149)))
    rows = keys.check(code=NOT_FOUND)
    equal([r["selector"] for r in rows if r["state"] != "ok"], ["s149"], "all but one")
    equal(len(rows), 150, "each has a row")


def instant(unix):
    return datetime.datetime.fromtimestamp(unix, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_rotate(stage):
    """key rotate: the new key is made, and takes over at its time; it may be moved, and taken back"""
    keys = Keys(stage)
    keys.new("old", "--bits", "3072")
    now = time.time()
    said = fields(keys("key", "rotate", DOMAIN, "old", "new").must())
    equal((said["made"], said["name"]), ("yes", "new._domainkey." + DOMAIN), "the new key")
    check(abs(int(said["at"]) - now - 2 * DAY) < 60, "in 48 hours", said)
    equal(int(said["remove_at"]) - int(said["at"]), 7 * DAY, "the old record stays 7 days longer")
    path = keys.path("old", ".next")
    equal(mode_of(path), 0o640, "the mode of .next")
    with open(path, encoding="ascii") as f:
        equal(f.read(), "new %s\n" % instant(int(said["at"])), "what it says")
    rows = {r["selector"]: r for r in keys("key", "list").must().rows(LIST)}
    equal((rows["old"]["next"], rows["old"]["next_at"], rows["old"]["state"]), ("new", said["at"], "ok"), "the list")
    equal(rows["new"]["bits"], "3072", "as long as the old one")
    moved = fields(keys("key", "rotate", DOMAIN, "old", "new", "--at", "+3d").must())
    check(moved["made"] == "no" and abs(int(moved["at"]) - now - 3 * DAY) < 60, "another time", moved)
    moved, = keys("--json", "key", "rotate", DOMAIN, "old", "new", "--at", instant(now + 3600)).must().json()
    equal((moved["old"], moved["new"], moved["at"], moved["made"]), ("old", "new", int(now + 3600), False), "a time, JSON")
    for words, code, says in (
            (("old", "old"), USAGE, "from itself"), (("nosuch", "x"), NOT_FOUND, "no key of"),
            (("old", "third"), USAGE, "hands over to new already"), (("new", "old"), USAGE, "hands over to new itself"),
            (("old", "new", "--at", "tomorrow"), USAGE, "write"), (("old", "new", "--at", "2020-01-01T00:00:00Z"), USAGE, "from now"),
            (("old", "new", "--at", "+9y"), USAGE, r"--at \+9y"), (("old", "new", "--type", "ed25519"), USAGE, "leave --type"),
            (("old", "new", "--cancel"), USAGE, "usage:"), (("old",), USAGE, "usage:")):
        matches(says, keys("key", "rotate", DOMAIN, *words).must(code).err, "what %s is told" % (words,))
    check(not os.path.exists(keys.path("third")), "a refusal makes no key")
    keys("key", "rotate", "--cancel", DOMAIN, "old").must()
    check(not os.path.exists(path), "taken back")
    keys("key", "rotate", "--cancel", DOMAIN, "old").must(NOT_FOUND)
    eyes = plain(keys.ctl.terminal("key", "rotate", DOMAIN, "old", "ed", "--type", "ed25519", "--at", "+0").must().out)
    matches(r"(?s)accounts that sign with\nold:shop.example sign with ed.*may be removed on .*of another type", eyes, "for eyes")
    now = int(time.time())
    check(abs(int(fields(keys("key", "rotate", DOMAIN, "old", "ed", "--at", "now").must())["at"]) - now) < 60, "--at now")
    os.unlink(keys.path("old"))
    rows = {r["selector"]: r for r in keys("key", "list").must().rows(LIST)}
    equal(rows["old"]["state"], "handed-over", "the file of the old key may go")
    matches("nobody would", keys("key", "rotate", "--cancel", DOMAIN, "old").must(USAGE).err, "then it stays")


def test_rotate_check(stage):
    """key check: the old record must be there until 7 days after the rotation, and not longer"""
    dns = serve(stage)
    keys = Keys(stage, dns={"resolver": dns.where, "timeout": "3s"})
    keys.new("old", "--type", "ed25519")
    record = fields(keys("key", "rotate", DOMAIN, "old", "new", "--at", "+0").must())
    dns.load(txt(record["name"], record["record"]))
    equal([r["state"] for r in keys.check(code=NOT_FOUND)], ["ok", "missing"], "just now")
    with open(keys.path("old", ".next"), "w", encoding="ascii") as f:
        f.write("new %s\n" % instant(time.time() - 8 * DAY))
    equal([r["state"] for r in keys.check()], ["ok", "handed-over"], "eight days later")


def test_keyring(stage):
    """keyring: made once, rotated, listed, and never shown"""
    keys = Keys(stage)
    for words in (("keyring", "list"), ("keyring", "rotate"), ("token", "decode", "x")):
        matches("keyring new makes one", keys(*words).must(CONFIG).err, "without a keyring: %s" % (words,))
    matches(r"(?s)Copy the file to all hosts.*reload", plain(keys.ctl.terminal("keyring", "new").must().out), "for eyes")
    equal(mode_of(keys.keyring), 0o640, "its mode")
    with open(keys.keyring, encoding="ascii") as f:
        text = f.read()
    secret = text.split()[-1]
    equal(len(base64.b64decode(secret)), 32, "a key of 32 bytes")
    matches("there already.*make void", keys("keyring", "new").must(NOT_FOUND).err, "a second time")
    with open(keys.keyring, encoding="ascii") as f:
        equal(f.read(), text, "the file stays")
    os.chown(keys.keyring, 0, 12345)
    for _ in range(3):
        keys("keyring", "rotate").must()
    state = os.stat(keys.keyring)
    equal((state.st_gid, mode_of(keys.keyring)), (12345, 0o640), "group and mode are kept")
    said = keys("keyring", "list").must()
    equal([line.split("\t")[:2] for line in said.out.splitlines()],
          [["1", "retired"], ["2", "previous"], ["3", "previous"], ["4", "current"]], "the states")
    check(secret not in said.out, "no secrets")
    equal(keys("--json", "keyring", "rotate", "--keep", "0").must().json()[0]["key"], 5, "JSON")
    equal([k["state"] for k in keys("--json", "keyring", "list").must().json()], ["retired"] * 4 + ["current"], "--keep 0")
    equal(sorted(os.listdir(keys.home)), ["keyring"], "nothing lies around")
    os.chmod(keys.keyring, 0o644)
    matches("everybody.*chmod 0640", keys("keyring", "list").must(CONFIG).err, "world-readable")
    os.chmod(keys.keyring, 0o640)
    with open(keys.keyring, "a", encoding="ascii") as f:
        f.write("nonsense\n")
    before = os.stat(keys.keyring).st_size
    matches(r"keyring:\d+: ", keys("keyring", "rotate").must(CONFIG).err, "a damaged one is not written over")
    equal(os.stat(keys.keyring).st_size, before, "it stays")


def siphash(key, data):
    """SipHash-2-4, for the ids of accounts."""
    mask = 2 ** 64 - 1
    v = [k ^ c for k, c in zip((key[0], key[1], key[0], key[1]),
                               (0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573))]

    def turn(x, n):
        return (x << n | x >> (64 - n)) & mask

    def rounds(n):
        for _ in range(n):
            v[0] = v[0] + v[1] & mask
            v[1] = turn(v[1], 13) ^ v[0]
            v[0] = turn(v[0], 32)
            v[2] = v[2] + v[3] & mask
            v[3] = turn(v[3], 16) ^ v[2]
            v[0] = v[0] + v[3] & mask
            v[3] = turn(v[3], 21) ^ v[0]
            v[2] = v[2] + v[1] & mask
            v[1] = turn(v[1], 17) ^ v[2]
            v[2] = turn(v[2], 32)

    whole = len(data) // 8 * 8
    words = list(struct.unpack("<%dQ" % (whole // 8), data[:whole]))
    words.append(int.from_bytes(data[whole:], "little") | (len(data) & 255) << 56)
    for word in words:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 255
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def account_id(name):
    return siphash((0x6761746570677431, 0x6163636f756e7431), name.encode()) >> 16


def click(keyring, account, target, key=1):
    """A click's token, made by the description in token.h."""
    with open(keyring, encoding="ascii") as f:
        secret = [base64.b64decode(line.split()[3]) for line in f if line.split()[0] == str(key)][0]
    body = bytes([1, key, 2]) + account_id(account).to_bytes(6, "big") + struct.pack(
        "!QHHH", 0x1234, 3, int(time.time() // DAY), 7) + target.encode()
    mac = hmac.new(secret, b"gatepost web token" + body, hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(body + mac).decode().rstrip("=")


def test_token(stage):
    """token decode: what is in a token that our key signed, with the account's name; not a word of others"""
    keys = Keys(stage)
    keys("keyring", "new").must()
    text = click(keys.keyring, "shop", "https://shop.example/sale?x=1")
    said = fields(keys("token", "decode", "https://t.shop.example/c/" + text).must())
    equal((said["kind"], said["link"], said["target"]), ("click", "7", "https://shop.example/sale?x=1"), "what it says")
    matches(r"^not known here \(%012x\)$" % account_id("shop"), said["account"], "an account that there is not")
    equal(said["recipient"], "number 3 of the message", "the recipient")
    stage.redis("HSET", "gp:acct:{shop}", "match", "")
    said, = keys("--json", "token", "decode", text).must().json()
    equal((said["good"], said["account"].split()[0], said["kind"]), (True, "shop", "click"), "with its name, JSON")
    for wrong in (text[:-1] + ("A" if text[-1] != "A" else "B"), text[:-5], text.swapcase(), "b-aaaa@b.shop.example", "nonsense", ""):
        said = keys("token", "decode", wrong).must(NOT_FOUND)
        check("refused" in said.out and "sale" not in said.out, "nothing of a forged one is shown", said)
        equal(said.err, "", "and Redis is not asked")
    keys("keyring", "rotate").must()
    matches("key\t1, previous", keys("token", "decode", text).must().out, "a previous key")
    keys("keyring", "rotate", "--keep", "0").must()
    matches("refused\tsigned by a key that is retired", keys("token", "decode", text).must(NOT_FOUND).out, "a retired one")
    named = Keys(stage, **{"account agency": {"opens": False}})
    named("keyring", "new").must()
    said = fields(named("token", "decode", click(named.keyring, "agency", "https://shop.example/")).must())
    equal(said["account"].split()[0], "agency", "an account of milter.conf")
    alone = Keys(stage, redis={"server": "unix:/nonexistent/redis.sock"})
    alone("keyring", "new").must()
    said = alone("token", "decode", click(alone.keyring, "shop", "https://shop.example/")).must()
    matches("names of accounts in Redis are not known", said.err, "Redis is away")
    matches("account\tnot known here", said.out, "the token is told nevertheless")
