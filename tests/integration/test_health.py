#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service's own health: what it says of itself, what checks find, and where that is seen."""

import json
import os
import subprocess

import harness
from exporter import Exporter
from harness import SampleAgent, need, wait_for

COMPONENT = harness.NAME + ".Component"
STORE = harness.ROOT + "/component/state_5fstore"
OFTEN = "health:\n  heartbeat_interval: 1\n  state_interval: 1\n  resources_interval: 1\n  performance_interval: 1\n"


def tmux_orc(ring, *args):
    done = subprocess.run([os.path.join(harness.build_folder(), "tools", "tmux-orc"), "--user", *args], env=ring.env, text=True,
                          capture_output=True, timeout=30 * harness.PATIENCE, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def store(ring):
    return ring.objects(COMPONENT)[STORE]


def what_a_check_finds_is_seen_everywhere_until_it_is_mended(ring):
    ring.start(OFTEN)
    need(store(ring)["Health"] == "green", "nothing is wrong at first")
    code, text = tmux_orc(ring, "status", "--emergency")
    need(code == 0 and text == "Nothing is broken.\n", f"{code} {text}")

    path = os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator", "state.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write("{" + " " * 1000)
    wait_for(lambda: store(ring)["Health"] == "red", "a state file that cannot be read")
    need("could not be read again" in store(ring)["StatusText"], f"{store(ring)}")
    code, text = tmux_orc(ring, "health", "--critical")
    need(code == 1 and "state_store" in text and "cache" not in text, f"{code} {text}")
    code, text = tmux_orc(ring, "status", "--emergency")
    need(code == 1 and "state_store" in text, f"{code} {text}")
    web = Exporter(ring)
    status, _, text = web.get("/health/state_store")
    need(status == 503 and json.loads(text)["health"] == "red", f"{status} {text}")
    need(web.get("/health")[0] == 503, "one that is red makes all red")
    samples = {(n, *labels.values()): v for n, labels, v in ring.call("GetMetrics")[0]}
    need(samples["tmux_orchestrator_component_health", "state_store"] == 0, "it does badly")
    need(samples["tmux_orchestrator_component_up", "state_store"] == 1, "but it is there")

    os.unlink(path)
    wait_for(lambda: store(ring)["Health"] == "green", "it is mended")
    need(web.get("/health/state_store")[0] == 200, "and that is seen as well")


def the_heart_beats(ring):
    ring.start(OFTEN)
    first = store(ring)["LastCheck"]
    wait_for(lambda: store(ring)["LastCheck"] > first, "another check")
    ring.write_config(OFTEN.replace("heartbeat_interval: 1", "heartbeat_interval: 3600"))
    ring.call("Reload")
    before = ring.objects(COMPONENT)
    os.kill(ring.watcher_pid(), 9)
    wait_for(lambda: ring.objects(COMPONENT) != before, "a watcher that is lost is noticed at once")


def memory_is_told_as_the_kernel_has_it(ring):
    ring.start()
    tmux = ring.tmux()
    SampleAgent(tmux, "claude").play("idle")
    code, text = tmux_orc(ring, "--json", "status", "--memory")
    rows = json.loads(text)
    resident = harness.resident_kib(ring.processes["daemon"].pid) * 1024
    need(code == 0 and abs(rows[0]["bytes"] - resident) < resident / 4, f"{rows} {resident}")
    need(any("cache" in row["what"] for row in rows), f"{rows}")


harness.main(what_a_check_finds_is_seen_everywhere_until_it_is_mended, the_heart_beats, memory_is_told_as_the_kernel_has_it)
