# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every unit stays within its walls: from inside, every way out is tried. That each does its work all the same is what the
other tests are about."""

import json
import os
import signal

from machine import SERVICE, need, run, unit_property, wait_for

STEP = "[Service]\nExecStartPre=/usr/bin/python3 /test/system/escape.py\n"
# A watcher is its user's own: it sees its user's processes, and whoever is on the same machine may look at /proc.
OF_A_WATCHER = set()
TRY_SECONDS = 60


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
                 TRY_SECONDS)
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


def a_watcher_in_a_user_namespace_would_see_nobody(machine):
    """Why it has none, though that costs its unit a fifth of a point: tests/house/exposure."""
    alice, _, agent, _ = machine.one_agent("alice")
    look = f"import os; print([os.readlink('/proc/{agent.pid()}/' + n) for n in ('cwd', 'exe')])"
    walls = ["systemd-run", "--quiet", "--wait", "--pipe", f"--uid={alice.name}", "--property=ProtectProc=invisible"]
    need("demo-agent" in run(*walls, "--property=PrivateUsers=no", "python3", "-c", look), "as it is, it sees its user's agents")
    status, text = run(*walls, "--property=PrivateUsers=yes", "python3", "-c", look, check=False)
    need(status != 0 and "demo-agent" not in text, f"in a user namespace it does not: {text}")


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


def a_hung_exporter_is_replaced_and_the_service_says_how_it_is(machine):
    unit = "tmux-orchestrator-http.service"
    path = drop_in(unit)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write("[Service]\nWatchdogSec=3s\nTimeoutAbortSec=2s\n")
    run("systemctl", "daemon-reload")

    # How it is is asked of systemd now and then.
    machine.call("SetConfig", "svb", "health.heartbeat_interval", "5", False)

    def told():
        rows = json.loads(run("tmux-orc", "--system", "--json", "monitor", "--component-status"))
        return next(r for r in rows if r["name"] == "http")

    try:
        machine.start("tmux-orchestrator-http.socket")
        fetch("/metrics")
        daemon, exporter = machine.main_pid(), machine.main_pid(unit)
        wait_for(lambda: "answers" in str(told()), lambda: f"the service knows that it runs: {told()}", 90)
        os.kill(exporter, signal.SIGSTOP)
        wait_for(lambda: machine.main_pid(unit) not in (0, exporter), "another process", 60)
        need("tmux_orchestrator_build_info" in fetch("/metrics"), "which answers")
        need(machine.main_pid() == daemon, "nothing else was restarted")
    finally:
        os.unlink(path)
        run("systemctl", "daemon-reload")
        run("systemctl", "stop", "tmux-orchestrator-http.socket", unit)
    wait_for(lambda: "switched off" in str(told()), lambda: f"and that it does not: {told()}", 90)
    run("systemctl", "reload", SERVICE)


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


# About, in a machine that is emulated beside three others.
SECONDS = 120
TESTS = [the_service_cannot_leave_its_walls, a_watcher_cannot_leave_its_walls,
         a_watcher_in_a_user_namespace_would_see_nobody, the_exporter_cannot_leave_its_walls,
         a_hung_exporter_is_replaced_and_the_service_says_how_it_is, the_exporter_comes_when_asked_and_goes_when_idle]
