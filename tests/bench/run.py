#!/usr/bin/env python3
"""run.py - what a decision costs: gatepostd beside a filter that does nothing.

Starts a private Redis, gatepostd and the no-op filter twice, and lets them take turns under the
same load. "plain" is the no-op filter as libmilter makes it, which answers every step: the floor that
other filters are measured by. "noop" negotiates what gatepostd does for greylisting, and so answers
RCPT only: the floor of this very protocol. Machines are busy with other things, and rates move by a
factor of two between runs; what counts is the ratio of two programs in the same round. Prints one
table for each part; --json FILE keeps all figures.

Part "grey": greylisting alone; 1, 16, 64 and 256 open sessions, new tuples and known ones.

Part "inbound": "gatepostd" has reverse DNS, three DNS lists, SPF, score and greylist on, with the
answers of a private nsd; "nodns" has the same without what asks DNS, so that the difference is the
share of DNS. Its loads are "new" and "known" as above, "once": known tuples, each in a connection of
its own, and "cold": the same with new tuples, and more clients than gatepostd keeps answers for.

Part "message": known tuples, and the message to its end, 2 kB with a DKIM signature (RSA, 2048
bits); DKIM, DMARC and Authentication-Results are on, too.

Part "outbound": mail that leaves, and its signatures, beside the bare RSA operations; see outbound.py.

Part "returns": bounces that are read and recorded, and forged ones; see returns.py.

A run checks itself: gatepostd must put off every new tuple and let through every known one, and
with DNS it must have found what the zones say, else the figures are of something else, and the exit
code is 1.
"""
import argparse
import json
import os
import shlex
import statistics
import sys
import time

import inbound
from outbound import Outbound
from returns import Returns
from servers import Failed, Servers, binary, load, redis_ask

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BLOCK_S = 2  # as short as it can be told from nothing: known tuples have waited it out

# How the load of each kind differs from that of known tuples.
KINDS = {"new": ["-r", "new"], "known": ["-r", "known"], "once": ["-1", "-r", "known"],
         "cold": ["-1", "-r", "new"], "mail": ["-r", "known", "-m", "full"]}
COLD_PART = 5  # of so many decisions one is made with new clients, since they are slow


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help="grey, inbound, message, outbound, returns (default: all)")
    parser.add_argument("--gatepostd", metavar="PATH", help="default: build/gatepostd")
    parser.add_argument("--bin", metavar="DIR", action="append", default=[],
                        help="where milterload and noop_milter are (default: build, "
                             "build/tests/bench)")
    parser.add_argument("--daemon", metavar="NAME=CMD", action="append", default=[],
                        help="another filter; {socket}, {path}, {dir}, {redis} are filled in")
    parser.add_argument("--no-gatepostd", action="store_true", help="the floor (and --daemon) only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sessions", help="default: 1,16,64,256; inbound: 16,64,256; outbound: 1,16,64; "
                        "returns: 1,16")
    parser.add_argument("--kinds", help="default: new,known; inbound: new,known,once,cold; outbound: "
                        "plain,none,unsigned,two,all,three,tracked")
    parser.add_argument("--decisions", type=int, default=30000,
                        help="per program and round; outbound, returns: a tenth of it")
    parser.add_argument("--set", type=int, default=4096, help="how many tuples are known")
    parser.add_argument("--quick", action="store_true", help="seconds, to see that it works")
    parser.add_argument("--json", metavar="FILE")
    o = parser.parse_args()
    o.parts = o.parts or list(PARTS)
    for part in o.parts:
        if part not in PARTS:
            parser.error(f"no such part: {part}")
    if o.quick:
        o.rounds, o.decisions, o.set, o.sessions = 2, 2000, 512, o.sessions or "1,16"
    return o


def where(result):
    return (f"{result['program']}, {result['kind']} tuples, {result['sessions']} sessions, "
            f"round {result['round']}")


class Grey:
    """Greylisting alone."""

    name, sessions, kinds = "grey", "1,16,64,256", "new,known"
    more_load = ()

    def __init__(self, o, servers):
        self.folders = o.bin or [os.path.join(ROOT, "build"),
                                 os.path.join(ROOT, "build/tests/bench")]
        self.o, self.servers = o, servers
        self.sessions = [int(n) for n in (o.sessions or self.sessions).split(",")]
        self.kinds = (o.kinds or self.kinds).split(",")
        self.load = binary(self.folders, "milterload")
        self.redis = servers.redis()
        noop = binary(self.folders, "noop_milter")
        self.programs = [servers.start("plain", [noop, "-r", "-s", "{socket}"]),
                         servers.start("noop", [noop, "-s", "{socket}"])]
        if not o.no_gatepostd:
            self.start(os.path.abspath(o.gatepostd) if o.gatepostd
                       else binary(self.folders, "gatepostd"))
        for daemon in o.daemon:
            name, command = daemon.split("=", 1)
            self.programs.append(servers.start(name, shlex.split(command)))
        time.sleep(1)
        self.rest_kb = {p.name: p.memory_kb()[0] for p in self.programs}
        self.seed = 0
        self.runs = []
        self.faults = []

    def start(self, path):
        self.programs.append(self.servers.gatepostd(path, BLOCK_S))

    def ours(self):
        return [p for p in self.programs if p.name in ("gatepostd", "nodns")]

    def known(self, program, sessions):
        """Makes the set known: a first try of each tuple, and after the wait the second."""
        for wait in (0, BLOCK_S + 1):
            time.sleep(wait)
            load(self.load, program.where, "-c", sessions, "-r", "known", "--set", self.o.set,
                 "--warm", "-S", 1)

    def dns_cpu_s(self):
        return 0.0

    def measure(self, program, sessions, kind, number):
        self.seed += 1
        seed = self.seed + 1 if kind in ("new", "cold") else 1
        decisions = self.o.decisions // (COLD_PART if kind == "cold" else 1)
        before = program.cpu_s(), self.redis.cpu_s(), self.dns_cpu_s()
        result = load(self.load, program.where, "-c", sessions, "-n", decisions,
                      "--set", self.o.set, "-S", seed, *KINDS[kind], *self.more_load)
        program.check()
        after = program.cpu_s(), self.redis.cpu_s(), self.dns_cpu_s()
        result.update(program=program.name, sessions=sessions, kind=kind, round=number,
                      **{what: b - a for what, a, b in
                         zip(("cpu_s", "redis_cpu_s", "dns_cpu_s"), before, after)})
        self.judge(result)
        return result

    def judge(self, result):
        if result["program"] not in [p.name for p in self.ours()]:
            return
        want = "tempfail" if result["kind"] in ("new", "cold") else "continue"
        good = result["rcpt"][want]
        if good != result["decisions"]:
            self.faults.append(
                f"{where(result)}: {good} of {result['decisions']} answered {want}")

    def case(self, sessions, kind):
        if kind in ("known", "once", "mail"):
            for program in self.programs:
                self.known(program, sessions)
        for number in range(self.o.rounds + 1):
            # Turn about, so that none is always first after a pause.
            order = self.programs if number % 2 == 0 else self.programs[::-1]
            for program in order:
                result = self.measure(program, sessions, kind, number)
                if number > 0:  # the first round warms threads, pools and caches
                    self.runs.append(result)
                if program in self.ours():
                    self.look(program, result)
                if kind in ("new", "cold"):
                    redis_ask(self.redis, "FLUSHDB")
        redis_ask(self.redis, "FLUSHDB")

    def look(self, program, result):
        """At what one of our programs left in Redis."""

    def table(self):
        return grey_table(self)

    def notes(self):
        return grey_notes(self)

    def all(self):
        for sessions in self.sessions:
            for kind in self.kinds:
                print(f"\r{sessions} sessions, {kind} tuples …   ", end="", file=sys.stderr)
                self.case(sessions, kind)
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)


class Inbound(Grey):
    """All that is judged at RCPT."""

    name, sessions, kinds = "inbound", "16,64,256", "new,known,once,cold"

    facts = {"gatepostd": inbound.RCPT_FACTS, "nodns": inbound.NO_FACTS}

    def start(self, path):
        clients = max(self.o.decisions // COLD_PART + 300, 2000)
        self.dns, port = inbound.dns_server(self.servers, clients)
        for name, lookups in (("gatepostd", True), ("nodns", False)):
            self.programs.append(self.servers.gatepostd(
                path, BLOCK_S, name=name, more=inbound.settings(port, lookups)))

    def dns_cpu_s(self):
        return self.dns.family_cpu_s()

    def look(self, program, result):
        time.sleep(0.3)  # records are written in the background
        fault = inbound.record_fault(self.redis, program.name, self.facts[program.name])
        if fault:
            self.faults.append(f"{where(result)}: {fault}")


class Message(Inbound):
    """All there is, to the end of a signed message."""

    name, sessions, kinds = "message", "16,64", "mail"
    facts = {"gatepostd": inbound.MESSAGE_FACTS}

    def start(self, path):
        signature, texts = inbound.sign(self.servers, self.load)
        self.more_load = ("--signature", signature)
        self.dns, port = inbound.dns_server(self.servers, 2000, texts)
        self.programs.append(self.servers.gatepostd(
            path, BLOCK_S, more=inbound.settings(port, end=True)))


PARTS = {part.name: part for part in (Grey, Inbound, Message, Outbound, Returns)}


def per_1000(run, what="cpu_s"):
    return 1000 * run[what] / run["decisions"]


def spread(values, form):
    """min..median..max"""
    return "..".join(form % v for v in (min(values), statistics.median(values), max(values)))


def grey_table(bench):
    """The lines of the table: a row for each program in each case."""
    yield (f"{'sessions':>8} {'tuples':6} {'program':12} {'decisions/s':>11} {'CPU s/1000':>10} "
           f"{'redis':>6} {'dns':>6} {'client':>6} {'p50 µs':>8} {'p99 µs':>8}  "
           f"{'rate / plain':18} {'CPU / plain':18} {'rate / noop':18} {'CPU / noop':18}")
    for sessions in bench.sessions:
        for kind in bench.kinds:
            runs = [r for r in bench.runs if (r["sessions"], r["kind"]) == (sessions, kind)]
            floors = [{r["round"]: r for r in runs if r["program"] == name}
                      for name in ("plain", "noop")]
            for program in bench.programs:
                yield row([r for r in runs if r["program"] == program.name], floors)


def row(mine, floors):
    def median(of):
        return statistics.median(of(r) for r in mine)

    line = (f"{mine[0]['sessions']:8} {mine[0]['kind']:6} {mine[0]['program']:12} "
            f"{median(lambda r: r['rate']):11,.0f} {median(per_1000):10.4f} "
            f"{median(lambda r: per_1000(r, 'redis_cpu_s')):6.4f} "
            f"{median(lambda r: per_1000(r, 'dns_cpu_s')):6.4f} "
            f"{median(lambda r: per_1000(r, 'client_cpu_s')):6.4f} "
            f"{median(lambda r: r['p50_us']):8.0f} {median(lambda r: r['p99_us']):8.0f}  ")
    if mine[0]["program"] in ("plain", "noop"):
        return line.rstrip()
    for floor in floors:
        rates = [r["rate"] / floor[r["round"]]["rate"] for r in mine]
        cpus = [per_1000(r) / per_1000(floor[r["round"]]) for r in mine]
        line += f"{spread(rates, '%.2f'):18} {spread(cpus, '%.2f'):18} "
    return line.rstrip()


def grey_notes(bench):
    o = bench.o
    yield (f"Medians of {o.rounds} rounds of {o.decisions:,} decisions, programs in turn; ratios "
           f"min..median..max over rounds. {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
    yield ("redis, dns, client: CPU seconds per 1,000 decisions of Redis, of the DNS server and of the "
           "load client itself.")
    for program in bench.programs:
        now, peak = program.memory_kb()
        yield (f"{program.name}: {bench.rest_kb[program.name] / 1024:.1f} MB resident at rest, "
               f"{peak / 1024:.1f} MB at most, {now / 1024:.1f} MB at the end, "
               f"{program.threads()} threads")
    asked = {r["program"]: r["protocol"] for r in bench.runs}
    if len({asked[name] for name in ("noop", "gatepostd") if name in asked}) > 1:
        yield (f"Note: gatepostd negotiates {asked['gatepostd']}, the floor {asked['noop']}: they "
               f"do not get the same steps.")
    hidden = [r for r in bench.runs if r["client_cpu_s"] > 0.8 * r["seconds"]]
    if hidden:
        yield (f"Note: in {len(hidden)} of {len(bench.runs)} runs the client's thread was busy for "
               f"more than 80 % of the time: these rates are the client's, not the filter's.")


def main():
    o = options()
    kept, faults = {}, []
    for part in o.parts:
        with Servers() as servers:
            bench = PARTS[part](o, servers)
            bench.all()
            print(f"== {part}: {bench.__doc__}")
            print("\n".join(bench.table()))
            print("\n" + "\n".join(bench.notes()))
            kept[part] = {"runs": bench.runs, "rest_kb": bench.rest_kb}
            faults += bench.faults
    if o.json:
        with open(o.json, "w") as out:
            json.dump(kept, out, indent=1)
    for fault in faults:
        print(f"WRONG: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"run.py: {error}")
