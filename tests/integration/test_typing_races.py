#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Things happen between the decision to type and the keys: not one key may go where it must not.

Every round sends a message to an agent, and at a random moment around it something comes in between:
a human at an attached client types a draft, a dialog opens, the agent is killed, another program takes
the pane, copy-mode begins, the window moves, the tmux server is killed. Whatever the service answered, what the
panes' programs read is then compared with what they may have read. TMUX_ORC_TEST_ROUNDS says how many
rounds (default 36), TMUX_ORC_TEST_SEED which. Eight go at a time, each on a tmux server of its own."""

import os
import pty
import random
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import harness
from harness import AGENT, NAME, SampleAgent, Tmux, need, read, wait_for

ROUNDS = int(os.environ.get("TMUX_ORC_TEST_ROUNDS", "36"))
SEED = int(os.environ.get("TMUX_ORC_TEST_SEED", "7"))
TEXT = "zzq{number}zz please go on"
# What a program that is no agent has read is written here.
OTHER = """import os, sys, termios, tty
tty.setraw(0)
with open(sys.argv[1], "ab", 0) as f:
    os.write(1, b"ready\\r\\n")
    while True:
        f.write(os.read(0, 100))
"""


class Client:
    """A human: a client of the tmux server in a terminal of its own, and its keyboard."""

    def __init__(self, tmux):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execvpe("tmux", [*tmux.command, "attach-session", "-t", "main"], {**tmux.ring.env, "TERM": "xterm"})
        self.pid = pid
        tmux.ring.pids.append(pid)
        self.reader = threading.Thread(target=self.drain, daemon=True)
        self.reader.start()
        wait_for(lambda: tmux.run("list-clients"), "the client")

    def drain(self):
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:
            pass

    def type(self, text):
        os.write(self.terminal, text.encode())

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.reader.join()  # else it would go on to read whatever gets this descriptor next
        os.close(self.terminal)


class Room:
    """What a tmux server needs of a ring, for one round."""

    def __init__(self, ring, number):
        self.folder = os.path.join(ring.folder, f"round{number}")
        os.mkdir(self.folder)
        self.keys = os.path.join(self.folder, "keys")
        self.env = {**ring.env, "DEMO_AGENT_KEYS": self.keys}
        self.pids = ring.pids
        self.number = 0

    def counter(self):
        self.number += 1
        return self.number


class Scene:
    """An idle agent in a shell, an attached client that looks at it, and what all of them read."""

    def __init__(self, ring, number):
        self.ring = ring
        room = Room(ring, number)
        self.tmux = Tmux(room, f"race{number}")
        self.keys = room.keys
        self.other = os.path.join(room.folder, "other")
        self.script = os.path.join(room.folder, "other.py")
        with open(self.script, "w", encoding="utf-8") as f:
            f.write(OTHER)
        self.agent = SampleAgent(self.tmux, "claude")
        self.client = Client(self.tmux)
        self.agent.play("idle")
        # Not by all properties of all agents: those of the last rounds are remembered too.
        self.found = {"path": wait_for(lambda: self.path_if("idle", number), "an idle agent", every=0.1)}
        self.died = 0.0

    def path_if(self, state, number):
        return next((a[4] for a in self.ring.call("ListAgents")[0] if f"-race{number}-" in a[0] and a[2] == state), None)

    def read(self):
        """[(byte, scene)] that the agent read."""
        return [(int(k, 16), scene) for k, scene in (line.split() for line in read(self.keys).splitlines()) if k != "unread"]

    def unread(self):
        """Bytes that lay in the terminal when the agent died: they had been typed while it lived."""
        return sum(int(line.split()[1]) for line in read(self.keys).splitlines() if line.startswith("unread"))

    def close(self):
        self.client.close()
        self.agent.connection.close()
        self.agent.listener.close()
        self.tmux.kill()


# What comes in between. Each is run at its moment.

def nothing(scene):
    pass


def a_human_types(scene):
    scene.client.type("my own draft")


def a_dialog_opens(scene):
    scene.agent.play("permission")


def it_begins_to_work(scene):
    scene.agent.play("work")


def the_agent_is_killed(scene):
    scene.agent.connection.sendall(b"kill\n")
    scene.died = time.monotonic()


def another_program_takes_the_pane(scene):
    scene.tmux.run("respawn-pane", "-k", "-t", scene.agent.pane, "python3", scene.script, scene.other)
    scene.died = time.monotonic()


def copy_mode_begins(scene):
    scene.tmux.run("copy-mode", "-t", scene.agent.pane)


def the_window_moves(scene):
    scene.tmux.run("move-window", "-s", "main:0", "-t", "main:7")


def the_server_dies(scene):
    os.kill(scene.tmux.pid, signal.SIGKILL)


EVENTS = (nothing, a_human_types, a_dialog_opens, it_begins_to_work, the_agent_is_killed,
          another_program_takes_the_pane, copy_mode_begins, the_window_moves, the_server_dies)


def send(scene, text):
    """"" if it was done, else the error."""
    done = subprocess.run(["busctl", "--user", "--timeout=40", "call", NAME, scene.found["path"], AGENT, "SendText",
                           "sa{sv}", text, "0"], env=scene.ring.env, text=True, capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    return done.stderr.strip() or f"busctl ended with {done.returncode} and no word"


def check(scene, event, text, said):
    """What was read, and what the service said of it, must fit; returns a word for the statistics."""
    keys = scene.read()
    typed = bytes(k for k, _ in keys).decode(errors="replace")
    ours = text in typed
    for key, where in keys:
        need(chr(key) in text + "\r" + "my own draft", f"a key that nobody sent: {key:#x}")
        need(where in ("idle", "draft") or chr(key) != "\r" or not ours or event is a_human_types,
             f"an Enter went into '{where}'")
    need(typed.count(text) <= 1, f"it was typed twice: {typed!r}")
    need(typed.count("\r") <= 2, f"too many Enters: {typed!r}")
    # A draft of a human is never submitted, and nothing is typed behind or before it.
    if "my own draft" in typed and "\r" in typed:
        need(typed.startswith(text + "\r"), f"the draft was submitted: {typed!r}")
    need(read(scene.other) == "", f"another program read {read(scene.other)!r}")
    if not said:
        need(typed.startswith(text + "\r"), f"it was said to be done, and is not: {typed!r}")
        return "done"
    need("(" in said and said.rstrip().endswith(")") or "watcher" in said or "agent" in said, f"no reason: {said}")
    word = said.rstrip(")").rpartition("(")[2] if said.endswith(")") else said.split(":")[-1].strip()
    if word not in ("disturbed", "unverified", "tmux") and ours:
        need(event in (the_server_dies, the_agent_is_killed, another_program_takes_the_pane, copy_mode_begins, a_dialog_opens,
                       it_begins_to_work), f"refused as '{word}', and typed: {typed!r}")
    return word


def shell_got(scene, text, said):
    """Whether the shell below a killed agent shows the text, which may only be because of how terminals are."""
    screen = scene.tmux.run("capture-pane", "-p", "-J", "-t", scene.agent.pane, check=False)
    need("command not found" not in screen, f"the shell ran it:\n{screen}")
    if "$ " not in screen or text not in screen.split("\n$ ")[-1]:
        return False
    # The kernel hands what one program left unread in a terminal to the next: nobody can take that
    # back. What was typed after the agent's death is another matter.
    need(scene.unread() >= len(text), f"it was typed after the agent's death:\n{screen}")
    need("may stand where its program was" in said, f"and the sender is not told: {said or 'done'}")
    return True


def play_round(ring, number):
    """The event's name, what was said, and whether a dying agent left text to its shell."""
    dice = random.Random(SEED * 100003 + number)
    event = EVENTS[number % len(EVENTS)]
    delay = dice.choice((0, dice.uniform(0, 0.05), dice.uniform(0, 0.8)))
    lead = dice.choice((0, 0, dice.uniform(0, 0.1)))
    text = TEXT.format(number=number)
    scene = Scene(ring, number)

    def happen():
        time.sleep(delay)
        event(scene)

    def is_calm():
        return time.time() - int(scene.tmux.run("display-message", "-p", "-t", scene.agent.pane, "#{session_activity}")) > 3

    try:
        # The human just looks on, and has done so for a while.
        wait_for(is_calm, "a calm human", every=0.2)
        other = threading.Thread(target=happen)
        other.start()
        time.sleep(lead)
        said = send(scene, text)
        other.join()
        time.sleep(0.3)
        try:
            word = check(scene, event, text, said)
            leaked = event is the_agent_is_killed and shell_got(scene, text, said)
        except harness.Failure as e:
            raise harness.Failure(f"round {number} (seed {SEED}), {event.__name__} after {delay:.3f} s, lead {lead:.3f} s: "
                                  f"{e}\nsaid: {said or 'done'}") from None
        return event.__name__, word, leaked
    finally:
        scene.close()


def not_one_key_goes_where_it_must_not(ring):
    # Servers that died are remembered for ten minutes.
    ring.start("limits: {servers_per_user: 1000}\n")
    seen, leaked = {}, 0
    with ThreadPoolExecutor(8) as pool:
        for name, word, leak in pool.map(lambda n: play_round(ring, n), range(ROUNDS)):
            words = seen.setdefault(name, {})
            words[word] = words.get(word, 0) + 1
            leaked += leak
    for name, words in seen.items():
        print(f"# {name}: " + ", ".join(f"{word} {n}" for word, n in sorted(words.items())))
    print(f"# {ROUNDS} rounds, seed {SEED}; text that an agent had not read when it died, and its shell did: {leaked}")


if __name__ == "__main__":
    harness.main(not_one_key_goes_where_it_must_not)
