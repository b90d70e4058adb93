"""A network of the test's own: a namespace with a loopback interface that has other addresses.

Programs started in it, and sockets made `with` it, see those addresses as local, and nothing else.
It also has a host name with a dot in it: Sendmail waits a minute for one.
"""

import ctypes
import os

from world import check, listens, program, wait_for

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _open(pid):
    return os.open("/proc/%d/ns/net" % pid, os.O_RDONLY | os.O_CLOEXEC)


def _enter(fd):
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns: " + os.strerror(ctypes.get_errno()))


class Network:
    def __init__(self, world, addresses, hostname="mx.example.org"):
        program("ip")
        self.world = world
        commands = ["hostname " + hostname, "ip link set lo up"]
        commands += ["ip address add %s dev lo" % a for a in addresses]
        commands += ["echo ready", "exec sleep infinity"]
        # the shell becomes the sleep, so that its process id stays the namespace's
        argv = [program("unshare"), "--net", "--uts", "sh", "-ec", "; ".join(commands)]
        self.process = world.start("network", argv)
        wait_for("the network namespace is there", self._ready)
        self._home, self._there = _open(os.getpid()), _open(self.process.pid)

    def _ready(self):
        check(self.process.running(), "no network namespace (unshare needs root)", self.process.tail())
        return "ready" in self.process.log()

    def __enter__(self):
        """Sockets that this thread makes from now on belong to the network."""
        _enter(self._there)
        return self

    def __exit__(self, *_):
        _enter(self._home)

    def start(self, name, argv):
        target = ["--target", str(self.process.pid), "--net", "--uts"]
        return self.world.start(name, [program("nsenter"), *target, *argv])

    def listens(self, port):
        with self:
            return listens(port)
