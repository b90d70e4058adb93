"""Steps in which the judges beside the data play MTA and DNS for the real programs.

Each has a floor: so many were right once, so it shall not become fewer. The misses that are known
are explained here; what is not known is a failure as soon as the count tells.
"""
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from step import Failed, Skipped, comment, files_needed, lines_of

ID = "mx.example.org"

# Nothing is refused, so that every message gets its Authentication-Results.
CONFIGURATION = """
milter {{
	listen = unix:{folder}/milter
	stop_timeout = 5s
}}
log {{
	level = info
}}
redis {{
	server = unix:{folder}/no-redis
}}
dns {{
	resolver = 127.0.0.1@53
}}
inbound {{
	submit_networks = {{}}
}}
greylist {{
	mode = off
}}
authentication_results {{
	id = {id}
}}
verdicts {{
	keep = 0
}}
score {{
	smtp_block = 0
	low = 0
	medium = 0
	high = 0
}}
dmarc {{
	on_reject = none
	on_quarantine = none
}}
"""

LINES_MAX = 50  # of a judge

# What is run beside the DNS server: gatepostd of $1, its files in $2; what is left is the judge.
# Its own exit status is what counts: it tells whether a sanitizer complained at the end.
SESSION = """
"$1" -f -c "$2/milter.conf" 2>"$2/log" & daemon=$!
socket=$2/milter; shift 2
until [ -S "$socket" ] || ! kill -0 $daemon 2>/dev/null; do sleep 0.1; done
if [ -S "$socket" ]; then "$@"; kill $daemon; fi
wait $daemon
"""


def namespace_needed():
    if os.geteuid() != 0:
        raise Skipped("the judges have a DNS server on port 53 in a network namespace: only as root")
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            raise Skipped(f"no {tool}, of the package {package}")
    lines, status = lines_of(["unshare", "-n", "-m", "--propagation", "private", "true"])
    if status != 0:
        raise Skipped(f"no network namespace here: {' '.join(lines)}")


def configuration_write(folder, own=ID):
    path = Path(folder) / "milter.conf"
    path.write_text(CONFIGURATION.format(folder=folder, id=own))
    return str(path)


def program_needed(path):
    if not path.exists():
        raise Failed(f"{path} was not built")
    return str(path)


def log_tail(folder):
    """From where a sanitizer complains, or else the last of it."""
    path = Path(folder, "log")
    log = path.read_text(errors="replace").splitlines() if path.exists() else []
    first = [i for i, line in enumerate(log) if re.search(r"ERROR: \w+Sanitizer|: runtime error: ", line)]
    return log[first[0]:][:40] if first else log[-10:]


def session(where, folder, zone, tool, *arguments):
    """What a judge says of gatepostd, whose socket is its first argument."""
    lines, status = lines_of([
        str(where.tools / "with_dns.sh"), str(zone), "sh", "-c", SESSION, "sh",
        program_needed(where.build / "gatepostd"), folder,
        sys.executable, str(where.tools / tool), f"unix:{folder}/milter", *map(str, arguments)])
    if status != 0:
        for line in lines[-10:] + log_tail(folder):
            comment(line)
        raise Failed(f"gatepostd ended with status {status}")
    return lines


def misses_print(lines, known):
    """What the judge says of each miss, and why it is one."""
    for line in lines[:LINES_MAX]:
        comment(line)
        for name, why in known.items():
            if name in line:
                comment(f"  known: {why}")
    if len(lines) > LINES_MAX:
        comment(f"and {len(lines) - LINES_MAX} lines more")


def floors_hold(right, floor):
    below = [f"{name} {right[name]} instead of {least}" for name, least in floor.items() if right[name] < least]
    if below:
        raise Failed(f"fewer right than before: {', '.join(below)}")


@dataclass
class SpfSuite:
    """`gatepostctl spf` by spf_score.py."""
    name: str
    suite: str
    floor: int
    known: dict = field(default_factory=dict)

    def run(self, where):
        files_needed(where, [where.data / self.suite, where.tools / "spf_score.py"] if where.data else [])
        namespace_needed()
        with tempfile.TemporaryDirectory() as folder:
            lines = self.judge(where, folder)
        counts = re.match(r"(\d+) of (\d+) right", lines[-1]) if lines else None
        misses_print(lines, self.known)
        if counts is None:
            raise Failed("the judge did not come to an end")
        floors_hold({"right": int(counts[1])}, {"right": self.floor})
        return f": {counts[0]}"

    def judge(self, where, folder):
        ctl = shlex.join([program_needed(where.build / "gatepostctl"), "-c", configuration_write(folder), "spf"])
        lines, _ = lines_of([sys.executable, str(where.tools / "spf_score.py"), str(where.data / self.suite), "--cmd",
                             ctl + " {ip} {mailfrom} {helo}"])
        return lines


@dataclass
class AuthSuite:
    """The Authentication-Results of gatepostd by auth_score.py; once for each of the zones, which
    have different records of the same names."""
    name: str
    suite: str
    cases: str
    zones: str
    floor: dict
    known: dict = field(default_factory=dict)

    def run(self, where):
        files_needed(where, [where.data / self.cases, where.tools / "auth_score.py"] if where.data else [])
        zones = sorted(where.data.glob(self.zones))
        if not zones:
            raise Skipped(f"not there: {where.data / self.zones}")
        namespace_needed()
        totals = Counter()
        for zone in zones:
            totals += self.judge(where, zone)
        return self.verdict(totals)

    def judge(self, where, zone):
        with tempfile.TemporaryDirectory() as folder:
            configuration_write(folder)
            lines = session(where, folder, zone, "auth_score.py", self.suite, where.data / self.cases, "--zone", zone,
                            "--authserv", ID)
        total = [line[len("TOTAL "):] for line in lines if line.startswith("TOTAL ")]
        misses_print([line for line in lines if not line.startswith("TOTAL ")], self.known)
        if not total:
            raise Failed("the judge did not come to an end")
        return Counter({name: int(n) for name, n in re.findall(r"(\w[\w ]*)=(\d+)", total[0])})

    def verdict(self, totals):
        methods = sorted(name[:-len(" total")] for name in totals if name.endswith(" total"))
        right = {method: totals[f"{method} right"] for method in methods}
        for fault in ("error", "no header", "unparsable", "authres refuses", "forged kept"):
            if totals[fault]:
                raise Failed(f"{fault}: {totals[fault]} of {totals['cases']}")
        counts = ", ".join(f"{method} {right[method]} of {totals[f'{method} total']} right" for method in methods)
        floors_hold(Counter(right), self.floor)
        return f": {counts}"


def fields_of(path):
    """The values of the Authentication-Results fields, each in one line."""
    header = re.split(rb"\r?\n\r?\n", path.read_bytes(), maxsplit=1)[0].decode("latin-1")
    values = re.findall(r"^Authentication-Results:(.*(?:\n[ \t].*)*)", header.replace("\r", ""), re.M | re.I)
    return [re.sub(r"\n[ \t]*", " ", value).strip() for value in values]


def owner_of(value):
    return re.match(r"[^\s;]*", value)[0].lower()


@dataclass
class ForgedSuite:
    """Messages that have Authentication-Results fields already: those in our name go, and those in
    nobody's; the others stay as they are."""
    name: str
    messages: str
    own: str
    floor: int

    def run(self, where):
        files_needed(where, [where.tools / "milter_client.py"] if where.data else [])
        messages = sorted(where.data.glob(self.messages))
        if not messages:
            raise Skipped(f"not there: {where.data / self.messages}")
        namespace_needed()
        with tempfile.TemporaryDirectory() as folder:
            configuration_write(folder, self.own)
            zone = Path(folder) / "zone"
            zone.touch()
            session(where, folder, zone, "milter_client.py", "--outdir", folder, *messages)
            right = sum(self.is_right(message, Path(folder) / message.name) for message in messages)
        floors_hold(Counter(right=right), {"right": self.floor})
        return f": {right} of {len(messages)} messages right"

    def is_right(self, before, after):
        want = [f for f in fields_of(before) if self.is_others(f)]
        got = fields_of(after) if after.exists() else []
        good = got[1:] == want and owner_of(got[0]) == self.own if got else False
        if not good:
            comment(f"WRONG {before.name}: left are {got}")
        return good

    def is_others(self, value):
        return "=" not in owner_of(value) and owner_of(value) != self.own


STEPS = [
    SpfSuite("SPF: RFC 7208, by gatepostctl", "spf/rfc7208.json", 203),
    AuthSuite("SPF, DKIM and DMARC, by gatepostd", "authmilter", "dmarc/authmilter/cases.tsv",
              "dmarc/authmilter/zonefile", {"spf": 18, "dkim": 17, "dmarc": 18}, {
                  "DMARC Reject DKIM Whitelisted": "signed with rsa-sha1, which no longer counts (RFC 8301)",
              }),
    AuthSuite("DKIM: signed messages, by gatepostd", "dkim", "dkim/expect.tsv", "dkim/*.keys", {"dkim": 21}, {
        "james-jdkim/gamma_gmail.com.eml": "as in Postfix, its header ends where an mbox has \"From \", at the top",
    }),
    ForgedSuite("Authentication-Results: forged ones", "authres/lieser/*.eml", "example.net", 21),
]
