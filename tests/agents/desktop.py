# SPDX-License-Identifier: LGPL-2.1-or-later
"""A desktop of somebody: dunst, a notification server as people have it, on a display that nobody sees."""

import os
import shutil
import stat
import subprocess

import programs
from programs import harness

# How dunst lets people choose a button: by a program of theirs that gets all of them and prints one.
CHOOSE = """#!/bin/sh
tee -a {folder}/offered | grep -i "^#$(cat {folder}/choice) "
"""
RULES = """[global]
dmenu = {folder}/choose
history_length = 100
sticky_history = yes
idle_threshold = 0
"""


class Desktop:
    def __init__(self, ring):
        for program in ("Xvfb", "dunst", "dunstctl"):
            if not shutil.which(program):
                raise harness.Skip(f"there is no {program}")
        self.ring, self.folder = ring, os.path.join(ring.folder, "desktop")
        os.mkdir(self.folder)
        choose = self.write("choose", CHOOSE.format(folder=self.folder))
        os.chmod(choose, stat.S_IRWXU)
        rules = self.write("dunstrc", RULES.format(folder=self.folder))
        ring.env["DISPLAY"] = self.start_display()
        ring.spawn("dunst", ["dunst", "-config", rules])
        harness.wait_for(lambda: self.ctl("is-paused") == "false", "the notification server")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def start_display(self):
        output, ours = os.pipe()
        self.ring.spawn("Xvfb", ["Xvfb", "-displayfd", str(ours), "-screen", "0", "640x480x8", "-nolisten", "tcp"],
                        pass_fds=[ours])
        os.close(ours)
        with os.fdopen(output) as f:
            number = f.readline().strip()
        harness.need(number, "a display")
        return f":{number}"

    def ctl(self, *words):
        done = subprocess.run(["dunstctl", *words], env=self.ring.env, text=True, capture_output=True, timeout=30, check=False)
        return done.stdout.strip()

    def displayed(self):
        return int(self.ctl("count", "displayed") or 0)

    def offered(self):
        """The buttons that were offered so far."""
        return harness.read(os.path.join(self.folder, "offered"))

    def press(self, button):
        """As a human does it that opens the menu of the notice that is shown."""
        harness.wait_for(lambda: self.displayed() > 0, "a notice on the desktop", 40)
        self.write("choice", button)
        self.ctl("context")
