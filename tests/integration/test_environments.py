#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two instances, blue and green: one tells, the other looks on, and nothing is missed when they change over."""

import os
import signal
import subprocess
import threading
import time

from harness import Failure, MANAGER, NAME, ROOT, SampleAgent, children_of, main, need, read, wait_for

GREEN, BLUE = NAME + ".green", NAME + ".blue"


def start_green(ring):
    process = ring.start_daemon("--environment=green", name="green")
    wait_for(lambda: ring.busctl("get-property", GREEN, ROOT, MANAGER, "Active", check=False) is not None, "green is on the bus")
    return process


def call(ring, name, method, *args, path=ROOT, interface=MANAGER):
    return ring.busctl("call", name, path, interface, method, *args)


def states(ring, name):
    return {a[0]: a[2] for a in call(ring, name, "ListAgents")[0]}


def is_active(ring, name):
    return ring.busctl("get-property", name, ROOT, MANAGER, "Active")


def the_second_instance_looks_on(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux)
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    start_green(ring)
    wait_for(lambda: states(ring, GREEN) == states(ring, NAME) != {}, lambda: f"green sees the same: {states(ring, GREEN)}", 30)
    need(is_active(ring, NAME) and is_active(ring, BLUE) and not is_active(ring, GREEN), "blue has the name")
    need(ring.busctl("get-property", GREEN, ROOT, MANAGER, "Environment") == "green", "green says who it is")
    state = os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator")
    wait_for(lambda: os.path.exists(f"{state}/environments/green/state.json"), "green's knowledge is its own", 40)
    wait_for(lambda: os.path.exists(f"{state}/state.json"), "as is blue's", 40)


class Changes(threading.Thread):
    """Agents that go from state to state, each as soon as the one before was told under the name."""

    def __init__(self, ring, agents, paths):
        super().__init__(daemon=True)
        self.ring, self.agents, self.paths, self.mark = ring, agents, paths, ring.signals.mark()
        self.end, self.made, self.missed = threading.Event(), [], None

    def run(self):
        while not self.end.is_set() and not self.missed:
            scene, state = (("work", "working"), ("permission", "waiting"))[len(self.made) % 2]
            for agent in self.agents:
                agent.play(scene)
            self.made.append(state)
            try:
                wait_for(lambda: all(len(self.told(path)) >= len(self.made) for path in self.paths), "the change is told", 25)
            except Failure as e:
                self.missed = f"change {len(self.made)} to {state}: {e}"

    def told(self, path):
        return self.ring.changes_of(path, self.mark)


def no_change_is_missed_when_the_name_moves(ring):
    ring.start()
    tmux = ring.tmux()
    agents = [SampleAgent(tmux), SampleAgent(tmux)]
    for agent in agents:
        agent.play("permission")
    for agent in agents:
        ring.wait_for_state(tmux, agent.pane, "waiting")
    start_green(ring)
    wait_for(lambda: states(ring, GREEN) == states(ring, NAME), "green sees the same", 30)
    changes = Changes(ring, agents, [a[4] for a in call(ring, NAME, "ListAgents")[0]])
    changes.start()
    for n, name in enumerate((GREEN, BLUE, GREEN, BLUE)):
        time.sleep(1 + n * 0.37)  # somewhere in the middle of what goes on
        call(ring, name, "TakeOver")
        need(is_active(ring, NAME) and is_active(ring, name), f"{name} has the name")
        need(not is_active(ring, BLUE if name == GREEN else GREEN), "and the other has not")
    before = len(changes.made)
    wait_for(lambda: len(changes.made) > before + 1 or changes.missed, "changes go on", 60)
    changes.end.set()
    changes.join()
    need(not changes.missed, changes.missed)
    for path in changes.paths:
        need([new for _, new in changes.told(path)] == changes.made, f"all were told, each once: {changes.told(path)}")
        need(all(old != new for old, new in changes.told(path)), "and are changes")
    print(f"# {len(changes.made)} changes of {len(agents)} agents while the name moved four times: all told, each once")


def the_command_line_switches_and_goes_back(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux)
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")

    def orc(*words, status=0):
        done = subprocess.run(["tmux-orc", "--user", *words], env=ring.env, text=True, capture_output=True, timeout=120, check=False)
        need(done.returncode == status, f"{words}: {done.returncode} {done.stdout} {done.stderr}")
        return done.stdout + done.stderr

    need("systemctl start tmux-orchestrator@green" in orc("switch-environment", "green", status=3), "says how it is started")
    need("had the name before" in orc("rollback", status=1), "there is nothing to go back to")
    need("cannot be" in orc("switch-environment", "a.b", status=2), "nor is that a name")
    start_green(ring)
    text = orc("switch-environment", "green")
    need("green sees 1 agent as the one before does" in text and is_active(ring, GREEN), text)
    need("green" in orc("--environment=green", "monitor", "status"), "one instance can be asked by its name")
    need("blue has the service's name now" in orc("rollback") and is_active(ring, BLUE), "and back")
    need("green has" in orc("rollback", "green") and is_active(ring, GREEN), "or to any one")
    # one that sees something else is not let in
    orc("rollback")
    watcher = next(p for p in children_of(ring.processes["green"].pid) if "watcher" in read(f"/proc/{p}/comm"))
    os.kill(watcher, signal.SIGSTOP)
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    text = orc("switch-environment", "green", status=1)
    need("Nothing was changed" in text and is_active(ring, BLUE), text)
    need("and for green" in text, f"it says what is different: {text}")
    os.kill(watcher, signal.SIGCONT)


def if_the_new_one_ends_the_old_one_goes_on(ring):
    ring.start()
    green = start_green(ring)
    call(ring, GREEN, "TakeOver")
    need(is_active(ring, GREEN), "green has the name")
    green.kill()
    wait_for(lambda: is_active(ring, BLUE), "blue has it again")
    need(states(ring, NAME) == states(ring, BLUE), "and answers under it")


def a_second_of_the_same_name_is_refused(ring):
    ring.start()
    again = ring.start_daemon(name="again")
    wait_for(lambda: again.poll() is not None, "it ends")
    need(again.returncode != 0 and "another instance" in read(ring.log_path("again")), "and says why")


if __name__ == "__main__":
    main(the_second_instance_looks_on, the_command_line_switches_and_goes_back, no_change_is_missed_when_the_name_moves, if_the_new_one_ends_the_old_one_goes_on,
         a_second_of_the_same_name_is_refused)
