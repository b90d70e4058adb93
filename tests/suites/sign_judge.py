#!/usr/bin/env python3
"""What others say of what gatepost signed: every message of the MIME corpora, by verifiers that share no code with it.

    tests/suites/sign_judge.py PROGRAM DATA

PROGRAM (tests/suites/sign) signs DATA/mime with fresh keys, RSA, Ed25519 and DomainKeys, into a folder of our own.
Mail::DKIM (libmail-dkim-perl) and dkimpy (python3-dkim with python3-nacl) verify, and verify_dk_dkim.py of DATA/../tools,
which speaks RSA with the standard library alone. TAP; every message that a verifier does not pass is named. Exit status
0: none but what is known and explained; 1: some; 77: nothing to judge, or nobody to do so.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

# What a verifier cannot do, and we cannot help: (verifier, message, reason).
KNOWN = []

# Named at most, of one verifier.
MISSES_SHOWN = 20

# dkimpy is of Debian's python3; another may come first in PATH.
DKIMPY = r"""
import sys, dkim
records = dict(line.rstrip("\n").split(" ", 1) for line in open("keys"))
def txt(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    return records[name.rstrip(".")].encode()
for file in sys.argv[1:]:
    message = dkim.DKIM(open(file, "rb").read(), minkey=1024)
    count = sum(1 for name, _ in message.headers if name.lower() == b"dkim-signature")
    for i in range(count):
        domain = selector = b""
        try:
            result = "pass" if message.verify(idx=i, dnsfunc=txt) else "fail"
            detail = ""
        except Exception as error:
            result, detail = "error", repr(error).replace("\t", " ")
        fields = getattr(message, "signature_fields", None) or {}
        print(file, i + 1, "DKIM", fields.get(b"d", b"").decode(), fields.get(b"s", b"").decode(),
              fields.get(b"a", b"").decode(), "", result, detail, sep="\t")
"""


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    return [line.split("\t") for line in done.stdout.splitlines()], done.stderr.strip()


def judge(name, command, messages, wanted, folder):
    """Counts (message, kind and algorithm) of wanted that this verifier passes; None when it cannot run."""
    lines, said = [], ""
    for at in range(0, len(messages), 100):
        some, said = run([*command, *messages[at:at + 100]], folder)
        lines += some
    if not lines:
        print(f"# {name}: {said.splitlines()[-1] if said else 'says nothing'}")
        return None
    passed = {(line[0], line[2], line[5]) for line in lines if len(line) > 7 and line[3] == "shop.example" and line[7] == "pass"}
    detail = {(line[0], line[2], line[5]): "\t".join(line[7:]) for line in lines
              if len(line) > 7 and line[3] in ("shop.example", "")}
    return passed, detail


def report(number, name, verdict, wanted, names):
    if verdict is None:
        print(f"ok {number} - sign {name} # SKIP it is not installed")
        return True
    passed, detail = verdict
    missed = sorted(wanted - passed)
    known = 0
    for at, (file, kind, algorithm) in enumerate(missed):
        why = next((reason for who, what, reason in KNOWN if who == name and what == names[file]), None)
        known += why is not None
        if at >= MISSES_SHOWN:
            continue
        print(f"# {name} {'known' if why else 'WRONG'}, {names[file]} {kind} {algorithm}: "
              f"{why or detail.get((file, kind, algorithm), 'not found')}")
    good = known == len(missed) and wanted
    print(f"{'ok' if good else 'not ok'} {number} - sign {name}: {len(wanted) - len(missed)} of {len(wanted)} pass, {known} known")
    return good


def main():
    program, data = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    tools = data.parent / "tools"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, data, folder], capture_output=True, check=False)
        names, without = {}, {}
        for line in (Path(folder) / "list.tsv").read_text(errors="replace").splitlines():
            file, name, reason = line.split("\t")
            names[file] = name
            if reason:
                without[file] = reason
        if not names:
            return 77
        rsa = {(file, "DKIM", "rsa-sha256") for file in names}
        ed25519 = {(file, "DKIM", "ed25519-sha256") for file in names}
        domainkeys = {(file, "DK", "rsa-sha1") for file in names if file not in without}
        for file, reason in without.items():
            print(f"# no DomainKeys, {names[file]}: {reason}")
        # Mail::DKIM learned Ed25519 after Debian 12's version
        steps = [
            ("Mail::DKIM", ["perl", tools / "verify_dk_dkim.pl", "--keys", "keys"], rsa | domainkeys),
            ("dkimpy", ["/usr/bin/python3", "-c", DKIMPY], rsa | ed25519),
            ("the standard library", [sys.executable, tools / "verify_dk_dkim.py", "--keys", "keys"], rsa | domainkeys),
        ]
        print(f"1..{len(steps)}")
        verdicts = [judge(name, command, sorted(names), wanted, folder) for name, command, wanted in steps]
        good = [report(number, name, verdict, wanted, names)
                for number, ((name, _, wanted), verdict) in enumerate(zip(steps, verdicts), 1)]
    if all(verdict is None for verdict in verdicts):
        return 77
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
