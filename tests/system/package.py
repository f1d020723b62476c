# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian packages: built from what belongs to the project, looked at, and once more as the next version."""

import glob
import hashlib
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


def fingerprint():
    """Of all that the packages are made of."""
    sha = hashlib.sha256()
    for name in sorted(sources()):
        path = os.path.join(SOURCE, name)
        if name.startswith("tests/") or not os.path.isfile(path):
            continue
        sha.update(f"{name} {os.stat(path).st_mode} {os.path.getsize(path)}\n".encode())
        with open(path, "rb") as f:
            sha.update(f.read())
    return sha.hexdigest()[:12]


def build_once(build, folder):
    """The packages in @folder: built, or those of the same sources that were built and found fine before."""
    kept = kept_packages(build)
    if os.path.exists(kept):
        run("tar", "-C", folder, "-xf", kept)
    else:
        make(build, folder)
    return find(folder)


def kept_packages(build):
    return os.path.join(build, f"system-packages-{fingerprint()}.tar")


def check(build, folder):
    """Says whether they are fine, and keeps them if so."""
    kept = kept_packages(build)
    if os.path.exists(kept):
        print("ok - lintian_finds_no_fault_with_the_package # as these very sources were packaged before")
        return True
    if not lint(folder):
        return False
    files = [f for f in os.listdir(folder) if os.path.basename(f).startswith("tmux-orchestrator") and "dbgsym" not in f]
    run("tar", "-C", folder, "-cf", kept + ".part", *files)
    for old in glob.glob(os.path.join(build, "system-packages-*.tar")):
        os.unlink(old)
    os.rename(kept + ".part", kept)
    return True


def make(build, folder):
    # Always at the same place, so that a compiler's cache knows it again.
    place = os.path.join(build, "system-package")
    tree = os.path.join(place, "source")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(tree)
    with subprocess.Popen(["tar", "-C", SOURCE, "-cf", "-", "-T", "-"], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as pack:
        with subprocess.Popen(["tar", "-C", tree, "-xf", "-"], stdin=pack.stdout) as unpack:
            pack.stdin.write("".join(f + "\n" for f in sources()))
            pack.stdin.close()
            if unpack.wait() != 0:
                raise RuntimeError("the sources cannot be copied")
    run(*told(r"^(dpkg-buildpackage .*)$").split(), cwd=tree)
    for name in os.listdir(place):
        if name != "source":
            shutil.move(os.path.join(place, name), folder)
    shutil.rmtree(place)


def find(folder):
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


def told(pattern):
    """The command that README.md tells to give."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as f:
        found = re.search(pattern, f.read(), re.M)
    if not found:
        raise RuntimeError(f"README.md does not say how the packages are built and installed: {pattern}")
    return found[1]


def install_command():
    return told(r"^sudo (apt-get install .*tmux-orchestrator.*\.deb)$")
