"""A step of the suites: what it needs, and how a program is run for it."""
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT_S = 600


class Skipped(Exception):
    """It cannot be run here; says why."""


class Failed(Exception):
    """It was run, and is not what it should be."""


@dataclass
class Surroundings:
    """build: where the programs are; data: what others wrote, None when it is absent."""
    build: Path
    data: Path | None

    @property
    def tools(self):
        return self.data.parent / "tools"


def files_needed(where, files):
    if where.data is None:
        raise Skipped("no data: set GATEPOST_DATA")
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise Skipped(f"not there: {', '.join(missing)}")


def lines_of(command):
    """What it printed, and its status. On a time-out all that it started in its group ends."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", start_new_session=True) as process:
        try:
            text, _ = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Failed(f"no end after {TIMEOUT_S} s: {command[0]}") from late
    return text.splitlines(), process.returncode


def comment(line):
    print(line if line.startswith("#") else f"# {line}")


@dataclass
class Program:
    """One of ours, below tests/suites, whose arguments are files of the data."""
    name: str
    program: str
    files: list
    needs: list = field(default_factory=list)  # when they are others than these
    unbuilt: str | None = None                 # why it may not be built

    def run(self, where):
        files_needed(where, [where.data / f for f in self.needs or self.files] if where.data else [])
        program = where.build / "tests/suites" / self.program
        if not program.exists():
            raise (Skipped if self.unbuilt else Failed)(f"{program} was not built: {self.unbuilt or 'see the build'}")
        lines, status = lines_of([str(program), *(str(where.data / f) for f in self.files)])
        for line in lines:
            comment(line)
        if status != 0:
            raise Failed(f"status {status}")
        return ""


@dataclass
class Judged:
    """A script beside this file that has others judge what one of our programs makes of the data."""
    name: str
    script: str
    program: str

    def run(self, where):
        program = where.build / "tests/suites" / self.program
        files_needed(where, [])
        if not program.exists():
            raise Failed(f"{program} was not built: see the build")
        script = Path(__file__).with_name(self.script)
        lines, status = lines_of(["/usr/bin/python3", str(script), str(program), str(where.data)])
        for line in lines:
            comment(line)
        if status == 77:
            raise Skipped(lines[-1].lstrip("# ") if lines else "nobody to judge")
        if status != 0:
            raise Failed(f"status {status}")
        return ""
