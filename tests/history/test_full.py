#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test_full.py DRIVER: the disk is full, and then there is room again. Nothing that was acknowledged is lost, the
file is not taken for a damaged one, and what had to wait is written. On a file system that is really full where
this machine lets us mount one, and with a limit for the size of files, which is an error of another kind."""

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = float(os.environ.get("TMUX_ORC_TEST_PATIENCE", "1"))
AGENTS = 100
driver = os.path.abspath(sys.argv[1])


class Writer:
    """The driver, what it acknowledged, and what it said went wrong."""

    def __init__(self, path, before=(), **options):
        self.told, self.said = 0, []
        self.process = subprocess.Popen([*before, driver, "write", path, str(AGENTS)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, **options)
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.read_told, self.read_said)]
        for thread in self.threads:
            thread.start()

    def read_told(self):
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.told = int(line)

    def read_said(self):
        for line in self.process.stderr:
            self.said.append(line.strip())

    def end(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for thread in self.threads:
            thread.join()


def wait_for(condition, what, seconds=40):
    end = time.monotonic() + seconds * PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def check(folder, told):
    """Of a copy, for SQLite would look for the log elsewhere where the folder is not mounted for us."""
    with tempfile.TemporaryDirectory(prefix="history-") as copy:
        for name in os.listdir(folder):
            shutil.copy(os.path.join(folder, name), copy)
        return check_copy(copy, told)


def check_copy(folder, told):
    with sqlite3.connect(os.path.join(folder, "history.db")) as db:
        (verdict,) = db.execute("PRAGMA integrity_check").fetchone()
        (held,) = db.execute("SELECT count(*) FROM episode").fetchone()
        (holes,) = db.execute("SELECT count(*) FROM (SELECT since - lag(until) OVER (PARTITION BY agent ORDER BY id) AS gap "
                              "FROM episode) WHERE gap != 0").fetchone()
    db.close()
    assert verdict == "ok", verdict
    assert held >= told, f"{told} were acknowledged, {held} are there"
    assert holes == 0, f"{holes} episodes do not begin where the one before ended: something is missing between"
    aside = [n for n in os.listdir(folder) if "damaged" in n]
    assert not aside, aside
    return held


def fill_and_go_on(writer, folder, make_room, words):
    wait_for(lambda: writer.said, "the disk is full")
    assert any(word in writer.said[0] for word in words), f"it says what is wrong: {writer.said}"
    full = writer.told
    assert full > 0, "something was written before"
    time.sleep(2)  # some more has to wait
    assert writer.process.poll() is None, f"it ended with {writer.process.returncode}: {writer.said}"
    assert writer.told - full <= 2000, f"nothing more is acknowledged: {full}, {writer.told}"
    make_room()
    wait_for(lambda: any(s.startswith("written, 0 forgotten") for s in writer.said), f"it is written again: {writer.said}")
    wait_for(lambda: writer.told > full + 500, "what had to wait is written")
    writer.end()
    return full, check(folder, writer.told)


@contextlib.contextmanager
def small_disk(size):
    """(pid, folder as we see it, folder as seen there)"""
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", f"mount -t tmpfs -o size={size} tmpfs {folder} && echo && exec cat"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            yield (holder.pid, f"/proc/{holder.pid}/root{folder}", folder) if holder.stdout.readline() else None
        finally:
            holder.stdin.close()
            holder.wait()


def a_full_disk():
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("nsenter"):
        return "a full file system was not tried: that needs root, unshare and nsenter"
    with small_disk("400k") as disk:
        if not disk:
            return "a full file system was not tried: nothing can be mounted here"
        pid, folder, inside = disk
        enter = ["nsenter", f"--target={pid}", "--mount", "--root"]
        writer = Writer(os.path.join(inside, "history.db"), enter)
        full, held = fill_and_go_on(writer, folder, lambda: subprocess.run(
            [*enter, "mount", "-o", "remount,size=100m", inside], check=True), ("No space left",))
    return f"a full file system: {full} episodes fit, {held} are there after there was room"


def a_limit_for_files():
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300 << 10, resource.RLIM_INFINITY))
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        writer = Writer(os.path.join(folder, "history.db"), preexec_fn=limit)
        full, held = fill_and_go_on(writer, folder, lambda: resource.prlimit(
            writer.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
            ("Input/output error", "No space left"))
    return f"files that may not grow: {full} episodes fit, {held} are there after they might"


for part in (a_full_disk, a_limit_for_files):
    print(part())
