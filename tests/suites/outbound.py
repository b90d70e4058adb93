"""Every message of the corpora through a real Postfix, signed by the real daemon, verified at the far end."""
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from step import Failed, Skipped, comment, files_needed, lines_of


@dataclass
class Sent:
    """outbound_judge.py in a process of its own: its servers end with it."""
    name: str
    sink: str  # what the far end offers: "8bit" or "7bit"
    more: tuple = ()

    def run(self, where):
        files_needed(where, [where.data / "mime/inventory.tsv", where.tools / "verify_dk_dkim.pl"] if where.data else [])
        if os.geteuid() != 0:
            raise Skipped("a Postfix of our own: only as root")
        for program, package in (("postfix", "postfix"), ("redis-server", "redis-server")):
            if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
                raise Skipped(f"no {program}, of the package {package}")
        if not (where.build / "gatepostd").exists():
            raise Failed(f"{where.build}/gatepostd was not built")
        script = Path(__file__).with_name("outbound_judge.py")
        # dkimpy is of Debian's python3; another may come first in PATH
        lines, status = lines_of(["/usr/bin/python3", str(script), str(where.build), str(where.data), self.sink, *self.more])
        for line in lines:
            comment(line)
        if status == 77:
            raise Skipped(lines[-1].lstrip("# ") if lines else "nobody to judge")
        if status != 0:
            raise Failed(f"status {status}")
        return ""


STEPS = [
    Sent("Outbound: the corpora through Postfix", "8bit"),
    Sent("Outbound: the corpora through Postfix, the far end without 8BITMIME", "7bit"),
    Sent("Tracking: the corpora through Postfix", "8bit", ("track",)),
    Sent("Tracking: the corpora through Postfix, the far end without 8BITMIME", "7bit", ("track",)),
]
