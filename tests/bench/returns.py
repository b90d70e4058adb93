"""returns.py - the part "returns" of run.py: what it costs to read a bounce and to record it, and what to
refuse a forged one, beside a message that is accepted.

Messages leave first, each to a recipient of its own, so that there are return paths; then bounces come to
them, each once: a second time it would be known already, and cheaper.
"""
import os
import random
import statistics
import sys
import time

from outbound import keys_make
from servers import Failed, GREY_ONLY, binary, load, redis_ask

BOUNCES = "b.mailer.outside.example"
# (kind, bytes of the whole message); 0: the recipient is refused
SIZES = {"2 KB": 2048, "200 KB": 200 * 1024}
ACCEPTED, FORGED, AGAIN = "accepted", "forged", "again"

HEAD = ("From: MAILER-DAEMON@mx.insides.example\r\nTo: sender@mailer.outside.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nDate: Sat, 21 Nov 2026 11:00:00 +0000\r\n"
        "Message-ID: <1@mx.insides.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b0\"\r\n\r\n")
PARTS = ("--b0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host mx.insides.example.\r\n\r\n"
         "<maria@office.insides.example>: host 192.0.2.25 said: 550 5.1.1 no such user here\r\n\r\n"
         "--b0\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.insides.example\r\n\r\n"
         "Final-Recipient: rfc822; maria@office.insides.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
         "Remote-MTA: dns; 192.0.2.25\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user here\r\n\r\n"
         "--b0\r\nContent-Type: message/rfc822\r\n\r\nFrom: peter@mailer.outside.example\r\nSubject: Figures\r\n\r\n")
END = "\r\n--b0--\r\n"
LINE = "Whatever you wanted to know of our new figures is said in this letter.\r\n"


def bounce_text(size):
    """A notification as Postfix writes it, with so much of the mail that it is of the size."""
    more = max(size - len(HEAD + PARTS + END), 0)
    return HEAD + PARTS + (LINE * (more // len(LINE) + 1))[:more] + END


def forged_paths(n):
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    made = random.Random(1)
    return [f"b-{''.join(made.choices(letters, k=48))}@{BOUNCES}" for _ in range(n)]


class Returns:
    """Bounces of 2 KB and 200 KB, read, and recorded in Redis; forged ones; and messages that are accepted."""

    name = "returns"

    def __init__(self, o, servers):
        here = os.path.dirname(os.path.abspath(__file__))
        build = os.path.join(os.path.dirname(os.path.dirname(here)), "build")
        folders = o.bin or [build, os.path.join(build, "tests/bench")]
        self.o, self.servers = o, servers
        self.sessions = [int(n) for n in (o.sessions or "1,16").split(",")]
        self.messages = max(o.decisions // 10, 200)
        self.load = binary(folders, "milterload")
        daemon = os.path.abspath(o.gatepostd) if o.gatepostd else binary(folders, "gatepostd")
        self.redis = servers.redis()
        keys_make(servers, binary([os.path.dirname(daemon), *folders], "gatepostctl"))
        # a message that is accepted is one that nothing judges but greylisting, which is off for it
        self.ours = servers.gatepostd(daemon, more=GREY_ONLY + (
            f'outbound {{\n\tkeyring = "{servers.path("keyring")}"\n}}\n'
            f'inbound {{ optout = {{ "office.insides.example" }} }}\n'
            f'account all {{ match = {{ "login:all" }}  bounce_domain = {BOUNCES} }}\n'))
        self.rest_kb = {self.ours.name: self.ours.memory_kb()[0]}
        self.bounces = {size: servers.write(f"bounce-{n}.eml", bounce_text(n)) for size, n in SIZES.items()}
        self.forged = servers.write("forged", "\n".join(forged_paths(10000)) + "\n")
        self.seed, self.runs, self.faults = 0, [], []

    def paths_make(self, sessions):
        """Return paths of messages that have just left, in a file."""
        self.seed += 1
        redis_ask(self.redis, "FLUSHDB")
        load(self.load, self.ours.where, "-c", sessions, "-n", self.messages, "-m", "full", "-r", "new", "-S", self.seed,
             "--login", "all", "--size", 100)
        for _ in range(100):
            found = redis_ask(self.redis, "XRANGE", "gatepostd:ev:{all}", "-", "+")
            if len(found) == self.messages:
                break
            time.sleep(0.1)
        else:
            raise Failed(f"{len(found)} of {self.messages} messages are in Redis")
        fields = [dict(zip(flat[::2], flat[1::2])) for _, flat in found]
        return self.servers.write("paths", "".join(f["return"].strip("<>") + "\n" for f in fields))

    def words(self, kind, paths):
        if kind == ACCEPTED:
            return ["-r", "new", "-S", self.seed + 5000, "-m", "full", "--size", 2048]
        if kind == FORGED:
            return ["--null", "--to", self.forged]
        size = next(iter(SIZES)) if kind == AGAIN else kind
        return ["--null", "--to", paths, "-m", "full", "--message-file", self.bounces[size]]

    def measure(self, kind, paths, sessions, number):
        before = self.ours.cpu_s(), self.redis.cpu_s()
        result = load(self.load, self.ours.where, "-c", sessions, "-n", self.messages, *self.words(kind, paths))
        self.ours.check()
        after = self.ours.cpu_s(), self.redis.cpu_s()
        result.update(kind=kind, sessions=sessions, round=number, per_s=self.messages / result["seconds"],
                      cpu_us=1e6 * (after[0] - before[0]) / self.messages,
                      redis_us=1e6 * (after[1] - before[1]) / self.messages)
        self.judge(result)
        return result

    def judge(self, result):
        """Forged ones are refused, messages accepted, bounces discarded, each recorded once."""
        where = f"{result['kind']}, {result['sessions']} sessions, round {result['round']}"
        told, ends = result["rcpt"], result["eom"]
        right = {FORGED: told["reject"], ACCEPTED: ends["continue"] + ends["accept"]}.get(result["kind"], ends["discard"])
        if right != self.messages:
            self.faults.append(f"{where}: {right} of {self.messages} as they should be: {told}, {ends}")
        if result["kind"] in (FORGED, ACCEPTED):
            return
        kept = int(redis_ask(self.redis, "HLEN", "gatepostd:supp:{all}").lstrip(":"))
        if kept != self.messages:
            self.faults.append(f"{where}: {kept} of {self.messages} are suppressed")

    def all(self):
        for sessions in self.sessions:
            for number in range(self.o.rounds + 1):
                print(f"\r{sessions} sessions, round {number} …   ", end="", file=sys.stderr)
                found = []
                for size in SIZES:
                    paths = self.paths_make(sessions)
                    found.append(self.measure(size, paths, sessions, number))
                found += [self.measure(kind, paths, sessions, number) for kind in (AGAIN, FORGED, ACCEPTED)]
                if number > 0:  # the first round warms threads and pools
                    self.runs += found
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)

    # --- what is printed ---

    def table(self):
        yield (f"{'sessions':>8} {'what':9} {'per s':>8} {'CPU µs':>8} {'redis µs':>9} {'p50 µs':>8} {'p99 µs':>8} "
               f"{'CPU / accepted':>20}")
        for sessions in self.sessions:
            floors = {r["round"]: r["cpu_us"] for r in self.runs if (r["sessions"], r["kind"]) == (sessions, ACCEPTED)}
            for kind in (*SIZES, AGAIN, FORGED, ACCEPTED):
                mine = [r for r in self.runs if (r["sessions"], r["kind"]) == (sessions, kind)]
                ratios = [r["cpu_us"] / floors[r["round"]] for r in mine]

                def median(what):
                    return statistics.median(r[what] for r in mine)

                yield (f"{sessions:8} {kind:9} {median('per_s'):8,.0f} {median('cpu_us'):8.0f} {median('redis_us'):9.0f} "
                       f"{median('p50_us'):8.0f} {median('p99_us'):8.0f} "
                       f"{min(ratios):6.2f}..{statistics.median(ratios):.2f}..{max(ratios):.2f}")

    def notes(self):
        yield (f"Medians of {self.o.rounds} rounds of {self.messages:,}, in turn; ratios min..median..max over rounds. "
               f"again: the same bounces of 2 KB once more. p50, p99: of RCPT. {os.cpu_count()} cores, load "
               f"{os.getloadavg()[0]:.1f}.")
        now, peak = self.ours.memory_kb()
        yield f"gatepostd: {self.rest_kb[self.ours.name] / 1024:.1f} MB resident at rest, {peak / 1024:.1f} MB at most, {now / 1024:.1f} MB at the end"
