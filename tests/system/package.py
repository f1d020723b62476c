# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian packages: built from what belongs to the project, looked at, and once more as the next version."""

import os
import re
import shutil
import subprocess

from places import SOURCE, run


def sources():
    """What belongs to the project: what git knows, or all but builds."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-co", "--exclude-standard"], text=True,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        return [f for f in listed.stdout.splitlines() if os.path.exists(os.path.join(SOURCE, f))]
    return [f for f in os.listdir(SOURCE) if not f.startswith(("build", ".git"))]


def build(folder):
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


def as_next_version(package, folder):
    """The same again, as a release later would be, so that there is something to upgrade to."""
    tree = os.path.join(folder, "next")
    run("dpkg-deb", "-R", package, tree)
    control = os.path.join(tree, "DEBIAN", "control")
    with open(control, encoding="utf-8") as f:
        text = f.read()
    version = re.search(r"^Version: (.*)$", text, re.M)[1]
    # the packages of one release belong together
    text = text.replace(f"(= {version})", f"(= {version}+next)").replace(f"Version: {version}\n", f"Version: {version}+next\n")
    with open(control, "w", encoding="utf-8") as f:
        f.write(text)
    target = os.path.join(folder, os.path.basename(package).replace("_", "-next_", 1))
    run("dpkg-deb", "-Zgzip", "-z1", "-b", tree, target)
    shutil.rmtree(tree)
    return target


def lint(folder):
    """The packages are as Debian wants them."""
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
