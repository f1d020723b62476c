#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What observing costs: cycles with everything on against cycles with it off, in one run of one service, and how long
the exporter takes to tell the metrics of 500 agents."""

import threading
import time
import urllib.request

import agents
import bench
import harness
from exporter import Exporter

ROUNDS, CYCLES, AGENTS, MANY = 8, 40, 50, 500
CONFIG = """monitoring:
  cycle_interval: 3600
  metrics: {{enabled: {on}}}
exporters:
  plugins: [{exporters}]
  interval: 1
"""


class Scraper(threading.Thread):
    """Fetches the metrics every second, as an impatient Prometheus does."""

    def __init__(self, web):
        super().__init__(daemon=True)
        self.web, self.on = web, threading.Event()
        self.start()

    def run(self):
        while self.on.wait() and not self.web.ending:
            self.web.get("/metrics")
            time.sleep(1)


def cycles(ring):
    """Seconds of each, as the service measures them."""
    return [ring.call("RunCycle")[0] / 1e6 for _ in range(CYCLES)]


def cost(ring, table):
    farm = agents.AgentFarm(ring, AGENTS, first="working")
    taken = {"false": [], "true": []}
    try:
        ring.start(CONFIG.format(on="true", exporters=""))
        agents.wait_for_agents(ring, AGENTS, "working")
        farm.paint(0.4)
        web = Exporter(ring)
        scraper = Scraper(web)
        # By turns: what else happens on this machine happens to both.
        for i in range(ROUNDS * 2):
            on = ("false", "true")[i % 2]
            ring.write_config(CONFIG.format(on=on, exporters="statsd" if on == "true" else ""))
            ring.call("Reload")
            (scraper.on.set if on == "true" else scraper.on.clear)()
            taken[on] += cycles(ring)
        web.end()
    finally:
        farm.close()
    off, on = (bench.percentile(taken[which], 50) for which in ("false", "true"))
    table.add(f"{AGENTS} agents, 20 painting: cycle, nothing observed, p50", off * 1e3, "ms")
    table.add(f"{AGENTS} agents, 20 painting: cycle, everything observed, p50", on * 1e3, "ms")
    table.add("everything observed against nothing observed", on / off, "times", 1.1)


def scrape(ring, table):
    farm = agents.AgentFarm(ring, MANY)
    try:
        ring.start()
        harness.wait_for(lambda: len(ring.objects(harness.AGENT)) == MANY, f"{MANY} agents", 120, every=1)
        web = Exporter(ring)
        web.get("/metrics")
        url, taken, size = f"http://127.0.0.1:{web.port}/metrics", [], 0
        for _ in range(200):
            began = time.monotonic()
            with urllib.request.urlopen(url) as answer:
                size = len(answer.read())
            taken.append(time.monotonic() - began)
        table.add(f"{MANY} agents: /metrics, p50", bench.percentile(taken, 50) * 1e3, "ms", 10)
        table.add(f"{MANY} agents: /metrics, p99", bench.percentile(taken, 99) * 1e3, "ms")
        table.add(f"{MANY} agents: /metrics, size", size / 1024, "KiB")
    finally:
        farm.close()


def main(options):
    table = bench.Table("observing")
    bench.in_rings(table, cost, scrape)
    table.finish(options.json)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
