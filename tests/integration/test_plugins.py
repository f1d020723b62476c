#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins, from the folder on disk to the answer on the bus: each in a sandboxed process of its own."""

import json
import os
import subprocess

import harness
from harness import need

PLUGIN = harness.NAME + ".Plugin"


def install(ring, name, manifest, **files):
    """A plugin in the user's own folder."""
    folder = os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator", "plugins", name)
    os.makedirs(folder, exist_ok=True)
    for file, text in {"plugin.yaml": manifest, **files}.items():
        path = os.path.join(folder, file.replace("_py", ".py"))
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o755)
    return folder


def execute(ring, name, value, *options):
    """(output, info), or the error."""
    data = ring.call("ExecutePlugin", "ssa{sv}", name, json.dumps(value), len(options) // 3, *options)
    return json.loads(data[0]), {k: v["data"] for k, v in data[1].items()}


def orc(ring, *words):
    return subprocess.run(["tmux-orc", "--user", *words], env=ring.env, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)


def plugin(ring, name):
    return ring.objects(PLUGIN).get(f"{harness.ROOT}/plugin/{name.replace('-', '_2d')}")


def a_shared_object_answers(ring):
    ring.start()
    rows = ring.call("ListPlugins")[0]
    need(["noop", "1.0.0", "tool", "discovered"] in [row[:4] for row in rows], f"it is found: {rows}")
    output, info = execute(ring, "noop", {"text": "ünï", "n": [1, 2.5, None, True]})
    need(output == {"text": "ünï", "n": [1, 2.5, None, True]}, f"it gives back what it got: {output}")
    need(info["version"] == "1.0.0" and not info["cached"], f"{info}")
    seen = plugin(ring, "noop")
    need(seen["Status"] == "loaded" and seen["Executions"] == 1 and seen["Failures"] == 0, f"{seen}")
    need(seen["SandboxLevel"] in ("filtered", "walled", "isolated"), f"it is walled in: {seen}")
    need(seen["LatencyUSec"][0] > 0, f"it was measured: {seen}")
    need([s[4] for s in ring.signals.all("PluginChanged")] == [["noop", "loaded", "1.0.0"]], "it was told")


def the_command_line_executes_and_lists(ring):
    ring.start()
    done = orc(ring, "plugin", "execute", "noop", '{"a": 1}')
    need(done.returncode == 0 and json.loads(done.stdout) == {"a": 1}, f"{done}")
    rows = json.loads(orc(ring, "--json", "plugin", "list").stdout)
    need([r["status"] for r in rows if r["name"] == "noop"] == ["loaded"], f"{rows}")
    done = orc(ring, "plugin", "execute", "nothing")
    need(done.returncode == 1 and "there is no such plugin" in done.stderr, f"{done}")
    done = orc(ring, "plugin", "disable", "noop")
    need(done.returncode == 0 and plugin(ring, "noop")["Status"] == "disabled", f"{done}")
    done = orc(ring, "plugin", "execute", "noop")
    need(done.returncode == 1 and "it was disabled" in done.stderr, f"{done}")
    orc(ring, "plugin", "enable", "noop")
    need(execute(ring, "noop", {})[0] == {}, "it works again")


harness.main(a_shared_object_answers, the_command_line_executes_and_lists)
