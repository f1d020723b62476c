#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test_killed.py DRIVER: kill -9 at any moment while it writes. The file opens every time, is in order,
and holds every episode that was said to be in it."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

KILLS = int(os.environ.get("TMUX_ORC_KILLS", "6"))
AGENTS = 40
driver = sys.argv[1]
lost_most = 0.0
total = 0

with tempfile.TemporaryDirectory(prefix="history-") as folder:
    path = os.path.join(folder, "history.db")
    held = 0
    for kill in range(KILLS):
        with subprocess.Popen([driver, "write", path, str(AGENTS)], stdout=subprocess.PIPE) as process:
            # One that was told of at least, and then at any moment.
            line = process.stdout.readline()
            assert line, f"the writer ended at kill {kill}"
            time.sleep(random.uniform(0, 2))
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().decode()
            process.wait()
        told = int(line)
        numbers = rest.split("\n")[:-1]  # what ends without a newline was cut off
        told = int(numbers[-1]) if numbers else told

        with sqlite3.connect(path) as db:
            (verdict,) = db.execute("PRAGMA integrity_check").fetchone()
            (now,) = db.execute("SELECT count(*) FROM episode").fetchone()
            (broken,) = db.execute("SELECT count(*) FROM episode WHERE until >= 0 AND until < since").fetchone()
            (double,) = db.execute("SELECT count(*) FROM (SELECT agent FROM episode WHERE until IS NULL OR until < 0 "
                                   "GROUP BY agent HAVING count(*) > 1)").fetchone()
        db.close()
        assert verdict == "ok", f"kill {kill}: {verdict}"
        # An agent that is found as it was left goes on in the episode that it has.
        assert now - held >= told - AGENTS, f"kill {kill}: {told} were acknowledged, {now - held} are there"
        assert broken == 0 and double == 0, f"kill {kill}: {broken} end before they begin, {double} are open twice"
        held, total = now, total + told
        aside = [n for n in os.listdir(folder) if "damaged" in n]
        assert not aside, f"kill {kill}: {aside}"
    size = os.path.getsize(path)

print(f"{KILLS} kills: the file opened every time, {total} acknowledged episodes, {held} held, {size >> 10} KiB")
