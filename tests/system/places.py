# SPDX-License-Identifier: LGPL-2.1-or-later
"""What every part of the ring needs on the machine that makes the other one."""

import os
import shutil
import subprocess

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


# What a machine prints when it can be told which tests to run.
READY = "== ready"
ALL = "all"


class Skip(Exception):
    """This machine cannot do it; the text says why."""


def has_programs(*wanted):
    for program, package in wanted:
        if not shutil.which(program):
            raise Skip(f"there is no {program} (Debian: {package})")


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-4000:]}")
    return done.stdout
