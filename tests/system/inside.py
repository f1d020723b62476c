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

from machine import SERVICE, Machine, unit_property, wait_for  # noqa: E402  pylint: disable=wrong-import-position
from places import ALL, READY  # noqa: E402  pylint: disable=wrong-import-position
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
    """A container has it in a file; a machine is told when it is as ready as it can be, and kept as it is then."""
    if os.path.exists("/test/tests"):
        with open("/test/tests", encoding="utf-8") as f:
            line = f.read()
    else:
        try:
            wait_for(lambda: unit_property(SERVICE, "ActiveState") == "active", "the service is active")
        except Failure as e:
            print(f"# {e}")  # a test will say so, too
        print(READY, flush=True)
        line = input()
    return line.strip().split(",")


def main():
    modules = [importlib.import_module(os.path.basename(p)[:-3]) for p in sorted(glob.glob("/test/system/test_*.py"))]
    machine = Machine()
    with open("/proc/uptime", encoding="utf-8") as f:
        print(f"# it has run for {f.read().split()[0]} s when the tests begin")
    wanted = chosen_tests()
    for module in modules:
        for test in module.TESTS:
            if ALL in wanted or test.__name__ in wanted or module.__name__ in wanted:
                run_one(machine, test)
    print("\n== done")


main()
