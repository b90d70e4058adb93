#!/usr/bin/env python3
"""Mail that leaves, judged where it arrives: every message of the corpora, through a real Postfix.

    tests/suites/outbound_judge.py BUILD DATA 8bit|7bit [track]

An account signs with RSA, Ed25519 and DomainKeys. The messages are those of DATA/mime, and the HTML of DATA/html as
DATA/../tools/make_eml.py wraps it; each gets a Sender of the account's, since DomainKeys asks for one. The far end
offers 8BITMIME, or does not, so that Postfix rewrites what it has to. There, Mail::DKIM judges RSA and DomainKeys, dkimpy
RSA and Ed25519. And what arrives must be what was sent, but for the fields that Postfix and we add: byte for byte, where
nothing had to be encoded anew. Every exception is named, with its reason. Exit status: 0, none that is not known; 1,
some; 77, nobody to judge.

track: each message is sent once more, by an account that signs in the same way, and tracks opens and clicks. What arrives of
the two is compared by DATA/../tools/mime_same.py, and mime_score.py talks to the daemon itself.
"""
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

BUILD, DATA, OFFERS = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3]
TRACKS = sys.argv[4:] == ["track"]
os.environ["GATEPOST_BUILD"] = str(BUILD)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import sign_judge  # pylint: disable=wrong-import-position
from harness import (Cannot, Failure, Gatepostd, Postfix, Redis, Sink, World, check, end_on_sigterm,  # pylint: disable=wrong-import-position
                     program, wait_for)

DOMAIN = "shop.example"
SENDER = "ann@" + DOMAIN
TRACK_DOMAIN = "t." + DOMAIN
BASE = "https://%s/" % TRACK_DOMAIN
# One connection carries so many: as a client that has much to send.
PER_SESSION = 50
WAIT_S = 60
MISSES_SHOWN = 30

SIGNATURES = {"rsa", "ed25519", "domainkeys"}

# {message: ({what}, reason)}: what cannot be otherwise.
KNOWN = {
    "mime/mime4j/testmsgs__very-very-long-boundary.msg": (
        SIGNATURES | {"bytes"},
        "a boundary of 7,000 characters: no encoding makes its lines shorter, and Postfix breaks those above 998"),
    "mime/flanker/long-header.eml": ({"bytes"}, "a Subject of 213 KB, which Postfix cuts before it is signed"),
}

# The same, when the far end has no 8BITMIME.
KNOWN_7BIT = {
    "mime/mail-parser/malformed__021.eml": (
        SIGNATURES, "8 bits in front of the first part of a multipart, which nothing can label; skipped=sevenbit=between"),
    "mime/mail-parser/thirdparty__006.eml": (
        SIGNATURES | {"bytes"}, "multipart/signed with a part called binary: to encode it would break its own signature, "
        "and Postfix does so; skipped=sevenbit=signed"),
    "mime/mailauth/message3.eml": (
        SIGNATURES | {"bytes"}, "it came signed by its sender, with an 8-bit part: to encode it would break that "
        "signature, and Postfix does so; sevenbit=presigned"),
}
if OFFERS == "7bit":
    KNOWN.update(KNOWN_7BIT)

# What mime_score.py says of messages that come to the daemon without an MTA before it.
KNOWN_SCORE = {
    "mime/mime4j/testmsgs__very-very-long-boundary.msg":
        "the line with the boundary of 7,000 characters is folded at its blanks, which Python takes for another boundary",
    "mime/mime4j/mimetools-testmsgs__2002_06_12_doublebound.msg":
        "8 bits in an attachment: written in quoted-printable before it is signed, and says the same",
    "mime/flanker/long-header.eml": "a Subject of 213 KB, which libmilter does not take from an MTA",
    "mime/zbateson/m0009.txt": "a header line of 4 KB, folded at its blanks before it is signed",
}

# All that it says of a part that is not safe to travel, and is written anew before it is signed, tracked or not; cut where it
# cuts its lines.
RELABELLED = re.compile(r"(?:/\S+: headers changed: gone \[(?:'Content-Transfer-Encoding')?\] "
                        r"new \[\('Content-Transfer-Encoding', '(?:7bit|quoted-printable|base64)'\)\](?:; |$))+")
SCORE_CUT = 300

# Fields that are ours, and those that Postfix adds.
ADDED = {b"received", b"dkim-signature", b"domainkey-signature", b"x-gatepost-id"}


def header_ended(data):
    """A line that is no header field ends the header: there Postfix puts the empty line that is missing."""
    head, sep, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    at = next((i for i, line in enumerate(lines) if not re.match(rb"[!-9;-~]+[ \t]*:|[ \t]", line)), len(lines))
    if at == len(lines):
        return data
    return b"\r\n".join(lines[:at] + [b""] + lines[at:]) + sep + body


def prepared(path):
    """The message as a client sends it: lines end in CRLF, without the "From " of an mbox and blank lines before its
    header, with our Sender on top."""
    data = path.read_bytes()
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    data = header_ended(re.sub(rb"\r*\n", b"\r\n", data.lstrip(b" \t\r\n")))
    head, sep, body = data.partition(b"\r\n\r\n")
    head = re.sub(rb"(?im)^Sender:.*\r\n(?:[ \t].*\r\n)*", b"", head + b"\r\n")
    more = b"" if re.search(rb"(?im)^From[ \t]*:", head) else b"From: " + SENDER.encode() + b"\r\n"
    data = b"Sender: " + SENDER.encode() + b"\r\n" + more + head + sep[2:] + body
    return data if data.endswith(b"\r\n") else data.rstrip(b"\r") + b"\r\n"


def messages(folder):
    """{recipient's local part: (name, data)}"""
    found = {}
    subprocess.run([sys.executable, str(DATA.parent / "tools/make_eml.py"), str(DATA / "html"), str(folder)], check=True,
                   capture_output=True)
    paths = [p for p in sorted(DATA.glob("mime/**/*")) if p.is_file() and p.suffix not in (".md", ".tsv")]
    for path in paths + sorted(folder.iterdir()):
        top = DATA if path.is_relative_to(DATA) else folder.parent
        found["m%04d" % len(found)] = (str(path.relative_to(top)), prepared(path))
    return found


class Scene:
    """The servers, the account and its keys."""

    def __init__(self):
        self.world = World("gatepost-suite-")
        self.redis = Redis(self.world)
        self.sink = Sink(self.world, eightbit=OFFERS == "8bit")
        socket = "unix:" + self.world.path("gp.sock")
        keys = self.world.path("keys")
        account = {"mail_from": "keep", "dkim": ["rsa:" + DOMAIN, "ed:" + DOMAIN], "id_header": "off" if TRACKS else "X-Gatepost-ID"}
        self.socket = socket
        self.daemon = Gatepostd(self.world, self.redis, {
            "outbound": {"keys": keys, "keyring": self.world.path("keyring")},
            "account shop": {**account, "match": ["login:ann"]},
            "account track": {**account, "match": ["login:tom"], "opens": True, "clicks": True, "track_domain": TRACK_DOMAIN},
        }, listen=socket, start=False)
        self.records = ""
        self.ctl("keyring", "new")
        for selector, kind in (("rsa", "rsa"), ("ed", "ed25519")):
            out = self.ctl("key", "new", DOMAIN, selector, "--type", kind)
            public = re.search(r"v=DKIM1[^\n]*?p=([A-Za-z0-9+/=]+)", out).group(1)
            self.records += "%s._domainkey.%s v=DKIM1; k=%s; p=%s\n" % (selector, DOMAIN, kind, public)
        self.daemon.start()
        # it shall change nothing by itself: what changes is our doing then, or the far end's
        self.postfix = Postfix(self.world, self.sink, socket,
                               extra=("local_header_rewrite_clients =", "message_drop_headers ="))

    def ctl(self, *words):
        done = subprocess.run([program("gatepostctl", str(BUILD)), "-c", self.daemon.conf, *words], capture_output=True,
                              text=True, timeout=60, check=False)
        check(done.returncode == 0, "gatepostctl %s" % (words,), done.stderr)
        return done.stdout

    def send(self, mails, login="ann"):
        """All of them; {recipient: why it was refused}"""
        refused = {}
        items = list(mails.items())
        for at in range(0, len(items), PER_SESSION):
            with self.postfix.client(login=login) as client:
                for to, (_, data) in items[at:at + PER_SESSION]:
                    told = self.send_one(client, to, data)
                    if not told.ok:
                        refused[to] = str(told)
                        client.command("RSET")
        return refused

    @staticmethod
    def send_one(client, to, data):
        body = "BODY=8BITMIME" if max(data) > 127 else "BODY=7BIT"
        for told in (client.mail(SENDER, body), client.rcpt("%s@far.example" % to), client.data()):
            if not told.ok:
                return told
        return client.message(data)

    def arrived(self, count):
        """{recipient: data}"""
        wait_for("%d messages at the far end" % count, lambda: len(self.sink.messages) >= count, WAIT_S)
        return {m.rcpts[0].partition("@")[0]: m.data for m in self.sink.messages}

    def did(self, account="shop"):
        """{recipient: (did, skipped)} of the log"""
        return {r["to"].partition("@")[0]: (r.get("did", ""), r.get("skipped", ""))
                for r in self.daemon.messages(account=account) if "to" in r}


# --- bytes ---


def taken_apart(data):
    """([field with its folds], body)"""
    head, _, body = data.partition(b"\r\n\r\n")
    return re.split(rb"\r\n(?![ \t])", head), body


def own_fields(data):
    """The fields that are neither ours nor the MTA's: those on top of the client's own."""
    fields, body = taken_apart(data)
    at = next((i for i, f in enumerate(fields) if f.startswith(b"Sender:")), 0)
    return fields[:at], fields[at:], body


def bytes_differ(sent, got):
    """Where what arrived is not what was sent; None when it is."""
    added, fields, body = own_fields(got)
    others = {f.partition(b":")[0].strip().lower() for f in added} - ADDED
    if others:
        return "added: %s" % others
    want_fields, want_body = taken_apart(sent)
    if fields != want_fields:
        return "the header: " + first_of(fields, want_fields)
    return None if body == want_body else "the body: " + first_of(body.split(b"\n"), want_body.split(b"\n"))


def first_of(got, want):
    at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
    return "%r, not %r" % tuple((v[at][:100] if at < len(v) else None) for v in (got, want))


# --- the verdict ---


class Tally:
    def __init__(self, names):
        self.names = names
        self.unknown = 0
        self.shown = 0

    def miss(self, what, to, reason):
        name = self.names[to]
        kinds, reason_known = KNOWN.get(name, ((), None))
        why = reason_known if what in kinds else KNOWN_SCORE.get(name) if what == "score" else None
        self.unknown += why is None
        self.shown += 1
        if self.shown <= MISSES_SHOWN:
            print("# %s %s, %s: %s" % ("known" if why else "WRONG", what, name, why or reason))


def signatures_judge(folder, arrived, told, tally):
    """Prints a line for each verifier; True when there was one."""
    signed = {to: did for to, (did, _) in told.items() if to in arrived}
    kinds = {"rsa": ("DKIM", "rsa-sha256", "dkim=rsa:"), "domainkeys": ("DK", "rsa-sha1", "domainkeys=rsa:"),
             "ed25519": ("DKIM", "ed25519-sha256", "dkim=ed:")}
    for to in sorted(arrived):
        for what, (_, _, word) in kinds.items():
            if word not in signed.get(to, ""):
                tally.miss(what, to, "not signed: " + told.get(to, ("", "not in the log"))[1])
    tools = DATA.parent / "tools"
    judged = False
    for name, command, able in (
            ("Mail::DKIM", ["perl", str(tools / "verify_dk_dkim.pl"), "--keys", "keys"], ("rsa", "domainkeys")),
            ("dkimpy", ["/usr/bin/python3", "-c", sign_judge.DKIMPY], ("rsa", "ed25519"))):
        wanted = {(to, what) for to, did in signed.items() for what in able if kinds[what][2] in did}
        verdict = sign_judge.judge(name, command, sorted(arrived), wanted, folder)
        if verdict is None:
            print("# %s is not installed: nobody judged %s" % (name, " and ".join(able)))
            continue
        judged = True
        passed, detail = verdict
        missed = [(to, what) for to, what in sorted(wanted) if (to, *kinds[what][:2]) not in passed]
        for to, what in missed:
            tally.miss(what, to, "%s: %s" % (name, detail.get((to, *kinds[what][:2]), "not found")))
        print("# %s: %d of %d signatures pass (%s)" % (name, len(wanted) - len(missed), len(wanted), ", ".join(able)))
    return judged


def bytes_judge(mails, arrived, told, tally):
    same = encoded = 0
    for to in sorted(arrived):
        if "sevenbit=" in told.get(to, ("", ""))[0]:
            encoded += 1
            continue
        why = bytes_differ(mails[to][1], arrived[to])
        same += why is None
        if why is not None:
            tally.miss("bytes", to, why)
    print("# %d arrived byte for byte as they were sent, below what was added; %d were encoded anew before signing"
          % (same, encoded))


def judge(folder):
    (folder / "html").mkdir()
    (folder / "out").mkdir()
    return track_judge(folder) if TRACKS else plain_judge(folder)


def plain_judge(folder):
    mails = messages(folder / "html")
    scene = Scene()
    try:
        refused = scene.send(mails)
        tally = Tally({to: name for to, (name, _) in mails.items()})
        for to, reason in refused.items():
            tally.miss("sending", to, reason)
        arrived = scene.arrived(len(mails) - len(refused))
        told = scene.did()
        (folder / "out/keys").write_text(scene.records)
        for to, data in arrived.items():
            (folder / "out" / to).write_bytes(data)
        print("# %d messages of %d, the far end offers %s" % (len(arrived), len(mails), OFFERS))
        judged = signatures_judge(folder / "out", arrived, told, tally)
        bytes_judge(mails, arrived, told, tally)
        scene.daemon.stop()
    finally:
        scene.world.close()
    print("# %d misses, %d of them not known" % (tally.shown, tally.unknown))
    if not judged:
        return 77
    return 1 if tally.unknown else 0


# --- with tracking ---


def as_sent(data):
    """Without the fields that Postfix and we put on top."""
    _, fields, body = own_fields(data)
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


def tool(name, *words):
    done = subprocess.run([sys.executable, str(DATA.parent / "tools" / name), *map(str, words)], capture_output=True, text=True,
                          errors="replace", check=False)
    return done.stdout.splitlines() or done.stderr.splitlines()[-1:] or ["says nothing"]


def counts_print(told):
    """What was tracked, and what was not, by reason, as the log has it."""
    counts, skipped = Counter(messages=len(told)), Counter()
    for did, why in told.values():
        words = dict(word.split("=", 1) for word in did.split() if "=" in word)
        counts["tracked"] += "pixels" in words or "links" in words
        counts["pixels"] += int(words.get("pixels", 0))
        counts["links"] += int(words.get("links", 0))
        skipped.update(word for word in why.split() if word.startswith(("part=", "track=")))
    print("# " + ", ".join("%s %d" % item for item in counts.items()))
    print("# messages with a part skipped: " + ", ".join("%s %d" % item for item in skipped.most_common()))


def same_judge(folder, names, arrived, tally):
    """mime_same.py of the message that was not tracked, and the one that was."""
    (folder / "before").mkdir()
    (folder / "after").mkdir()
    for to in names:
        if to in arrived and "t" + to in arrived:
            (folder / "before" / to).write_bytes(as_sent(arrived[to]))
            (folder / "after" / to).write_bytes(as_sent(arrived["t" + to]))
    lines = tool("mime_same.py", "--base", BASE, "--dirs", folder / "before", folder / "after")
    for at, line in enumerate(lines):
        if "\tDIFF" in line:
            to = Path(line.partition("\t")[0]).name
            tally.miss("tracking", to, " ".join(lines[at:at + 3])[:300])
    if not lines[-1].startswith("TOTAL"):
        raise Failure("mime_same.py: " + lines[-1])
    print("# mime_same.py: " + lines[-1])


def score_judge(folder, scene, tally):
    """mime_score.py, which talks to the daemon as an MTA does, and verifies both signatures."""
    lines = tool("mime_score.py", scene.socket, DATA / "mime", "--base", BASE, "--auth", "tom", "--from", SENDER,
                 "--rewrite-from", "--allow", "content-transfer-encoding", "--allow", "mime-version",
                 "--keys", folder / "out/keys")
    relabelled = 0
    for line in lines:
        if not line.startswith("BROKE "):
            continue
        name, _, why = line[len("BROKE "):].partition(": ")
        rest = RELABELLED.sub("", why)
        if rest == "" or (rest != why and len(why) == SCORE_CUT):
            relabelled += 1
            continue
        tally.names.setdefault("mime/" + name, "mime/" + name)
        tally.miss("score", "mime/" + name, why)
    if not lines[-1].startswith("ALL"):
        raise Failure("mime_score.py: " + lines[-1])
    print("# mime_score.py: %s; of those not OK %d have another label of a part that was written anew, and nothing else"
          % (" ".join(lines[-1].split()), relabelled))


def track_judge(folder):
    mails = messages(folder / "html")
    scene = Scene()
    try:
        tracked = {"t" + to: mail for to, mail in mails.items()}
        tally = Tally({to: name for to, (name, _) in [*mails.items(), *tracked.items()]})
        refused = {**scene.send(mails), **scene.send(tracked, "tom")}
        for to, reason in refused.items():
            tally.miss("sending", to, reason)
        arrived = scene.arrived(2 * len(mails) - len(refused))
        told = scene.did("track")
        (folder / "out/keys").write_text(scene.records)
        for to in tracked.keys() & arrived.keys():
            (folder / "out" / to).write_bytes(arrived[to])
        print("# %d messages of %d, each with tracking and without; the far end offers %s"
              % (len(arrived) // 2, len(mails), OFFERS))
        counts_print(told)
        judged = signatures_judge(folder / "out", {to: arrived[to] for to in tracked if to in arrived}, told, tally)
        same_judge(folder, mails, arrived, tally)
        if OFFERS == "8bit":
            score_judge(folder, scene, tally)
        scene.daemon.stop()
    finally:
        scene.world.close()
    print("# %d misses, %d of them not known" % (tally.shown, tally.unknown))
    if not judged:
        return 77
    return 1 if tally.unknown else 0


def main():
    end_on_sigterm()
    with tempfile.TemporaryDirectory() as folder:
        try:
            return judge(Path(folder))
        except Cannot as reason:
            print("# %s" % reason)
            return 77
        except Failure as reason:
            print("\n".join("# " + line for line in str(reason).splitlines()))
            return 1


if __name__ == "__main__":
    sys.exit(main())
