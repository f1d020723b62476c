#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A screen is for its owner; what everybody may see holds nothing of it."""

import json
import os
import shutil
import subprocess

import harness
from harness import SampleAgent, Skip, need

NOBODY = 65534
SECRET = "xyzzy-4711"


def agent_with_a_secret(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    tmux.run("send-keys", "-t", agent.pane, "-l", SECRET)
    return tmux, agent, ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh", "unsubmitted"])


def get_screen(ring, path, uid=None):
    command = ["busctl", "--user", "--json=short", "call", harness.NAME, path, harness.AGENT, "GetScreen", "u", "0"]
    if uid is not None:
        command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
    return subprocess.run(command, env=ring.env, text=True, capture_output=True, timeout=60, check=False)


def the_owner_sees_the_screen(ring):
    tmux, agent, seen = agent_with_a_secret(ring)
    done = get_screen(ring, seen["path"])
    need(done.returncode == 0, done.stderr)
    screen = json.loads(done.stdout)["data"][0]
    need(SECRET in screen and screen.strip() == tmux.screen(agent.pane).strip(), f"the whole screen: {screen!r}")


def another_user_does_not(ring):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("only root can act as a second user, with setpriv")
    _, _, seen = agent_with_a_secret(ring)
    os.chmod(ring.folder, 0o711)
    listed = subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "busctl", "--user",
                             "call", harness.NAME, harness.ROOT, harness.MANAGER, "ListAgents"],
                            env=ring.env, text=True, capture_output=True, timeout=60, check=False)
    need(listed.returncode == 0, f"it can reach the service: {listed.stderr}")
    done = get_screen(ring, seen["path"], NOBODY)
    need(done.returncode != 0 and SECRET not in done.stdout, "the screen is refused")
    need("denied" in done.stderr.lower() or "not allowed" in done.stderr.lower(), f"access is denied: {done.stderr}")


def no_signal_and_no_property_holds_what_the_screen_shows(ring):
    tmux, agent, _ = agent_with_a_secret(ring)
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    objects = json.dumps(ring.call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager"))
    need(SECRET not in objects and "Do you want" not in objects, "no property holds it")
    signals = json.dumps(ring.signals.seen)
    need(SECRET not in signals and "Do you want" not in signals, "no signal holds it")
    log = harness.read(ring.log_path("daemon"))
    need(SECRET not in log and "Do you want" not in log, "the log does not hold it")


harness.main(the_owner_sees_the_screen, another_user_does_not, no_signal_and_no_property_holds_what_the_screen_shows)
