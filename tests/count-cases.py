#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-cases TESTLOG.json: what one ring of tests came to, in cases.

Shows a line per test on standard output, the whole output of those that failed and the reason of
those that were skipped, and writes "PASSED FAILED SKIPPED" to file descriptor 3. A case is what a
test names one by one (cmocka's lines, or "ok - …", "not ok - …", "ok - … # SKIP why"); a test that
names none is one case.
"""

import json
import os
import re
import sys

CMOCKA = re.compile(r"^\[\s+(OK|FAILED|SKIPPED)\s+\] (\w+)$", re.M)
OWN = re.compile(r"^(not ok|ok)(?: \d+)? - (.*)$", re.M)


def cases(test):
    passed = failed = skipped = 0
    # cmocka names each failed test a second time, in its summary on standard error
    for result, _ in CMOCKA.findall(test.get("stdout", "")):
        passed += result == "OK"
        failed += result == "FAILED"
        skipped += result == "SKIPPED"
    for result, text in OWN.findall(test.get("stdout", "")):
        skip = "# SKIP" in text
        skipped += skip
        passed += result == "ok" and not skip
        failed += result == "not ok" and not skip
    return passed, failed, skipped


def count(test):
    passed, failed, skipped = cases(test)
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        return passed + (passed + skipped == 0), failed, skipped
    if test["result"] == "SKIP":
        return passed, failed, max(skipped, 1)
    return passed, max(failed, 1), skipped


def reasons(test):
    """What a skipped test, or the skipped cases of one, give as the reason."""
    named = [text.split("# SKIP", 1)[1].strip() for _, text in OWN.findall(test.get("stdout", ""))
             if "# SKIP" in text]
    lines = (test.get("stdout", "") + test.get("stderr", "")).strip().splitlines()
    if not named and test["result"] == "SKIP":
        named = [lines[-1] if lines else "it gives no reason"]
    return list(dict.fromkeys(named))


def main():
    total = [0, 0, 0]
    with open(sys.argv[1], encoding="utf-8") as f:
        tests = [json.loads(line) for line in f if line.strip()]
    for test in sorted(tests, key=lambda t: t["name"]):
        result = count(test)
        total = [a + b for a, b in zip(total, result)]
        name = test["name"].split(" / ", 1)[-1]
        word = "FAILED" if result[1] else "skipped" if not result[0] else "ok"
        print(f"   {name:32} {word:8} {result[0]:4} passed {test['duration']:7.1f} s")
        for reason in reasons(test):
            print(f"   -- skipped: {reason}")
        if result[1]:
            print(test["result"], "status", test["returncode"])
            print(test.get("stdout", "")[-20000:])
            print(test.get("stderr", "")[-20000:])
    sys.stdout.flush()
    os.write(3, "{} {} {}\n".format(*total).encode())
    return 0 if tests else 1


if __name__ == "__main__":
    sys.exit(main())
