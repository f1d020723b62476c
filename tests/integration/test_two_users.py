#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agents of one user, and their project manager, are no business of another's: the system service,
two users with a watcher and a tmux server each, and a stranger's every try."""

import os
import shutil
import socket
import subprocess

import harness
from harness import AGENT, NAME, SampleAgent, Skip, Tmux, need, read, wait_for

ANN, BOB = 65533, 65534
CONFIG = "notify: {delay: 0, cooldown: 0, batch: 0, channels: [pm]}\n"
TRIES = (("SendText", "sa{sv}", "hello", "0"), ("Approve", "a{sv}", "0"), ("Deny", "a{sv}", "0"), ("Restart",),
         ("Acknowledge",), ("Snooze", "t", "60000000"), ("Look", "u", "0"), ("GetScreen", "u", "0"), ("Explain",))


def as_user(uid, *command):
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--", *command]


class Person:
    """What a tmux server and a sample agent need of a ring, owned by a user."""

    def __init__(self, ring, uid):
        self.uid, self.pids, self.number = uid, ring.pids, 0
        self.folder = os.path.join(ring.folder, f"user{uid}")
        self.keys = os.path.join(self.folder, "keys")
        os.mkdir(self.folder)
        self.env = {**ring.env, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, "TMUX_TMPDIR": self.folder,
                    "DEMO_AGENT_KEYS": self.keys}
        os.chown(self.folder, uid, uid)
        self.tmux = Tmux(self)
        self.tmux.command = as_user(uid, *self.tmux.command)
        self.tmux.path = os.path.join(self.folder, f"tmux-{uid}", "default")
        self.watcher = ring.spawn(f"watcher{uid}", as_user(uid, os.path.join(harness.build_folder(), "daemon", "watcher"),
                                                            "--connect", os.path.join(ring.folder, "watch")))

    def counter(self):
        self.number += 1
        return self.number

    def agent(self, name="work"):
        agent = SampleAgent(self.tmux, "claude", name=name, in_shell=False)
        return agent

    def typed(self):
        return read(self.keys)


def start(ring):
    if os.geteuid() != 0 or not os.environ.get("TMUX_ORC_TEST_ISOLATED") or not shutil.which("setpriv"):
        raise Skip("only root can act as two users")
    os.umask(0)  # what is made here to be used by them
    os.chmod(ring.folder, 0o711)
    ring.env["STATE_DIRECTORY"] = os.path.join(ring.folder, "state")
    config = os.path.join(ring.folder, "system.yaml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(CONFIG)
    ring.start_bus()
    ring.signals = harness.Signals(ring)
    path = os.path.join(ring.folder, "watch")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen()
    fd = listener.fileno()
    program = os.path.join(harness.build_folder(), "daemon", "tmux-orchestratord")
    ring.spawn("daemon", ["sh", "-c", f"exec 3<&{fd}; LISTEN_FDS=1 LISTEN_PID=$$ exec {program} --system --config {config}"],
               pass_fds=[fd])
    ring.wait_for_name()


def agent_of(ring, person, agent):
    found = [a | {"path": path} for path, a in ring.objects(AGENT).items()
             if a["OwnerUID"] == person.uid and a["Pane"] == agent.pane]
    return found[0] if found else None


def wait_for_state(ring, person, agent, state):
    def there():
        found = agent_of(ring, person, agent)
        return found if found and found["State"] == state else None
    return wait_for(there, lambda: f"{state}, seen {agent_of(ring, person, agent)}", 40)


def call(ring, uid, path, member, *words, interface=AGENT):
    return subprocess.run(as_user(uid, "busctl", "--user", "--allow-interactive-authorization=no", "--timeout=60", "call", NAME,
                                  path, interface, member, *words), env=ring.env, text=True, capture_output=True, check=False)


def nobody_touches_the_agents_of_another(ring):
    start(ring)
    ann, bob = Person(ring, ANN), Person(ring, BOB)
    agent, other = ann.agent(), bob.agent()
    for scene, state in (("idle", "idle"), ("permission", "waiting")):
        agent.play(scene)
        found = wait_for_state(ring, ann, agent, state)
        for member, *words in TRIES:
            done = call(ring, BOB, found["path"], member, *words)
            need(done.returncode != 0 and ("denied" in done.stderr.lower() or "may not" in done.stderr),
                 f"{member} of a stranger: {done.stderr or done.stdout}")
        # What an agent tells of itself is believed of its own user alone.
        done = call(ring, BOB, harness.ROOT, "ReportEvent", "ssss", f"{ann.tmux.path}:{agent.pane}", "claude", "Stop", "{}",
                    interface=harness.MANAGER)
        need(done.returncode != 0, f"an event of a stranger: {done.stdout}")
    need(agent_of(ring, ann, agent)["State"] == "waiting" and ann.typed() == "", f"nothing reached it: {ann.typed()!r}")
    # The same is done for who may: then it was no want of ability.
    done = call(ring, 0, found["path"], "Approve", "a{sv}", "0")
    need(done.returncode == 0 and ann.typed(), f"root may: {done.stderr}")
    other.play("idle")
    wait_for_state(ring, bob, other, "idle")
    need(bob.typed() == "", "and the other user's agent got none of it")


def nobody_is_told_to_the_project_manager_of_another(ring):
    start(ring)
    ann, bob = Person(ring, ANN), Person(ring, BOB)
    manager, agent, own = bob.agent(name="pm"), ann.agent(), bob.agent()
    manager.play("idle")
    wait_for_state(ring, bob, manager, "idle")
    agent.play("permission")
    wait_for_state(ring, ann, agent, "waiting")
    wait_for(lambda: [s for s in ring.signals.all("Notice") if "waiting" in s[4]], "the notice of ann's agent", 40)
    # One of its own is: then what is to be told has been told.
    own.play("permission")
    wait_for_state(ring, bob, own, "waiting")
    wait_for(lambda: harness.read(bob.keys).count(" ") > 40, "the message to bob's", 60)
    typed = bytes(int(line.split()[0], 16) for line in read(bob.keys).splitlines()).decode(errors="replace")
    need(typed.count("waits for a permission") <= 1, f"of its own alone: {typed}")
    need(ann.typed() == "", "nothing is typed to ann's")


if __name__ == "__main__":
    harness.main(nobody_touches_the_agents_of_another, nobody_is_told_to_the_project_manager_of_another)
