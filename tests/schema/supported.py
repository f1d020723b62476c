#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""supported.py SCHEMA-SUITE DOCUMENT: runs the official test suite of JSON Schema for draft-07, and
compares what fails with what the document says is not supported, both ways."""

import glob
import json
import os
import re
import subprocess
import sys

FOLDER = os.environ.get("TMUX_ORC_JSON_SCHEMA_SUITE", "/usr/share/json-schema-test-suite/tests")
ENTRY = re.compile(r"^- ((?:`[^`]+`)(?: / `[^`]+`)*):", re.M)


def cases(program, folder):
    files = sorted(glob.glob("**/*.json", root_dir=folder, recursive=True))
    run = subprocess.run([program, *files], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                         timeout=60, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def listed(document, heading):
    with open(document, encoding="utf-8") as f:
        sections = re.split(r"^## ", f.read(), flags=re.M)
    text = next(s for s in sections if s.startswith(heading + "\n"))
    return [tuple(re.findall(r"`([^`]+)`", entry)) for entry in ENTRY.findall(text)]


def main():
    folder = os.path.join(FOLDER, "draft7")
    if not os.path.isdir(folder):
        print(f"{folder} is missing (Debian: json-schema-test-suite)")
        sys.exit(77)

    must_fail = listed(sys.argv[2], "Not supported")
    may_fail = listed(sys.argv[2], "Not supported, in suites later than Debian's")
    complaints, used, passed = [], set(), 0
    program = os.path.abspath(sys.argv[1])
    for case in cases(program, folder):
        name = (case["file"], case["group"], case["case"])
        if case["result"] == "pass":
            passed += 1
            continue
        entries = [e for e in must_fail + may_fail if name[:len(e)] == e]
        used.update(entries)
        if not entries:
            complaints.append(f"{' / '.join(name)}: {case['result']}, and not listed ({case.get('why')})")
    complaints += [f"{' / '.join(e)}: listed, and nothing of it fails" for e in must_fail if e not in used]

    print(f"{passed} cases passed")
    for complaint in complaints:
        print(complaint)
    # Fewer are no suite for draft-07.
    sys.exit(1 if complaints or passed < 500 else 0)


main()
