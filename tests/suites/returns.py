"""Steps in which the judges beside the data say what our program makes of what came back.

Each has floors: so many were right once, so it shall not become fewer. What a recipient is given
up for is checked here as well, since the judge does not know of it: nobody may be for what was
temporary, or about the sender, the content, the way.
"""
import json
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from step import Failed, comment, files_needed, lines_of

# Categories of the labels for which nobody may be given up.
KEEPS = {"policy", "rate", "transient", "system", "quota", "size"}


def program_of(where):
    program = where.build / "gatepostctl"
    if not program.exists():
        raise Failed("gatepostctl was not built")
    return program


def counts_of(line):
    """"rcpt 167/167 100.0%" -> {"rcpt": (167, 167)}"""
    return {name: (int(a), int(b)) for name, a, b in re.findall(r"([\w-]+) (\d+)/(\d+)", line)}


def floors_check(counts, floors):
    low = [f"{name} {counts.get(name, (0, 0))[0]}, once {least}" for name, least in floors.items()
           if counts.get(name, (0, 0))[0] < least]
    if low:
        raise Failed(", ".join(low))


@dataclass
class Bounces:
    name: str
    floors: dict   # of firm labels: name of the judge's count -> at least
    false_max: int

    def run(self, where):
        data = where.data / "bounces" if where.data else None
        files_needed(where, [data / "expect.tsv", where.tools / "bounce_score.py"] if data else [])
        program = program_of(where)
        lines, status = lines_of(["/usr/bin/python3", str(where.tools / "bounce_score.py"), str(data / "expect.tsv"),
                                  str(data), "--cmd", f"'{program}' bounce", "-v"])
        for line in lines:
            comment(line)
        if status != 0:
            raise Failed(f"status {status}")
        firm = counts_of(next(line for line in lines if line.startswith("firm")))
        floors_check(firm, self.floors)
        if firm["false"][0] > self.false_max or any("crashed" in line for line in lines):
            raise Failed("taken for bounces, or crashed")
        return ""


def rows_of(path):
    rows = [line.split("\t") for line in path.read_text(errors="replace").splitlines()]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def answer_of(program, path):
    with open(path, "rb") as message:
        done = subprocess.run([program, "--json", "bounce"], stdin=message, capture_output=True, timeout=60, check=False)
    if done.returncode not in (0, 1):
        raise Failed(f"{path}: status {done.returncode}: {done.stderr.decode(errors='replace')[:200]}")
    return json.loads(done.stdout or b"[]")


@dataclass
class GivenUp:
    name: str

    def run(self, where):
        data = where.data / "bounces" if where.data else None
        files_needed(where, [data / "expect.tsv"] if data else [])
        program, rows = program_of(where), rows_of(data / "expect.tsv")
        files = sorted({row["file"] for row in rows})
        with ThreadPoolExecutor(2) as pool:
            answers = dict(zip(files, pool.map(lambda f: answer_of(program, data / f), files)))
        table, wrong = Counter(), []
        for row in rows:
            names = {name.lower() for name in [row["recipient"], *row["alt_recipient"].split(",")] if name}
            found = next((a for a in answers[row["file"]] if (a["recipient"] or "").lower() in names), None)
            if found is None:
                continue
            table[row["category"] or "?", found["why"]] += 1
            if found["gives_up"] and (row["class"] != "perm" or row["category"] in KEEPS) and row["class"] != "bounce":
                wrong.append(f"{row['file']} {found['recipient']}: {found['why']}, rule {found['rule']}")
        self.show(table)
        if wrong:
            raise Failed("; ".join(wrong))
        return f": {sum(a['gives_up'] for answer in answers.values() for a in answer)} given up, none wrongly"

    @staticmethod
    def show(table):
        comment("label -> what we say of it, and how often")
        for label in sorted({label for label, _ in table}):
            comment(f"  {label:10} " + ", ".join(f"{why} {n}" for (l, why), n in sorted(table.items()) if l == label))


@dataclass
class Ordinary:
    """Mail that is none of it: at most one false alarm in a thousand messages. What is a bounce
    among the samples is known by name."""
    name: str
    folder: str
    known: int

    def run(self, where):
        folder = where.data / self.folder if where.data else None
        files_needed(where, [folder] if folder else [])
        program = program_of(where)
        files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix not in (".tsv", ".md", ".json")]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda f: answer_of(program, f), files))
        alarms = [f for f, answer in zip(files, answers) if any(a["class"] in ("perm", "temp") for a in answer)]
        for alarm in alarms:
            comment(f"bounce: {alarm.relative_to(folder)}")
        if len(alarms) > self.known:
            raise Failed(f"{len(alarms)} of {len(files)} taken for bounces; {self.known} are")
        return f": {len(alarms)} of {len(files)}, all of them bounces"


@dataclass
class Complaints:
    name: str
    floors: dict

    def run(self, where):
        data = where.data / "arf" if where.data else None
        files_needed(where, [data / "expect.tsv", where.tools / "arf_score.py"] if data else [])
        lines, status = lines_of(["/usr/bin/python3", str(where.tools / "arf_score.py"), str(data / "expect.tsv"),
                                  str(data), "--cmd", f"'{program_of(where)}' complaint"])
        for line in lines:
            comment(line)
        if status != 0:
            raise Failed(f"status {status}")
        total = next(line for line in lines if line.startswith("TOTAL"))
        counts = counts_of(total)
        floors_check(counts, self.floors)
        if counts["false"][0] > 0 or "crash 0 hung 0" not in total:
            raise Failed(total)
        return ""


STEPS = [
    Bounces("Bounces: recipients, classes, codes",
            {"detected": 343, "rcpt": 338, "class": 325, "status": 201, "category": 220}, 0),
    GivenUp("Bounces: nobody given up wrongly"),
    Ordinary("Bounces: ordinary mail is none", "mime", 9),
    Complaints("Complaints", {"found": 16, "feedback-type": 16, "source-ip": 10, "original-mail-from": 14,
                              "original-rcpt-to": 10, "orig-message-id": 10}),
]
