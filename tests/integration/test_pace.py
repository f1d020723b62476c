#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looking as often as it may cost, and missing nothing at any pace."""

import json
import os
import signal
import subprocess
import time

import harness
from harness import SampleAgent, need, wait_for

DRAFT = "half a thought"
TOLD = "panes that are written to are looked at besides"


def paint(tmux, pane, text):
    """As the program in the pane would print it."""
    with open(tmux.run("display-message", "-p", "-t", pane, "#{pane_tty}"), "wb", buffering=0) as tty:
        tty.write(text.encode())


def a_cursor_that_moves_alone_is_judged(ring):
    """A screen may be captured a moment after the cursor was read: the next look makes it right."""
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    seen = ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh"])
    x, y = map(int, tmux.run("display-message", "-p", "-t", agent.pane, "#{cursor_x} #{cursor_y}").split())
    need(x == 2, f"the cursor is where a draft begins, not at {x}")
    paint(tmux, agent.pane, f"\033[{y + 1};{x + 1}H{DRAFT}\033[{y + 1};{x + 1}H")
    screen = ring.call("GetScreen", "u", 0, path=seen["path"], interface=harness.AGENT)[0]
    need(DRAFT in screen, f"the draft is seen: {screen}")
    need(ring.agent(tmux, agent.pane)["Attributes"] == ["fresh"], "and with this cursor it is none")
    paint(tmux, agent.pane, f"\033[{y + 1};{x + 1 + len(DRAFT)}H")
    ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh", "unsubmitted"])


def manager(ring):
    """All properties of the Manager interface."""
    found = ring.call("GetAll", "s", harness.MANAGER, interface="org.freedesktop.DBus.Properties")[0]
    return {k: v["data"] for k, v in found.items()}


def wait_for_manager(ring, condition, what, seconds=40):
    seen = {}

    def there():
        seen.update(manager(ring))
        return condition(seen) and seen
    return wait_for(there, lambda: f"{what}, seen { {k: v for k, v in seen.items() if 'C' in k or k == 'Pool'} }",
                    seconds, every=0.5)


def cpu_seconds(pid):
    """By the kernel's nanoseconds."""
    return int(harness.read(f"/proc/{pid}/schedstat").split()[0]) / 1e9


def watchers_pace_themselves_and_say_how_and_at_what_cost(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    first = wait_for_manager(ring, lambda m: m["CycleIntervalUSec"] > 0 and m["Cycles"] > 3, "a pace")
    need(250000 <= first["CycleIntervalUSec"] <= 2000000, f"within its limits: {first['CycleIntervalUSec']}")
    need(first["CycleIntervalReason"] != "nothing was looked at yet", first["CycleIntervalReason"])
    need(first["CostBudgetPercent"] == 0.5, f"the default budget: {first['CostBudgetPercent']}")
    later = wait_for_manager(ring, lambda m: m["Cycles"] > first["Cycles"] + 5
                             and m["CostTmuxUSec"] > first["CostTmuxUSec"]
                             and m["CostOwnUSec"] > first["CostOwnUSec"], "what it costs goes on")
    need(0 < later["CostPercent"] < 50, f"a share of a core: {later['CostPercent']}")
    need(later["LastCycleUSec"] > 0, "how long the last round took")
    need(later["Pool"]["taken"] > 0, f"what asked tmux took a slot: {later['Pool']}")
    need(later["Pool"]["minimum"] == 5 and later["Pool"]["maximum"] == 20, f"the default pool: {later['Pool']}")
    usec, agents = ring.call("RunCycle")
    need(usec > 0 and agents == 1, "a cycle can be asked for all the same")


def what_is_said_of_tmuxs_cost_is_what_the_kernel_says(ring):
    """Nothing but us asks this server for anything; what it does of itself is not ours."""
    ring.start("monitoring: {cost_budget: 5}\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    began = wait_for_manager(ring, lambda m: m["Cycles"] > 10, "rounds")
    real = cpu_seconds(tmux.pid)
    later = wait_for_manager(ring, lambda m: m["Cycles"] > began["Cycles"] + 15, "more rounds")
    real = cpu_seconds(tmux.pid) - real
    said = (later["CostTmuxUSec"] - began["CostTmuxUSec"]) / 1e6
    need(real * 0.4 < said < real * 1.5, f"said {said:.4f} s, the kernel counts {real:.4f} s")


def the_pace_follows_the_budget_and_says_once_that_it_is_slow(ring):
    ring.start("monitoring: {cost_budget: 20}\n")
    tmux = ring.tmux()
    for _ in range(9):
        tmux.pane()
    tmux.pane("while sleep 0.05; do echo busy; done")  # one that is at rest is looked at for nothing
    wait_for_manager(ring, lambda m: m["CycleIntervalReason"] == TOLD and m["CycleIntervalUSec"] == 1000000,
                     "as fast as is of use where panes tell that they are written to", 90)
    mark = ring.signals.mark()
    ring.write_config("monitoring: {cost_budget: 0.02}\n")
    ring.call("Reload")
    slow = wait_for_manager(ring, lambda m: m["CycleIntervalUSec"] > 1500000, "slower with less to spend")
    need("0.02 % of a core" in slow["CycleIntervalReason"], slow["CycleIntervalReason"])
    need(slow["CostBudgetPercent"] == 0.02, "the budget that holds")
    told = [s for s in ring.signals.all("PropertiesChanged", mark) if "CycleIntervalUSec" in json.dumps(s[4])]
    need(1 <= len(told) <= 2, f"it is told, and not again and again: {len(told)}")
    lines = [x for x in harness.read(ring.log_path("daemon")).splitlines() if "are looked at every" in x]
    need(len(lines) == 1, f"the journal has one line of it: {lines}")
    # What it is to spend it spends, give or take what it owes and what the machine does.
    began = manager(ring)
    time.sleep(6)
    looks = manager(ring)["Cycles"] - began["Cycles"]
    need(1 <= looks <= 8, f"two seconds between looks at most, and not much less: {looks}")


def a_configured_interval_wins(ring):
    ring.start("monitoring: {cycle_interval: 4, cost_budget: 0.01}\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle", 30)
    found = wait_for_manager(ring, lambda m: m["CycleIntervalReason"] == "monitoring.cycle_interval says so", "the reason")
    need(found["CycleIntervalUSec"] == 4000000, f"as configured: {found['CycleIntervalUSec']}")
    began = manager(ring)
    time.sleep(9)
    cycles = manager(ring)["Cycles"] - began["Cycles"]
    need(1 <= cycles <= 3, f"cycles are four seconds apart: {cycles} in nine")
    taken = manager(ring)["Pool"]["taken"] - began["Pool"]["taken"]
    need(taken <= 10, f"and no look comes in between, where nothing changes: {taken}")
    ring.write_config("monitoring: {cycle_interval: 0.1, cost_budget: 0.01}\n")
    ring.call("Reload")
    began = manager(ring)
    time.sleep(3)
    cycles = manager(ring)["Cycles"] - began["Cycles"]
    need(cycles >= 10, f"also where the budget does not allow it: {cycles} in three seconds")


def what_is_held_back_is_told_between_rare_looks(ring):
    """A title is told every two seconds at most, a draft too; the next look may be far away."""
    ring.start("monitoring: {cycle_interval: 3600}\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    for _ in range(6):
        ring.call("RunCycle")
        time.sleep(0.5)
    ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh"])
    agent.play("permission")
    ring.call("RunCycle")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    tmux.run("select-pane", "-t", agent.pane, "-T", "another title")
    ring.call("RunCycle")
    wait_for(lambda: ring.agent(tmux, agent.pane)["Title"] == "another title", "the title", 10)


def servers_are_looked_at_side_by_side(ring):
    """One that hangs costs the others nothing."""
    ring.start()
    tmuxes = [ring.tmux(name=f"s{i}") for i in range(3)]
    agents = [SampleAgent(t, "claude") for t in tmuxes]
    for t, a in zip(tmuxes, agents):
        a.play("idle")
        ring.wait_for_state(t, a.pane, "idle")
    os.kill(tmuxes[0].pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            for t, a in list(zip(tmuxes, agents))[1:]:
                begin = time.monotonic()
                a.play("work")
                ring.wait_for_state(t, a.pane, "working", 15)
                took = time.monotonic() - begin
                need(took < 4 * harness.PATIENCE, f"at once, not in {took:.1f} s")
                a.play("idle")
                ring.wait_for_state(t, a.pane, "idle")
        ring.wait_for_liveness(tmuxes[0], "unknown")
    finally:
        os.kill(tmuxes[0].pid, signal.SIGCONT)
    ring.wait_for_liveness(tmuxes[0], "alive", 60)


def who_finds_no_slot_waits_in_line_and_not_for_ever(ring):
    ring.start("monitoring:\n  tmux_pool: {min_connections: 1, max_connections: 1, connection_timeout: 0.5}\n")
    tmuxes = [ring.tmux(name=f"s{i}") for i in range(3)]
    for t in tmuxes:
        t.pane("while sleep 0.1; do echo busy; done")  # one that is at rest needs no slot
        ring.wait_for_liveness(t, "alive")
    wait_for_manager(ring, lambda m: m["Pool"]["maximum"] == 1 and m["Pool"]["taken"] > 10, "a pool of one")
    os.kill(tmuxes[0].pid, signal.SIGSTOP)
    try:
        # It has the one slot for two seconds, each time that it is tried.
        pool = wait_for_manager(ring, lambda m: m["Pool"]["timed_out"] > 0 and m["Pool"]["failed"] > 0,
                                "one waits in vain, and the slot of the one that hangs is given up", 60)["Pool"]
        need(pool["queued"] >= pool["timed_out"] and pool["wait_usec"] > 0, f"it has waited: {pool}")
        need(pool["in_use"] <= 1 and pool["slots"] <= 1, f"there is one slot: {pool}")
    finally:
        os.kill(tmuxes[0].pid, signal.SIGCONT)
    for t in tmuxes:
        ring.wait_for_liveness(t, "alive", 60)


def slots_are_recycled(ring):
    ring.start("monitoring:\n  tmux_pool: {min_connections: 2, max_connections: 3, max_age: 1}\n")
    ring.tmux().pane()
    pool = wait_for_manager(ring, lambda m: m["Pool"]["recycled"] > 4, "slots grow old")["Pool"]
    need(2 <= pool["slots"] <= 3 and pool["created"] >= pool["recycled"] + 2, f"others take their place: {pool}")


def status_says_what_looking_costs(ring):
    ring.start()
    ring.tmux().pane()
    wait_for_manager(ring, lambda m: m["CycleIntervalReason"] == TOLD, "a pace")
    orc = os.path.join(harness.build_folder(), "tools", "tmux-orc")
    text = subprocess.run([orc, "--user", "status", "--detailed"], env=ring.env, text=True, capture_output=True,
                          timeout=60, check=True).stdout
    for words in ("Looks    every", TOLD, "Cost     ", "budget 0.5 %", "of 20 slots in use"):
        need(words in text, f"{words!r} in {text}")
    # Where looks are asked for, nothing is looked at besides.
    ring.call("SetStrategy", "sa{sv}", "polling", 0)
    wait_for_manager(ring, lambda m: m["CycleIntervalReason"] != TOLD, "another reason")


def a_transport_can_be_chosen(ring):
    """What is looked at by the stock client is a process each time."""
    ring.start("monitoring: {transport: source, cycle_interval: 0.1}\n")
    tmux = ring.tmux()
    tmux.pane("while sleep 0.02; do echo busy; done")
    wait_for(lambda: ring.asking(tmux), "the stock client", 20, every=0.002)
    ring.write_config("monitoring: {transport: native, cycle_interval: 0.1}\n")
    ring.call("Reload")
    taken = manager(ring)["Pool"]["taken"]
    seen = 0
    end = time.monotonic() + 3
    wait_for(lambda: not ring.asking(tmux), "the last of it")
    while time.monotonic() < end:
        seen += ring.asking(tmux)
    need(manager(ring)["Pool"]["taken"] > taken + 5 and seen == 0, f"no process any more, seen {seen}")


harness.main(
    a_cursor_that_moves_alone_is_judged, watchers_pace_themselves_and_say_how_and_at_what_cost,
    what_is_said_of_tmuxs_cost_is_what_the_kernel_says, the_pace_follows_the_budget_and_says_once_that_it_is_slow,
    a_configured_interval_wins, what_is_held_back_is_told_between_rare_looks, servers_are_looked_at_side_by_side,
    who_finds_no_slot_waits_in_line_and_not_for_ever, slots_are_recycled, status_says_what_looking_costs,
    a_transport_can_be_chosen)
