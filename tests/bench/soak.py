#!/usr/bin/env python3
"""soak.py - does gatepostd stay as it is under long use?

Three parts, with a private Redis:
  open      SESSIONS sessions open at once, and MESSAGES whole messages through them, of tuples
            that were made known before
  one-shot  ONE_SHOT sessions, each with one transaction, each on a connection of its own
  vanish    clients that drop the connection at each step of the protocol
The daemon's resident memory is sampled all the while. Each part is judged: memory is flat when a
line through the samples of the part's second half rises by less than --allow; no file may stay
open. Exit: 0, all flat and nothing lost; 1, not so. With AddressSanitizer, which keeps freed
memory for a while, set ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=0.
"""
import argparse
import os
import shlex
import sys
import time

from servers import Failed, Servers, binary, load, load_result, load_start

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STAGES = "negotiate connect helo mail rcpt data header eoh body eom".split()
SAMPLE_S = 0.05
IDLE_S = 3  # libmilter's workers notice a dropped connection within that time
BLOCK_S = 2  # tuples that are to be known have waited it out


def options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gatepostd", metavar="PATH", help="default: build/gatepostd")
    parser.add_argument("--bin", metavar="DIR", action="append", default=[],
                        help="where milterload and noop_milter are (default: build, "
                             "build/tests/bench)")
    parser.add_argument("--daemon", metavar="CMD",
                        help="another filter in gatepostd's place; {socket} … are filled in")
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--one-shot", type=int, default=200000)
    parser.add_argument("--vanish", type=int, default=1000, help="connections per step")
    parser.add_argument("--allow", type=float, default=512, metavar="KB",
                        help="rise over the second half of a part that still counts as flat (512)")
    parser.add_argument("--quick", action="store_true", help="a hundredth of it all")
    o = parser.parse_args()
    if o.quick:
        o.sessions, o.messages, o.one_shot, o.vanish = 50, 1000, 3000, 50
    return o


def line(samples):
    """The rise per second of the line of least squares through (seconds, kB)."""
    n = len(samples)
    mean_t = sum(t for t, _ in samples) / n
    mean_kb = sum(kb for _, kb in samples) / n
    square = sum((t - mean_t) ** 2 for t, _ in samples)
    if square == 0:
        return 0.0
    return sum((t - mean_t) * (kb - mean_kb) for t, kb in samples) / square


class Soak:
    def __init__(self, o, servers):
        folders = o.bin or [os.path.join(ROOT, "build"), os.path.join(ROOT, "build/tests/bench")]
        self.o = o
        self.load = binary(folders, "milterload")
        servers.redis()
        if o.daemon:
            self.daemon = servers.start("daemon", shlex.split(o.daemon))
        else:
            path = os.path.abspath(o.gatepostd) if o.gatepostd else binary(folders, "gatepostd")
            self.daemon = servers.gatepostd(path, BLOCK_S, "warning")
        self.bad = 0
        # The second half of this much is warm: threads, pool, stacks and arenas are there.
        load(self.load, self.daemon.where, "-c", min(64, o.sessions), "-n", 2000, "--full",
             "-S", 900)
        time.sleep(IDLE_S)
        self.files = self.daemon.files()

    def run(self, *what):
        """One load run with samples of the daemon's memory: (result, samples)"""
        process = load_start(self.load, self.daemon.where, *what)
        samples, began = [], time.monotonic()
        try:
            while process.poll() is None:
                self.daemon.check()
                samples.append((time.monotonic() - began, self.daemon.memory_kb()[0]))
                time.sleep(SAMPLE_S)
            return load_result(process), samples
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def say(self, good, what):
        self.bad += not good
        print(f"{'ok' if good else 'NOT OK':6} {what}", flush=True)

    def judge_memory(self, name, samples):
        half = samples[len(samples) // 2:]
        if len(half) < 5:
            print(f"       {name}: too short to judge memory ({len(samples)} samples)", flush=True)
            return
        rise = line(half) * (half[-1][0] - half[0][0])
        peak = max(kb for _, kb in samples)
        self.say(rise < self.o.allow,
                 f"{name}: memory {samples[0][1]:,} kB at first, {half[0][1]:,} halfway, "
                 f"{half[-1][1]:,} at the end, {peak:,} at most: {rise:+.0f} kB over the second "
                 f"half ({'flat' if rise < self.o.allow else 'it grows'})")

    def judge_files(self, name):
        """Open files are back where they were, but for Redis connections that the pool keeps."""
        end = time.monotonic() + 2 * IDLE_S
        while self.daemon.files() > self.files + 16 and time.monotonic() < end:
            time.sleep(0.2)
        files = self.daemon.files()
        self.say(files <= self.files + 16, f"{name}: {files} open files, {self.files} before, "
                                           f"{self.daemon.threads()} threads")

    def part_open(self):
        known = ("-c", self.o.sessions, "-r", "known", "--set", 4 * self.o.sessions, "-S", 901)
        for wait in (0, BLOCK_S + 1):
            time.sleep(wait)
            load(self.load, self.daemon.where, *known, "--warm")
        result, samples = self.run(*known, "-n", self.o.messages, "--full")
        good = result["eom"]["continue"] + result["eom"]["accept"]
        self.say(good == self.o.messages and result["sessions"] == self.o.sessions,
                 f"open: {result['sessions']} sessions at once, {good:,} of {self.o.messages:,} "
                 f"messages through in {result['seconds']:.1f} s {counts(result)}")
        self.judge_memory("open", samples)
        self.judge_files("open")

    def part_one_shot(self):
        result, samples = self.run("-c", 64, "-n", self.o.one_shot, "-1", "-S", 902)
        self.say(result["decisions"] >= self.o.one_shot,
                 f"one-shot: {result['sessions']:,} sessions, {result['decisions']:,} decisions in "
                 f"{result['seconds']:.1f} s {counts(result)}")
        self.judge_memory("one-shot", samples)
        self.judge_files("one-shot")

    def part_vanish(self):
        all_samples, began = [], time.monotonic()
        for number, stage in enumerate(STAGES):
            result, samples = self.run("-c", 32, "-n", self.o.vanish, "--full", "--vanish", stage,
                                       "-S", 910 + number)
            offset = time.monotonic() - began
            all_samples += [(offset + t, kb) for t, kb in samples]
            if result["sessions"] < self.o.vanish:
                self.say(False, f"vanish at {stage}: {result['sessions']} sessions only")
        # It still does its work.
        result = load(self.load, self.daemon.where, "-c", 16, "-n", 500, "-S", 999)
        self.say(result["decisions"] == 500,
                 f"vanish: {self.o.vanish:,} connections dropped at each of {len(STAGES)} steps; "
                 f"then {counts(result)}")
        self.judge_memory("vanish", all_samples)
        self.judge_files("vanish")


def counts(result):
    return "(" + ", ".join(f"{n:,} {kind}" for kind, n in result["rcpt"].items() if n) + ")"


def main():
    o = options()
    with Servers() as servers:
        soak = Soak(o, servers)
        rest = soak.daemon.memory_kb()[0]
        print(f"       at rest after a warm-up: {rest:,} kB, {soak.files} open files, "
              f"{soak.daemon.threads()} threads", flush=True)
        soak.part_open()
        soak.part_one_shot()
        soak.part_vanish()
        soak.daemon.stop()
        code = soak.daemon.process.returncode
        soak.say(code == 0, f"end: the daemon exited with {code} on SIGTERM")
        if code != 0:
            print(soak.daemon.tail())
        print("FLAT" if soak.bad == 0 else f"{soak.bad} NOT OK")
        return 1 if soak.bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"soak.py: {error}")
