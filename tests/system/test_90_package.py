# SPDX-License-Identifier: LGPL-2.1-or-later
"""The package in its time: upgraded, removed, purged. Last, for afterwards nothing is there."""

import os
import shutil

from machine import SERVICE, need, run, wait_for
from test_20_watchers import read_state

PURGED = ("tmux-orchestrator", "tmux-orchestrator-plugins")
REMOVED = (*PURGED, "tmux-orchestrator-dev")
# What systemd, dpkg, the tests and the people on the machine leave wherever anything runs.
NOT_OURS = ("/var/lib/dpkg/", "/var/lib/systemd/", "/var/log/", "/var/cache/", "/var/lib/apt/", "/var/lib/polkit-1", "/home/",
            "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid", "/etc/.pwd.lock",
            "/etc/machine-id", "/etc/systemd/system/tmux-orc-test.service", "/etc/systemd/system/multi-user.target.wants/tmux-orc-test",
            "/usr/local/bin/demo-agent", "/root/", "/var/lib/private", "/etc/ld.so.cache", "/var/tmp/", "/etc/hostname",
            "/etc/systemd/system/tmux-orchestrator-watcher@.service.d", "/etc/resolv.conf", "/var/lib/dbus", "__pycache__", ".pyc",
            "/var/mail", "/var/spool/", "/etc/systemd/system/multi-user.target.wants")


def apt(*command, folder="/packages"):
    return run("sh", "-c", f"cd {folder} && DEBIAN_FRONTEND=noninteractive exec apt-get -o Dpkg::Options::=--force-confold -y " +
               " ".join(command), seconds=600)


def installed(names):
    return [n for n in names if run("dpkg-query", "-W", "-f=${db:Status-Status}", n, check=False)[1].startswith("installed")]


def an_upgrade_keeps_what_was_known(machine):
    alice, tmux, agent, before = machine.one_agent("alice")
    agent.play("work")
    machine.wait_for_state(tmux, agent.pane, "working")
    agent.play("permission")
    before = machine.wait_for_state(tmux, agent.pane, "waiting")
    need(before["TimeInState"].get("working"), f"it has a history: {before}")
    old = machine.main_pid()
    apt("install", "./*.deb", folder="/packages/next")
    need("+next" in run("dpkg-query", "-W", "-f=${Version}", "tmux-orchestrator"), "the next version is installed")
    wait_for(lambda: machine.main_pid() not in (0, old), "the service was restarted")
    after = machine.wait_for_state(tmux, agent.pane, "waiting", Liveness="alive")
    need(after["path"] == before["path"] and after["StateSince"] == before["StateSince"], "the same agent, since the same time")
    need(after["TimeInState"]["working"] == before["TimeInState"]["working"], "and its history")
    need(alice.uid == after["OwnerUID"], "of its owner")


def a_removal_stops_everything_and_keeps_what_is_known(machine):
    machine.start(SERVICE)
    run("systemctl", "stop", SERVICE)
    need(read_state() is not None and os.path.exists("/var/lib/tmux-orchestrator"), "there is a state")
    run("systemctl", "start", SERVICE)
    run("sh", "-c", "systemctl stop 'tmux-orchestrator-watcher@*'")
    apt("remove", *installed(REMOVED))
    need(run("systemctl", "is-active", SERVICE, check=False)[1].strip() != "active", "the service is stopped")
    need(not run("pgrep", "-f", "libexec/tmux-orchestrator", check=False)[1].strip(), "nothing of ours runs")
    need(os.path.exists("/var/lib/tmux-orchestrator"), "what is known is kept")


def a_purge_leaves_nothing(machine):
    del machine
    # What the ring itself has configured is its own to take away, like any administrator's file.
    shutil.rmtree("/etc/tmux-orchestrator/config.yaml.d", ignore_errors=True)
    apt("purge", *PURGED)
    with open("/test/before", encoding="utf-8") as f:
        before = {"/" + line for line in f.read().splitlines()}
    listed = run("sh", "-c", "cd / && find etc usr var opt root home -xdev")
    left = {"/" + line for line in listed.splitlines()} - before
    left = sorted(p for p in left if not any(n in p for n in NOT_OURS))
    need(not left, f"nothing is left: {left[:40]}")
    for name in ("tmux-orc", "tmux-orchestrator"):
        found = run("find", "/etc", "/usr", "/var/lib", "/var/log", "/var/cache", "/run", "-xdev", "-name", f"*{name}*", "-not", "-path", "*/tmux-orc-test*",
                    "-not", "-path", "/var/lib/dpkg/*", "-not", "-path", "/run/user/*", "-not", "-path", "/run/systemd/*", "-not", "-path",
                    "/etc/systemd/system/tmux-orchestrator-watcher@.service.d*", "-not", "-path", "/usr/share/doc/*").split()
        need(not found, f"nothing bears its name: {found}")
    for user in ("tmux-orc", "tmux-orc-http"):
        need(run("getent", "passwd", user, check=False)[0] != 0, f"the user {user} is gone")
    need(not run("systemctl", "list-unit-files", "--no-legend", "tmux-orchestrator*", check=False)[1].strip(), "no unit is left")


# About, in a machine that is emulated beside three others.
SECONDS = 100
TESTS = [an_upgrade_keeps_what_was_known, a_removal_stops_everything_and_keeps_what_is_known, a_purge_leaves_nothing]
