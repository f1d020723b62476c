#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Exporters: what the service hands them by itself, and what comes out at the other end."""

import http.server
import json
import socket
import threading

import harness
from harness import SampleAgent, need, wait_for
from plugin_ring import copy

CONFIG = "exporters:\n  plugins: [{}]\n  interval: 1\nmonitoring:\n  cycle_interval: 0.3\n"


class Collector:
    """Takes what is posted; it is what it must be, or the test says so."""

    def __init__(self):
        posts = self.posts = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def metrics(self):
        """{name: metric} of the last that came."""
        for path, _, body in reversed(self.posts):
            if path == "/v1/metrics":
                resource = body["resourceMetrics"][0]
                return {m["name"]: m for m in resource["scopeMetrics"][0]["metrics"]}
        return {}

    def spans(self):
        return [s for path, _, body in self.posts if path == "/v1/traces" for s in body["resourceSpans"][0]["scopeSpans"][0]["spans"]]


def metrics_and_traces_reach_a_collector(ring):
    collector = Collector()
    copy(ring, "otlp", {"url": collector.url})
    ring.start(CONFIG.format("otlp"))
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.call("ExecutePlugin", "ssa{sv}", "noop", "{}", 0)
    ring.call("RestartComponent", "s", "agent_monitor")
    ring.wait_for_state(tmux, agent.pane, "idle")

    def all_is_there():
        cycles = collector.metrics().get("tmux_orchestrator_cycle_duration_seconds")
        names = {s["name"] for s in collector.spans()}
        agents = collector.metrics().get("tmux_orchestrator_agents_total", {"gauge": {"dataPoints": [{"asDouble": 0}]}})
        return cycles and {"cycle", "execute", "recover"} <= names and agents["gauge"]["dataPoints"][0]["asDouble"] == 1
    wait_for(all_is_there, lambda: f"metrics {sorted(collector.metrics())} and spans {collector.spans()[-3:]}", 40)

    found = collector.metrics()
    point = found["tmux_orchestrator_cycle_duration_seconds"]["histogram"]["dataPoints"][0]
    need(sum(map(int, point["bucketCounts"])) == int(point["count"]) > 0, f"every value is in one bucket: {point}")
    need(len(point["bucketCounts"]) == len(point["explicitBounds"]) + 1, f"one more bucket than bounds: {point}")
    cpu = found["tmux_orchestrator_self_cpu_seconds_total"]["sum"]
    need(cpu["isMonotonic"] and cpu["dataPoints"][0]["asDouble"] > 0, f"{cpu}")
    span = next(s for s in collector.spans() if s["name"] == "execute")
    need(len(span["traceId"]) == 32 and int(span["endTimeUnixNano"]) > int(span["startTimeUnixNano"]), f"{span}")
    need(span["attributes"] == [{"key": "subject", "value": {"stringValue": "noop"}}], "what exporters do is not told")
    need({s["attributes"][0]["value"]["stringValue"] for s in collector.spans() if s["attributes"]} == {"noop", "agent_monitor"}, "never")
    recovery = next(s for s in collector.spans() if s["name"] == "recover")
    need(recovery["status"]["code"] == 1 and recovery["attributes"][0]["value"]["stringValue"] == "agent_monitor", f"{recovery}")
    need("otlp: execute done" not in harness.read(ring.log_path("daemon")), "nor does the journal fill with it")


def a_statsd_is_told(ring):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(0.1)
    copy(ring, "statsd", {"host": "127.0.0.1", "port": receiver.getsockname()[1]})
    ring.start(CONFIG.format("statsd"))
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    seen = []

    def told():
        try:
            data = receiver.recv(65536)
        except TimeoutError:
            return False
        need(len(data) <= 1400, "it fits a datagram")
        seen.extend(data.decode().split("\n"))
        return all(any(s.startswith(p) for s in seen) for p in (
            "tmux_orchestrator_agents_total:1|g", "tmux_orchestrator_self_cpu_seconds_total:", "tmux_orchestrator.span.cycle:",
            "tmux_orchestrator_component_health:1|g|#component:bus"))
    wait_for(told, lambda: f"all kinds, seen {seen[-40:]}", 40, every=0)
    need(any("|ms|#result:ok" in s for s in seen), f"{seen}")


def one_that_fails_harms_nobody(ring):
    copy(ring, "otlp", {"url": "http://127.0.0.1:9"})
    ring.start(CONFIG.format("otlp, noop, nobody"))
    wait_for(lambda: "plugin otlp: execute failed: 127.0.0.1:9 cannot be reached" in harness.read(ring.log_path("daemon")), "a failure is told")
    log = harness.read(ring.log_path("daemon"))
    need("nothing is exported by noop: it is no exporter" in log and "nothing is exported by nobody" in log, "so are wrong names")
    need(ring.call("GetHealth")[0] in ("green", "yellow"), "and it goes on")


harness.main(metrics_and_traces_reach_a_collector, a_statsd_is_told, one_that_fails_harms_nobody)
