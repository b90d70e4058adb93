"""Everything an end-to-end test needs, under one name: `from harness import *`.

A test is a function test_*(stage) with its sentence as docstring; see runner.py for how it is run.
"""

import functools
import time

from gatepostd import (ACCEPT, ALREADY_SERVING, DEFER, MIXED, NONE, REDIS_DOWN, REDIS_UP, REJECT, RELOAD_REFUSED,
                       RELOADED, STARTED, STOPPED, STOPPING, X_GREYLIST, Gatepostd, Words)
from milter_peer import Answer, Closed, Peer
from mta import Postfix, Sendmail
from network import Network
from smtp import GREYLISTED, Client, Reply, Sink, message
from store import Between, Redis, RedisError
from world import (BUILD, TOP, Cannot, Failure, World, check, end_on_sigterm, equal, free_port, listens, matches,
                   program, wait_for)

DEFAULT_LIMIT_S = 90


def limit(seconds):
    """Gives a test another time limit than DEFAULT_LIMIT_S."""

    def mark(test):
        test.limit_s = seconds
        return test

    return mark


class Stage:
    """What the tests of one file share: a world, and the servers, started when first asked for.

    Between two tests the daemon is stopped, Redis is emptied, and the sink forgets.
    """

    def __init__(self):
        self.world = World()
        self.daemons = []
        self._count = 0

    @functools.cached_property
    def redis(self):
        return Redis(self.world)

    @functools.cached_property
    def sink(self):
        return Sink(self.world)

    @property
    def socket(self):
        """Where the MTAs look for the milter; the daemon of each test listens there."""
        return self.world.path("gp.sock")

    @functools.cached_property
    def postfix(self):
        return Postfix(self.world, self.sink, "unix:" + self.socket)

    def gatepostd(self, settings=None, **options):
        """A daemon for this test, at the MTAs' socket unless `listen` says otherwise."""
        self._count += 1
        options.setdefault("listen", "unix:" + self.socket)
        redis = options.pop("redis", self.redis)
        daemon = Gatepostd(self.world, redis, settings, name="gatepostd-%d" % self._count, **options)
        self.daemons.append(daemon)
        return daemon

    def try_later(self, attempt_again, seconds):
        """Waits as long as the server said, and tries once more."""
        time.sleep(seconds + 0.05)
        return attempt_again()

    def settle(self):
        """The end of a test that passed: its daemons must end well."""
        for daemon in self.daemons:
            if daemon.running():
                daemon.stop()

    def reset(self):
        for daemon in self.daemons:
            if daemon.running():
                daemon.process.kill()
        self.daemons.clear()
        if "redis" in self.__dict__:
            self.redis.heal()
            self.redis("FLUSHALL")
        if "postfix" in self.__dict__:
            self.postfix.drain()
        if "sink" in self.__dict__:
            self.sink.clear()

    def diagnostics(self):
        out = [d.process.tail(40) for d in self.daemons if d.process is not None]
        if "postfix" in self.__dict__:
            out.append(self.postfix.tail())
        return "\n".join(out)

    def close(self):
        self.world.close()


__all__ = [
    "ACCEPT", "ALREADY_SERVING", "Answer", "BUILD", "Between", "Cannot", "Client", "Closed", "DEFER", "Failure", "GREYLISTED",
    "Gatepostd", "MIXED", "NONE", "Network", "Peer", "Postfix", "REDIS_DOWN", "REDIS_UP", "REJECT", "RELOADED",
    "RELOAD_REFUSED", "Redis", "RedisError", "Reply", "STARTED", "STOPPED", "STOPPING", "Sendmail", "Sink", "Stage",
    "TOP", "Words", "World", "X_GREYLIST", "check", "end_on_sigterm", "equal", "free_port", "limit", "listens",
    "matches", "message", "program", "wait_for",
]
