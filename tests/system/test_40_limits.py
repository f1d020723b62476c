# SPDX-License-Identifier: LGPL-2.1-or-later
"""Limits by control groups: in force, and whoever breaks one hurts nobody else. A container has none."""

import json
import os
import shutil
import signal

from machine import SERVICE, Skip, need, run, unit_property, wait_for

PLUGINS = "/etc/tmux-orchestrator/plugins"

PROGRAM = """import lines, json, os, time

kept = []

def eat(value):
    while True:
        kept.append(bytearray(os.urandom(1 << 20)))

def fork(value):
    children = []
    try:
        while len(children) < 1000:
            pid = os.fork()
            if pid == 0:
                time.sleep(60)
                os._exit(0)
            children.append(pid)
    except OSError:
        pass
    for pid in children:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return len(children)

def spin(value):
    started, used = time.monotonic(), time.process_time()
    while time.monotonic() - started < 3:
        pass
    return (time.process_time() - used) / (time.monotonic() - started)

def escape(value):
    import escape
    return escape.attempts()

def execute(value, settings):
    return {"answer": {"eat": eat, "fork": fork, "spin": spin, "escape": escape}.get(value["do"], lambda v: "here")(value)}

lines.serve("NAME", "1.0.0", execute)
"""

MANIFEST = """name: {name}
version: 1.0.0
kind: tool
api: 1
program: [/usr/bin/python3, {name}.py]
description: Does what it is told, for the tests.
timeout: 120s
limits: {{memory: 1G, tasks: 500}}
input_schema: {{type: object}}
"""


def control_group_path(unit):
    return "/sys/fs/cgroup" + unit_property(unit, "ControlGroup")


def needs_control_groups():
    try:
        with open("/sys/fs/cgroup/cgroup.controllers", encoding="utf-8") as f:
            there = f.read().split()
    except OSError:
        there = []
    if not {"memory", "pids", "cpu"} <= set(there):
        raise Skip("there are no controllers of control groups in here")


def limit(unit, name):
    with open(os.path.join(control_group_path(unit), name), encoding="utf-8") as f:
        return f.read().strip()


def install_plugin(machine, name):
    """A plugin of the organisation, as its administrator would put it there."""
    folder = os.path.join(PLUGINS, name)
    os.makedirs(folder, exist_ok=True)
    for file, text in ((f"{name}.py", PROGRAM.replace("NAME", name)), ("plugin.yaml", MANIFEST.format(name=name))):
        with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
            f.write(text)
    found = next(os.path.join(f, "lines.py") for f, _, files in os.walk("/usr/lib") if f.endswith("plugins/webhook") and "lines.py" in files)
    shutil.copy(found, folder)
    shutil.copy("/test/system/escape.py", folder)
    machine.call("ScanPlugins")
    need(execute(machine, name, "answer") == "here", f"{name} answers")


def execute(machine, name, what):
    status, text = run("busctl", "--system", "--json=short", "--timeout=150", "call", "org.tmuxorc.Monitor1",
                       "/org/tmuxorc/Monitor1", "org.tmuxorc.Monitor1.Manager", "ExecutePlugin", "ssa{sv}", name,
                       json.dumps({"do": what}), "0", check=False, seconds=200)
    if status != 0:
        return text.strip()
    return json.loads(json.loads(text)["data"][0])["answer"]


def remove_plugins(machine):
    shutil.rmtree(PLUGINS, ignore_errors=True)
    machine.call("ScanPlugins")


def hosts():
    listed = run("systemctl", "list-units", "--plain", "--no-legend", "--state=active", "tmux-orchestrator-plugin@*.service")
    return [line.split()[0] for line in listed.splitlines()]


def a_plugin_runs_in_a_unit_of_its_own(machine):
    before = set(hosts())
    install_plugin(machine, "one")
    try:
        mine = set(hosts()) - before
        need(len(mine) == 1, f"one unit more: {mine}")
        unit = mine.pop()
        need(unit_property(unit, "MemoryMax") == str(256 << 20) and unit_property(unit, "TasksMax") == "64", "it has limits")
        with open(f"/proc/{machine.main_pid(unit)}/status", encoding="utf-8") as f:
            status = dict(line.split(":", 1) for line in f if ":" in line)
        need(status["NoNewPrivs"].strip() == "1" and status["CapEff"].strip() == "0" * 16 and status["Seccomp"].strip() == "2",
             f"it has no rights: {status}")
        need(int(status["Uid"].split()[0]) >= 61184, "and is a user that is nobody else")
    finally:
        remove_plugins(machine)
    wait_for(lambda: not set(hosts()) - before, "its unit goes with it")


def every_unit_has_its_limits_in_force(machine):
    needs_control_groups()
    alice = machine.person("alice")
    machine.watch(alice)
    machine.start(SERVICE)
    for unit, memory, tasks, cpu in ((SERVICE, 128, 16, None), (f"tmux-orchestrator-watcher@{alice.uid}.service", 64, 64, None),
                                     ("tmux-orchestrator.slice", 1024, 1024, "max")):
        need(limit(unit, "memory.max") == str(memory << 20), f"{unit}: memory {limit(unit, 'memory.max')}")
        need(limit(unit, "pids.max") == str(tasks), f"{unit}: tasks {limit(unit, 'pids.max')}")
        quota, period = limit(unit, "cpu.max").split()
        need(quota == "max" if cpu else quota != "max" and int(quota) <= int(period), f"{unit}: processor {quota} of {period}")
    quota, period = map(int, limit(SERVICE, "cpu.max").split())
    need(quota * 2 == period, f"the service has half a processor at most: {quota} of {period}")


def a_plugin_that_eats_memory_is_killed_and_nobody_else(machine):
    needs_control_groups()
    before = set(hosts())
    install_plugin(machine, "eater")
    eater = set(hosts()) - before
    install_plugin(machine, "other")
    other = set(hosts()) - before - eater
    need(len(eater) == 1 and len(other) == 1, f"each has a unit: {eater} {other}")
    eater, other = eater.pop(), other.pop()
    daemon, pid = machine.main_pid(), machine.main_pid(other)
    try:
        answer = execute(machine, "eater", "eat")
        need(answer != "here", f"it does not come back: {answer}")
        wait_for(lambda: "oom-kill" in run("journalctl", "--no-pager", "-u", eater), "the kernel ended it for its memory")
        need(machine.main_pid() == daemon and machine.main_pid(other) == pid, "nothing else was ended")
        need(execute(machine, "other", "answer") == "here", "the other answers")
        wait_for(lambda: execute(machine, "eater", "answer") == "here", "it is started again, and answers", 60)
    finally:
        remove_plugins(machine)


def a_plugin_that_forks_is_held_to_its_tasks(machine):
    needs_control_groups()
    install_plugin(machine, "forker")
    try:
        n = execute(machine, "forker", "fork")
        need(isinstance(n, int) and 0 < n < 64, f"it has fewer than 64 children: {n}")
        need(execute(machine, "forker", "answer") == "here", "and goes on")
    finally:
        remove_plugins(machine)


def a_quota_of_the_processor_is_kept(machine):
    needs_control_groups()
    before = set(hosts())
    install_plugin(machine, "spinner")
    unit = (set(hosts()) - before).pop()
    run("systemctl", "set-property", "--runtime", unit, "CPUQuota=20%")
    try:
        share = execute(machine, "spinner", "spin")
        need(isinstance(share, float) and share < 0.45, f"it gets about a fifth of a processor: {share}")
    finally:
        remove_plugins(machine)


def a_plugin_cannot_leave_its_walls(machine):
    install_plugin(machine, "prisoner")
    try:
        answer = execute(machine, "prisoner", "escape")
        need(isinstance(answer, dict) and len(answer) > 25, f"it tried: {answer}")
        left = {way for way, is_open in answer.items() if is_open}
        need(not left, f"every way is shut, but not: {left}")
    finally:
        remove_plugins(machine)


def a_stopped_service_takes_its_plugins_along(machine):
    install_plugin(machine, "mortal")
    try:
        os.kill(machine.main_pid(), signal.SIGKILL)
        wait_for(lambda: execute(machine, "mortal", "answer") == "here", "plugins come back with the service", 30)
        need(len(hosts()) >= 1, "in units")
        run("systemctl", "stop", SERVICE)
        wait_for(lambda: not hosts(), "and go with it")
    finally:
        machine.start(SERVICE)
        remove_plugins(machine)


# About, in a machine that is emulated beside three others.
SECONDS = 50
TESTS = [a_plugin_runs_in_a_unit_of_its_own, every_unit_has_its_limits_in_force, a_plugin_that_eats_memory_is_killed_and_nobody_else,
         a_plugin_that_forks_is_held_to_its_tasks, a_quota_of_the_processor_is_kept, a_plugin_cannot_leave_its_walls,
         a_stopped_service_takes_its_plugins_along]
