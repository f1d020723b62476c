#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The exporter: what it answers, whom it does not answer, what it survives, and that it leaves."""

import collections
import json
import os
import random
import re
import signal
import socket
import time

import harness
from exporter import Exporter
from harness import SampleAgent, need, wait_for


def it_answers_with_what_the_service_says(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    wait_for(lambda: ring.agents(), "the agent")
    web = Exporter(ring)

    status, headers, text = web.get("/metrics")
    need(status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), f"{status} {headers}")
    need(re.search(r"^tmux_orchestrator_agents_total 1$", text, re.M), "the metrics are those of the service")

    status, headers, text = web.get("/health")
    need(status == 200 and headers["Content-Type"] == "application/json", f"{status} {headers}")
    need(json.loads(text)["health"] in ("green", "yellow"), text)
    status, _, text = web.get("/health/components")
    components = {c["component"]: c for c in json.loads(text)["components"]}
    need(status == 200 and set(components) == {c[0] for c in ring.call("ListComponents")[0]}, text)
    status, _, text = web.get("/health/cache")
    need(status == 200 and json.loads(text) == components["cache"], text)

    for path, expected in (("/health/nonsense", 404), ("/", 404), ("/metrics/", 404), ("/health/a/b", 404),
                           ("/api/plugins/", 404), ("/health/%63ache", 200), ("/health/..%2f..%2fetc", 404)):
        status, _, text = web.get(path)
        need(status == expected, f"{path}: {status} {text}")
        need("error" in json.loads(text) or status == 200, text)
    need(web.end() == 0, "it ends well")


def a_red_part_is_told_by_the_status(ring):
    ring.start()
    web = Exporter(ring)
    need(web.get("/health/bus")[0] == 200, "the bus is fine")
    ring.stop("daemon")
    status, _, text = web.get("/health")
    need(status == 503 and "does not run" in text, f"a service that is not there is no healthy one: {status} {text}")
    status, _, text = web.get("/metrics")
    need(status == 503, f"{status} {text}")
    need(not ring.owner(), "it was not started by our asking")
    ring.start_daemon()
    need(web.get("/health")[0] == 200, "it is back")
    need(web.starts == 1, "all by one exporter")


def a_service_that_hangs_is_told_in_time(ring):
    ring.start()
    web = Exporter(ring)
    need(web.get("/health")[0] == 200, "it answers")
    os.kill(ring.processes["daemon"].pid, signal.SIGSTOP)
    began = time.monotonic()
    status, _, text = web.get("/metrics")
    os.kill(ring.processes["daemon"].pid, signal.SIGCONT)
    need(status == 504, f"{status} {text}")
    need(time.monotonic() - began < 10 * harness.PATIENCE, "not after ages")
    need(web.get("/metrics")[0] == 200, "and then it goes on")


def what_is_not_to_be_exported_is_not(ring):
    ring.start("monitoring:\n  metrics:\n    export_prometheus: false\n")
    web = Exporter(ring)
    status, _, text = web.get("/metrics")
    need(status == 403 and "monitoring.metrics.export_prometheus" in text, f"{status} {text}")
    need(web.get("/health")[0] == 200, "the rest is")


def only_get_is_answered(ring):
    ring.start()
    web = Exporter(ring)
    for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"):
        status, headers, _ = web.get("/metrics", method)
        need(status == 405 and headers["Allow"] == "GET", f"{method}: {status}")
    need(web.get("/metrics", body="x" * 100)[0] == 413, "a question has no body")
    need(web.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") == 413,
         "nor in pieces")


def other_names_are_not_ours(ring):
    ring.start()
    web = Exporter(ring, "--allow-host=monitor.example")
    for host, expected in (("localhost", 200), ("LOCALHOST:8080", 200), ("127.0.0.1:1", 200), ("[::1]:8080", 200),
                           ("monitor.example:9", 200), ("evil.example", 421), ("localhost.evil.example", 421),
                           ("localhost:", 421), ("localhost:x", 421), ("127.0.0.1.evil.example:8080", 421),
                           ("[::1", 421), ("[::1]evil.example", 421), ("xlocalhost", 421)):
        need(web.get("/health", Host=host)[0] == expected, f"Host: {host}")
    need(web.send(b"GET /health HTTP/1.0\r\n\r\n") == 421, "without a name")


def nonsense_is_refused_and_harms_nobody(ring):
    ring.start()
    web = Exporter(ring)
    head = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
    for data in (b"\0" * 100, b"GET\r\n\r\n", b"\r\n" * 1000, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                 head + b"X: " + b"y" * 100000 + b"\r\n\r\n", head + b"X: y\r\n" * 10000 + b"\r\n", b"GET /health HTTP/9.9\r\n\r\n",
                 head + b"Content-Length: -1\r\n\r\n", head + b"Content-Length: 99999999999999999999\r\n\r\n",
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", head + b" folded\r\n\r\n"):
        status = web.send(data)
        need(status == 0 or 400 <= status < 600, f"{data[:40]!r}: {status}")
    chance = random.Random(1)
    for _ in range(300):
        data = bytearray(head + b"Connection: close\r\n\r\n")
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        web.send(bytes(data))
    need(web.get("/health")[0] == 200 and web.starts == 1, "the same process still answers")


def who_dawdles_is_cut_off_and_others_are_served(ring):
    """Sixty clients that send a byte now and then: more than there are places."""
    ring.start()
    web = Exporter(ring)
    need(web.get("/health")[0] == 200, "it answers")
    slow = [web.connect() for _ in range(60)]
    began = time.monotonic()
    for s in slow:
        s.sendall(b"GET /he")
    need(web.status("/health") == 0, "all places are taken")

    def place_is_free():
        for s in slow:
            try:
                s.sendall(b"a")
            except OSError:
                pass
        return web.status("/health") == 200
    wait_for(place_is_free, "a byte now and then buys no time", 30, every=1)
    need(time.monotonic() - began > 5, "it was the deadline of 10 s")
    need(harness.resident_kib(web.process.pid) < 64 * 1024 * harness.PATIENCE ** 2, "and it stays small")
    need(web.starts == 1, "by the same process")


def ten_thousand_connections_are_bounded(ring):
    """They come, ask for half of something, and go; the service behind notices nothing."""
    ring.start()
    web = Exporter(ring)
    need(web.get("/health")[0] == 200, "it answers")
    before = harness.resident_kib(ring.processes["daemon"].pid)
    open_ones = collections.deque()
    for n in range(10000):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", web.port))
        try:
            s.send(b"GET /metrics HTTP/1.1\r\nHost: local")
        except OSError:
            pass
        open_ones.append(s)
        if len(open_ones) > 400:
            open_ones.popleft().close()
        if n % 2500 == 0:
            need(ring.call("GetHealth"), "the service answers meanwhile")
    for s in open_ones:
        s.close()
    wait_for(lambda: web.status("/health") == 200, "it answers again", 30, every=0.5)
    need(web.starts == 1, "by the same process")
    need(harness.resident_kib(web.process.pid) < 64 * 1024 * harness.PATIENCE ** 2, "which stays small")
    need(harness.resident_kib(ring.processes["daemon"].pid) < before + 4096 * harness.PATIENCE, "and so does the service")


def who_reads_nothing_is_cut_off(ring):
    ring.start()
    web = Exporter(ring)
    deaf = [web.connect() for _ in range(20)]
    for s in deaf:
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    need(web.get("/metrics")[0] == 200, "others are served meanwhile")
    for s in deaf[:10]:
        s.close()
    need(web.get("/metrics")[0] == 200 and web.starts == 1, "also when they leave in the middle")


def it_leaves_when_idle_and_comes_back(ring):
    ring.start()
    web = Exporter(ring, "--idle-time=1")
    for n in (1, 2, 3):
        need(web.get("/health")[0] == 200, "it answers")
        need(web.starts == n, f"start {n}, not {web.starts}")
        process = web.process
        wait_for(lambda: process.poll() is not None, "it leaves", 10)
        need(process.returncode == 0, f"it leaves with {process.returncode}")


def it_does_not_leave_while_somebody_asks(ring):
    ring.start()
    web = Exporter(ring, "--idle-time=1")
    need(web.get("/health")[0] == 200, "it answers")
    os.kill(ring.processes["daemon"].pid, signal.SIGSTOP)
    status = web.get("/health")[0]
    os.kill(ring.processes["daemon"].pid, signal.SIGCONT)
    need(status == 504 and web.starts == 1, f"it waited for the bus: {status}, {web.starts} starts")


harness.main(it_answers_with_what_the_service_says, a_red_part_is_told_by_the_status, a_service_that_hangs_is_told_in_time,
             what_is_not_to_be_exported_is_not, only_get_is_answered, other_names_are_not_ours, nonsense_is_refused_and_harms_nobody,
             who_dawdles_is_cut_off_and_others_are_served, who_reads_nothing_is_cut_off,
             ten_thousand_connections_are_bounded,
             it_leaves_when_idle_and_comes_back, it_does_not_leave_while_somebody_asks)
