#!/usr/bin/env python3
"""What others say of what gatepost tracked: every message of the MIME corpora, and of the HTML templates made into mail.

    tests/suites/track_judge.py PROGRAM DATA

PROGRAM (tests/suites/track) tracks them into folders of our own, with the pixel at the bottom and at the top. mime_same.py of
DATA/../tools compares before and after, by Python's email package; html_dom_same.mjs compares the HTML as a browser's parser sees
it (at most 1 % may differ there), where node is, and parse5 in $NODE_PATH. TAP; the counts are printed, and every message in which
something differs that should not. Exit status 0: nothing does; 1: something; 77: no messages.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASE = "https://t.shop.example/"
SHOWN = 20
DOM_DIFFERING_MAX = 0.01


def said(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **options)
    return done.stdout.splitlines(), done.returncode, done.stderr.strip()


def comment(lines):
    for line in lines:
        print(line if line.startswith("#") else f"# {line}")


def same(tools, folder):
    """mime_same.py of what is in the folder: is all well? Its pairs of HTML are in pairs.jsonl then."""
    lines, status, error = said([sys.executable, tools / "mime_same.py", "--base", BASE, "--dirs", folder / "before", folder / "after",
                                 "--dump-html", folder / "pairs.jsonl"])
    bad = [at for at, line in enumerate(lines) if "\tDIFF" in line]
    for at in bad[:SHOWN]:
        comment(lines[at:at + 3])
    comment(lines[-1:] if lines else [error])
    return status == 0 and bool(lines)


def dom_same(tools, folder):
    """html_dom_same.mjs of the pairs: is all well? None: it cannot be run here."""
    node = shutil.which("node")
    if node is None:
        print("# html_dom_same.mjs: node is not installed")
        return None
    with (folder / "pairs.jsonl").open() as pairs:
        lines, _, error = said([node, tools / "html_dom_same.mjs", BASE], stdin=pairs)
    if not lines or not lines[-1].startswith("TOTAL"):
        print(f"# html_dom_same.mjs: {error.splitlines()[-1] if error else 'says nothing'} (NODE_PATH=…)")
        return None
    bad = [line for line in lines if "\tDIFF" in line]
    comment(bad[:SHOWN] + lines[-1:])
    return len(bad) <= DOM_DIFFERING_MAX * (len(lines) - 1)


def main():
    program, data = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    tools = data.parent / "tools"
    if not (data / "mime").is_dir() or not (tools / "mime_same.py").exists():
        print("# no messages, or no judge")
        return 77
    number, good = 0, True
    print("1..8")
    with tempfile.TemporaryDirectory() as top:
        templates = Path(top) / "templates"
        said([sys.executable, tools / "make_eml.py", data / "html", templates])
        for name, source in (("mime", data / "mime"), ("html", templates)):
            for place in ("bottom", "top"):
                folder = Path(top) / f"{name}-{place}"
                os.mkdir(folder)
                lines, status, _ = said([program, "--at", place, source, folder])
                comment(line for line in lines if line.startswith("# track:") or line.startswith("#   "))
                for judge, verdict in (("mime_same.py", status == 0 and same(tools, folder)), ("html_dom_same.mjs", dom_same(tools, folder))):
                    number += 1
                    good = good and verdict is not False
                    print(f"{'not ok' if verdict is False else 'ok'} {number} - track {name}, pixel at the {place}: {judge}"
                          f"{' # SKIP' if verdict is None else ''}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
