#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real Prometheus fetches from the exporter: the metrics are to its liking, the rules hold, and every query of every
dashboard has an answer."""

import glob
import json
import os
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request

import harness
from exporter import Exporter
from harness import SampleAgent, need, wait_for

MONITORING = os.path.join(harness.SOURCE, "tools", "monitoring")
CONFIG = "monitoring:\n  cycle_interval: 0.5\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Prometheus:
    """With the example's configuration, but every second, and from our exporter."""

    def __init__(self, ring, web):
        self.port = free_port()
        folder = os.path.join(ring.folder, "prometheus")
        os.mkdir(folder)
        shutil.copy(os.path.join(MONITORING, "prometheus", "tmux-orchestrator.rules.yaml"), folder)
        text = harness.read(os.path.join(MONITORING, "prometheus", "prometheus.yaml"))
        need("127.0.0.1:8080" in text and "15s" in text, "the example fetches from where the exporter is")
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{web.port}").replace("15s", "1s")
        with open(os.path.join(folder, "prometheus.yaml"), "w", encoding="utf-8") as f:
            f.write(text.replace("127.0.0.1:9093", "127.0.0.1:9"))
        ring.spawn("prometheus", ["prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data",
                                  f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"])
        wait_for(lambda: self.try_get("query", query="up"), "Prometheus", 60)

    def get(self, what, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=20 * harness.PATIENCE) as answer:
            return json.load(answer)["data"]

    def try_get(self, what, **parameters):
        try:
            return self.get(what, **parameters)
        except OSError:
            return None

    def ask(self, query):
        return self.get("query", query=query)["result"]


def let_much_happen(ring):
    tmux = ring.tmux()
    agents = [SampleAgent(tmux, "claude"), SampleAgent(tmux, "codex")]
    for agent in agents:
        agent.play("permission")
        ring.wait_for_state(tmux, agent.pane, "waiting")
    for _ in range(2):
        ring.call("ValidateConfig", "s", "monitoring: {}")
    ring.call("ExecutePlugin", "ssa{sv}", "noop", "{}", 0)
    ring.call("ExecutePlugin", "ssa{sv}", "pricing", '{"nonsense": 1}', 0, check=False)
    return agents


def let_the_state_file_be_large(ring):
    path = os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator", "state.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "ab") as f:
        f.truncate(60_000_000)


def queries():
    """(dashboard, panel, query) of all that Grafana would ask."""
    for path in sorted(glob.glob(os.path.join(MONITORING, "grafana", "*.json"))):
        dashboard = json.loads(harness.read(path))
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield dashboard["title"], panel["title"], target["expr"].replace("$instance", ".*").replace("$__rate_interval", "1m")


def without_answer(prometheus):
    return [q for q in queries() if not prometheus.ask(q[2])]


def it_fetches_judges_and_answers(ring):
    if not shutil.which("prometheus"):
        raise harness.Skip("there is no Prometheus: apt install prometheus")
    ring.start(CONFIG)
    web = Exporter(ring)
    agents = let_much_happen(ring)
    prometheus = Prometheus(ring, web)
    wait_for(lambda: prometheus.ask('tmux_orchestrator_agents_total'), "the first metrics", 60)
    need(prometheus.ask("tmux_orchestrator_agents_total")[0]["value"][1] == "2", "are those of the service")
    agents[0].play("work")

    def seen_by_both():
        # The service writes it anew when there is something new to know.
        let_the_state_file_be_large(ring)
        ours = {a[0] for a in ring.call("ListAlerts")[0]}
        theirs = {a["labels"]["alertname"].removeprefix("TmuxOrchestrator") + "." + a["labels"]["severity"]
                  for a in prometheus.get("alerts")["alerts"] if a["state"] == "firing"}
        return "StateFileLarge.critical" in ours & theirs
    wait_for(seen_by_both, "the same alert, here and there", 60, every=1)

    wait_for(lambda: not without_answer(prometheus), lambda: f"an answer to {without_answer(prometheus)}", 60, every=1)
    need(len(list(queries())) > 40, "there are many queries")
    drawn = subprocess.run([os.path.join(MONITORING, "grafana", "draw-dashboards"), "--minutes=2", f"http://127.0.0.1:{prometheus.port}"],
                           text=True, capture_output=True, check=False)
    need(drawn.returncode == 0, f"every panel can be drawn: {drawn.stdout}{drawn.stderr}")
    need("═ tmux-orchestrator: Overview ═" in drawn.stdout and "█" in drawn.stdout, f"and looked at: {drawn.stdout}")
    print(drawn.stdout)
    rules = [r for g in prometheus.get("rules")["groups"] for r in g["rules"]]
    need(len(rules) > 30 and all(r["health"] == "ok" for r in rules), f"{[r for r in rules if r['health'] != 'ok']}")

    # A minute of it, and not once in vain.
    wait_for(lambda: float(prometheus.ask('sum(count_over_time(up{job="tmux-orchestrator"}[5m]))')[0]["value"][1]) >= 60,
             "sixty times fetched", 120, every=1)
    need(prometheus.ask('min_over_time(up{job="tmux-orchestrator"}[5m])')[0]["value"][1] == "1", "each time it answered")
    status, _, text = web.get("/metrics")
    need(status == 200, text)
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    need(done.returncode == 0 and not done.stderr, f"promtool check metrics: {done.stderr}")


harness.main(it_fetches_judges_and_answers)
