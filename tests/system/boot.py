#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""boot.py [--machine=vm|container] BUILD-FOLDER [TEST…]: the ring of a booted system.

Builds the Debian packages, makes a Debian 12 root, installs the packages there as README.md says, boots
it, and has inside.py run the tests in it. What they print is our output. A virtual machine where one
can be had, for only there limits are in force; else a container. Exit status 77 and a sentence where this
machine can do neither.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import container  # noqa: E402  pylint: disable=wrong-import-position
import package  # noqa: E402  pylint: disable=wrong-import-position
import vm  # noqa: E402  pylint: disable=wrong-import-position
from places import SOURCE, Skip, has_programs, run  # noqa: E402  pylint: disable=wrong-import-position

SUITE = "bookworm"
MACHINES = {"vm": vm, "container": container}
# What the packages need and recommend is installed with them, from here without a network.
PACKAGES = ["systemd-sysv", "dbus", "polkitd", "tmux", "libyaml-0-2", "libjson-c5", "libpcre2-8-0", "libxxhash0",
            "libseccomp2", "libsqlite3-0", "liburiparser1", "libmicrohttpd12", "python3", "python3-dbus", "procps",
            "libpam-systemd", "dbus-user-session"]


def check_needs():
    if os.geteuid() != 0:
        raise Skip("only root may make a Debian root")
    has_programs(("mmdebstrap", "mmdebstrap"), ("dpkg-buildpackage", "build-essential"), ("dh", "debhelper"))
    missing = subprocess.run(["dpkg-checkbuilddeps", os.path.join(SOURCE, "debian", "control")], capture_output=True, text=True,
                             check=False)
    if missing.returncode != 0:
        raise Skip(f"the packages cannot be built: {missing.stderr.strip()}")


def choose_machine(wanted):
    """The best that there is, and why not a better one."""
    check_needs()
    reasons = []
    for name in [wanted] if wanted else MACHINES:
        try:
            MACHINES[name].check_needs()
            return MACHINES[name], reasons
        except Skip as e:
            reasons.append(str(e))
    raise Skip("; ".join(reasons))


def make_base(build, machine):
    """A root without our packages, kept for the next time; its name says what is in it."""
    packages = PACKAGES + machine.PACKAGES
    key = hashlib.sha256(" ".join([SUITE, *packages, *machine.BASE_OPTIONS]).encode()).hexdigest()[:12]
    base = os.path.join(build, f"system-base-{key}.tar")
    if os.path.exists(base):
        return base
    try:
        run("mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(packages), *machine.BASE_OPTIONS, SUITE,
            base + ".part.tar")
    except RuntimeError as e:
        raise Skip(f"no Debian root can be made: {str(e).strip().splitlines()[-1]}") from e
    os.rename(base + ".part.tar", base)
    return base


def test_files():
    return sorted(os.path.basename(p)[:-3] for p in glob.glob(os.path.join(SOURCE, "tests", "system", "test_*.py")))


def seconds_of(name):
    """What the file says that it takes, about, in a machine that is emulated beside three others."""
    with open(os.path.join(SOURCE, "tests", "system", name + ".py"), encoding="utf-8") as f:
        found = re.search(r"^SECONDS = (\d+)$", f.read(), re.M)
    return int(found[1]) if found else 30


def share(tests, machine):
    """What each of the machines runs: a file of tests, those that take longest first, or all where one must do."""
    if tests or machine.LANES == 1:
        return [list(tests)]
    return [[name] for name in sorted(test_files(), key=seconds_of, reverse=True)]


TEST_UNIT = """[Unit]
After=dbus.service systemd-logind.service
SuccessAction=poweroff-immediate
FailureAction=poweroff-immediate
[Service]
Type=oneshot
Environment=TMUX_ORC_TEST_PATIENCE={patience}
ExecStart=/usr/bin/python3 /test/system/inside.py
{output}"""


def write_file(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def list_files(root):
    """What was there before us, so that a purge can be held to it."""
    return run("find", "etc", "usr", "var", "opt", "root", "home", "-xdev", cwd=root)


def furnish(root, build, machine, packages):
    """The packages in the root, and what the tests need."""
    target = os.path.join(root, "test")
    os.mkdir(target)
    write_file(os.path.join(root, "etc/hostname"), "tmux-orc-test\n")
    write_file(os.path.join(target, "before"), list_files(root))
    for folder in ("system", "integration"):
        shutil.copytree(os.path.join(SOURCE, "tests", folder), os.path.join(target, folder))
    shutil.copy(os.path.join(build, "tools", "demo-agent"), os.path.join(root, "usr/local/bin/demo-agent"))
    os.makedirs(os.path.join(root, "packages", "next"))
    for p in packages:
        shutil.copy(p, os.path.join(root, "packages"))
        shutil.move(package.as_next_version(p, os.path.dirname(p)), os.path.join(root, "packages", "next"))
    run("chroot", root, "sh", "-c", "cd /packages && DEBIAN_FRONTEND=noninteractive " + package.install_command() + " -y")
    for path, text in machine.EXTRA_FILES.items():
        write_file(os.path.join(root, path), text)
    unit = os.path.join(root, "etc/systemd/system/tmux-orc-test.service")
    write_file(unit, TEST_UNIT.format(output=machine.OUTPUT, patience=machine.PATIENCE))
    wants = os.path.join(root, "etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    os.symlink(unit.removeprefix(root), os.path.join(wants, "tmux-orc-test.service"))


END = "the_tests_run_to_their_end"


def run_tests(machine, root, folder, tests):
    started = time.monotonic()
    shares = share(tests, machine)
    fine = True
    try:
        one = machine.prepare(root, folder)
    except RuntimeError as e:
        print(f"not ok - {END}\n{e}")
        return False
    with concurrent.futures.ThreadPoolExecutor(machine.LANES) as pool:
        for names, (text, console) in zip(shares, pool.map(one, range(len(shares)), shares)):
            print(f"# machine: {' '.join(names) or 'all'}\n{text.strip()}", flush=True)
            if "\n== done" not in text:
                print(f"not ok - {END}\n{console[-6000:]}")
            else:
                print(f"ok - {END}")
            fine = fine and "\n== done" in text and not re.search("^not ok", text, re.M)
    print(f"# from power on to power off: {time.monotonic() - started:.0f} s")
    return fine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--machine", choices=MACHINES)
    parser.add_argument("build")
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    build, started = os.path.abspath(options.build), time.monotonic()
    try:
        machine, reasons = choose_machine(options.machine)
    except Skip as e:
        print(e)
        return 77
    print(f"# a {machine.__name__}" + "".join(f"; {r}" for r in reasons))
    with tempfile.TemporaryDirectory(prefix="system-ring-", dir="/var/tmp") as folder, \
            concurrent.futures.ThreadPoolExecutor() as beside:
        built = beside.submit(package.build_once, build, folder)
        root = os.path.join(folder, "root")
        os.mkdir(root)
        try:
            run("tar", "-C", root, "-xf", make_base(build, machine))
        except Skip as e:
            print(e)
            return 77
        furnish(root, build, machine, built.result())
        checked = beside.submit(package.check, build, folder)
        print(f"# the Debian with the packages is there after {time.monotonic() - started:.0f} s", flush=True)
        fine = run_tests(machine, root, folder, [] if END in options.tests else options.tests)
        fine = checked.result() and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
