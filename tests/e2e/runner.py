"""Runs the tests of a directory: test_*.py, functions test_*(stage), in the order of the file.

	run [NAME…]     NAME: a file (greylist), a test (greylist:early_retry), or a part of one

Prints TAP; exits 1 when a test failed, or when a name selects nothing. From the environment:
GATEPOST_BUILD (build-test): where gatepostd is; GATEPOST_WRAP: a command to run it under;
GATEPOST_KEEP: set, the folders with configurations and logs are left in /run;
GATEPOST_TRIES (1): how often a test may be tried, on a machine that others use too. What failed
first is printed, and its line says which try it was.
"""

import glob
import importlib
import os
import signal
import sys
import time
import traceback

from harness import DEFAULT_LIMIT_S, Cannot, Failure, Stage, end_on_sigterm


def _title(module, name, test):
    words = (test.__doc__ or name[len("test_"):].replace("_", " ")).strip().split("\n")[0].rstrip(".")
    return "%s: %s" % (module, words)


def _wanted(module, test, names):
    """Whether a name selects the test: "greylist:", "greylist:early", ":early"."""
    for name in names:
        only, part = name.split(":", 1)
        if only in ("", module) and part in test:
            return True
    return not names


def _find(directory, names):
    """[(module name, [(key, test)])] of what the names select."""
    found = []
    paths = sorted(glob.glob(os.path.join(directory, "test_*.py")))
    modules = [os.path.basename(path)[len("test_"):-len(".py")] for path in paths]
    # a name without a colon is that of a file, or part of a test's
    names = [n if ":" in n else n + ":" if n in modules else ":" + n for n in names]
    for module in modules:
        tests = vars(importlib.import_module("test_" + module)).items()
        tests = [(n[len("test_"):], f) for n, f in tests if n.startswith("test_") and callable(f)]
        chosen = [(module + ":" + n, f) for n, f in tests if _wanted(module, n, names)]
        if chosen:
            found.append((module, chosen))
    return found


def _alarm(_number, _frame):
    raise Failure("the test ran longer than its time limit")


def _run(test, stage):
    """None, or the words of what went wrong."""
    signal.setitimer(signal.ITIMER_REAL, getattr(test, "limit_s", DEFAULT_LIMIT_S))
    try:
        test(stage)
        stage.settle()
        return None
    except Cannot as e:
        return "cannot run: %s" % e
    except Failure as e:
        frames = traceback.extract_tb(e.__traceback__)
        where = [f for f in frames if os.path.basename(f.filename).startswith("test_")]
        place = "%s:%d\n" % (os.path.basename(where[-1].filename), where[-1].lineno) if where else ""
        return place + str(e)
    except Exception:
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class _Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def case(self, title, trouble, seconds, tries):
        self.count += 1
        again = "" if tries == 1 else ", try %d" % tries
        if trouble:
            self.failed += 1
            print("not ok %d - %s%s" % (self.count, title, again))
            self.comment(trouble)
        else:
            print("ok %d - %s (%.1f s%s)" % (self.count, title, seconds, again), flush=True)

    @staticmethod
    def comment(text):
        for line in text.rstrip().split("\n"):
            print("# " + line.encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()


def _run_module(module, tests, tap, tries):
    stage = Stage()
    try:
        for key, test in tests:
            title = _title(module, key.split(":")[1], test) if test.__doc__ else key
            for nth in range(1, tries + 1):
                begin = time.monotonic()
                trouble = _run(test, stage)
                if trouble:
                    trouble += "\n" + stage.diagnostics()
                stage.reset()
                if not trouble or nth == tries:
                    tap.case(title, trouble, time.monotonic() - begin, nth)
                    break
                tap.comment("failed, is tried again: %s\n%s" % (title, trouble))
    finally:
        stage.close()


def main(directory, names):
    end_on_sigterm()
    signal.signal(signal.SIGALRM, _alarm)
    sys.path.insert(0, directory)
    found = _find(directory, names)
    if not found:
        print("not ok 1 - no test is called %s" % " ".join(names))
        return 1
    tap = _Tap()
    for module, tests in found:
        _run_module(module, tests, tap, max(1, int(os.environ.get("GATEPOST_TRIES", "1"))))
    print("1..%d" % tap.count)
    return 1 if tap.failed else 0
