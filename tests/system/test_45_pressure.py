# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent's memory from a control group of its own: told, warned of, and named as the cause of its end."""

import os
import re

from machine import AGENT, Failure, SampleAgent, Skip, need, run, wait_for
from test_40_limits import needs_control_groups

SECONDS = 25


class BoundAgent(SampleAgent):
    """One that 'tmux-orc run' started."""

    def __init__(self, tmux, *limits):
        self.limits = limits
        previous = os.umask(0)
        try:
            super().__init__(tmux)
        finally:
            os.umask(previous)

    def start(self, again=True):
        self.line = ["tmux-orc", "run", *self.limits, "--", *self.line]
        super().start(again)


def with_own_systemd(machine, name):
    """Somebody whose systemd runs, as it does for whoever logs in."""
    person = machine.person(name)
    run("loginctl", "enable-linger", name)
    try:
        wait_for(lambda: os.path.exists(f"/run/user/{person.uid}/bus"), "the user's bus", 60)
    except Failure as e:
        raise Skip(f"there is no systemd of the user: {e}") from e
    machine.watch(person)
    return person, person.tmux(f"t{person.counter()}")


def attributes(machine, agent):
    return machine.objects(AGENT)[agent["path"]]["Attributes"]


def causes(person, agent):
    return [n[2] for n in person.call("ListNotices")[0] if n[1] == agent["Id"]]


def an_agent_is_warned_of_and_then_named_as_oom_killed(machine):
    needs_control_groups()
    alice, tmux = with_own_systemd(machine, "alice")
    other = alice.agent(tmux, scene="work")
    bound = BoundAgent(tmux, "--memory-max=64M")
    bound.play("work")
    a = machine.wait_for_state(tmux, bound.pane, "working", MemoryScope="own")
    b = machine.wait_for_state(tmux, other.pane, "working")
    need("tmux-orc-run-demo-agent-" in a["ControlGroup"] and a["MemoryMax"] == 64 << 20, f"its limit is known: {a}")
    need(b["MemoryScope"] == "shared" and b["MemoryBytes"] > 0, f"the other is in its server's group: {b}")

    bound.play("grow 54")
    wait_for(lambda: "low_memory" in attributes(machine, a), lambda: f"the warning: {machine.objects(AGENT)[a['path']]}", 60)
    low = machine.objects(AGENT)[a["path"]]
    need("systemctl --user set-property" in low["Advice"] and "MemoryMax=128M" in low["Advice"], f"what to do: {low}")
    wait_for(lambda: "low_memory" in causes(alice, a), lambda: f"a notice: {alice.call('ListNotices')}", 60)
    print(f"# {low['MemoryBytes'] >> 20} MiB of {low['MemoryMax'] >> 20}: {low['Advice']}")

    bound.connection.sendall(b"grow 40\n")
    dead = machine.wait_for_state(tmux, bound.pane, "crashed", seconds=60)
    print(f"# {dead['EndReason']}; {dead['Advice']}")
    need("oom_killed" in dead["Attributes"] and dead["Rule"] == "process.oom-killed", f"it is said why: {dead}")
    # Probably where its shell was quicker to take its status than we: kernels before 6.15 keep it for nobody else.
    need(re.match("was (probably )?OOM-killed: it reached 64M, the limit of tmux-orc-run-", dead["EndReason"]), dead["EndReason"])
    need(dead["Advice"] == "give it more: tmux-orc run --memory-max=128M", dead["Advice"])
    machine.wait_for_journal("OOM-killed: it reached 64M")
    wait_for(lambda: "oom_killed" in causes(alice, a), lambda: f"a notice: {alice.call('ListNotices')}", 60)

    after = machine.objects(AGENT)[b["path"]]
    need(after["PID"] == b["PID"] and after["State"] == "working" and not after["Attributes"], f"the other goes on: {after}")


def pressure_is_seen_where_memory_is_waited_for(machine):
    needs_control_groups()
    alice, tmux = with_own_systemd(machine, "alice")
    if not os.path.exists("/proc/pressure/memory"):
        raise Skip("this kernel tells no pressure")
    bound = BoundAgent(tmux, "--memory-high=16M")
    bound.play("work")
    a = machine.wait_for_state(tmux, bound.pane, "working", MemoryScope="own", MemoryHigh=16 << 20)
    bound.connection.sendall(b"grow 20\n")
    seen = [0.0]

    def pressed():
        seen[0] = max(seen[0], machine.objects(AGENT)[a["path"]]["MemoryPressure"])
        return seen[0] > 0.01
    wait_for(pressed, lambda: f"pressure: {machine.objects(AGENT)[a['path']]}", 60, every=0.5)
    print(f"# {seen[0]:.0%} of the time it waited for memory")
    need(alice.uid == a["OwnerUID"], "hers")


TESTS = [an_agent_is_warned_of_and_then_named_as_oom_killed, pressure_is_seen_where_memory_is_waited_for]
