#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""boot.py BUILD-FOLDER [TEST…]: the ring of a booted system.

Builds the Debian package, makes a Debian 12 root, installs the package there as README.md says, boots
it with systemd as process 1 (systemd-nspawn), and has inside.py run the tests in it. What they print
is our output. Exit status 77 and a sentence where this machine cannot do that.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITE = "bookworm"
# What the package needs and recommends is installed with it, from here without a network.
PACKAGES = ["systemd-sysv", "dbus", "polkitd", "tmux", "libyaml-0-2", "libjson-c5", "libpcre2-8-0", "libxxhash0",
            "python3-minimal", "libpython3-stdlib", "procps", "libpam-systemd", "dbus-user-session"]
BOOT_SECONDS = 900


class Skip(Exception):
    pass


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-4000:]}")
    return done.stdout


def check_needs():
    if os.geteuid() != 0:
        raise Skip("only root may boot a container")
    for program, package in (("systemd-nspawn", "systemd-container"), ("mmdebstrap", "mmdebstrap"),
                             ("dpkg-buildpackage", "dpkg-dev"), ("dh", "debhelper")):
        if not shutil.which(program):
            raise Skip(f"there is no {program} (Debian: {package})")
    walls = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "true"]
    if subprocess.run(walls, capture_output=True, check=False).returncode != 0:
        raise Skip("namespaces cannot be made here, so no container can be booted")


def make_base(build):
    """A root without our package, kept for the next time; its name says what is in it."""
    key = hashlib.sha256(" ".join([SUITE, *PACKAGES]).encode()).hexdigest()[:12]
    base = os.path.join(build, f"system-base-{key}.tar")
    if os.path.exists(base):
        return base
    try:
        run("mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(PACKAGES), SUITE, base + ".part.tar")
    except RuntimeError as e:
        raise Skip(f"no Debian root can be made: {str(e).strip().splitlines()[-1]}") from e
    os.rename(base + ".part.tar", base)
    return base


def sources():
    """What belongs to the project: what git knows, or all but builds."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-co", "--exclude-standard"], text=True,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        return [f for f in listed.stdout.splitlines() if os.path.exists(os.path.join(SOURCE, f))]
    return [f for f in os.listdir(SOURCE) if not f.startswith(("build", ".git"))]


def build_packages(folder):
    tree = os.path.join(folder, "source")
    os.mkdir(tree)
    with subprocess.Popen(["tar", "-C", SOURCE, "-cf", "-", "-T", "-"], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as pack:
        with subprocess.Popen(["tar", "-C", tree, "-xf", "-"], stdin=pack.stdout) as unpack:
            pack.stdin.write("".join(f + "\n" for f in sources()))
            pack.stdin.close()
            if unpack.wait() != 0:
                raise RuntimeError("the sources cannot be copied")
    run("dpkg-buildpackage", "-b", "-uc", "-us", "-d", cwd=tree)
    return sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".deb") and "dbgsym" not in f)


def lint(folder):
    """The package is as Debian wants it."""
    changes = [os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".changes")]
    if not shutil.which("lintian"):
        print("ok - lintian_finds_no_fault_with_the_package # SKIP there is no lintian")
        return True
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", *changes], text=True,
                          capture_output=True, check=False)
    print(f"{'ok' if done.returncode == 0 else 'not ok'} - lintian_finds_no_fault_with_the_package")
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return done.returncode == 0


def install_command():
    """What README.md tells to do with the packages."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as f:
        found = re.search(r"^sudo (apt-get install .*tmux-orchestrator.*\.deb)$", f.read(), re.M)
    if not found:
        raise RuntimeError("README.md does not say how the package is installed")
    return found[1]


TEST_UNIT = """[Unit]
After=dbus.service systemd-logind.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /test/system/inside.py {tests}
StandardOutput=file:/test/output
StandardError=file:/test/output
"""


def furnish(root, build, packages, tests):
    """The root, the package in it, and what the tests need."""
    target = os.path.join(root, "test")
    os.mkdir(target)
    for folder in ("system", "integration"):
        shutil.copytree(os.path.join(SOURCE, "tests", folder), os.path.join(target, folder))
    shutil.copy(os.path.join(build, "tools", "demo-agent"), os.path.join(root, "usr/local/bin/demo-agent"))
    shutil.rmtree(os.path.join(root, "packages"), ignore_errors=True)
    os.mkdir(os.path.join(root, "packages"))
    for package in packages:
        shutil.copy(package, os.path.join(root, "packages"))
    run("chroot", root, "sh", "-c", "cd /packages && DEBIAN_FRONTEND=noninteractive " + install_command() + " -y")
    unit = os.path.join(root, "etc/systemd/system/tmux-orc-test.service")
    with open(unit, "w", encoding="utf-8") as f:
        f.write(TEST_UNIT.format(tests=" ".join(tests)))
    wants = os.path.join(root, "etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    os.symlink(unit.removeprefix(root), os.path.join(wants, "tmux-orc-test.service"))


def boot(root):
    """Until it powers itself off."""
    machine = ["systemd-nspawn", "--quiet", "-D", root, "--boot", "--register=no", "--keep-unit", "--console=pipe",
               "--private-network", "--machine=tmux-orc-test"]
    try:
        done = subprocess.run(machine, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=BOOT_SECONDS, check=False, errors="replace")
        console = done.stdout
    except subprocess.TimeoutExpired as e:
        console = f"{e.stdout or ''}\nnot off after {BOOT_SECONDS} s"
    output = os.path.join(root, "test", "output")
    if not os.path.exists(output):
        print(f"not ok - it_boots\n{console[-6000:]}")
        return False
    with open(output, encoding="utf-8", errors="replace") as f:
        text = f.read()
    print(text)
    if "\n== done" not in text:
        print(f"not ok - the_tests_run_to_their_end\n{console[-6000:]}")
        return False
    return not re.search("^not ok", text, re.M)


def main():
    build, tests = os.path.abspath(sys.argv[1]), sys.argv[2:]
    try:
        check_needs()
        base = make_base(build)
    except Skip as e:
        print(e)
        return 77
    with tempfile.TemporaryDirectory(prefix="system-ring-") as folder:
        packages = build_packages(folder)
        fine = lint(folder)
        root = os.path.join(folder, "root")
        os.mkdir(root)
        run("tar", "-C", root, "-xf", base)
        furnish(root, build, packages, tests)
        sys.stdout.flush()
        fine = boot(root) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
