"""gatepostd in the foreground, its configuration, and what its log says.

Everything that the tests expect of the words in the log stands in this file.
"""

import os
import re
import shlex
import signal

from world import BUILD, Failure, check, listens, program, wait_for

# What a sanitizer writes when it found something.
_SANITIZER = re.compile(r"ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
                        r"Assertion .* failed|SUMMARY: ")
_SANITIZER_ENV = {
    "ASAN_OPTIONS": "abort_on_error=0:exitcode=99:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=98",
    "TSAN_OPTIONS": "exitcode=97:second_deadlock_stack=1:suppressions=%s" % os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", "tsan", "suppressions.txt"),
}

# A message's line has an action and its facts; other lines tell an event or a change of Redis.
ACCEPT, DEFER, REJECT, MIXED, NONE = "accept", "defer", "reject", "mixed", "none"
REDIS_DOWN = {"redis": "down"}
REDIS_UP = {"redis": "up"}
STARTED = {"event": "started"}
RELOADED = {"event": "reloaded"}
RELOAD_REFUSED = {"event": "reload_refused"}
STOPPING = {"event": "stopping"}
STOPPED = {"event": "stopped"}
ALREADY_SERVING = r"another gatepostd \(pid (\d+)\) is serving"
X_GREYLIST = r"^delayed (\d+) seconds\b"


# What asks DNS, or reads the message; a test that is about one of them turns it on.
CHECKS = ("reverse_dns", "spf", "dkim", "dmarc", "authentication_results")


class Words(str):
    """A value of milter.conf that is written as it is; other strings are quoted."""


def _value(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "{ %s }" % ", ".join(_value(str(v)) for v in value)
    if isinstance(value, Words) or re.fullmatch(r"[\w.-]+", str(value)):
        return str(value)
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


def conf_text(sections):
    """{section: {option: value}} as the text of milter.conf."""
    out = []
    for section, options in sections.items():
        rows = ["\t%s = %s" % (name, _value(value)) for name, value in options.items()]
        out.append("%s {\n%s\n}\n" % (section, "\n".join(rows)))
    return "\n".join(out)


def log_fields(line):
    """The key=value pairs of a logfmt line; quoted values without their quotes."""
    pairs = re.findall(r'(?:^|\s)([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S*)', line)
    return {k: v[1:-1] if v.startswith('"') and v.endswith('"') and len(v) > 1 else v for k, v in pairs}


class Gatepostd:
    """settings: {section: {option: value}}, over what the tests need; start() runs it."""

    def __init__(self, world, redis=None, settings=None, name="gatepostd", listen=None, start=True):
        self.world = world
        self.name = name
        self.listen = listen or "unix:" + world.path(name + ".sock")
        where = self.listen.split(":", 1)[1]
        self.address = where if self.listen.startswith("unix:") else int(where.split("@")[0])
        self.process = None
        self.settings = {
            "milter": {"listen": self.listen, "socket_mode": "0666", "stop_timeout": "10s"},
            "log": {"target": "stderr", "level": "info"},
            "redis": {"server": "unix:" + redis.socket if redis else "unix:/nonexistent/redis.sock",
                      "timeout": "500ms", "retry": "1s", "lists_refresh": "200ms"},
            "inbound": {},
            "greylist": {"mode": "all", "block": "3s", "pass": "6h"},
            **{section: {"enabled": False} for section in CHECKS},
        }
        for section, options in (settings or {}).items():
            self.settings.setdefault(section, {}).update(options)
        self.conf = self.write_conf()
        if start:
            self.start()

    def write_conf(self, **sections):
        for section, options in sections.items():
            self.settings.setdefault(section, {}).update(options)
        return self.world.write(self.name + ".conf", conf_text({k: v for k, v in self.settings.items() if v}))

    @staticmethod
    def argv(*arguments):
        """The command line, under GATEPOST_WRAP when that is set (setarch -R, valgrind …)."""
        return [*shlex.split(os.environ.get("GATEPOST_WRAP", "")), program("gatepostd", BUILD), *arguments]

    def spawn(self, *arguments, env=None, name=None):
        """Starts a gatepostd with these arguments, and does not wait for anything."""
        return self.world.start(name or self.name, self.argv(*arguments), env={**_SANITIZER_ENV, **(env or {})},
                                append=True)

    def start(self, env=None, ready=True):
        self.process = self.spawn("-f", "-c", self.conf, env=env)
        if ready:
            wait_for("%s listens" % self.name, self.ready, 20)
        return self

    def ready(self):
        """Whether it listens; a daemon that has ended will not."""
        check(self.process.running(), "gatepostd did not start", self.process.tail())
        return listens(self.address)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.running()

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def stop(self, seconds=30):
        """SIGTERM; the end must be orderly and clean of sanitizer reports."""
        if self.process is None:
            return
        self.clean(self.process.stop(seconds))
        self.process = None

    def clean(self, status=0):
        check(not _SANITIZER.search(self.log()), "a sanitizer reported", self.log()[-6000:])
        check(status == 0, "gatepostd ended with status %s" % status, self.process.tail())

    def alive(self):
        """The daemon still runs, answers, and no sanitizer has spoken."""
        check(self.running(), "gatepostd is gone", self.process.tail(60))
        check(not _SANITIZER.search(self.log()), "a sanitizer reported", self.log()[-6000:])

    def log(self):
        return self.process.log()

    def records(self, **fields):
        """The log's lines with these fields, as dicts."""
        found = [log_fields(line) for line in self.log().split("\n")]
        return [r for r in found if all(r.get(k) == str(v) for k, v in fields.items())]

    def messages(self, **fields):
        """The log's lines about messages: those with an action."""
        return [r for r in self.records(**fields) if "action" in r]

    def wait_message(self, seconds=5, **fields):
        """The last message line with these fields."""
        return self._wait("a message's line with %s" % fields, lambda: self.messages(**fields), seconds)[-1]

    def wait_record(self, fields, seconds=5, count=1):
        """The `count`th log line with these fields, once it is there."""
        def found():
            records = self.records(**fields)
            return records if len(records) >= count else None

        return self._wait("%d log line(s) with %s" % (count, fields), found, seconds)[-1]

    def _wait(self, what, predicate, seconds):
        try:
            return wait_for(what, predicate, seconds)
        except Failure as e:
            raise Failure("%s\n%s" % (e, self.process.tail())) from None

    def anon_kib(self):
        """Anonymous memory: what only this process uses."""
        with open("/proc/%d/status" % self.pid, encoding="ascii") as f:
            return int(re.search(r"RssAnon:\s*(\d+)", f.read()).group(1))

    def rss_kib(self):
        with open("/proc/%d/status" % self.pid, encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s*(\d+)", f.read()).group(1))
