#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test_spoilt.py DRIVER: files that were damaged in many ways. The writer goes on with each of them:
with what is there, with the last good copy, or anew, and never ends."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

ROUNDS = int(os.environ.get("TMUX_ORC_SPOILS", "24"))
driver = sys.argv[1]
random.seed(20)


def flip(path):
    with open(path, "r+b") as f:
        for _ in range(random.choice((1, 10, 500))):
            f.seek(random.randrange(os.path.getsize(path)))
            f.write(bytes([random.randrange(256)]))


def cut(path):
    os.truncate(path, random.randrange(os.path.getsize(path)))


def overwrite(path):
    size = os.path.getsize(path)
    with open(path, "r+b") as f:
        f.seek(random.randrange(size) // 4096 * 4096)
        f.write(os.urandom(4096 * random.choice((1, 3))))


def empty(path):
    os.truncate(path, 0)


def grow(path):
    with open(path, "ab") as f:
        f.write(os.urandom(random.randrange(1, 100000)))


def swap_pages(path):
    with open(path, "r+b") as f:
        pages = os.path.getsize(path) // 4096
        a, b = random.randrange(1, pages), random.randrange(1, pages)
        f.seek(a * 4096)
        first = f.read(4096)
        f.seek(b * 4096)
        second = f.read(4096)
        f.seek(b * 4096)
        f.write(first)
        f.seek(a * 4096)
        f.write(second)


def foreign(path):
    os.unlink(path)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE episode(x)")
        db.execute("PRAGMA user_version = 1")
    db.close()


def text(path):
    with open(path, "w", encoding="utf-8") as f:
        f.write("this is no database\n" * 1000)


def stray_log(path):
    with open(path + "-wal", "wb") as f:
        f.write(os.urandom(50000))


def write_some(path):
    """Whether it could write, and what it said."""
    with subprocess.Popen([driver, "write", path, "20"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        error = process.stderr.read()
    return line.strip(), error


with tempfile.TemporaryDirectory(prefix="history-") as folder:
    good = os.path.join(folder, "good.db")
    subprocess.run([driver, "fill", good, "20000", "10"], check=True)
    outcomes = {"as it was": 0, "restored": 0, "anew": 0}
    spoils = [flip, cut, overwrite, empty, grow, swap_pages, foreign, text, stray_log]
    for n in range(ROUNDS):
        spoil, has_copy = spoils[n % len(spoils)], n // len(spoils) % 2 == 0
        path = os.path.join(folder, f"{n}.db")
        shutil.copy(good, path)
        if has_copy:
            shutil.copy(good, path + ".backup")
        spoil(path)
        for kind in ("monthly", "capacity"):
            done = subprocess.run([driver, "report", path, kind], capture_output=True, check=False)
            assert done.returncode in (0, 1), f"{n} {spoil.__name__}: the report ended with {done.returncode} {done.stderr}"
        written, error = write_some(path)
        assert written, f"{n} {spoil.__name__}: nothing could be written: {error}"
        assert "ERROR" not in error and "runtime error" not in error, error
        with sqlite3.connect(path) as db:
            assert db.execute("PRAGMA quick_check").fetchone() == ("ok",), f"{n} {spoil.__name__}"
            (count,) = db.execute("SELECT count(*) FROM episode").fetchone()
        db.close()
        damaged = os.path.exists(path + ".damaged")
        outcome = "as it was" if not damaged else "restored" if count >= 20000 else "anew"
        outcomes[outcome] += 1
        assert not damaged or (count >= 20000) == has_copy, f"{n} {spoil.__name__}: {outcome}, a copy: {has_copy}"
        for name in os.listdir(folder):
            if name.startswith(f"{n}.db"):
                os.unlink(os.path.join(folder, name))

    # A folder that may not be written, by one who has no right to everything.
    locked = os.path.join(folder, "locked")
    os.mkdir(locked)
    shutil.copy(good, os.path.join(locked, "history.db"))
    if os.geteuid() == 0 and shutil.which("setpriv"):
        os.chmod(folder, 0o755)
        os.chmod(locked, 0o555)
        os.chmod(os.path.join(locked, "history.db"), 0o444)
        done = subprocess.run(["timeout", "3", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", driver, "write",
                               os.path.join(locked, "history.db"), "20"], capture_output=True, text=True, check=False)
        assert done.returncode in (124, 126) and not done.stdout, f"it goes on and claims nothing: {done}"

print(f"{ROUNDS} spoilt files: {outcomes}")
