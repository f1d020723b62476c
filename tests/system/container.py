# SPDX-License-Identifier: LGPL-2.1-or-later
"""A container by systemd-nspawn: real systemd as process 1, in a second, but no limits by cgroups."""

import os
import subprocess

from harness import read
from places import ALL, Skip, has_programs

BOOT_SECONDS = 900
PACKAGES = []
BASE_OPTIONS = []
EXTRA_FILES = {}
PATIENCE = 1
LANES = 1
OUTPUT = "StandardOutput=file:/test/output\nStandardError=file:/test/output\n"


def check_needs():
    has_programs(("systemd-nspawn", "systemd-container"))
    walls = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "true"]
    if subprocess.run(walls, capture_output=True, check=False).returncode != 0:
        raise Skip("namespaces cannot be made here, so no container can be booted")


def prepare(root, folder):
    del folder
    return lambda number, tests: boot(root, tests)


def boot(root, tests):
    """Until it powers itself off. Returns what the tests printed and what the console did."""
    with open(os.path.join(root, "test", "tests"), "w", encoding="utf-8") as f:
        f.write(",".join(tests) or ALL)
    machine = ["systemd-nspawn", "--quiet", "-D", root, "--boot", "--register=no", "--keep-unit", "--console=pipe",
               "--private-network", "--machine=tmux-orc-test"]
    try:
        done = subprocess.run(machine, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=BOOT_SECONDS, check=False, errors="replace")
        console = done.stdout
    except subprocess.TimeoutExpired as e:
        console = f"{(e.stdout or b'').decode(errors='replace')}\nnot off after {BOOT_SECONDS} s"
    return read(os.path.join(root, "test", "output")), console
