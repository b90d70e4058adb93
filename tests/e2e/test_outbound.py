"""Mail that leaves: whose it is, what is done with it, and that it verifies at the far end."""

import os
import re
import subprocess
import threading
import time

import signer
import verify
from harness import *
from milter_peer import ALL_PROTOCOL
from nameserver import serve, txt
from test_ctl import Ctl
from test_mta import pair

RCPTS = ["r%d@far.example" % i for i in range(1, 6)]
DOMAIN = "shop.example"
NO_ANSWER_TO_BODY = 0x80000  # SMFIP_NR_BODY


class Keys:
    """A keyring, and keys of DOMAIN: RSA, Ed25519, and one to change to; made by gatepostctl."""

    def __init__(self, stage):
        self.directory = stage.world.path("keys")
        self.keyring = stage.world.path("keyring")
        self.records = {}

    def settings(self, **more):
        return {"keys": self.directory, "keyring": self.keyring, **more}

    def make(self, ctl, selector, *options, domain=DOMAIN):
        out = ctl("key", "new", domain, selector, *options).must().out
        self.note(domain, selector, out)
        return out

    def note(self, domain, selector, out):
        public = re.search(r"v=DKIM1[^\n]*?p=([A-Za-z0-9+/=]+)", out)
        check(public, "the record in one line", out)
        kind = re.search(r"k=(\w+)", public.group(0)).group(1)
        self.records["%s._domainkey.%s" % (selector, domain)] = "v=DKIM1; k=%s; p=%s" % (kind, public.group(1))


def sending(stage, accounts=None, settings=None, keys=("rsa", "ed"), env=None, **outbound):
    """A daemon that sends, with accounts {name: options} in milter.conf, and a keyring; also gatepostctl for it."""
    made = Keys(stage)
    sections = {"outbound": made.settings(**outbound), "inbound": {"submit_networks": ["127.0.0.0/8"]}}
    for name, options in (accounts or {}).items():
        sections["account " + name] = options
    for section, options in (settings or {}).items():
        sections.setdefault(section, {}).update(options)
    daemon = stage.gatepostd(sections, start=False)
    ctl = Ctl(stage, conf=daemon.conf)
    if not os.path.exists(made.keyring):
        ctl("keyring", "new").must()
    for selector in keys:
        kind = "ed25519" if selector.startswith("ed") else "rsa"
        path = os.path.join(made.directory, DOMAIN, selector + ".key")
        if not os.path.exists(path):
            made.make(ctl, selector, "--type", kind)
        else:
            made.note(DOMAIN, selector, ctl("key", "show", DOMAIN, selector).must().out)
    daemon.start(env=env)
    return daemon, ctl, made


SHOP = {"match": ["login:ann"], "bounce_domain": "b.shop.example", "dkim": ["rsa:" + DOMAIN, "ed:" + DOMAIN],
        "feedback_id": True, "list_unsubscribe": True, "track_domain": "t.shop.example"}


def letter(rcpts=RCPTS[0], sender="ann@shop.example", body="Hello.\n", extra=""):
    return extra + message(sender, rcpts, body=body)


def send(stage, text=None, rcpts=RCPTS[0], login="ann", sender="ann@shop.example", parameters=(), port=None):
    """One transaction; what each step was told."""
    text = text or letter(rcpts)
    options = {"port": port} if port else {}
    with stage.postfix.client(address="127.0.0.1", name="localhost", login=login, **options) as c:
        c.mail(sender, *parameters).must_be_ok("MAIL")
        told = [c.rcpt(r) for r in ([rcpts] if isinstance(rcpts, str) else rcpts)]
        if not any(r.ok for r in told):
            return told, None
        equal(c.data().code, 354, "DATA")
        return told, c.message(text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text)


def verified(stage, mail, keys, kinds=("rsa", "ed", "dk")):
    """Mail::DKIM and dkimpy pass all the signatures of it."""
    data = mail.data
    perl = verify.mail_dkim(data, keys.records, stage.world)
    python = verify.dkimpy(data, keys.records)
    if "rsa" in kinds:
        equal(perl.get(("dkim", DOMAIN, "rsa", "rsa-sha256")), "pass", "RSA, says Mail::DKIM of\n%r" % data)
        equal(python.get((DOMAIN, "rsa", "rsa-sha256")), True, "RSA, says dkimpy")
    if "ed" in kinds:
        equal(python.get((DOMAIN, "ed", "ed25519-sha256")), True, "Ed25519, says dkimpy of\n%r" % data)
    if "dk" in kinds:
        equal(perl.get(("domainkeys", DOMAIN, "rsa", "rsa-sha1")), "pass", "DomainKeys, says Mail::DKIM of\n%r" % data)


# --- whole messages ---


def test_signed(stage):
    """RSA, Ed25519 and DomainKeys verify at the far end; the return path says whose it was"""
    daemon, ctl, keys = sending(stage, {"shop": SHOP})
    _, end = send(stage, letter(extra="X-Gatepost-Tag: welcome\n"))
    end.must_be_ok("the message")
    mail = stage.sink.wait()[0]
    verified(stage, mail, keys)
    matches(r"^b-[a-z2-7]{48}@b\.shop\.example$", mail.sender, "MAIL FROM")
    matches(r"ENVID=i-[a-z2-7]{48}", mail.parameters, "ENVID")
    for name in ("Feedback-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Gatepost-ID"):
        equal(len(mail.header(name)), 1, name)
    equal(mail.header("X-Gatepost-Tag"), [], "what steers us")
    out = ctl("token", "decode", mail.sender).must().out
    matches(r"shop", out, "the account, from the return path")
    line = daemon.wait_message(account="shop")
    equal(line["by"], "login:ann", "why that account")
    matches(r"verp=single .*dkim=rsa:shop\.example domainkeys=rsa:shop\.example dkim=ed:shop\.example", line["did"], "did")


def test_accounts_in_redis(stage):
    """an account of Redis, found by From; a change acts within two seconds, without a reload"""
    daemon, ctl, keys = sending(stage)
    ctl("account", "add", "shop", "bounce_domain=b.shop.example", "dkim=rsa:shop.example", "--match",
            "from:@shop.example").must()
    time.sleep(1)
    send(stage, login=None)[1].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    matches(r"@b\.shop\.example$", mail.sender, "MAIL FROM")
    verified(stage, mail, keys, kinds=("rsa", "dk"))
    ctl("account", "set", "shop", "bounce_domain=c.shop.example").must()
    time.sleep(1.5)
    send(stage, login=None)[1].must_be_ok("the message")
    mail = stage.sink.wait(2)[1]
    matches(r"@c\.shop\.example$", mail.sender, "MAIL FROM after the change")


def test_five_return_paths(stage):
    """five recipients with XVERP: five return paths at the far end, each for its recipient"""
    _, ctl, _ = sending(stage, {"shop": SHOP})
    told, end = send(stage, letter(RCPTS), RCPTS, parameters=("XVERP",))
    end.must_be_ok("the message")
    mails = stage.sink.wait(5)
    for rcpt in RCPTS:
        mail = next(m for m in mails if m.rcpts == [rcpt])
        local, domain = rcpt.split("@")
        matches(r"^b-[a-z2-7]{48}\+%s=%s@b\.shop\.example$" % (local, re.escape(domain)), mail.sender, "MAIL FROM")
        out = ctl("token", "decode", mail.sender).must().out
        matches(re.escape(rcpt), out, "the recipient, from the return path")


def test_eightbit(stage):
    """8-bit parts and long lines become quoted-printable before signing, and verify behind a hop without 8BITMIME"""
    _, _, keys = sending(stage, {"shop": SHOP})
    body = ("--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\u00fc\u00dfe\n"
            "--x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<p>%s</p>\n--x--\n"
            % ("\u00e4 " * 2000))
    extra = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n"
    send(stage, letter(body=body, extra=extra))[1].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    verified(stage, mail, keys)
    check(all(len(line) <= 998 for line in mail.data.split(b"\r\n")), "no line is too long")
    check(max(mail.data) < 128, "there are 7 bits only", mail.data)
    parts = [p.get_payload(decode=True).decode() for p in mail.message.walk() if not p.is_multipart()]
    equal([p.replace("\r\n", "\n").strip() for p in parts],
          ["Gr\u00fc\u00dfe", "<p>%s</p>" % ("\u00e4 " * 2000)], "what the parts say")


def presigned(canonicalize="relaxed/relaxed", fields=signer.FIELDS):
    """A newsletter that Postfix would be asked to recode and track, with a signature of its sender's."""
    page = "<html><body><p>Gr\u00fc\u00dfe, <a href=\"https://other.example/sale\">sale</a></p></body></html>\n"
    extra = ("MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
             "X-Long: %s\n" % ("word " * 250))
    return signer.sign(letter(body=page, extra=extra), "other.example", canonicalize=canonicalize, fields=fields)


TRACKS = {**SHOP, "opens": True, "clicks": True}
THEIRS = ("other.example", signer.SELECTOR, "rsa-sha256")


def test_presigned_keep(stage):
    """mail that came signed is neither recoded nor tracked: its sender's signature verifies behind us, and ours on top"""
    daemon, _, keys = sending(stage, {"shop": TRACKS})
    keys.records["%s._domainkey.other.example" % signer.SELECTOR] = signer.key_record()
    vouched = (*signer.FIELDS, "sender", "feedback-id", "list-unsubscribe", "content-transfer-encoding")
    for canonicalize in ("relaxed/relaxed", "relaxed/simple", "simple/simple"):
        for fields in (signer.FIELDS, vouched):
            stage.sink.clear()
            data = presigned(canonicalize, fields)
            send(stage, data, parameters=("BODY=8BITMIME",))[1].must_be_ok("the message")
            mail = stage.sink.wait()[0]
            equal(mail.data.partition(b"\r\n\r\n")[2], data.partition(b"\r\n\r\n")[2], "the body")
            found = verify.dkimpy(mail.data, keys.records)
            equal(found.get(THEIRS), True, "the sender's %s signature, says dkimpy of\n%r" % (canonicalize, mail.data))
            equal(found.get((DOMAIN, "rsa", "rsa-sha256")), True, "ours, says dkimpy")
            verified(stage, mail, keys)
            added = 0 if fields is vouched else 1
            equal([len(mail.header(name)) for name in ("Feedback-ID", "List-Unsubscribe")], [added, added], "fields added")
    line = daemon.wait_message(account="shop")
    for word in ("track=presigned", "sevenbit=presigned", "fold=presigned"):
        check(word in line["skipped"], "the log says why: " + word, line)


def test_presigned_strip(stage):
    """… or its signatures go, and it is handled as any other"""
    daemon, ctl, keys = sending(stage, {"shop": {**TRACKS, "signed": "strip"}})
    data = b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=other.example; s=x; b=abc=\r\n" + presigned()
    send(stage, data, parameters=("BODY=8BITMIME",))[1].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    equal(set(verify.dkimpy(mail.data, keys.records)), {(DOMAIN, "rsa", "rsa-sha256"), (DOMAIN, "ed", "ed25519-sha256")},
          "whose signatures there are")
    equal(mail.header("ARC-Seal"), [], "ARC")
    verified(stage, mail, keys)
    check(max(mail.data) < 128, "there are 7 bits only", mail.data)
    line = daemon.wait_message(account="shop")
    matches(r"stripped=2 .*pixels=1 links=1 ", line["did"], "did")
    path = stage.world.write("signed.eml", data.decode())
    seen = ctl("--json", "preview", "--account", "shop", "--from", "ann@shop.example", "--rcpt", RCPTS[0], path).must().json()[0]
    equal((seen["did"], seen["skipped"]), (line["did"], line.get("skipped", "")), "what preview says")


def test_presigned_strip_unsigned(stage):
    """… unless none of ours takes their place: DNS does not show our key, and it leaves as it came"""
    names = serve(stage, txt("nobody.example", "x"))
    account = {**TRACKS, "signed": "strip"}
    daemon, _, keys = sending(stage, {"shop": account}, {"dns": {"resolver": names.where}}, require_dns=True)
    keys.records["%s._domainkey.other.example" % signer.SELECTOR] = signer.key_record()
    data = presigned()
    send(stage, data, parameters=("BODY=8BITMIME",))[1].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    equal(mail.data.partition(b"\r\n\r\n")[2], data.partition(b"\r\n\r\n")[2], "the body")
    equal(verify.dkimpy(mail.data, keys.records), {THEIRS: True}, "the signatures")
    equal(mail.header("Feedback-ID"), [], "Feedback-ID")
    line = daemon.wait_message(account="shop")
    matches(r"^message=not-signed dkim=\S+:not-in-dns", line["skipped"], "skipped")


def test_long_header(stage):
    """header lines that Postfix would break are folded before they are signed"""
    _, _, keys = sending(stage, {"shop": SHOP})
    rcpts = ["reader%d@far.example" % i for i in range(80)]
    extra = ("To: %s\nReferences: %s\n" % (", ".join(rcpts), " ".join("<%d@far.example>" % (i * 7919) for i in range(90))))
    text = re.sub(r"(?m)^To: .*\n", "", letter(), count=1)
    send(stage, extra + text)[1].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    verified(stage, mail, keys)
    equal(mail.header("To"), [", ".join(rcpts)], "To, unfolded")
    check(all(len(line) <= 998 for line in mail.data.split(b"\r\n")), "no line is too long")


def test_require_dns(stage):
    """require_dns: a key signs only when DNS shows it; after a rotation the old one goes on until then"""
    made = Keys(stage)
    ctl = Ctl(stage, {"outbound": made.settings()})
    if not os.path.exists(made.keyring):
        ctl("keyring", "new").must()
    made.make(ctl, "old", "--type", "rsa")
    made.make(ctl, "hid", "--type", "rsa")
    made.note(DOMAIN, "new", ctl("key", "rotate", DOMAIN, "old", "new", "--at", "+1s").must().out)
    time.sleep(1.5)
    names = serve(stage, "\n".join(txt(*record) for record in made.records.items() if record[0].startswith("old.")))
    account = {**SHOP, "dkim": ["old:" + DOMAIN, "hid:" + DOMAIN]}
    daemon, _, _ = sending(stage, {"shop": account}, {"dns": {"resolver": names.where}}, keys=(), require_dns=True)
    send(stage)[1].must_be_ok("the message")
    perl = verify.mail_dkim(stage.sink.wait()[0].data, made.records, stage.world)
    equal(sorted((key[0], key[2], result) for key, result in perl.items()),
          [("dkim", "old", "pass"), ("domainkeys", "old", "pass")], "the signatures")
    check("hid:shop.example:not-in-dns" in daemon.wait_message(account="shop")["skipped"], "the log says why")


def test_sendmail_command(stage):
    """sendmail(1) is signed, too; for who is suppressed it gets a bounce, and does not try for ever"""
    _, _, keys = sending(stage, {"shop": {**SHOP, "match": ["from:@shop.example"]}})
    stage.postfix.sendmail("ann@shop.example", RCPTS[0], letter())
    verified(stage, stage.sink.wait()[0], keys)
    stage.redis("HSET", "gp:supp:{shop}", RCPTS[1], "bounced 3 1700000000 1700000000 0")
    stage.postfix.sendmail("ann@shop.example", RCPTS[1], letter(RCPTS[1]))
    bounce = next(m for m in stage.sink.wait(2) if m.rcpts == ["ann@shop.example"])
    matches(r"recipient r2@far\.example suppressed: bounced 3 times", bounce.data.decode(), "the reason")


@limit(180)
def test_large(stage):
    """a message of 50 MB is signed, and costs the daemon at most 4 MB of memory"""
    # what a sanitizer keeps of memory that was given back is not the daemon's doing
    daemon, _, keys = sending(stage, {"shop": SHOP}, env={"ASAN_OPTIONS": "quarantine_size_mb=0:exitcode=99"})
    send(stage)[1].must_be_ok("a small one, before")
    before, peak = daemon.anon_kib(), []
    watching = threading.Event()

    def watch():
        while not watching.wait(0.02):
            peak.append(daemon.anon_kib())

    threading.Thread(target=watch, daemon=True).start()
    line = b"0123456789abcdef" * 4 + b"\r\n"
    head = letter(body="").replace("\n", "\r\n").encode()
    send(stage, head + line * (50 * 1000 * 1000 // len(line)))[1].must_be_ok("the large one")
    watching.set()
    grown = max(peak) - before
    mail = max(stage.sink.wait(2, 60), key=lambda m: len(m.data))
    check(len(mail.data) > 50_000_000, "it arrived whole", len(mail.data))
    verified(stage, mail, keys, kinds=("rsa", "dk"))
    print("# %d KiB more while 50 MB came in and were signed" % grown)
    check(grown <= 4096, "memory", "%d KiB" % grown)


def test_body_answers(stage):
    """who can do without an answer to each chunk of the body gets none, others do; what is signed is the same"""
    sending(stage, {"shop": SHOP})
    hashes = []
    for silent in (True, False):
        with Peer(stage.socket, protocol=ALL_PROTOCOL if silent else ALL_PROTOCOL & ~NO_ANSWER_TO_BODY) as peer:
            peer.open("198.51.100.9")
            peer.macros("M", i="4ABC", auth_authen="ann")
            peer.mail("ann@shop.example")
            peer.rcpt(RCPTS[0])
            peer.data()
            peer.header("From", " ann@shop.example")
            peer.eoh()
            answers = [peer.body(b"chunk %d, \t " % n * 5000).kind for n in range(20)]
            equal(answers, ["none" if silent else "continue"] * 20, "answers to the chunks")
            end = peer.end()
        equal(end.kind, "continue", "the end")
        hashes.append(re.findall(rb"bh=([^;]+);", b"".join(data for _, data in end.edits)))
    equal(len(hashes[0]), 2, "signed with both keys")
    equal(hashes[0], hashes[1], "hashes of the body")


# --- what is refused ---


def test_wrong_from(stage):
    """553 5.7.1 for a From that the account may not use"""
    sending(stage, {"shop": {**SHOP, "check_from": True, "from": ["@shop.example"]}})
    _, end = send(stage, letter(sender="boss@bank.example"))
    matches(r"^553 5\.7\.1 .*boss@bank\.example", str(end), "the answer")
    send(stage)[1].must_be_ok("its own From")


def test_suppressed(stage):
    """550 for who is suppressed, with the reason; the others of the message pass"""
    _, ctl, _ = sending(stage, {"shop": SHOP})
    stage.redis("HSET", "gp:supp:{shop}", RCPTS[1], "bounced 3 1700000000 1700000000 0 550 5.1.1 no such user")
    told, end = send(stage, letter(RCPTS[:3]), RCPTS[:3])
    equal([r.code for r in told], [250, 550, 250], "the answers")
    matches(r"550 5\.7\.1 .*recipient suppressed: bounced 3 times, last 2023-11-14", str(told[1]), "the reason")
    end.must_be_ok("the message")
    equal(sorted(stage.sink.wait()[0].rcpts), [RCPTS[0], RCPTS[2]], "who gets it")


def test_limits(stage):
    """451 above the rate; another account is not held up"""
    sending(stage, {"shop": {**SHOP, "rate": "1/h", "burst": 3}, "other": {"match": ["login:joe"]}})
    told = [send(stage)[0][0] for _ in range(5)]
    equal([r.code for r in told], [250, 250, 250, 451, 451], "the answers")
    matches(r"451 4\.7\.1 .*sending too fast, try again in \d+ s", str(told[3]), "the reason")
    send(stage, login="joe")[1].must_be_ok("the other's")


def test_one(stage):
    """recipients = one: 452 for the second; Postfix sends it again by itself"""
    sending(stage, {"shop": {**SHOP, "recipients": "one"}})
    told, end = send(stage, letter(RCPTS[:2]), RCPTS[:2])
    equal([r.code for r in told], [250, 452], "the answers")
    end.must_be_ok("the message")


# --- when something is wrong ---


def test_redis_down(stage):
    """Redis is away: known accounts go on, signed, with valid return paths; unknown ones follow on_error"""
    daemon, ctl, keys = sending(stage, on_error="tempfail")
    ctl("account", "add", "shop", "bounce_domain=b.shop.example", "dkim=rsa:shop.example", "--match",
            "login:ann").must()
    time.sleep(1)
    send(stage)[1].must_be_ok("before")
    stage.redis.kill()
    told, end = send(stage)
    end.must_be_ok("while Redis is away")
    mail = stage.sink.wait(2)[1]
    verified(stage, mail, keys, kinds=("rsa", "dk"))
    ctl("token", "decode", mail.sender).must()
    daemon.stop()
    daemon.start()
    told, _ = send(stage)
    equal(told[0].code, 451, "after a start without Redis, whose mail it is cannot be told")
    stage.redis.start()


def test_keys(stage):
    """keys that are missing, world-readable, of the wrong type, too small, encrypted: said once, and the mail leaves"""
    account = {**SHOP, "dkim": ["%s:%s" % (s, DOMAIN) for s in ("rsa", "open", "small", "locked", "none", "dsa", "public")]}
    daemon, ctl, keys = sending(stage, {"shop": account})
    daemon.stop()
    folder = os.path.join(keys.directory, DOMAIN)

    def openssl(name, *words, mode=0o600):
        path = os.path.join(folder, name + ".key")
        subprocess.run([program("openssl"), words[0], "-out", path, *words[1:]], check=True, capture_output=True, timeout=60)
        os.chmod(path, mode)

    openssl("open", "genrsa", "2048", mode=0o644)
    openssl("small", "genrsa", "512")
    openssl("locked", "genrsa", "-aes256", "-passout", "pass:x", "2048")
    openssl("dsa", "ecparam", "-name", "prime256v1", "-genkey")
    openssl("public", "rsa", "-in", os.path.join(folder, "rsa.key"), "-pubout")
    daemon.start()
    send(stage)[1].must_be_ok("the message")
    verified(stage, stage.sink.wait()[0], keys, kinds=("rsa", "dk"))
    line = daemon.wait_message(account="shop")
    for word in ("open:shop.example:world-readable", "small:shop.example:too-small", "locked:shop.example:encrypted",
                 "none:shop.example:no-key"):
        check(word in line["skipped"], word, line["skipped"])
    for name in ("open", "small", "locked", "dsa", "public"):
        check(any(name + ".key" in r.get("reason", "") for r in daemon.records(event="key")), "the log about " + name,
              daemon.log()[-3000:])


def test_key_changes(stage):
    """a key that changes under the running daemon signs from the next reload on"""
    daemon, ctl, keys = sending(stage, {"shop": SHOP})
    path = os.path.join(keys.directory, DOMAIN, "rsa.key")
    old = dict(keys.records)
    send(stage)[1].must_be_ok("before")
    os.rename(path, path + ".old")
    keys.make(ctl, "rsa", "--type", "rsa")
    send(stage)[1].must_be_ok("the file changed")
    daemon.reload()
    daemon.wait_record(RELOADED)
    send(stage)[1].must_be_ok("after a reload")
    first, second, third = stage.sink.wait(3)
    new = dict(keys.records)
    for mail, records in ((first, old), (second, old), (third, new)):
        keys.records = records
        verified(stage, mail, keys)


def test_no_keyring(stage):
    """without a keyring MAIL FROM stays, and the mail is signed"""
    daemon, _, keys = sending(stage, {"shop": SHOP})
    daemon.stop()
    os.unlink(keys.keyring)
    daemon.start()
    send(stage)[1].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    equal(mail.sender, "ann@shop.example", "MAIL FROM")
    verified(stage, mail, keys)
    check("verp=no-keyring" in daemon.wait_message(account="shop")["skipped"], "the log says why")


# --- what is remembered ---


def test_sent_log(stage):
    """each message is an event and a record: account, recipients, what was applied and what not"""
    _, ctl, _ = sending(stage, {"shop": SHOP})
    send(stage, letter(RCPTS[:2], extra="X-Gatepost-Tag: welcome\n"), RCPTS[:2])[1].must_be_ok("the message")
    wait_for("the event", lambda: stage.redis("EXISTS", "gp:ev:{shop}"))
    out = ctl("--json", "log", "--account", "shop").must().json()
    equal(len(out), 1, "events")
    event = out[0]
    for name, value in (("type", "sent"), ("account", "shop"), ("by", "login:ann"), ("nrcpt", 2), ("tag", "welcome")):
        equal(str(event[name]), str(value), name)
    for rcpt in RCPTS[:2]:
        equal(len(ctl("--json", "log", "--rcpt", rcpt).must().json()), 1, "by recipient")
        equal(stage.redis("HGET", "gp:msg:{shop}:" + event["msg"], "rcpt:" + rcpt), "sent", "his state")
    equal(ctl("--json", "log", "--rcpt", "nobody@far.example").must().json(), [], "of somebody else")


# --- Sendmail ---


@limit(180)
def test_sendmail(stage):
    """with Sendmail: account, signatures, MAIL FROM"""
    daemon, ctl, keys = sending(stage, {"shop": {**SHOP, "match": ["ip:203.0.113.7"]}})
    sendmail, sink = pair(stage)
    with sendmail.client("203.0.113.7") as c:
        c.send("ann@shop.example", RCPTS[0], letter()).end.must_be_ok("the message")
    mail = sink.wait()[0]
    matches(r"^b-[a-z2-7]{48}@b\.shop\.example$", mail.sender, "MAIL FROM")
    verified(stage, mail, keys)
    ctl("token", "decode", mail.sender).must()
    equal(daemon.wait_message(account="shop")["by"], "ip:203.0.113.7", "why that account")
    sink.clear()
    with sendmail.client("203.0.113.7") as c:
        bare = re.sub(r"(?m)^Date: .*\n", "", letter(), count=1)
        c.send("ann@shop.example", RCPTS[0], bare).end.must_be_ok("a message without a date")
    verified(stage, sink.wait()[0], keys)
