"""A steady load on the daemon: sessions that each ask for one new tuple, with every answer kept."""

import collections
import json
import os
import subprocess
import threading
import time

from harness import BUILD, Peer, check
from milter_peer import Closed

# begin and end on time.monotonic(); kind of the answer to RCPT, or "lost" when there was none
Decision = collections.namedtuple("Decision", "begin end kind text")

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
        self._pressure = threading.Thread(target=self._milterload, daemon=True)
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
                kind, text = self._ask(number, count)
            except (Closed, OSError) as e:
                kind, text = "lost", str(e)
            with self._lock:
                self.decisions.append(Decision(begin, time.monotonic(), kind, text))

    def _ask(self, number, count):
        with Peer(self.address) as peer:
            peer.open("198.51.%d.%d" % (number, count % 250 + 1))
            peer.macros("M", i="4F%d.%d" % (number, count))
            peer.mail("s%d@load.example" % number)
            answer = peer.rcpt("u%d.%d@example.org" % (number, count))
            peer.quit()
        return answer.kind, answer.text

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

    def longest_ms(self):
        with self._lock:
            check(self.decisions, "there should have been a load")
            return max(d.end - d.begin for d in self.decisions) * 1000
