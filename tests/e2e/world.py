"""One test's world: a temporary directory, the processes started in it, and patience with limits.

Everything that is started here is ended here, by its process id, whatever happens: World.close()
runs at exit and on SIGTERM, and a child is told by the kernel to end when this process is gone.
"""

import atexit
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GATEPOST_BUILD") or os.path.join(TOP, "build-test"))

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failure(AssertionError):
    """A test's finding; the runner prints it and goes on with the next test."""


class Cannot(Exception):
    """A thing that the tests need is not there; the reason is for a person."""


def check(condition, what, *details):
    if not condition:
        raise Failure("\n".join([what, *("  " + str(d) for d in details)]))


def equal(got, want, what):
    check(got == want, what, "got  %r" % (got,), "want %r" % (want,))


def matches(pattern, text, what):
    found = re.search(pattern, text, re.S)
    check(found, what, "got  %r" % (text,), "want /%s/" % pattern)
    return found


def wait_for(what, predicate, seconds=10.0, step=0.02):
    """Returns the first true value of predicate(); raises when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= end:
            raise Failure("%s: did not happen within %g s" % (what, seconds))
        time.sleep(step)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(address):
    """Whether something accepts connections at a port of 127.0.0.1 or a unix socket's path."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(1)
        try:
            s.connect(address if family == socket.AF_UNIX else ("127.0.0.1", address))
            return True
        except OSError:
            return False


def program(name, *places):
    """The path of a program, or Cannot with the name of what is missing."""
    for place in places:
        path = os.path.join(place, name)
        if os.access(path, os.X_OK):
            return path
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise Cannot("%s is not here (looked in %s and $PATH)" % (name, ", ".join(places) or "no other place"))
    return path


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A program in the foreground, with its output in a file."""

    def __init__(self, world, name, argv, env=None, append=False, new_session=False):
        self.name = name
        self.log_path = os.path.join(world.directory, name + ".log")
        mode = "ab" if append else "wb"
        with open(self.log_path, mode) as log:
            self.popen = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(os.environ, **(env or {})),
                cwd=world.directory,
                start_new_session=new_session,
                preexec_fn=_die_with_parent,
            )
        world.processes.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def signal(self, number):
        if self.running():
            self.popen.send_signal(number)

    def wait(self, seconds=20):
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure("%s did not end within %g s\n%s" % (self.name, seconds, self.tail())) from None

    def stop(self, seconds=20):
        """SIGTERM, then SIGKILL; returns the exit status (negative: a signal)."""
        self.signal(signal.SIGTERM)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(5)
            raise Failure("%s ignored SIGTERM for %g s\n%s" % (self.name, seconds, self.tail())) from None

    def kill(self):
        if self.running():
            self.popen.send_signal(signal.SIGCONT)
            self.popen.kill()
        return self.popen.wait(5)

    def log(self):
        with open(self.log_path, "rb") as f:
            return f.read().decode("utf-8", "surrogateescape")

    def tail(self, lines=25):
        text = self.log().rstrip("\n").split("\n")[-lines:]
        return "\n".join("  %s| %s" % (self.name, line) for line in text)


class World:
    """A temporary directory that daemons under other users can pass, and what runs in it."""

    def __init__(self, prefix="gp-"):
        # not in /tmp: Sendmail takes no socket in a folder below one that everybody may write
        self.directory = tempfile.mkdtemp(prefix=prefix, dir="/run")
        os.chmod(self.directory, 0o755)
        self.processes = []
        self.closers = []
        self._closed = False
        atexit.register(self.close)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def start(self, name, argv, **options):
        return Process(self, name, argv, **options)

    def logs(self):
        return "\n".join(p.tail() for p in self.processes if os.path.exists(p.log_path))

    def close(self):
        if self._closed:
            return
        self._closed = True
        for closer in reversed(self.closers):
            try:
                closer()
            except Exception as e:  # the rest must still be ended
                print("# closing: %s" % e, file=sys.stderr)
        for process in reversed(self.processes):
            try:
                if process.running():
                    process.signal(signal.SIGCONT)
                    process.signal(signal.SIGTERM)
                    try:
                        process.popen.wait(10)
                    except subprocess.TimeoutExpired:
                        process.kill()
            except OSError:
                pass
        if os.environ.get("GATEPOST_KEEP"):
            print("# kept: %s" % self.directory, file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def end_on_sigterm():
    """Turns SIGTERM and SIGHUP into an orderly exit, so that everything started is ended."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
