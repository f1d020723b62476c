# SPDX-License-Identifier: LGPL-2.1-or-later
"""A further instance beside the first: watched by the same users, tried, given the name, taken back."""

from machine import NAME, SERVICE, need, run, unit_property, wait_for

GREEN = "tmux-orchestrator@green.service"
MANAGER = (f"/{NAME.replace('.', '/')}", f"{NAME}.Manager")


def states(machine, name):
    found = machine.busctl("call", name, *MANAGER, "ListAgents", check=False)
    return {a[0]: a[2] for a in found[0]} if found else {}


def a_new_version_is_tried_and_takes_over_and_goes_back(machine):
    alice, tmux, agent, before = machine.one_agent("alice")
    machine.start(GREEN)
    try:
        need(unit_property(GREEN, "User") == "tmux-orc", "it runs as the service's user")
        wait_for(lambda: states(machine, f"{NAME}.green").get(before["Id"]) == "waiting",
                 lambda: f"alice's watcher reports to green too: {states(machine, f'{NAME}.green')}", 60)
        need(machine.busctl("get-property", NAME, *MANAGER, "Environment") != "green", "the first one has the name")
        bob = machine.person("bob")
        need(bob.run("busctl", "--system", "call", f"{NAME}.green", *MANAGER, "ListAgents", check=False)[0] != 0,
             "others cannot reach green by its own name")
        print(run("tmux-orc", "--system", "switch-environment", "green").strip())
        need(machine.busctl("get-property", NAME, *MANAGER, "Environment") == "green", "green has the name")
        need(bob.call("ListAgents")[0], "and everybody reaches it by that")
        need(unit_property(SERVICE, "ActiveState") == "active", "the first one goes on")
        agent.play("work")
        after = machine.wait_for_state(tmux, agent.pane, "working")
        need(after["path"] == before["path"] and after["OwnerUID"] == alice.uid, "it is the same agent")
        print(run("tmux-orc", "--system", "rollback").strip())
        need(machine.busctl("get-property", NAME, *MANAGER, "Environment") != "green", "the first one has it again")
        run("tmux-orc", "--system", "switch-environment", "green")
        run("systemctl", "kill", "--signal=KILL", GREEN)
        wait_for(lambda: states(machine, NAME).get(before["Id"]), "if green dies, the first one goes on")
    finally:
        run("systemctl", "stop", GREEN)
    wait_for(lambda: not run("pgrep", "-f", "environments/green", check=False)[1].strip(), "its watchers go with it")


# About, in a machine that is emulated beside three others.
SECONDS = 25
TESTS = [a_new_version_is_tried_and_takes_over_and_goes_back]
