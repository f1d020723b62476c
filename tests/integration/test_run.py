#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tmux-orc run: asks systemd for a scope around itself and becomes the command; and what is known of an agent's
memory without one. systemd is a stand-in here."""

import os
import re
import subprocess

import harness
from harness import need, read, wait_for

HELLO = ("sh", "-c", 'echo "$$ $1 $2"; exit 7', "--", "--json", "two words")


def start_systemd(ring, *arguments):
    program = os.path.join(harness.build_folder(), "tests", "integration", "scope-manager")
    with open(ring.log_path("systemd"), "wb") as out:
        ring.spawn("systemd", [program, *arguments], stdout=out)
    wait_for(lambda: "ready" in read(ring.log_path("systemd")), "the stand-in for systemd")


def orders(ring):
    """What was asked of systemd: a dictionary for each scope."""
    lines = read(ring.log_path("systemd")).replace("\0", "\n").split("\n")
    words = [line.split("\t") for line in lines if "\t" in line]
    return [{"name": w[0], "mode": w[1], **dict(p.split("=", 1) for p in w[2:])} for w in words]


def run(ring, *arguments):
    program = os.path.join(harness.build_folder(), "tools", "tmux-orc")
    return subprocess.run([program, *arguments], env=ring.env, text=True, capture_output=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL)


def a_command_runs_in_a_scope_of_its_own(ring):
    ring.start_bus()
    start_systemd(ring, "done")
    done = run(ring, "run", "--memory-max=64M", "--memory-high", "48M", "--cpu-quota=150%", "--tasks-max=20", *HELLO)
    pid, rest = done.stdout.split(" ", 1)
    need((rest, done.returncode, done.stderr) == ("--json two words\n", 7, ""), done)
    need(orders(ring) == [{
        "name": f"tmux-orc-run-sh-{pid}.scope", "mode": "fail", "Description": "sh, by tmux-orc run", "PIDs": pid,
        "MemoryAccounting": "yes", "CollectMode": "inactive-or-failed", "OOMPolicy": "continue",
        "MemoryMax": str(64 << 20), "MemoryHigh": str(48 << 20), "CPUQuotaPerSecUSec": "1500000", "TasksMax": "20"}],
        orders(ring))


def without_options_there_is_no_limit(ring):
    ring.start_bus()
    start_systemd(ring, "done")
    done = run(ring, "run", "--name", "my agent", "--", *HELLO)
    need(done.returncode == 7, done)
    order, = orders(ring)
    need(re.fullmatch(r"tmux-orc-run-my_agent-\d+\.scope", order["name"]), order)
    need(not {"MemoryMax", "MemoryHigh", "CPUQuotaPerSecUSec", "TasksMax"} & set(order), order)


def an_old_systemd_is_asked_in_its_own_words(ring):
    ring.start_bus()
    start_systemd(ring, "done", "old")
    done = run(ring, "run", "--memory-max=64M", *HELLO)
    need(done.returncode == 7 and done.stderr == "", done)
    order, = orders(ring)
    need("OOMPolicy" not in order and order["MemoryMax"] == str(64 << 20), order)


def where_no_scope_is_made_nothing_runs(ring):
    ring.start_bus()
    done = run(ring, "run", *HELLO)
    need(done.returncode == 3 and done.stdout == "", done)
    need("there is no systemd of yours" in done.stderr and "enable-linger" in done.stderr, done.stderr)

    start_systemd(ring, "refused")
    done = run(ring, "run", *HELLO)
    need(done.returncode == 1 and done.stdout == "" and "Too many units." in done.stderr, done)
    ring.stop("systemd")

    start_systemd(ring, "failed")
    done = run(ring, "run", *HELLO)
    need(done.returncode == 1 and done.stdout == "", done)
    need(re.search(r"cannot make tmux-orc-run-sh-\d+\.scope: failed", done.stderr), done.stderr)


def what_cannot_be_run_is_said(ring):
    ring.start_bus()
    start_systemd(ring, "done")
    done = run(ring, "run", "no-such-program")
    need(done.returncode == 127 and "cannot run 'no-such-program'" in done.stderr, done)
    done = run(ring, "run", "/etc/passwd")
    need(done.returncode == 126, done)
    for wrong in ("--memory-max=lots", "--cpu-quota=1.5", "--tasks-max=0"):
        done = run(ring, "run", wrong, *HELLO)
        need(done.returncode == 2 and wrong.split("=")[1] in done.stderr and done.stdout == "", done)
    done = run(ring, "run")
    need(done.returncode == 2 and "COMMAND" in done.stderr, done)


def what_an_agent_uses_is_known_without_a_group_of_its_own(ring):
    """Nobody gave the pane one here, and where there is one with a limit is for the system ring to see."""
    ring.start()
    tmux = ring.tmux()
    agent = harness.SampleAgent(tmux)
    agent.play("work")
    found = ring.wait_for_state(tmux, agent.pane, "working")
    need(found["MemoryScope"] in ("unknown", "shared"), found)
    wait_for(lambda: ring.agent(tmux, agent.pane)["MemoryBytes"] > 1 << 20, lambda: f"its memory: {ring.agent(tmux, agent.pane)}")
    need("low_memory" not in found["Attributes"] and found["Advice"] == "" and found["EndReason"] == "", found)
    need(re.search(r"Memory: +\d+\.\d [KM]iB, (of its processes|in a control group with others)", run(ring, "show", found["Id"]).stdout),
         run(ring, "show", found["Id"]).stdout)
    os.kill(agent.pid(), 9)
    dead = ring.wait_for_state(tmux, agent.pane, "crashed")
    need("oom_killed" not in dead["Attributes"] and dead["EndReason"], dead)


if __name__ == "__main__":
    harness.main(a_command_runs_in_a_scope_of_its_own, without_options_there_is_no_limit,
                 an_old_systemd_is_asked_in_its_own_words, where_no_scope_is_made_nothing_runs,
                 what_cannot_be_run_is_said, what_an_agent_uses_is_known_without_a_group_of_its_own)
