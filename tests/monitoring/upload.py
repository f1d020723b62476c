#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example for log shipping does ship: a message of ours, with its fields, comes from one journal into another's.

The command is the unit's own, with folders of the test's; the collector is a real systemd-journal-remote."""

import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time

REMOTE = "/lib/systemd/systemd-journal-remote"
UNIT = sys.argv[1]
MESSAGES = ({"MESSAGE": "agent 0-main-1 is waiting", "TMUX_ORC_AGENT": "0-main-1", "TMUX_ORC_STATE": "waiting"},
            {"MESSAGE": "agent 0-main-1 is working", "TMUX_ORC_AGENT": "0-main-1", "TMUX_ORC_STATE": "working"})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_listener(port):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the collector does not listen")


def write_journal(path, messages):
    now = int(time.time() * 1e6)
    text = "".join("".join(f"{k}={v}\n" for k, v in {
        "__REALTIME_TIMESTAMP": now + i, "__MONOTONIC_TIMESTAMP": 1000 + i, "_BOOT_ID": "0" * 31 + "1",
        "SYSLOG_IDENTIFIER": "tmux-orchestrator", **message}.items()) + "\n" for i, message in enumerate(messages))
    subprocess.run([REMOTE, f"--output={path}", "-"], input=text, text=True, check=True, stderr=subprocess.DEVNULL)


def command_of(unit, changes):
    with open(unit, encoding="utf-8") as f:
        line = next(line for line in f if line.startswith("ExecStart="))
    words = shlex.split(line.partition("=")[2])
    names = [word.partition("=")[0] for word in words]
    if not set(changes) <= set(names):
        raise SystemExit(f"the unit has no {sorted(set(changes) - set(names))}: {line}")
    return [f"{n}={changes[n]}" if n in changes else w for n, w in zip(names, words)]


def received(path):
    done = subprocess.run(["journalctl", f"--file={path}", "--output=json", "SYSLOG_IDENTIFIER=tmux-orchestrator"],
                          text=True, capture_output=True, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [{k: m.get(k) for k in MESSAGES[0]} for m in found]


def ship(changes, theirs):
    command = command_of(UNIT, changes)
    upload = subprocess.Popen(command)
    end = time.monotonic() + 60
    while received(theirs) != list(MESSAGES) and time.monotonic() < end and upload.poll() is None:
        time.sleep(0.2)
    upload.kill()
    upload.wait()


def main():
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs.journal")
        os.mkdir(ours)
        write_journal(os.path.join(ours, "system.journal"), MESSAGES)
        port = free_port()
        collector = subprocess.Popen([REMOTE, f"--listen-http=127.0.0.1:{port}", "--split-mode=none", f"--output={theirs}"])
        try:
            wait_for_listener(port)
            ship({"--url": f"http://127.0.0.1:{port}", "--directory": ours, "--save-state": os.path.join(folder, "state")}, theirs)
        finally:
            collector.terminate()
            collector.wait()
        if received(theirs) != list(MESSAGES):
            raise SystemExit(f"the collector has {received(theirs)}")


if not os.path.exists(REMOTE):
    print("there is no systemd-journal-remote here")
    sys.exit(77)
main()
