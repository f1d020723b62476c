#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""inside.py: runs in the booted system, as root; boot.py put it there.

Every file test_*.py beside this one has a list TESTS of functions that get the Machine and raise when
something is not as it must be. The name of each is its sentence. They run in the order of the files.
"""

import glob
import importlib
import os
import sys
import time
import traceback

sys.path[:0] = ["/test/system", "/test/integration"]

from machine import Machine  # noqa: E402  pylint: disable=wrong-import-position
from places import TESTS_OPTION  # noqa: E402  pylint: disable=wrong-import-position
from harness import Failure, Skip  # noqa: E402  pylint: disable=wrong-import-position


def run_one(machine, test):
    started = time.monotonic()
    try:
        test(machine)
        print(f"ok - {test.__name__}")
        print(f"# {time.monotonic() - started:.1f} s")
    except Skip as e:
        print(f"ok - {test.__name__} # SKIP {e}")
    except BaseException as e:  # pylint: disable=broad-except
        print(f"not ok - {test.__name__}")
        where = traceback.extract_tb(e.__traceback__)
        print("\n".join(f"# {f.name}:{f.lineno}: {f.line}" for f in where[1:]))
        print(f"# {e}" if isinstance(e, Failure) else f"# {type(e).__name__}: {e}")
        machine.show_logs()
    finally:
        machine.tidy()
        sys.stdout.flush()


def chosen_tests():
    """None: all. A machine has it on its command line, a container in a file."""
    path = "/test/tests" if os.path.exists("/test/tests") else "/proc/cmdline"
    with open(path, encoding="utf-8") as f:
        option = next((w for w in f.read().split() if w.startswith(TESTS_OPTION + "=")), "=")
    return [t for t in option.split("=", 1)[1].split(",") if t]


def main():
    wanted = chosen_tests()
    machine = Machine()
    with open("/proc/uptime", encoding="utf-8") as f:
        print(f"# it has run for {f.read().split()[0]} s when the tests begin")
    for path in sorted(glob.glob("/test/system/test_*.py")):
        module = importlib.import_module(os.path.basename(path)[:-3])
        for test in module.TESTS:
            if not wanted or test.__name__ in wanted or module.__name__ in wanted:
                run_one(machine, test)
    print("\n== done")


main()
