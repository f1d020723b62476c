#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The plugins that come along, each in its sandbox: what they answer, and what they say when they cannot."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time

import harness
from harness import need
from plugin_ring import copy


def run(ring, name, value):
    done = subprocess.run(["tmux-orc", "--user", "plugin", "execute", name, json.dumps(value)], env=ring.env, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def execute(ring, name, value):
    status, out, err = run(ring, name, value)
    need(status == 0, f"{name} answers: {err}")
    return json.loads(out)


def refused(ring, name, value, words):
    status, out, err = run(ring, name, value)
    need(status == 1 and words in err, f"{name} refuses with '{words}': {status} {out} {err}")


def tokens_have_a_price(ring):
    copy(ring, "pricing", {"currency": "EUR", "models": {"m": {"input": 2, "output": 10.5}}})
    ring.start()
    answer = execute(ring, "pricing", {"model": "m", "input_tokens": 1500000, "output_tokens": 200000})
    need(answer == {"model": "m", "currency": "EUR", "cost": 5.1}, f"3 and 2.1: {answer}")
    need(execute(ring, "pricing", {"model": "m"})["cost"] == 0, "nothing costs nothing")
    refused(ring, "pricing", {"model": "other"}, "no price is known for 'other'; known are m")


def the_team_is_listed_and_searched(ring):
    members = [{"name": "anvil", "role": "smith", "target": "w:1", "skills": ["Iron", "fire"]},
               {"name": "bellows", "role": "helper", "target": "w:2", "skills": []}]
    for name in ("team-list", "team-search"):
        copy(ring, name, {"members": members})
    ring.start()
    need(execute(ring, "team-list", {})["members"] == members, "all of them")
    need(execute(ring, "team-list", {"role": "helper"})["members"] == members[1:], "those of a role")
    need(execute(ring, "team-list", {"role": "none"})["members"] == [], "nobody of no role")
    for query in ("ANV", "smith", "w:1", "iron"):
        need(execute(ring, "team-search", {"query": query})["members"] == members[:1], f"{query} finds one")
    need(execute(ring, "team-search", {"query": "w:"})["members"] == members, "both are in w")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted, and answers as its path says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), json.loads(body)))
        status = {"/refuse": 403, "/away": 302}.get(self.path, 201)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/stolen")
        self.end_headers()
        self.wfile.write(json.dumps({"number": 42, "links": {"html": "http://t/42"}}).encode())

    def log_message(self, *_):
        pass


def receiver():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


NOTICE = {"summary": "it <waits>", "body": "for & with you", "severity": "warning", "agent": "a1", "target": "w:1"}


def notices_are_posted(ring):
    server, url = receiver()
    copy(ring, "webhook", {"url": url + "/hook", "headers": {"X-Token": "t"}})
    copy(ring, "slack", {"url": url + "/slack", "channel": "#agents"})
    copy(ring, "ticket", {"url": url + "/new", "fields": {"title": "name", "body": "text"},
                          "constants": {"project": 7}, "id": "number", "link": "links.html"})
    ring.start()
    need(execute(ring, "webhook", NOTICE) == {"status": 201}, "it was taken")
    path, headers, body = server.seen.pop()
    need((path, headers["X-Token"], body) == ("/hook", "t", NOTICE), f"as it is: {path} {headers} {body}")

    execute(ring, "slack", NOTICE)
    body = server.seen.pop()[2]
    need(body["text"] == "it &lt;waits&gt;" and body["channel"] == "#agents", f"{body}")
    need("for &amp; with you" in body["blocks"][0]["text"]["text"], f"nothing is forged: {body}")
    need(body["blocks"][1]["elements"][0]["text"] == "a1 · w:1", f"and where: {body}")

    need(execute(ring, "ticket", NOTICE) == {"status": 201, "id": "42", "url": "http://t/42"}, "it has a number")
    body = server.seen.pop()[2]
    need(body == {"project": 7, "name": "it <waits>",
                  "text": "for & with you\n\nagent: a1\ntarget: w:1\nseverity: warning"}, f"{body}")


def what_cannot_be_posted_is_told(ring):
    server, url = receiver()
    copy(ring, "webhook", {"url": url + "/refuse"})
    copy(ring, "slack", {"url": "http://127.0.0.1:9/"})
    copy(ring, "ticket", {"url": url + "/away"})
    ring.start()
    refused(ring, "webhook", NOTICE, "refused it: 403")
    refused(ring, "slack", NOTICE, "127.0.0.1:9 cannot be reached")
    refused(ring, "ticket", NOTICE, "refused it: 302")
    need([seen[0] for seen in server.seen] == ["/refuse", "/away"], f"it follows nobody: {server.seen}")


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def containers_are_measured(ring):
    """Folders as the kernel makes them: which control groups there are is not the test's to choose."""
    folder = copy(ring, "container-monitor", {"root": "groups"})
    one = "groups/system.slice/docker-" + 64 * "a" + ".scope"
    write(folder, {
        "groups/cgroup.controllers": "cpu memory pids\n", "groups/user.slice/memory.current": "5\n",
        one + "/memory.current": "1048576\n", one + "/memory.max": "max\n", one + "/pids.current": "3\n",
        one + "/cpu.stat": "usage_usec 77\nuser_usec 70\n", one + "/memory.events": "low 0\noom_kill 2\n",
        one + "/memory.pressure": "some avg10=1.50 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00\n",
        "groups/machine.slice/machine-box.scope/memory.max": "2048\n",
    })
    ring.start()
    box = {"engine": "machine", "id": "box", "memory_max_bytes": 2048}
    docker = {"engine": "docker", "id": 64 * "a", "memory_bytes": 1048576, "tasks": 3, "cpu_usec": 77, "oom_kills": 2,
              "memory_pressure_percent": 1.5}
    answer = execute(ring, "container-monitor", {})["containers"]
    need(answer == [box, docker], f"{answer}")
    need(execute(ring, "container-monitor", {"engine": "machine"})["containers"] == [box], "those of one engine")


def this_machine_s_containers_are_known_or_it_is_said_why(ring):
    ring.start()
    status, out, err = run(ring, "container-monitor", {})
    if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        need(status == 0 and isinstance(json.loads(out)["containers"], list), f"{err}")
    else:
        need("no control groups of version 2" in err, f"{status} {out} {err}")


SMI = """#!/bin/sh
case $1 in --query-gpu=index,name,utilization.gpu,memory.used,*) ;; *) echo "wrong: $1"; exit 9 ;; esac
echo '0, Sample A100, 87, 1024, 40960, 61, 250.50'
echo '1, Sample T4, 0, 0, 15360, [N/A], [N/A]'
"""


def gpus_are_measured(ring):
    """A program that prints what nvidia-smi prints, and a folder as AMD's driver makes it."""
    folder = copy(ring, "gpu-monitor", {"drm": "drm", "nvidia_smi": "./nvidia-smi"})
    write(folder, {"nvidia-smi": SMI, "drm/card0/device/gpu_busy_percent": "12\n",
                   "drm/card0/device/mem_info_vram_used": "100\n", "drm/card0/device/mem_info_vram_total": "200\n",
                   "drm/card0/device/hwmon/hwmon3/temp1_input": "45500\n", "drm/card0-DP-1/status": "x\n"})
    os.chmod(os.path.join(folder, "nvidia-smi"), 0o755)
    ring.start()
    answer = execute(ring, "gpu-monitor", {})["gpus"]
    need(answer == [
        {"vendor": "amd", "name": "card0", "busy_percent": 12, "memory_used_bytes": 100, "memory_total_bytes": 200,
         "celsius": 45.5},
        {"vendor": "nvidia", "name": "Sample A100", "busy_percent": 87, "memory_used_bytes": 1024 << 20,
         "memory_total_bytes": 40960 << 20, "celsius": 61, "watts": 250.5},
        {"vendor": "nvidia", "name": "Sample T4", "busy_percent": 0, "memory_used_bytes": 0,
         "memory_total_bytes": 15360 << 20}], f"{answer}")


def a_gpu_that_cannot_be_asked_is_told(ring):
    folder = copy(ring, "gpu-monitor", {"drm": "none", "nvidia_smi": "./nvidia-smi"})
    write(folder, {"nvidia-smi": "#!/bin/sh\necho 'Failed to initialize NVML: no driver'\nexit 9\n"})
    os.chmod(os.path.join(folder, "nvidia-smi"), 0o755)
    ring.start()
    refused(ring, "gpu-monitor", {}, "ended with 9 and said: Failed to initialize NVML")


def a_report_of_gpus_must_be_fresh(ring):
    folder = copy(ring, "gpu-monitor", {"drm": "none", "nvidia_report": "nvidia.csv"})
    report = os.path.join(folder, "nvidia.csv")
    write(folder, {"nvidia.csv": "0, Sample A100, 87, 1024, 40960, 61, 250.50\n"})
    ring.start()
    need(execute(ring, "gpu-monitor", {})["gpus"][0]["busy_percent"] == 87, "it is read")
    os.utime(report, (0, os.stat(report).st_mtime - 100))
    time.sleep(2.1)  # an answer is good for two seconds
    refused(ring, "gpu-monitor", {}, "s old: whatever writes it has stopped")
    write(folder, {"nvidia.csv": "0, 87\n"})
    refused(ring, "gpu-monitor", {}, "printed 2 columns, and not 7")


def what_the_plugin_shall_read_it_can(ring):
    """The places in /sys are open to it: a folder of the test's own would be so anyway."""
    folder = copy(ring, "gpu-monitor", {"drm": "/sys/devices/virtual"})
    with open(os.path.join(folder, "gpu-monitor.py"), "w", encoding="utf-8") as f:
        f.write("import os, lines\n"
                "def execute(_, settings):\n    return {'gpus': [], 'why': ' '.join(os.listdir(settings['drm']))}\n"
                "lines.serve('gpu-monitor', '1.0.0', execute)\n")
    ring.start()
    need("tty" in execute(ring, "gpu-monitor", {})["why"].split() or not os.path.exists("/sys/devices/virtual/tty"),
         "it sees devices")


def no_gpu_is_no_error(ring):
    copy(ring, "gpu-monitor", {"drm": "none", "nvidia_smi": "/nowhere/nvidia-smi"})
    ring.start()
    answer = execute(ring, "gpu-monitor", {})
    need(answer["gpus"] == [] and "there is no /nowhere/nvidia-smi" in answer["why"], f"{answer}")


harness.main(tokens_have_a_price, the_team_is_listed_and_searched, notices_are_posted, what_cannot_be_posted_is_told,
             containers_are_measured, this_machine_s_containers_are_known_or_it_is_said_why, gpus_are_measured,
             a_gpu_that_cannot_be_asked_is_told, a_report_of_gpus_must_be_fresh,
             what_the_plugin_shall_read_it_can, no_gpu_is_no_error)
