# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of plugins share: putting plugins in place, and asking them."""

import json
import os
import shutil
import subprocess

import harness
from harness import Failure, build_folder

PLUGIN = harness.NAME + ".Plugin"
ERROR = harness.NAME + ".Error."

MANIFEST = """name: {name}
version: {version}
kind: tool
api: 1
description: For a test.
{more}
"""


def folder_of(ring, name):
    return os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator", "plugins", name)


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def copy(ring, name, settings):
    """The plugin with settings of one's own, as an administrator makes it."""
    folder = os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator", "plugins", name)
    shutil.copytree(os.path.join(build_folder(), "plugins", name), folder, ignore=shutil.ignore_patterns("*.p"))
    path = os.path.join(folder, "plugin.yaml")
    with open(path, encoding="utf-8") as f:
        manifest = f.read().split("\nsettings:")[0]
    with open(path, "w", encoding="utf-8") as f:
        f.write(manifest + "\nsettings: " + json.dumps(settings) + "\n")
    return folder


def install(ring, name, more, version="1.0.0", files=None, objects=None):
    """A plugin in the user's own folder: `files` are programs, `objects` are taken from the build."""
    folder = folder_of(ring, name)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    for file, text in (files or {}).items():
        write(os.path.join(folder, file), text, 0o755)
    for file, source in (objects or {}).items():
        # As an installation does it: the one that runs keeps its own.
        path = os.path.join(folder, file)
        shutil.copyfile(os.path.join(build_folder(), "tests", "plugins", source), path + ".new")
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)
    write(os.path.join(folder, "plugin.yaml"), MANIFEST.format(name=name, version=version, more=more))
    return folder


def rogue(ring, more="", source="rogue.so", version="1.0.0"):
    install(ring, "rogue", "payload: rogue.so\n" + more, version, objects={"rogue.so": source})


def call(ring, method, signature, *args):
    """(data, error name without our prefix, message)"""
    done = subprocess.run(["busctl", "--user", "--json=short", "--timeout=60", "call", harness.NAME, harness.ROOT,
                           harness.MANAGER, method, signature, *map(str, args)], env=ring.env, text=True,
                          capture_output=True, timeout=90, check=False, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return (json.loads(done.stdout)["data"] if done.stdout.strip() else []), None
    return None, done.stderr.strip()


# A sanitizer takes the signal, and an exit as well, and ends the process in its own way.
CRASHED = "ended" if harness.PATIENCE > 1 else "ended by signal 11"
QUIT = "ended" if harness.PATIENCE > 1 else "status 7"


def execute(ring, name, value, *options):
    """(output, info); fails if the plugin does."""
    data, error = call(ring, "ExecutePlugin", "ssa{sv}", name, json.dumps(value, separators=(",", ":")),
                       len(options) // 3, *options)
    if error:
        raise Failure(f"{name} {value}: {error}")
    return json.loads(data[0]), {k: v["data"] for k, v in data[1].items()}


def refused(ring, name, value, *options):
    """The sentence with which it is refused; "" if it is not."""
    _, error = call(ring, "ExecutePlugin", "ssa{sv}", name, json.dumps(value, separators=(",", ":")),
                    len(options) // 3, *options)
    return error or ""


def refusals(ring):
    """What the journal says that the walls refused."""
    return [line.split("did not let it: ")[1].split(" TMUX_ORC_")[0]
            for line in harness.read(ring.log_path("daemon")).splitlines() if "its sandbox did not let it: " in line]


def plugin(ring, name):
    return next((p for p in ring.objects(PLUGIN).values() if p["Name"] == name), None)


def orc(ring, *words):
    return subprocess.run(["tmux-orc", "--user", *words], env=ring.env, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=120, check=False)


STRATEGIES = ("async_polling", "concurrent", "event_driven", "polling", "priority_based")


def hosts(ring, strategies=False):
    """Processes of plugin hosts, but for the strategy that runs anyway; or of strategies, by name."""
    words = {p: harness.read(f"/proc/{p}/cmdline").split("\0") for p in
             harness.children_of(ring.processes["daemon"].pid) if "plugin-host" in harness.read(f"/proc/{p}/comm")}
    found = {p: w[-2] for p, w in words.items() if len(w) > 1}  # one that ends just now has none
    if strategies:
        return {name: p for p, name in found.items() if name in STRATEGIES}
    return [p for p, name in found.items() if name not in STRATEGIES]
