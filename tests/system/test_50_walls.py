# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every unit stays within its walls: from inside, every way out is tried. That each does its work all the same is what the
other tests are about."""

import os

from machine import SERVICE, need, run, unit_property, wait_for

STEP = "[Service]\nExecStartPre=/usr/bin/python3 /test/system/escape.py\n"
# A watcher is its user's own: it sees its user's processes, and whoever is on the same machine may look at /proc.
OF_A_WATCHER = set()
SECONDS = 60


def drop_in(unit):
    name = unit.replace(unit[unit.index("@") + 1:unit.rindex(".")], "") if "@" in unit else unit
    return f"/run/systemd/system/{name}.d/escape.conf"


def ways_out(machine, unit, begin, more=""):
    """Runs the attempts as a step of the unit's start, so as the unit itself."""
    path = drop_in(unit)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(STEP + more)
    run("systemctl", "daemon-reload")
    since = run("date", "+%F %T").strip()
    try:
        begin()
        wait_for(lambda: "use another architecture's calls" in told(machine, since), lambda: f"{unit} tries: {told(machine, since)}",
                 SECONDS)
    finally:
        os.unlink(path)
        run("systemctl", "daemon-reload")
    lines = told(machine, since).splitlines()
    need(sum(line.startswith("refused ") for line in lines) > 20, f"most is refused: {lines}")
    return {line.removeprefix("OPEN ") for line in lines if line.startswith("OPEN ")}


def told(machine, since):
    return machine.journal("-o", "cat", f"--since={since}", "SYSLOG_IDENTIFIER=python3")


def the_service_cannot_leave_its_walls(machine):
    left = ways_out(machine, SERVICE, lambda: run("systemctl", "restart", SERVICE))
    need(not left, f"every way is shut, but not: {left}")
    machine.call("ListAgents")


def a_watcher_cannot_leave_its_walls(machine):
    alice = machine.person("alice")
    machine.watch(alice)
    unit = f"tmux-orchestrator-watcher@{alice.uid}.service"
    left = ways_out(machine, unit, lambda: run("systemctl", "restart", unit))
    need(left <= OF_A_WATCHER, f"every way is shut, but not: {left}")
    machine.one_agent("alice")


def the_exporter_cannot_leave_its_walls(machine):
    machine.start("tmux-orchestrator-http.socket")
    try:
        left = ways_out(machine, "tmux-orchestrator-http.service", lambda: run(
            "systemctl", "start", "tmux-orchestrator-http.service"))
        need(not left, f"every way is shut, but not: {left}")
        need("tmux_orchestrator_agents_total" in fetch("/metrics"), "and it answers")
    finally:
        run("systemctl", "stop", "tmux-orchestrator-http.socket", "tmux-orchestrator-http.service")


def fetch(path):
    import urllib.request  # pylint: disable=import-outside-toplevel
    with urllib.request.urlopen("http://127.0.0.1:8080" + path, timeout=60) as answer:
        return answer.read().decode()


def the_exporter_comes_when_asked_and_goes_when_idle(machine):
    unit = "tmux-orchestrator-http.service"
    path = drop_in(unit)
    with open(path, "w", encoding="utf-8") as f:
        f.write("[Service]\nExecStart=\nExecStart=/usr/libexec/tmux-orchestrator/tmux-orchestrator-http --system --idle-time=2\n")
    run("systemctl", "daemon-reload")
    machine.start("tmux-orchestrator-http.socket")
    try:
        need(unit_property(unit, "ActiveState") == "inactive", "nobody asked yet")
        need("tmux_orchestrator_build_info" in fetch("/metrics"), "metrics")
        need(fetch("/health"), "health")
        need(unit_property(unit, "ActiveState") == "active", "it was started for that")
        need(run("ss", "-Hltn", "sport = :8080").split()[3] == "127.0.0.1:8080" if os.path.exists("/usr/bin/ss") else True,
             "it listens to this machine only")
        wait_for(lambda: unit_property(unit, "ActiveState") == "inactive", "it goes when nobody asks", 90)
        need(unit_property(unit, "Result") == "success", "in good order")
    finally:
        os.unlink(path)
        run("systemctl", "daemon-reload")
        run("systemctl", "stop", "tmux-orchestrator-http.socket", unit)


TESTS = [the_service_cannot_leave_its_walls, a_watcher_cannot_leave_its_walls, the_exporter_cannot_leave_its_walls,
         the_exporter_comes_when_asked_and_goes_when_idle]
