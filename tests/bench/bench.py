# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks share: tmux servers full of painters, statistics, and how figures are shown.

Every figure is printed with its target and whether it is met. A figure that misses its target does
not fail the benchmark: this machine may be slow, and to say so is what a benchmark is for.
--json FILE writes the figures there as well.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness  # noqa: E402 pylint: disable=wrong-import-position

WIDTH, HEIGHT, WINDOWS_PER_SESSION = 200, 50, 10
SPINNER_ROW, SPINNER = 40, "\033[35m✻\033[0m Thinking… (@s · ↑ 2.1k tokens · esc to interrupt)"


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p / 100))]


def figures_of(values):
    return {"p50": percentile(values, 50), "p99": percentile(values, 99), "max": max(values), "n": len(values)}


def cpu_seconds(pid):
    """All CPU time that a process has used, to the nanosecond; without its children."""
    return time.clock_gettime(~pid << 3 | 2)


def agent_like_text(seed):
    """A screen full of what agents print: colours, boxes, marks outside ASCII; about 5 kB."""
    lines = []
    for i in range(HEIGHT - 1):
        n = seed * 31 + i
        lines.append((
            f"\033[1m●\033[0m Read(src/part{n % 97}/parser_{i}.c)  \033[2m{n * 7 % 311} lines, nothing wrong with them\033[0m",
            f"  \033[32m+{n * 13 % 499:4}\033[0m  return parse_value(&state, token[{i}], \033[33m\"näher – ещё\"\033[0m);",
            "│ " + f"step {n % 1000}: build the tests, run them, read what failed and why — ".ljust(90) + " │",
            "  ⎿  " + "the answer of a tool that goes on for most of the line " + "·" * (n % 60),
        )[i % 4])
    return "\n".join(lines)


class Farm:
    """A private tmux server, its sessions full of windows of one painter each."""

    def __init__(self, build, folder=None, socket=None):
        self.build, self.own_folder = build, folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="bench-")
        self.socket = socket or os.path.join(self.folder, "socket")
        self.env = {**os.environ, "TMUX_TMPDIR": self.folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        self.env.pop("TMUX", None)
        self.pid, self.painters, self.painting = 0, [], set()

    def tmux(self, *args, text=None):
        done = subprocess.run(["tmux", "-u", "-f", "/dev/null", "-S", self.socket, *args], env=self.env, text=True,
                              input=text, capture_output=True, check=False, timeout=120)
        if done.returncode != 0:
            raise harness.Failure(f"tmux {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout

    def screen_file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def fill(self, n, hertz=10, row=SPINNER_ROW, spinner=SPINNER, screens=None, program="painter"):
        """Starts the server with n panes."""
        painter = os.path.join(self.folder, program)
        if not os.path.exists(painter):
            os.symlink(os.path.join(self.build, "daemon", "look-benchmark-pane"), painter)
        screens = screens or [[self.screen_file(f"screen{i}", agent_like_text(i))] for i in range(8)]
        size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
        lines = []
        for i in range(n):
            files = screens[i % len(screens)]
            command = ["exec", painter, str(hertz), str(row), f"'{spinner}'", *files]
            how = (["new-session", "-d", "-s", f"s{i // WINDOWS_PER_SESSION}", *size]
                   if i % WINDOWS_PER_SESSION == 0 else ["new-window", "-d", "-t", f"s{i // WINDOWS_PER_SESSION}:"])
            lines.append([*how, " ".join(command)])
        self.tmux(*lines[0])
        self.pid = int(self.tmux("display-message", "-p", "#{pid}"))
        for start in range(1, n, 50):
            quoted = (" ".join([*line[:-1], '"' + line[-1].replace('"', '\\"') + '"']) for line in lines[start:start + 50])
            self.tmux("source-file", "-", text="\n".join(quoted) + "\n")
        self.painters = [int(pid) for pid in self.tmux("list-panes", "-a", "-F", "#{pane_pid}").split()]
        harness.need(len(self.painters) == n, f"{len(self.painters)} panes of {n}")
        harness.wait_for(self.all_painted, "all panes painted", 60)
        return self

    def all_painted(self):
        """Only then do the painters know what to do with signals."""
        first_lines = "".join(f"capture-pane -p -S 0 -E 0 -t {pane}\n" for pane in self.panes())
        return all(line.strip() for line in self.tmux("source-file", "-", text=first_lines).splitlines())

    def panes(self):
        return self.tmux("list-panes", "-a", "-F", "#{pane_id}").split()

    def paint(self, share):
        """From now on this share of the panes is redrawn all the time, spread evenly."""
        n = len(self.painters)
        wanted = {self.painters[int(i / share)] for i in range(round(n * share))} if share else set()
        for pid in wanted ^ self.painting:
            os.kill(pid, signal.SIGUSR2)
        self.painting = wanted

    def close(self):
        for pid in [self.pid, *self.painters]:
            if pid:
                harness.Ring.kill(pid, signal.SIGKILL)
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class Table:
    """Figures, one a line, with their targets."""

    def __init__(self, name):
        self.name, self.rows, self.notes = name, [], {}

    def add(self, what, value, unit, target=None, at_least=False):
        """Without a target the figure is there to be known."""
        met = None if target is None else value >= target if at_least else value <= target
        self.rows.append({"what": what, "value": value, "unit": unit, "target": target,
                          "at_least": at_least, "met": met})
        print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def line(row):
        target = "" if row["target"] is None else (
            f"{'at least' if row['at_least'] else 'at most'} {row['target']:g}: {'met' if row['met'] else 'NOT MET'}")
        return f"{row['what']:<58} {row['value']:>10.4g} {row['unit']:<8} {target}".rstrip()

    def finish(self, path, **more):
        missed = [r["what"] for r in self.rows if r["met"] is False]
        print(f"{self.name}: {sum(r['met'] is True for r in self.rows)} met, {len(missed)} not met")
        if path:
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"benchmark": self.name, "rows": self.rows, **more}, f, indent=1, ensure_ascii=False)


def in_rings(table, *parts):
    """Each part in a ring of its own."""
    for part in parts:
        ring = harness.Ring()
        try:
            part(ring, table)
        finally:
            ring.close()


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("build", help="the build folder")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    return parser


def run(main, parser):
    """With the harness's isolation; ends with its exit status for what cannot run here."""
    options = parser.parse_args()
    os.environ.setdefault("TMUX_ORC_BUILD", os.path.abspath(options.build))
    harness.isolate()
    try:
        harness.check_needs()
        main(options)
    except harness.Skip as e:
        print(e)
        sys.exit(77)
