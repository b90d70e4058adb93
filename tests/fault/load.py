"""A steady load on the daemon: sessions that each ask for one new tuple, with every answer kept."""

import collections
import json
import os
import subprocess
import threading
import time

from harness import BUILD, Peer, check
from milter_peer import Closed

# begin and end of the session on time.monotonic(); kind of the answer to RCPT, or "lost" when there
# was none; how long RCPT waited for it
Decision = collections.namedtuple("Decision", "begin end kind text waited_s")

THREADS = 8
PAUSE_S = 0.005


class Load:
    """Runs from `with Load(address) as load` to the end of the block; load.decisions afterwards."""

    def __init__(self, address):
        self.address = address
        self.decisions = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._sessions, args=(n,), daemon=True) for n in range(THREADS)]
        self._threads.append(threading.Thread(target=self._yardstick, daemon=True))
        self._pressure = threading.Thread(target=self._milterload, daemon=True)
        self._late_s = 0.0
        self.pressure_max_ms = 0
        self.pressure_errors = 0

    def __enter__(self):
        for thread in (*self._threads, self._pressure):
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in (*self._threads, self._pressure):
            thread.join(60)

    def _sessions(self, number):
        count = 0
        while not self._stop.wait(PAUSE_S):
            count += 1
            begin = time.monotonic()
            try:
                kind, text, waited_s = self._ask(number, count)
            except (Closed, OSError) as e:
                kind, text, waited_s = "lost", str(e), time.monotonic() - begin
            with self._lock:
                self.decisions.append(Decision(begin, time.monotonic(), kind, text, waited_s))

    def _ask(self, number, count):
        with Peer(self.address) as peer:
            peer.open("198.51.%d.%d" % (number, count % 250 + 1))
            peer.macros("M", i="4F%d.%d" % (number, count))
            peer.mail("s%d@load.example" % number)
            begin = time.monotonic()
            answer = peer.rcpt("u%d.%d@example.org" % (number, count))
            waited_s = time.monotonic() - begin
            peer.quit()
        return answer.kind, answer.text, waited_s

    def _yardstick(self):
        """How late a thread that asks for nothing but the time wakes up, on this machine, now."""
        while not self._stop.is_set():
            begin = time.monotonic()
            time.sleep(0.01)
            self._late_s = max(self._late_s, time.monotonic() - begin - 0.01)

    def _milterload(self):
        """More of it from milterload, when it was built; its figures are of the whole run."""
        places = [os.path.join(BUILD, *where, "milterload") for where in ((), ("tests", "bench"))]
        binary = next((p for p in places if os.access(p, os.X_OK)), None)
        seed = 1
        while binary and not self._stop.is_set():
            seed += 1
            argv = [binary, "-s", "unix:" + self.address, "-c", "32", "-n", "3000", "--slow", "20", "-S", str(seed)]
            done = subprocess.run(argv, capture_output=True, timeout=120, check=False)
            try:
                result = json.loads(done.stdout)
            except ValueError:
                self.pressure_errors += 1
                continue
            self.pressure_max_ms = max(self.pressure_max_ms, result.get("max_us", 0) / 1000)
            self.pressure_errors += result.get("errors", 0)

    def between(self, begin, end):
        """The decisions that lie wholly in that time."""
        with self._lock:
            return [d for d in self.decisions if d.begin >= begin and d.end <= end]

    def longest(self):
        """The decision that waited longest."""
        with self._lock:
            check(self.decisions, "there should have been a load")
            return max(self.decisions, key=lambda d: d.waited_s)

    def late_ms(self):
        return self._late_s * 1000
