# SPDX-License-Identifier: LGPL-2.1-or-later
"""Panes that the watcher takes for agents, cheap enough to have hundreds: painters named claude."""

import os

import bench
import harness

RULE = "─" * bench.WIDTH
SPINNER = "✶ Pondering… (@s · ↑ 2.1k tokens · thinking)"
FOOTER = ["", RULE, "❯ ", RULE, "  ⏵⏵ bypass permissions on (shift+tab to cycle)"]
STATES = ("idle", "working", "waiting")


def talk(rows):
    lines = []
    for i in range(rows):
        lines.append((f"● Read(src/part{i}/parser.c)",
                      f"  ⎿  Read {i * 7 + 3} lines of what a parser is made of, and then some more " + "· " * 40,
                      f"● The token at {i} is taken for what it is not – näher – and so the test of it fails.",
                      "")[i % 4])
    return lines


def screen(state):
    """(text, row of the spinner)"""
    middle = {"idle": ["✻ Crunched for 1m 12s"],
              "working": [SPINNER.replace("@", "0")],
              "waiting": [RULE, " Bash command", "", "   make test", "   Run the tests", "",
                          " Do you want to proceed?", " ❯ 1. Yes", "   2. No, and tell Claude what to do differently (esc)",
                          "", " Esc to cancel · Tab to amend"]}[state]
    end = [] if state == "waiting" else FOOTER
    above = talk(bench.HEIGHT - 4 - len(middle) - len(end)) + ["", "❯ mend the parser", ""]
    return "\n".join(above + middle + end), len(above) + 1


class AgentFarm(bench.Farm):
    """In the default socket of a ring's user. Each signal takes a painter to the next state."""

    def __init__(self, ring, n, first="idle", hertz=10):
        folder = os.path.join(ring.env["TMUX_TMPDIR"], f"tmux-{os.getuid()}")
        os.makedirs(folder, 0o700, exist_ok=True)
        super().__init__(harness.build_folder(), ring.folder, os.path.join(folder, "default"))
        self.env = ring.env
        order = STATES[STATES.index(first):] + STATES[:STATES.index(first)]
        files = [self.screen_file(state, screen(state)[0]) for state in order]
        self.fill(n, hertz, screen("working")[1], SPINNER, [files], "claude")
        ring.pids.append(self.pid)


def wait_for_agents(ring, n, state):
    def there():
        found = ring.objects(harness.AGENT).values()
        return len(found) == n and all(a["State"] == state for a in found)

    def what():
        states = [a["State"] for a in ring.objects(harness.AGENT).values()]
        return f"{n} agents {state}, seen { {s: states.count(s) for s in set(states)} }"
    harness.wait_for(there, what, 60, every=0.5)


class Cpu:
    """The CPU time of daemon, watcher with its children, and tmux since it was made."""

    def __init__(self, ring, farm):
        self.pids = {"daemon": ring.processes["daemon"].pid, "watcher": ring.watcher_pid(), "tmux": farm.pid}
        self.start = self.read()

    @staticmethod
    def children_seconds(pid):
        fields = harness.read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def read(self):
        seconds = {name: bench.cpu_seconds(pid) for name, pid in self.pids.items()}
        seconds["children"] = self.children_seconds(self.pids["watcher"])
        return seconds

    def shares(self, seconds):
        """Per cent of one core, by process."""
        now = self.read()
        return {name: (now[name] - self.start[name]) / seconds * 100 for name in now}
