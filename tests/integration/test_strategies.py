#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Strategies: switched while everything runs, replaced while they fail, rolled out to some."""

import os
import shutil
import signal
import time

import harness
from harness import SampleAgent, need, wait_for
from plugin_ring import call, folder_of, hosts, orc, plugin, write

ALL = ["polling", "async_polling", "concurrent", "event_driven", "priority_based"]
PREFIX = "tmux_orchestrator_"

# What it does says its settings: it plans all, nothing that makes sense, or does not answer.
SEER = """import sys, time
sys.path.insert(0, ".")
import lines

def plan(round, settings):
    how = open("how").read().strip()
    if how == "sleeps":
        time.sleep(30)
    if how == "dies":
        sys.exit(3)
    looks = [[i, 0] for i in range(len(round["agents"]))]
    return {"looks": looks + ([[99, 0]] if how == "raves" else []), "next": 100000}

lines.serve("seer", "1.0.0", plan=plan)
"""
MANIFEST = """name: seer
version: 1.0.0
kind: strategy
api: 1
description: For a test.
program: [/usr/bin/python3, seer.py]
"""


def get(ring, name):
    return ring.busctl("get-property", harness.NAME, harness.ROOT, harness.MANAGER, name)


def metrics(ring):
    return {(name.removeprefix(PREFIX), *labels.values()): value
            for name, labels, value in ring.call("GetMetrics")[0]}


def start(ring, config="", agents=2):
    ring.start(config)
    tmux = ring.tmux()
    found = [SampleAgent(tmux, "claude") for _ in range(agents)]
    for a in found:
        a.play("idle")
        ring.wait_for_state(tmux, a.pane, "idle", 30)
    return tmux, found


def set_strategy(ring, name, *options):
    _, error = call(ring, "SetStrategy", "sa{sv}", name, len(options) // 3, *options)
    need(not error, f"{name} {options}: {error}")


def wait_for_strategy(ring, name, seconds=30):
    wait_for(lambda: get(ring, "Strategy") == name, lambda: f"{name}, seen {get(ring, 'Strategy')}", seconds)


def see_changes(ring, tmux, agents, what):
    """Every change of each agent is seen, and cycles go on."""
    cycles = get(ring, "Cycles")
    for agent in agents:
        agent.play("work")
        ring.wait_for_state(tmux, agent.pane, "working")
    for agent in agents:
        agent.play("idle")
        ring.wait_for_state(tmux, agent.pane, "idle")
    wait_for(lambda: get(ring, "Cycles") > cycles, f"cycles go on with {what}")


def each_strategy_sees_what_happens(ring):
    tmux, agents = start(ring)
    need(sorted(get(ring, "Strategies")) == sorted(ALL), f"all are there: {get(ring, 'Strategies')}")
    need(get(ring, "Strategy") == "event_driven", "this one unless another is configured")
    before, mark = "event_driven", ring.signals.mark()
    for name in ["polling", "priority_based", "concurrent", "async_polling_strategy", "event_driven"]:
        set_strategy(ring, name)
        name = name.removesuffix("_strategy")
        need(get(ring, "Strategy") == name, f"at once: {get(ring, 'Strategy')}")
        see_changes(ring, tmux, agents, name)
        told = [s[4] for s in ring.signals.all("StrategyChanged", mark)]
        need(told[-1] == [before, name], f"told once: {told}")
        need(name in hosts(ring, strategies=True), f"its process runs: {hosts(ring, strategies=True)}")
        before = name
    need(len(ring.signals.all("StrategyChanged", mark)) == 5, "no strategy failed meanwhile")


def switches_in_a_row_lose_no_change(ring):
    """An agent changes all the time, strategies too; nothing stays unseen and no cycle hangs."""
    tmux, agents = start(ring, agents=1)
    path = ring.agent(tmux, agents[0].pane)["path"]
    mark = ring.signals.mark()
    for i in range(6):
        agents[0].play("work" if i % 2 == 0 else "idle")
        for name in ALL:
            set_strategy(ring, name)
            ring.call("RunCycle")
        ring.wait_for_state(tmux, agents[0].pane, "working" if i % 2 == 0 else "idle")
    need(ring.changes_of(path, mark) == [("idle", "working"), ("working", "idle")] * 3,
         f"each change once, in order: {ring.changes_of(path, mark)}")


def a_strategy_that_is_killed_is_replaced_and_comes_back(ring):
    tmux, agents = start(ring, "monitoring: {strategy: priority_based}\n")
    wait_for(lambda: plugin(ring, "priority_based")["Status"] == "loaded", "it runs")
    mark = ring.signals.mark()

    def killed():
        """One that is there again before it is asked for its next plan is missed by nobody."""
        pid = hosts(ring, strategies=True).get("priority_based")
        if pid and not ring.signals.all("StrategyChanged", mark):
            os.kill(pid, signal.SIGKILL)
        return ring.signals.all("StrategyChanged", mark)
    wait_for(killed, "its end is noticed", every=0.3)
    agents[0].play("permission")
    ring.wait_for_state(tmux, agents[0].pane, "waiting")
    wait_for_strategy(ring, "priority_based")
    told = [s[4] for s in ring.signals.all("StrategyChanged", mark)]
    need(told == [["priority_based", "polling"], ["polling", "priority_based"]], f"there and back: {told}")
    log = harness.read(ring.log_path("daemon"))
    need("strategy priority_based fails, its agents are polled" in log, "the journal knows of it")
    need("strategy priority_based plans again" in log, "and of its end")
    need(metrics(ring)["strategy_failures_total", "priority_based"] >= 1, "it is counted")
    see_changes(ring, tmux, agents[1:], "the one that came back")


def a_strategy_that_raves_sleeps_or_dies_is_replaced(ring):
    folder = folder_of(ring, "seer")
    os.makedirs(folder, mode=0o755)
    shutil.copyfile(os.path.join(harness.SOURCE, "plugins", "python", "lines.py"), os.path.join(folder, "lines.py"))
    write(os.path.join(folder, "seer.py"), SEER)
    write(os.path.join(folder, "plugin.yaml"), MANIFEST)
    write(os.path.join(folder, "how"), "plans")
    tmux, agents = start(ring)
    set_strategy(ring, "seer")
    see_changes(ring, tmux, agents, "a strategy in Python")
    need(get(ring, "Strategy") == "seer", "it plans")
    for how, words in (("raves", "more looks than agents"), ("sleeps", "in time"), ("dies", "")):
        mark = ring.signals.mark()
        write(os.path.join(folder, "how"), how)
        wait_for(lambda: ring.signals.all("StrategyChanged", mark), f"one that {how} is noticed", 40)
        need(get(ring, "Strategy") == "polling", f"{how}: polling instead")
        see_changes(ring, tmux, agents, f"polling for one that {how}")
        component = next(row for row in ring.call("GetHealth")[1] if row[0] == "strategy")
        need(component[1] == "yellow" and "seer fails" in component[2], f"it is said: {component}")
        need(how != "raves" or "looks at" in component[2], f"{words}: {component}")
        if how == "raves":
            wait_for(lambda: any("a strategy fails" in row[2] and row[1] == "warning" for row in ring.call("ListAlerts")[0]),
                     "an alert is raised", 40)
        write(os.path.join(folder, "how"), "plans")
        call(ring, "EnablePlugin", "s", "seer")
        wait_for_strategy(ring, "seer", 90)


def a_rollout_is_raised_lowered_and_cut_off(ring):
    tmux, agents = start(ring, "monitoring: {async: {rollout: 0.5}}\n", agents=6)

    def shares():
        found = metrics(ring)
        return found.get(("strategy_agents", "event_driven"), 0), found.get(("strategy_agents", "polling"), 0)

    need(get(ring, "Rollout") == 0.5, "as configured")
    some, others = shares()
    need(some + others == 6, f"each agent has one: {some}, {others}")
    see_changes(ring, tmux, agents[:2], "a rollout to some")
    mark = ring.signals.mark()
    set_strategy(ring, "event_driven", "rollout", "d", "1.0")
    need(shares() == (6, 0), f"all of them: {shares()}")
    set_strategy(ring, "event_driven", "rollout", "d", "0.0")
    need(shares() == (0, 6) and get(ring, "Strategy") == "polling", f"none at once: {shares()}")
    see_changes(ring, tmux, agents[:2], "what is left")
    need(ring.signals.all("StrategyChanged", mark)[-1][4] == ["event_driven", "polling"], "it is told")
    ring.write_config("monitoring: {async: {rollout: 1.0}}\n")
    ring.call("Reload")
    need(shares() == (6, 0), f"by a configuration that is read anew: {shares()}")
    ring.call("SetConfig", "svb", "monitoring.async.enabled", "b", "false", "false")
    need(get(ring, "Strategy") == "polling" and shares()[0] == 0, f"switched off: {shares()}")
    _, error = call(ring, "SetStrategy", "sa{sv}", "concurrent", 0)
    need("switched off" in (error or ""), f"and no other may plan: {error}")
    see_changes(ring, tmux, agents[:1], "polling")


def the_environment_is_stronger(ring):
    ring.env["TMUX_ORC_ASYNC_ROLLOUT"] = "0.0"
    ring.start("monitoring: {strategy: concurrent_strategy}\n")
    need(get(ring, "Strategy") == "polling" and get(ring, "Rollout") == 0, "cut off by a variable")
    ring.stop("daemon")
    ring.env["TMUX_ORC_ASYNC_ROLLOUT"] = "1.0"
    ring.start_daemon()
    need(get(ring, "Strategy") == "concurrent", "and not by another value")
    ring.stop("daemon")
    ring.env["TMUX_ORC_FORCE_SYNC"] = "true"
    ring.start_daemon()
    need(get(ring, "Strategy") == "polling", "polling for all")


def a_class_has_a_strategy_of_its_own(ring):
    tmux, agents = start(ring, "monitoring: {strategies: [waiting=priority_based, codex=concurrent]}\n")
    agents[0].play("permission")
    ring.wait_for_state(tmux, agents[0].pane, "waiting")
    found = metrics(ring)
    need([found["strategy_agents", name] for name in ("event_driven", "priority_based", "concurrent")] == [1, 1, 0],
         f"each has its own: { {k: v for k, v in found.items() if k[0] == 'strategy_agents'} }")
    wait_for(lambda: metrics(ring).get(("strategy_cycles_total", "priority_based"), 0) > 3, "it plans for its class")
    see_changes(ring, tmux, agents, "both")


def what_is_kept_is_there_after_a_restart(ring):
    start(ring, agents=1)
    done = orc(ring, "monitor", "--strategy", "priority_based", "--rollout", "0.9", "--persist")
    need(done.returncode == 0 and "when the service starts again" in done.stdout, f"{done.stdout}{done.stderr}")
    ring.stop("daemon")
    ring.start_daemon()
    need(get(ring, "Strategy") == "priority_based" and get(ring, "Rollout") == 0.9, "as it was kept")
    text = orc(ring, "monitor", "status").stdout
    need("priority_based" in text and "90" in text, text)
    orc(ring, "monitor", "--sync")
    need(get(ring, "Strategy") == "polling", "--sync")
    orc(ring, "monitor", "--async")
    need(get(ring, "Strategy") == "event_driven", "--async")
    text = orc(ring, "monitor", "--list-strategies").stdout
    need("* event_driven" in text and "  polling" in text, text)


def the_core_alone_can_poll(ring):
    """Without a single plugin nothing is missed."""
    ring.env["TMUX_ORC_PLUGIN_DIR"] = ring.folder
    tmux, agents = start(ring)
    need(get(ring, "Strategies") == ["polling"] and get(ring, "Strategy") == "polling", "there is nothing else")
    see_changes(ring, tmux, agents, "nothing but the core")
    _, error = call(ring, "SetStrategy", "sa{sv}", "event_driven", 0)
    need("NoSuchStrategy" in error or "no such strategy" in error, f"and it is said: {error}")


def rounds_keep_to_the_budget(ring):
    start(ring, "monitoring: {strategy: polling, cost_budget: 0.02}\n", agents=1)
    wait_for(lambda: get(ring, "CycleIntervalUSec") >= 1000000, lambda: f"a slow pace: {get(ring, 'CycleIntervalUSec')}", 60)
    before = get(ring, "Cycles")
    time.sleep(6)
    cycles = get(ring, "Cycles") - before
    need(1 <= cycles <= 8, f"two seconds between rounds at most, and not much less: {cycles}")


def the_next_change_is_learned(ring):
    tmux, agents = start(ring, agents=1)
    for _ in range(3):
        agents[0].play("work")
        ring.wait_for_state(tmux, agents[0].pane, "working")
        agents[0].play("idle")
        seen = ring.wait_for_state(tmux, agents[0].pane, "idle")
    need(seen["NextChange"] >= seen["StateSince"], f"its next change is expected: {seen}")
    need(seen["NextChange"] - seen["StateSince"] < 120e6 * harness.PATIENCE, f"and soon, as it has changed often: {seen}")


harness.main(
    each_strategy_sees_what_happens, switches_in_a_row_lose_no_change,
    a_strategy_that_is_killed_is_replaced_and_comes_back, a_strategy_that_raves_sleeps_or_dies_is_replaced,
    a_rollout_is_raised_lowered_and_cut_off, the_environment_is_stronger, a_class_has_a_strategy_of_its_own,
    what_is_kept_is_there_after_a_restart, rounds_keep_to_the_budget, the_core_alone_can_poll, the_next_change_is_learned)
