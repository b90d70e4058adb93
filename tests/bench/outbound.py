"""outbound.py - the part "outbound" of run.py: what signing mail that leaves costs, beside the bare
RSA operations.

One gatepostd, with an account for each login of the load; the no-op filter gives the floor of
libmilter, the wire and the kernel. The bare operations (sign_bench bare) run in every round beside
the others, so that a machine that is slow for a while is so for both.
"""
import os
import statistics
import subprocess
import sys

from servers import Failed, GREY_ONLY, binary, load, redis_ask

DOMAIN = "mailer.outside.example"  # of the load's From
ALL = f'bounce_domain = b.{DOMAIN}  list_unsubscribe = yes  feedback_id = yes  rate = "100000/s"  burst = 100000'
TWO = f'dkim = {{ "rsa:{DOMAIN}" }}'  # DKIM and, with the same key, DomainKeys
ACCOUNTS = {
    "none": None,  # the client has logged in, and no account matches
    "unsigned": ALL,
    "two": f"id_header = off  mail_from = keep  {TWO}",
    "all": f"{ALL}  {TWO}",
    "three": f'{ALL}  dkim = {{ "rsa:{DOMAIN}", "ed:{DOMAIN}" }}',
    "tracked": f"{ALL}  {TWO}  opens = yes  clicks = yes  track_domain = t.{DOMAIN}",
}
SIGNATURES = {"two": ("dkim=rsa:", "domainkeys=rsa:"), "all": ("dkim=rsa:", "domainkeys=rsa:", "verp=single"),
              "three": ("dkim=rsa:", "domainkeys=rsa:", "dkim=ed:"),
              "tracked": ("dkim=rsa:", "domainkeys=rsa:", "pixels=1", "links=30")}
# (name, options of the load, at most so many times the two bare operations)
BODIES = {"2 KB": (["--size", 2048], 1.25), "50 KB": (["--size", 51200], 1.6),
          "50 KB HTML": (["--size", 51200, "--html", "--links", 30], None)}
HTML = "50 KB HTML"  # with 30 links; what tracks is only tried with this
TRACKED_AIM = 1.3    # times the CPU of the same account that does not
BARE_OPERATIONS = 150  # pairs: so many as tell the mean within a percent or two
FLOOR = "plain"


def account_text(name, options):
    return f'account {name} {{ match = {{ "login:{name}" }}  {options} }}\n'


def settings(servers):
    return (GREY_ONLY + f'outbound {{\n\tkeys = "{servers.path("keys")}"\n'
            f'\tkeyring = "{servers.path("keyring")}"\n}}\n'
            + "".join(account_text(name, more) for name, more in ACCOUNTS.items() if more is not None))


def keys_make(servers, gatepostctl):
    """A keyring, an RSA key of 2048 bits, and one of Ed25519."""
    conf = servers.write("keys.conf", f'outbound {{\n\tkeys = "{servers.path("keys")}"\n'
                         f'\tkeyring = "{servers.path("keyring")}"\n}}\n')
    for words in (["keyring", "new"], ["key", "new", DOMAIN, "rsa", "--type", "rsa", "--bits", "2048"],
                  ["key", "new", DOMAIN, "ed", "--type", "ed25519"]):
        done = subprocess.run([gatepostctl, "-c", conf, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"gatepostctl {' '.join(words)}: {done.stderr}")


class Outbound:
    """Mail that leaves: DKIM and DomainKeys, RSA-2048 each, beside the two bare RSA operations."""

    name = "outbound"

    def __init__(self, o, servers):
        here = os.path.dirname(os.path.abspath(__file__))
        build = os.path.join(os.path.dirname(os.path.dirname(here)), "build")
        folders = o.bin or [build, os.path.join(build, "tests/bench")]
        self.o, self.servers = o, servers
        self.sessions = [int(n) for n in (o.sessions or "1,16,64").split(",")]
        self.kinds = o.kinds.split(",") if o.kinds else [FLOOR, *ACCOUNTS]
        self.messages = max(o.decisions // 10, 200)
        self.load = binary(folders, "milterload")
        self.bare = binary(folders, "sign_bench")
        daemon = os.path.abspath(o.gatepostd) if o.gatepostd else binary(folders, "gatepostd")
        self.redis = servers.redis()
        keys_make(servers, binary([os.path.dirname(daemon), *folders], "gatepostctl"))
        self.floor = servers.start(FLOOR, [binary(folders, "noop_milter"), "-r", "-s", "{socket}"])
        self.ours = servers.gatepostd(daemon, more=settings(servers))
        self.programs = [self.floor, self.ours]
        self.rest_kb = {p.name: p.memory_kb()[0] for p in self.programs}
        self.runs, self.faults = [], []

    def bare_us(self):
        """CPU microseconds of the two RSA operations."""
        done = subprocess.run([self.bare, "bare", str(BARE_OPERATIONS)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"sign_bench: {done.stdout}{done.stderr}")
        return float(done.stdout)

    def measure(self, kind, body, sessions, number):
        program = self.floor if kind == FLOOR else self.ours
        bare = self.bare_us()
        before = program.cpu_s(), self.redis.cpu_s()
        result = load(self.load, program.where, "-c", sessions, "-n", self.messages, "-m", "full", "-r", "new",
                      "-S", number + 1, "--login", kind, *BODIES[body][0])
        program.check()
        after = program.cpu_s(), self.redis.cpu_s()
        bare = (bare + self.bare_us()) / 2
        result.update(kind=kind, body=body, sessions=sessions, round=number, bare_us=bare,
                      cpu_us=1e6 * (after[0] - before[0]) / self.messages,
                      redis_us=1e6 * (after[1] - before[1]) / self.messages,
                      client_us=1e6 * result["client_cpu_s"] / self.messages)
        self.judge(result)
        return result

    def judge(self, result):
        """Each message must have been accepted, and signed as it is said of it."""
        where = f"{result['kind']}, {result['body']}, {result['sessions']} sessions, round {result['round']}"
        if result["eom"]["continue"] + result["eom"]["accept"] != self.messages:
            self.faults.append(f"{where}: of {self.messages} messages {result['eom']}")
        if result["kind"] in SIGNATURES:
            log = self.ours.tail(1)
            missing = [word for word in SIGNATURES[result["kind"]] if word not in log]
            if missing:
                self.faults.append(f"{where}: not {missing} in {log}")

    def kinds_of(self, body):
        return [kind for kind in self.kinds if kind != "tracked" or body == HTML]

    def case(self, body, sessions):
        kinds = self.kinds_of(body)
        for number in range(self.o.rounds + 1):
            for kind in kinds if number % 2 == 0 else kinds[::-1]:
                result = self.measure(kind, body, sessions, number)
                if number > 0:  # the first round warms threads, pools and caches
                    self.runs.append(result)
            redis_ask(self.redis, "FLUSHDB")

    def all(self):
        for sessions in self.sessions:
            for body in BODIES:
                print(f"\r{sessions} sessions, {body} …   ", end="", file=sys.stderr)
                self.case(body, sessions)
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)

    # --- what is printed ---

    def table(self):
        yield (f"{'sessions':>8} {'body':10} {'account':9} {'messages/s':>10} {'CPU µs':>8} {'redis':>6} {'client':>6} "
               f"{'bare µs':>8} {'CPU / bare':>17} {'(CPU - plain) / bare':>21} {'p50 ms':>7} {'p99 ms':>7}")
        for sessions in self.sessions:
            for body in BODIES:
                runs = [r for r in self.runs if (r["sessions"], r["body"]) == (sessions, body)]
                floors = {r["round"]: r["cpu_us"] for r in runs if r["kind"] == FLOOR}
                for kind in self.kinds_of(body):
                    yield self.row([r for r in runs if r["kind"] == kind], floors)
        yield from self.tracking()

    def tracking(self):
        """The whole way with tracking beside the same without, round by round."""
        for sessions in self.sessions:
            cpu = {(r["kind"], r["round"]): r["cpu_us"] for r in self.runs if (r["sessions"], r["body"]) == (sessions, HTML)}
            ratios = [us / cpu["all", number] for (kind, number), us in cpu.items()
                      if kind == "tracked" and ("all", number) in cpu]
            if ratios:
                middle = statistics.median(ratios)
                yield (f"{sessions:8} {HTML}: CPU tracked / all {min(ratios):.2f}..{middle:.2f}..{max(ratios):.2f}"
                       + (f"  above the aim of {TRACKED_AIM}" if middle > TRACKED_AIM else ""))

    @staticmethod
    def row(mine, floors):
        def median(of):
            return statistics.median(of(r) for r in mine)

        def spread(values):
            return "..".join("%.2f" % v for v in (min(values), statistics.median(values), max(values)))

        first = mine[0]
        ratios = [r["cpu_us"] / r["bare_us"] for r in mine]
        above = [(r["cpu_us"] - floors.get(r["round"], 0)) / r["bare_us"] for r in mine]
        aim = BODIES[first["body"]][1]
        late = first["kind"] == "two" and aim is not None and statistics.median(ratios) > aim
        return (f"{first['sessions']:8} {first['body']:10} {first['kind']:9} {median(lambda r: r['rate']):10,.0f} "
                f"{median(lambda r: r['cpu_us']):8.1f} {median(lambda r: r['redis_us']):6.1f} "
                f"{median(lambda r: r['client_us']):6.1f} {median(lambda r: r['bare_us']):8.1f} {spread(ratios):>17} "
                f"{spread(above):>21} {median(lambda r: r['message_p50_us']) / 1e3:7.2f} "
                f"{median(lambda r: r['message_p99_us']) / 1e3:7.2f}" + (f"  above the aim of {aim}" if late else ""))

    def notes(self):
        yield (f"Medians of {self.o.rounds} rounds of {self.messages:,} messages; ratios min..median..max over rounds. "
               f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
        yield ("CPU, redis, client: CPU microseconds per message of the filter, of Redis, and of the load client; "
               "bare: of two RSA-2048 operations of OpenSSL, in the same round.")
        yield (f"{FLOOR}: the no-op filter, which answers every step. none: no account. two: DKIM and DomainKeys, and "
               f"nothing else. unsigned: limits, return path and header fields of an account without keys. all: that "
               f"and both signatures. three: and Ed25519. tracked: all, with a pixel and 30 links of HTML tracked.")
        for program in self.programs:
            now, peak = program.memory_kb()
            yield (f"{program.name}: {self.rest_kb[program.name] / 1024:.1f} MB resident at rest, "
                   f"{peak / 1024:.1f} MB at most, {now / 1024:.1f} MB at the end, {program.threads()} threads")
