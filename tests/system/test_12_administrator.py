# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an administrator does with the service: looks at it on the bus, kills it, changes how much it tells, restarts the bus."""

import json
import os
import shutil
import socket
import subprocess
import time

from machine import AGENT, MANAGER, NAME, ROOT, SERVICE, Skip, need, run, unit_property, wait_for

REPORT = "tmux-orchestrator-report"
DROP_IN = f"/run/systemd/system/{REPORT}.timer.d/soon.conf"


def state_of(unit):
    return unit_property(unit, "ActiveState")


def busctl_shows_what_there_is(machine):
    _, tmux, agent, found = machine.one_agent("alice")
    bob = machine.person("bob")
    shown = bob.run("busctl", "--system", "introspect", NAME, ROOT)
    for word in ("org.tmuxorc.Monitor1.Manager", ".ListAgents", ".AgentStateChanged", ".AgentsTotal"):
        need(word in shown, f"{word} is shown: {shown}")
    need(found["path"] in bob.run("busctl", "--system", "--list", "tree", NAME), "the agent is in the tree")
    need(".StateSince" in bob.run("busctl", "--system", "introspect", NAME, found["path"], AGENT), "with its properties")
    need(bob.call("ListAgents")[0], "and is listed by a call")
    with subprocess.Popen(["busctl", "--system", "--json=short", "monitor", NAME], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as monitor:
        try:
            need("Monitoring" in monitor.stderr.readline(), "it monitors")
            agent.play("work")
            machine.wait_for_state(tmux, agent.pane, "working")
            told = next(m for m in map(json.loads, monitor.stdout) if m.get("member") == "AgentStateChanged")
            need(told["payload"]["data"][:3] == [found["path"], "waiting", "working"], f"the change is told: {told}")
        finally:
            monitor.kill()


def kill_ends_it_and_the_next_call_brings_it_back(machine):
    before = machine.main_pid()
    run("systemctl", "kill", "--signal=HUP", SERVICE)
    machine.wait_for_journal("read anew", "-u", SERVICE, f"_PID={before}")
    need(machine.main_pid() == before, "a hang-up makes it read its configuration")
    run("systemctl", "kill", SERVICE)
    wait_for(lambda: machine.main_pid() != before, "it ends")  # and a watcher that knocks may have it back already
    need(unit_property(SERVICE, "Result") == "success", "in good order")
    machine.call("ListAgents")
    need(state_of(SERVICE) == "active" and machine.main_pid() not in (0, before), "it is back")


def how_much_it_tells_is_changed_while_it_runs(machine):
    before = machine.main_pid()
    need(run("systemctl", "service-log-level", SERVICE).strip() == "info", "as usual")
    run("systemctl", "service-log-level", SERVICE, "debug")
    try:
        need(run("systemctl", "service-log-level", SERVICE).strip() == "debug", "it is another")
        with socket.socket(socket.AF_UNIX) as s:  # as a watcher that leaves at once
            s.connect("/run/tmux-orchestrator/watch")
        wait_for(lambda: "uid 0 is gone" in machine.journal("-p", "7..7", f"_PID={before}"), "and it tells more")
    finally:
        run("systemctl", "service-log-level", SERVICE, "info")
    need(run("systemctl", "service-log-target", SERVICE).strip() == "auto", "to where it belongs")
    need(machine.main_pid() == before, "and is the same process")


def the_bus_is_restarted_and_nothing_is_lost(machine):
    _, tmux, agent, before = machine.one_agent("alice")
    watcher = f"tmux-orchestrator-watcher@{before['OwnerUID']}.service"
    daemon, seer = machine.main_pid(), machine.main_pid(watcher)
    if run("systemctl", "restart", "dbus.service", check=False)[0] != 0:
        run("systemctl", "kill", "--signal=KILL", "dbus.service")
    agent.play("work")
    wait_for(lambda: machine.busctl("get-property", NAME, ROOT, MANAGER, "Mode", check=False) == "system",
             "it is on the new bus", 60)
    after = machine.wait_for_state(tmux, agent.pane, "working", Liveness="alive")
    need(after["path"] == before["path"] and "waiting" in after["TimeInState"], f"it is the same agent: {after}")
    need(machine.main_pid() == daemon and machine.main_pid(watcher) == seer, "by the same processes")
    machine.wait_for_journal("on the system bus", f"_PID={daemon}")
    need(run("systemctl", "reload", SERVICE, check=False)[0] == 0, "systemd reaches it there")


def a_restart_misses_no_change(machine):
    _, tmux, agent, before = machine.one_agent("alice")

    def states():
        lines = machine.journal("-o", "json", f"TMUX_ORC_AGENT={before['Id']}",
                                "MESSAGE_ID=37d739dcdcfec652a81015dd04fad450").splitlines()
        return [json.loads(line)["TMUX_ORC_STATE"] for line in lines]

    told = len(states())
    was = counted(machine)
    run("systemctl", "stop", SERVICE)  # its socket stays, and a watcher that knocks may start it at once
    for scene in ("work", "permission", "work"):
        agent.play(scene)
        time.sleep(6)  # nobody can say what its watcher sees meanwhile
    run("systemctl", "start", SERVICE)
    machine.wait_for_state(tmux, agent.pane, "working", Liveness="alive")
    need(states()[told:] == ["working", "waiting", "working"], f"all of them, in order: {states()}")
    need(counted(machine) == was + 3, f"counters go on: {was} {counted(machine)}")


def counted(machine):
    text = machine.call("ExportMetrics", "s", "prometheus")[0]
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("tmux_orchestrator_state_changes_total{"))


def the_command_line_starts_stops_and_restarts_it(machine):
    person, tmux, agent, _ = machine.one_agent("alice")
    watcher = f"tmux-orchestrator-watcher@{person.uid}.service"
    run("systemctl", "enable", "--quiet", watcher)
    try:
        run("tmux-orc", "--system", "monitor", "stop")
        time.sleep(3)  # whoever still watched would knock
        need((state_of(SERVICE), state_of(watcher)) == ("inactive", "inactive"), "it is stopped, and who told it something")
        run("tmux-orc", "--system", "monitor", "start")
        need(state_of(SERVICE) == "active", "it is started")
        machine.wait_for_state(tmux, agent.pane, "waiting", Liveness="alive")
    finally:
        run("systemctl", "disable", "--quiet", watcher)
    before = machine.main_pid()
    run("tmux-orc", "--system", "monitor", "restart")
    need(machine.main_pid() not in (0, before), "it is restarted")
    shown = run("tmux-orc", "--system", "monitor", "--status", check=False)[1]
    need(str(machine.main_pid()) in shown or "polling" in shown or "event" in shown, f"its state is told: {shown}")


def the_report_comes_by_its_timer(machine):
    machine.one_agent("alice")
    wait_for(lambda: os.path.exists("/var/lib/tmux-orchestrator/history.db"), "there is a history")
    os.makedirs(os.path.dirname(DROP_IN), exist_ok=True)
    with open(DROP_IN, "w", encoding="utf-8") as f:
        f.write("[Timer]\nOnCalendar=\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=1s\n")
    run("systemctl", "daemon-reload")
    try:
        run("systemctl", "enable", "--quiet", "--now", f"{REPORT}.timer")
        wait_for(lambda: unit_property(f"{REPORT}.service", "ExecMainExitTimestampMonotonic") not in ("", "0"), "it ran", 60)
        need(unit_property(f"{REPORT}.service", "Result") == "success", "well")
        wait_for(lambda: machine.journal("-o", "cat", "-t", REPORT).strip(), "the report is in the journal")
        print("".join(f"# {line}\n" for line in machine.journal("-o", "cat", "-t", REPORT).splitlines()[:4]), end="")
    finally:
        os.unlink(DROP_IN)
        run("systemctl", "disable", "--quiet", "--now", f"{REPORT}.timer")
        run("systemctl", "daemon-reload")


def systemd_finds_no_fault_with_the_units(machine):
    alice = machine.person("alice")
    folder = "/tmp/verify"
    os.makedirs(folder, exist_ok=True)
    names = [n for n in os.listdir("/lib/systemd/system") if n.startswith("tmux-orchestrator") and not n.endswith(".d")]
    need(len(names) > 12, f"these: {names}")
    for name in names:
        instance = "green" if name == "tmux-orchestrator@.service" else alice.uid
        shutil.copy(f"/lib/systemd/system/{name}", os.path.join(folder, name.replace("@.", f"@{instance}.")))
    status, text = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                       *(os.path.join(folder, n) for n in sorted(os.listdir(folder))), check=False)
    text = "\n".join(line for line in text.splitlines() if "tmux-orchestrator" in line)
    need(status == 0 and not text, f"{status}: {text}")


def newer_systemd_waits_for_a_reload_itself(machine):
    del machine
    if int(run("systemctl", "--version").split()[1]) < 253:
        raise Skip("this systemd does not know Type=notify-reload")
    need(unit_property(SERVICE, "Type") == "notify-reload", "it is used")


# About, in a machine that is emulated beside three others.
SECONDS = 100
TESTS = [busctl_shows_what_there_is, kill_ends_it_and_the_next_call_brings_it_back, how_much_it_tells_is_changed_while_it_runs,
         the_bus_is_restarted_and_nothing_is_lost, a_restart_misses_no_change, the_command_line_starts_stops_and_restarts_it,
         the_report_comes_by_its_timer, systemd_finds_no_fault_with_the_units, newer_systemd_waits_for_a_reload_itself]
