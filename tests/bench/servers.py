"""servers.py - the programs under measurement: started privately, watched, and ended by their pid.

    with Servers() as servers:
        redis = servers.redis()
        noop = servers.start("noop", ["noop_milter", "-s", "{socket}"])
        ...

Everything lives in a directory of its own under $TMPDIR and ends when the block is left, on
errors and on SIGTERM too. Python standard library only.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

START_S = 20  # a program that does not listen by then has failed
STOP_S = 15   # after SIGTERM; then SIGKILL

# Nothing that asks DNS, or waits for the end of a message.
GREY_ONLY = """\
reverse_dns { enabled = no }
spf { enabled = no }
dkim { enabled = no }
dmarc { enabled = no }
authentication_results { enabled = no }
"""


class Failed(Exception):
    """What went wrong, in words for the person who ran the benchmark."""


class Program:
    """A running server: its process, and what /proc says of it."""

    def __init__(self, name, process, where, log):
        self.name, self.process, self.where, self.log = name, process, where, log

    @property
    def pid(self):
        return self.process.pid

    def cpu_s(self):
        """CPU seconds, user and system, of all threads, also of those that have ended."""
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        ticks = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        try:
            # The process's own CPU clock says the same in ns: no 10 ms steps.
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return ticks

    def family_cpu_s(self):
        """cpu_s() of it and of the processes that it started, as long as they run; in steps of
        10 ms."""
        parents, ticks = {}, {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                continue  # it has ended
            parents[int(pid)] = int(fields[1])
            ticks[int(pid)] = int(fields[11]) + int(fields[12])
        family, grown = {self.pid}, True
        while grown:
            more = {pid for pid, parent in parents.items() if parent in family} - family
            family |= more
            grown = bool(more)
        return sum(ticks.get(pid, 0) for pid in family) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self):
        """(resident now, resident at most)"""
        lines = open(f"/proc/{self.pid}/status").read().splitlines()
        kb = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Vm")}
        return kb["VmRSS"], kb["VmHWM"]

    def files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def alive(self):
        return self.process.poll() is None

    def check(self):
        if not self.alive():
            raise Failed(f"{self.name} ended by itself ({self.process.returncode}):\n{self.tail()}")

    def tail(self, lines=15):
        return "".join(open(self.log, errors="replace").readlines()[-lines:])

    def stop(self):
        if not self.alive():
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Servers:
    def __init__(self):
        self.programs = []
        self.dir = None

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="gatepost-bench-")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda n, frame: sys.exit(128 + n))
        return self

    def __exit__(self, *what):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the clean-up is not interrupted
        for program in reversed(self.programs):
            program.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as out:
            out.write(text)
        return self.path(name)

    def run(self, name, command, where=None):
        """Starts a server."""
        log = self.path(f"{name}.log")
        with open(log, "w") as out:
            try:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=out, cwd=self.dir)
            except OSError as error:
                raise Failed(f"{command[0]}: {error.strerror}") from None
        program = Program(name, process, where, log)
        self.programs.append(program)
        return program

    def start(self, name, command, path=None):
        """Starts a server and waits until its unix socket accepts. {socket}, {path} (the same
        without "unix:"), {dir} and {redis} in the command are filled in."""
        path = path or self.path(f"{name}.sock")
        words = {"socket": f"unix:{path}", "path": path, "dir": self.dir,
                 "redis": self.path("redis.sock")}
        program = self.run(name, [part.format(**words) for part in command], f"unix:{path}")
        self.await_socket(program, path)
        return program

    @staticmethod
    def await_socket(program, path):
        end = time.monotonic() + START_S
        while True:
            program.check()
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(path)
                return
            except OSError:
                if time.monotonic() > end:
                    raise Failed(f"{program.name} does not listen on {path} after {START_S} s:\n"
                                 f"{program.tail()}") from None
                time.sleep(0.02)

    def redis(self):
        if shutil.which("redis-server") is None:
            raise Failed("redis-server is not installed (Debian: apt-get install redis-server)")
        path = self.path("redis.sock")
        return self.start("redis", [
            "redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no",
            "--dir", self.dir, "--daemonize", "no"], path)

    def gatepostd(self, binary, block_s=240, log_level="info", name="gatepostd", more=GREY_ONLY):
        """The daemon with a configuration for a run. block_s: short ones let a run make its
        tuples known by trying them twice. Each name has keys of its own in Redis, which begin
        with it and a colon; more: further sections of milter.conf."""
        conf = self.write(f"{name}.conf", f"""\
milter {{ listen = "unix:{self.path(name + ".sock")}" }}
log {{ target = stderr  level = {log_level} }}
redis {{ server = "unix:{self.path("redis.sock")}"  prefix = "{name}:" }}
greylist {{ mode = all  block = {block_s}s }}
{more}""")
        return self.start(name, [binary, "-f", "-c", conf])


def redis_read(lines):
    """One answer, whatever it is made of."""
    line = lines.readline().decode().strip()
    if line.startswith("-"):
        raise Failed(f"redis: {line}")
    if line.startswith("*"):
        return [redis_read(lines) for _ in range(int(line[1:]))]
    if line.startswith("$"):
        n = int(line[1:])
        return None if n < 0 else lines.read(n + 2)[:-2].decode(errors="replace")
    return line


def redis_ask(program, *words):
    """One command, without any client library."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(program.where.removeprefix("unix:"))
        s.sendall(f"*{len(words)}\r\n".encode() +
                  b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in (x.encode() for x in words)))
        return redis_read(s.makefile("rb"))


def load_start(milterload, where, *options):
    return subprocess.Popen([milterload, "-s", where, *map(str, options)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def load_result(process):
    """What a finished milterload printed; Failed when it had errors."""
    out, errors = process.communicate()
    try:
        result = json.loads(out)
    except ValueError:
        raise Failed(f"milterload: {errors or out or process.returncode}") from None
    if process.returncode != 0:
        raise Failed(f"milterload: {result['errors']} errors, {result['decisions']} decisions: "
                     f"{result.get('first_error', 'fewer than asked for')}")
    return result


def load(milterload, where, *options):
    process = load_start(milterload, where, *options)
    try:
        return load_result(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def binary(folders, name):
    """The program of that name in the first of the folders that has it."""
    for folder in folders:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return os.path.abspath(path)
    raise Failed(f"{name} is not in {' or '.join(folders)}: build it first")
