"""A Redis of the test's own, on a unix socket and a port of 127.0.0.1, without persistence."""

import os
import signal
import socket
import threading

from world import check, free_port, listens, program, wait_for


class Redis:
    def __init__(self, world, name="redis"):
        self.world = world
        self.name = name
        self.port = free_port()
        self.socket = world.path(name + ".sock")
        self.password = None
        self.process = None
        self.start()

    def start(self, password=None):
        argv = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        argv += ["--unixsocket", self.socket, "--unixsocketperm", "777", "--save", ""]
        argv += ["--appendonly", "no", "--daemonize", "no", "--dir", self.world.directory]
        argv += ["--loglevel", "warning", "--enable-debug-command", "yes"]
        argv += ["--requirepass", password] if password else []
        self.password = password
        self.process = self.world.start(self.name, argv, append=True)
        wait_for("redis answers", lambda: listens(self.socket) and self.ping())

    def ping(self):
        try:
            return self("PING") == "PONG"
        except (OSError, RedisError):
            return False

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
        if os.path.exists(self.socket):
            os.unlink(self.socket)

    def stall(self):
        self.process.signal(signal.SIGSTOP)

    def resume(self):
        self.process.signal(signal.SIGCONT)

    def heal(self):
        """Undoes whatever a test did to it: runs, answers, has no password, no limit, no master."""
        self.resume()
        if not self.process.running():
            self.start()
        for password in (self.password, None):
            self.password = password
            try:
                self("CONFIG", "SET", "requirepass", "")
                break
            except RedisError:
                continue
        self.password = None
        self("CONFIG", "SET", "maxmemory", "0")
        self("REPLICAOF", "NO", "ONE")

    def __call__(self, *words, timeout=5):
        """Runs one command over the port; returns str, int, list or None, raises RedisError."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s:
            reader = s.makefile("rb")
            if self.password:
                s.sendall(_request("AUTH", self.password))
                _reply(reader)
            s.sendall(_request(*words))
            return _reply(reader)

    def keys(self, pattern="*"):
        return sorted(self("KEYS", pattern))

    def hash(self, key):
        flat = self("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2]))

    def info(self, section, field):
        for line in self("INFO", section).split("\r\n"):
            if line.startswith(field + ":"):
                return line.split(":", 1)[1]
        return None

    def age(self, key, seconds):
        """Makes a tuple look as if everything in it had happened `seconds` earlier."""
        fields = self.hash(key)
        check(fields, "there is no key %s" % key, self.keys())
        for field in ("first", "last", "passed", "last_counted"):
            if int(fields.get(field) or 0):
                self("HINCRBY", key, field, -int(seconds))


class Between:
    """A unix socket between a client and that Redis, which lets everything through until a command has `word` in it. Then
    it calls then(), before Redis gets to see the command or, with answered, when it has answered; and says no more."""

    def __init__(self, redis, word, then, answered):
        self.socket = redis.world.path("between-%d.sock" % free_port())
        self._redis, self._word, self._then, self._answered = redis.socket, word, then, answered
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.socket)
        self._listener.listen(64)
        os.chmod(self.socket, 0o777)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._redis)
            met = threading.Event()
            for source, target, asks in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass, args=(source, target, asks, met), daemon=True).start()

    def _pass(self, source, target, asks, met):
        try:
            while data := source.recv(1 << 20):
                if asks and self._word in data:
                    met.set()
                if met.is_set() and asks != self._answered:
                    self._then()
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class RedisError(Exception):
    pass


def _request(*words):
    out = b"*%d\r\n" % len(words)
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogateescape")
        out += b"$%d\r\n%s\r\n" % (len(data), data)
    return out


def _reply(reader):
    line = reader.readline()
    if not line.endswith(b"\r\n"):
        raise OSError("redis closed the connection")
    kind, text = line[:1], line[1:-2].decode("utf-8", "surrogateescape")
    if kind == b"+":
        return text
    if kind == b"-":
        raise RedisError(text)
    if kind == b":":
        return int(text)
    if kind == b"$":
        if int(text) < 0:
            return None
        return reader.read(int(text) + 2)[:-2].decode("utf-8", "surrogateescape")
    if kind == b"*":
        return None if int(text) < 0 else [_reply(reader) for _ in range(int(text))]
    raise OSError("redis said %r" % line)
