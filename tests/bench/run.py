#!/usr/bin/env python3
"""run.py - how much greylisting costs: gatepostd beside a filter that does nothing.

Starts a private Redis, gatepostd and the no-op filter twice, and lets them take turns under the
same load. "plain" is the no-op filter as libmilter makes it, which answers every step: the floor that
other filters are measured by. "noop" negotiates what gatepostd negotiates, and so answers RCPT
only: the floor of this very protocol. The load is 1, 16, 64 and 256 open sessions, new tuples and known ones, several rounds. Machines are
busy with other things, and rates move by a factor of two between runs; what counts is the ratio of
two programs in the same round. Prints one table; --json FILE keeps all figures.

A run checks itself: a program under the name gatepostd must put off every new tuple and let
through every known one, else the figures are of something else, and the exit code is 1.
"""
import argparse
import json
import os
import shlex
import statistics
import sys
import time

from servers import Failed, Servers, binary, load, redis_ask

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BLOCK_S = 2  # as short as it can be told from nothing: known tuples have waited it out


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gatepostd", metavar="PATH", help="default: build/gatepostd")
    parser.add_argument("--bin", metavar="DIR", action="append", default=[],
                        help="where milterload and noop_milter are (default: build, "
                             "build/tests/bench)")
    parser.add_argument("--daemon", metavar="NAME=CMD", action="append", default=[],
                        help="another filter; {socket}, {path}, {dir}, {redis} are filled in")
    parser.add_argument("--no-gatepostd", action="store_true", help="the floor (and --daemon) only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sessions", default="1,16,64,256")
    parser.add_argument("--kinds", default="new,known")
    parser.add_argument("--decisions", type=int, default=30000, help="per program and round")
    parser.add_argument("--set", type=int, default=4096, help="how many tuples are known")
    parser.add_argument("--quick", action="store_true", help="seconds, to see that it works")
    parser.add_argument("--json", metavar="FILE")
    o = parser.parse_args()
    if o.quick:
        o.rounds, o.decisions, o.set, o.sessions = 2, 2000, 512, "1,16"
    o.sessions = [int(n) for n in o.sessions.split(",")]
    o.kinds = o.kinds.split(",")
    return o


class Bench:
    def __init__(self, o, servers):
        folders = o.bin or [os.path.join(ROOT, "build"), os.path.join(ROOT, "build/tests/bench")]
        self.o, self.servers = o, servers
        self.load = binary(folders, "milterload")
        self.redis = servers.redis()
        noop = binary(folders, "noop_milter")
        self.programs = [servers.start("plain", [noop, "-r", "-s", "{socket}"]),
                         servers.start("noop", [noop, "-s", "{socket}"])]
        if not o.no_gatepostd:
            path = os.path.abspath(o.gatepostd) if o.gatepostd else binary(folders, "gatepostd")
            self.programs.append(servers.gatepostd(path, BLOCK_S))
        for daemon in o.daemon:
            name, command = daemon.split("=", 1)
            self.programs.append(servers.start(name, shlex.split(command)))
        time.sleep(1)
        self.rest_kb = {p.name: p.memory_kb()[0] for p in self.programs}
        self.seed = 0
        self.runs = []
        self.faults = []

    def known(self, program, sessions):
        """Makes the set known: a first try of each tuple, and after the wait the second."""
        for wait in (0, BLOCK_S + 1):
            time.sleep(wait)
            load(self.load, program.where, "-c", sessions, "-r", "known", "--set", self.o.set,
                 "--warm", "-S", 1)

    def measure(self, program, sessions, kind, number):
        self.seed += 1
        seed = self.seed + 1 if kind == "new" else 1
        cpu, redis_cpu = program.cpu_s(), self.redis.cpu_s()
        result = load(self.load, program.where, "-c", sessions, "-n", self.o.decisions, "-r", kind,
                      "--set", self.o.set, "-S", seed)
        program.check()
        result.update(program=program.name, sessions=sessions, kind=kind, round=number,
                      cpu_s=program.cpu_s() - cpu, redis_cpu_s=self.redis.cpu_s() - redis_cpu)
        self.judge(result)
        return result

    def judge(self, result):
        if result["program"] != "gatepostd":
            return
        want = "tempfail" if result["kind"] == "new" else "continue"
        good = result["rcpt"][want]
        if good != result["decisions"]:
            self.faults.append(
                f"{result['kind']} tuples, {result['sessions']} sessions, round {result['round']}: "
                f"{good} of {result['decisions']} answered {want}")

    def case(self, sessions, kind):
        if kind == "known":
            for program in self.programs:
                self.known(program, sessions)
        for number in range(self.o.rounds + 1):
            # Turn about, so that none is always first after a pause.
            order = self.programs if number % 2 == 0 else self.programs[::-1]
            for program in order:
                result = self.measure(program, sessions, kind, number)
                if number > 0:  # the first round warms threads, pools and caches
                    self.runs.append(result)
                if kind == "new":
                    redis_ask(self.redis, "FLUSHDB")
        redis_ask(self.redis, "FLUSHDB")

    def all(self):
        for sessions in self.o.sessions:
            for kind in self.o.kinds:
                print(f"\r{sessions} sessions, {kind} tuples …   ", end="", file=sys.stderr)
                self.case(sessions, kind)
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)


def per_1000(run, what="cpu_s"):
    return 1000 * run[what] / run["decisions"]


def spread(values, form):
    """min..median..max"""
    return "..".join(form % v for v in (min(values), statistics.median(values), max(values)))


def table(bench):
    """The lines of the table: a row for each program in each case."""
    yield (f"{'sessions':>8} {'tuples':6} {'program':12} {'decisions/s':>11} {'CPU s/1000':>10} "
           f"{'redis':>6} {'client':>6} {'p50 µs':>8} {'p99 µs':>8}  "
           f"{'rate / plain':18} {'CPU / plain':18} {'rate / noop':18} {'CPU / noop':18}")
    for sessions in bench.o.sessions:
        for kind in bench.o.kinds:
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
            f"{median(lambda r: per_1000(r, 'client_cpu_s')):6.4f} "
            f"{median(lambda r: r['p50_us']):8.0f} {median(lambda r: r['p99_us']):8.0f}  ")
    if mine[0]["program"] in ("plain", "noop"):
        return line.rstrip()
    for floor in floors:
        rates = [r["rate"] / floor[r["round"]]["rate"] for r in mine]
        cpus = [per_1000(r) / per_1000(floor[r["round"]]) for r in mine]
        line += f"{spread(rates, '%.2f'):18} {spread(cpus, '%.2f'):18} "
    return line.rstrip()


def notes(bench):
    o = bench.o
    yield (f"Medians of {o.rounds} rounds of {o.decisions:,} decisions, programs in turn; ratios "
           f"min..median..max over rounds. {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
    yield "redis, client: CPU seconds per 1,000 decisions of Redis and of the load client itself."
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
    with Servers() as servers:
        bench = Bench(o, servers)
        bench.all()
        print("\n".join(table(bench)))
        print("\n" + "\n".join(notes(bench)))
        if o.json:
            with open(o.json, "w") as out:
                json.dump({"runs": bench.runs, "rest_kb": bench.rest_kb}, out, indent=1)
        for fault in bench.faults:
            print(f"WRONG: {fault}")
        return 1 if bench.faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"run.py: {error}")
