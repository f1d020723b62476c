#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-cases TESTLOG.json [AGAIN.json]: what one ring of tests came to, in cases.

Shows a line per test on standard output, the whole output of those that failed and the reason of
those that were skipped. On file descriptor 3 it writes "PASSED FAILED SKIPPED", then a line for each case
that failed: "failed TEST: CASE", or "unsteady TEST: CASE" where AGAIN, the log of those tests run once more,
has it as passed; such a one counts as passed.

count-cases --failed TESTLOG.json: a line for each test that failed, "TEST CASE…".

A case is what a test names one by one (cmocka's lines, or "ok - …", "not ok - …", "ok - … # SKIP why"); a
test that names none is one case, and so is what ends a test beside its cases.
"""

import json
import os
import re
import sys

CMOCKA = re.compile(r"^\[\s+(OK|FAILED|SKIPPED)\s+\] (\w+)$", re.M)
OWN = re.compile(r"^(not ok|ok)(?: \d+)? - (.*)$", re.M)
WHOLE = "the whole"


def cases(test):
    """The names that passed, failed and were skipped."""
    passed, failed, skipped = [], [], []
    # cmocka names each failed test a second time, in its summary on standard error
    for result, name in CMOCKA.findall(test.get("stdout", "")):
        {"OK": passed, "FAILED": failed, "SKIPPED": skipped}[result].append(name)
    for result, text in OWN.findall(test.get("stdout", "")):
        name, _, skip = text.partition(" # SKIP")
        (failed if result == "not ok" else skipped if skip else passed).append(name)
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        return passed or ([] if skipped else [WHOLE]), failed, skipped
    if test["result"] == "SKIP":
        return passed, failed, skipped or [WHOLE]
    return passed, failed or [WHOLE], skipped


def reasons(test):
    """What a skipped test, or the skipped cases of one, give as the reason."""
    named = [text.split("# SKIP", 1)[1].strip() for _, text in OWN.findall(test.get("stdout", ""))
             if "# SKIP" in text]
    lines = (test.get("stdout", "") + test.get("stderr", "")).strip().splitlines()
    if not named and test["result"] == "SKIP":
        named = [lines[-1] if lines else "it gives no reason"]
    return list(dict.fromkeys(named))


def passed_again(again, case):
    """Only what was run once more and is named, or ran to its end, is known to pass."""
    return again is not None and (case in cases(again)[0] or (case == WHOLE and again["result"] == "OK"))


def show(test, figures):
    passed, failed, _ = figures
    word = "FAILED" if failed else "ok" if passed else "skipped"
    print(f"   {short_name(test):32} {word:8} {len(passed):4} passed {test['duration']:7.1f} s")
    for reason in reasons(test):
        print(f"   -- skipped: {reason}")
    if failed:
        print(test["result"], "status", test["returncode"])
        print(test.get("stdout", "")[-20000:])
        print(test.get("stderr", "")[-20000:])


def short_name(test):
    return test["name"].split(" / ", 1)[-1]


def read_log(path):
    with open(path, encoding="utf-8") as f:
        return sorted((json.loads(line) for line in f if line.strip()), key=lambda t: t["name"])


def count(tests, again):
    total, notes = [0, 0, 0], []
    for test in tests:
        figures = cases(test)
        show(test, figures)
        total = [n + len(names) for n, names in zip(total, figures)]
        for case in figures[1]:
            unsteady = passed_again(again.get(test["name"]), case)
            total = [total[0] + unsteady, total[1] - unsteady, total[2]]
            notes.append(f"{'unsteady' if unsteady else 'failed'} {short_name(test)}: {case}")
    return "\n".join([" ".join(map(str, total)), *notes, ""])


def main():
    if sys.argv[1] == "--failed":
        for test in read_log(sys.argv[2]):
            failed = cases(test)[1]
            if failed:
                print(short_name(test), *(c for c in failed if WHOLE not in failed))
        return 0
    tests = read_log(sys.argv[1])
    again = {t["name"]: t for path in sys.argv[2:] for t in read_log(path)}
    text = count(tests, again)
    sys.stdout.flush()
    os.write(3, text.encode())
    return 0 if tests else 1


if __name__ == "__main__":
    sys.exit(main())
