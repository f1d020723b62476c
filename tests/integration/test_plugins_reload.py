#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A plugin is replaced again and again while many ask it without pause: nothing is lost, nothing is done twice, nobody
waits longer than its time-out. TMUX_ORC_TEST_RELOADS says how often; under sanitizers it is less often."""

import collections
import json
import os
import socket
import subprocess
import threading

import harness
from harness import build_folder, need, wait_for
from plugin_ring import call, hosts, install, plugin

CALLERS = 16
RELOADS = int(os.environ.get("TMUX_ORC_TEST_RELOADS", "100" if harness.PATIENCE == 1 else "25"))
TIMEOUT = 10


class Listener(threading.Thread):
    """Hears from the plugins what they do."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.heard, self.lock = collections.Counter(), threading.Lock()
        self.connections = 0
        self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            self.connections += 1
            threading.Thread(target=self.listen, args=(connection,), daemon=True).start()

    def listen(self, connection):
        with connection, connection.makefile() as lines:
            for line in lines:
                with self.lock:
                    self.heard[json.loads(line)["n"]] += 1


def counter(ring, port, again):
    more = (f"payload: counter.so\nprofile: network\ntimeout: {TIMEOUT}s\nconcurrency: 8\n"
            f"settings: {{port: {port}}}\n")
    source, version = ("counter-2.so", "2.0.0") if again else ("counter.so", "1.0.0")
    install(ring, "counter", more, version, objects={"counter.so": source})


def reloads_lose_nothing_and_double_nothing(ring):
    listener = Listener()
    counter(ring, listener.port, False)
    ring.start("metrics: {enabled: true}\n")
    caller = subprocess.Popen([os.path.join(build_folder(), "tests", "plugins", "plugin-caller"), "load", "counter",
                               str(CALLERS)], env=ring.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: plugin(ring, "counter")["Executions"] > 100, "the load")
    for i in range(RELOADS):
        counter(ring, listener.port, i % 2 == 0)
        before = plugin(ring, "counter")["Executions"]
        _, error = call(ring, "ReloadPlugin", "s", "counter")
        need(not error, f"reload {i}: {error}")
        wait_for(lambda b=before: plugin(ring, "counter")["Executions"] > b + CALLERS, "more calls")
    told = json.loads(caller.communicate(timeout=60 * harness.PATIENCE)[0])
    print(f"# {RELOADS} reloads, {CALLERS} callers: {told}")
    seen = plugin(ring, "counter")
    need(told["failed"] == 0 and told["wrong"] == 0, f"none was lost: {told}")
    need(told["slowest_usec"] < TIMEOUT * 1000000, f"none took longer than its time-out: {told}")
    need(seen["Reloads"] == RELOADS and seen["Restarts"] == 0 and seen["Failures"] == 0, f"{seen}")
    wait_for(lambda: sum(listener.heard.values()) >= told["done"], "all that was done is heard of")
    twice = [n for n, times in listener.heard.items() if times != 1]
    need(not twice and len(listener.heard) == told["done"] == seen["Executions"],
         f"each was done once: {twice[:5]} {len(listener.heard)} {told} {seen['Executions']}")
    need(listener.connections == RELOADS + 1, f"each reload was a new process: {listener.connections}")
    wait_for(lambda: len(hosts(ring)) == 1, lambda: f"one process in the end: {hosts(ring)}")


harness.main(reloads_lose_nothing_and_double_nothing)
