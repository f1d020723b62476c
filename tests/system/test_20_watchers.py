# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several users, each with a watcher of their own, and one service."""

import json
import os
import signal
import time

from machine import AGENT, SERVICE, need, run, unit_property, wait_for


def everybody_sees_the_states_of_all_and_screens_only_of_their_own(machine):
    alice, _, _, hers = machine.one_agent("alice")
    bob, _, _, his = machine.one_agent("bob", "codex", "work", "working")
    for person in (alice, bob):
        need({a[0] for a in person.call("ListAgents")[0]} >= {hers["Id"], his["Id"]}, f"{person.name} sees both")
    need(hers["OwnerUID"] == alice.uid and his["OwnerUID"] == bob.uid, "each belongs to its owner")
    need("Bash command" in alice.call("GetScreen", "u", 0, path=hers["path"], interface=AGENT)[0] or
         alice.call("GetScreen", "u", 0, path=hers["path"], interface=AGENT)[0].strip(), "her own screen")
    for method, arguments in (("GetScreen", ("u", 0)), ("Explain", ())):
        refused = bob.call(method, *arguments, path=hers["path"], interface=AGENT, check=False)
        need(refused, f"bob may not {method} of hers")


def a_user_may_not_speak_for_another(machine):
    alice, _, _, hers = machine.one_agent("alice")
    bob = machine.person("bob")
    need(bob.call("ReportEvent", "ssss", hers["Pane"], "hook", "Stop", "", check=False), "not by an event")
    # and not as a watcher either: whatever it reports counts for who the kernel says it is
    run("systemctl", "stop", f"tmux-orchestrator-watcher@{bob.uid}.service", check=False)
    forge = f"""
import json, os, socket
os.setgid({bob.uid}); os.setuid({bob.uid})
s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect("/run/tmux-orchestrator/watch")
def say(method, params, **more):
    s.sendall(json.dumps(dict(jsonrpc="2.0", method=method, params=params, **more)).encode() + b"\\n")
say("hello", dict(protocol=1, version="0", uid={alice.uid}, pid=1), id=1)
s.recv(1000)
say("server", dict(uid={alice.uid}, socket="{alice_socket(machine, alice)}", liveness="absent", reason="ended", version="",
    pid=0, start_usec=0, panes=0, look_usec=0))
say("agent-gone", dict(uid={alice.uid}, socket="{alice_socket(machine, alice)}", pane="{hers["Pane"]}"))
say("ready", dict())
s.sendall(b"{{]\\n")
print(s.recv(1000))
"""
    run("python3", "-c", forge)
    after = machine.objects(AGENT).get(hers["path"])
    need(after and after["State"] == hers["State"] and after["Liveness"] == "alive", f"hers is as it was: {after}")


def alice_socket(machine, alice):
    return next(s["Socket"] for s in machine.objects("org.tmuxorc.Monitor1.Server").values() if s["UID"] == alice.uid)


def a_flood_of_one_user_does_not_slow_the_others(machine):
    alice, tmux, agent, _ = machine.one_agent("alice")
    bob = machine.person("bob")
    run("systemctl", "stop", f"tmux-orchestrator-watcher@{bob.uid}.service", check=False)
    flood = f"""
import json, os, socket, time
os.setgid({bob.uid}); os.setuid({bob.uid})
end = time.monotonic() + 8
sent = 0
while time.monotonic() < end:
    try:
        s = socket.socket(socket.AF_UNIX); s.settimeout(2); s.connect("/run/tmux-orchestrator/watch")
        s.sendall(json.dumps(dict(jsonrpc="2.0", method="hello", params=dict(protocol=1, version="0"), id=1)).encode() + b"\\n")
        s.recv(1000)
        line = "".join(json.dumps(dict(jsonrpc="2.0", method="server", params=dict(socket=f"/tmp/x{{i}}", liveness="alive",
            reason="", version="3.3a", pid=i + 2, start_usec=0, panes=i, look_usec=i))) + "\\n" for i in range(200)).encode()
        while time.monotonic() < end:
            s.sendall(line); sent += 200
    except OSError:
        time.sleep(0.01)
print(sent)
"""
    import subprocess  # pylint: disable=import-outside-toplevel

    def delays(n):
        took = []
        for i in range(n):
            want = ("working", "work") if i % 2 == 0 else ("waiting", "permission")
            started = time.monotonic()
            agent.play(want[1])
            machine.wait_for_state(tmux, agent.pane, want[0], 30)
            took.append(time.monotonic() - started)
        return sorted(took)

    quiet = delays(4)
    with subprocess.Popen(["python3", "-c", flood], stdout=subprocess.PIPE, text=True) as process:
        loud = delays(3)
        sent = process.communicate()[0].strip()
    print(f"# a change is told after {quiet[len(quiet) // 2]:.2f} s, and after {loud[len(loud) // 2]:.2f} s while another "
          f"user sends {sent} reports in 8 s")
    need(loud[len(loud) // 2] < quiet[len(quiet) // 2] * 3 + 2, f"hers go on in time: {quiet} and {loud}")
    need(len([s for s in machine.objects("org.tmuxorc.Monitor1.Server").values() if s["UID"] == bob.uid]) <= 64,
         "his servers are limited")


def a_restart_of_the_service_keeps_what_it_knew(machine):
    _, tmux, agent, before = machine.one_agent("alice")
    agent.play("work")
    machine.wait_for_state(tmux, agent.pane, "working")
    before = machine.wait_for_state(tmux, agent.pane, "working")
    times = before["TimeInState"]
    need("waiting" in times, f"it has a history: {times}")
    run("systemctl", "restart", SERVICE)
    after = machine.wait_for_state(tmux, agent.pane, "working", Liveness="alive")
    need(after["path"] == before["path"] and after["StateSince"] == before["StateSince"], "the same agent, since the same time")
    need(after["TimeInState"]["waiting"] == times["waiting"], f"and its history: {after['TimeInState']} {times}")


def a_kill_of_the_service_loses_at_most_the_last_moments(machine):
    _, tmux, agent, before = machine.one_agent("alice")
    wait_for(lambda: before["Id"] in read_state(), "it is written", 60)
    os.kill(machine.main_pid(), signal.SIGKILL)
    after = machine.wait_for_state(tmux, agent.pane, "waiting", Liveness="alive")
    need(after["path"] == before["path"] and after["StateSince"] == before["StateSince"], "the same agent, since the same time")


def a_kill_keeps_what_is_not_on_disk_yet(machine):
    _, tmux, agent, before = machine.one_agent("alice")
    wait_for(lambda: before["Id"] in read_state(), "it is written", 60)
    with open(STATE, encoding="utf-8") as f:
        old = f.read()
    agent.play("work")
    before = machine.wait_for_state(tmux, agent.pane, "working")
    wait_for(lambda: unit_property(SERVICE, "NFileDescriptorStore") == "1", "systemd keeps it")
    time.sleep(4)  # so late at the latest it is in what systemd keeps
    os.kill(machine.main_pid(), signal.SIGSTOP)
    with open(STATE, "w", encoding="utf-8") as f:
        f.write(old)
    os.kill(machine.main_pid(), signal.SIGKILL)
    after = machine.wait_for_state(tmux, agent.pane, "working", Liveness="alive")
    need(after["StateSince"] == before["StateSince"] and after["TimeInState"]["waiting"] == before["TimeInState"]["waiting"],
         f"it is known since when: {before} {after}")


STATE = "/var/lib/tmux-orchestrator/state.json"


def read_state():
    try:
        with open(STATE, encoding="utf-8") as f:
            return " ".join(a["id"] for s in json.load(f)["servers"] for a in s["agents"])
    except (OSError, ValueError):
        return ""


def a_damaged_state_is_set_aside_and_told(machine):
    run("systemctl", "stop", SERVICE, "tmux-orchestrator.socket")
    with open(STATE, "w", encoding="utf-8") as f:
        f.write('{"format": 1, "servers": [{"uid": -4, "report": {}}')
    run("systemctl", "start", SERVICE)
    machine.call("ListAgents")
    need(os.path.exists(STATE + ".damaged"), "it is kept for who wants to look")
    machine.wait_for_journal("state.json", "-p", "warning")
    os.unlink(STATE + ".damaged")


def tmux_orc_register_and_the_user_unit_bring_a_watcher_too(machine):
    carol = machine.person("carol")
    tmux = carol.tmux("reg")
    carol.run("sh", "-c", "printf 'run-shell -b \"tmux-orc --quiet register\"\\n' >~/.tmux.conf")
    tmux.command = [w if w != "/dev/null" else "/home/carol/.tmux.conf" for w in tmux.command]
    agent = carol.agent(tmux, "gemini", "idle")
    machine.wait_for_state(tmux, agent.pane, "idle", 30)
    pids = run("pgrep", "-u", "carol", "-x", "watcher").split()
    need(len(pids) == 1, f"one watcher: {pids}")
    need(carol.run("tmux-orc", "register").strip() == "A watcher of yours runs already.", "a second is not started")
    os.kill(int(pids[0]), signal.SIGTERM)
    # the same by her own service manager
    run("loginctl", "enable-linger", "carol")
    wait_for(lambda: os.path.exists(f"/run/user/{carol.uid}/systemd/private"), "carol's service manager")
    carol.env["XDG_RUNTIME_DIR"] = f"/run/user/{carol.uid}"
    carol.run("systemctl", "--user", "enable", "--quiet", "--now", "tmux-orchestrator-watcher")
    agent.play("work")
    machine.wait_for_state(tmux, agent.pane, "working", 30)
    need(carol.run("systemctl", "--user", "is-active", "tmux-orchestrator-watcher").strip() == "active", "it runs")


def a_service_of_ones_own_in_the_users_session(machine):
    carol = machine.person("carol")
    carol.env["XDG_RUNTIME_DIR"] = f"/run/user/{carol.uid}"
    carol.run("systemctl", "--user", "disable", "--quiet", "--now", "tmux-orchestrator-watcher", check=False)
    if run("sh", "-c", "command -v dbus-run-session && test -e /usr/lib/systemd/user/dbus.socket", check=False)[0] != 0:
        from harness import Skip  # pylint: disable=import-outside-toplevel
        raise Skip("there is no bus for users here")
    # an emulated processor needs more than the budget that is usual
    carol.run("sh", "-c", "mkdir -p ~/.config/tmux-orchestrator && "
              "echo 'monitoring: {cost_budget: 20}' >~/.config/tmux-orchestrator/config.yaml")
    carol.run("systemctl", "--user", "enable", "--quiet", "--now", "tmux-orchestrator")
    tmux = carol.tmux("own")
    agent = carol.agent(tmux, "claude", "permission")  # it lives as long as somebody holds its control
    wait_for(lambda: "waiting" in carol.run("tmux-orc", "--user", "list"), lambda: "her own service sees it: " + carol.run(
        "tmux-orc", "--user", "list") + carol.run("systemctl", "--user", "status", "tmux-orchestrator", check=False)[1] +
        run("journalctl", "-n", "40", "--no-pager", f"_UID={carol.uid}", check=False)[1], 30)
    agent.play("work")
    wait_for(lambda: "working" in carol.run("tmux-orc", "--user", "list"), "and what it does", 30)
    carol.run("systemctl", "--user", "disable", "--quiet", "--now", "tmux-orchestrator", "tmux-orchestrator.socket")


def a_crashed_watcher_comes_back_alone(machine):
    alice, tmux, agent, before = machine.one_agent("alice")
    unit = f"tmux-orchestrator-watcher@{alice.uid}.service"
    daemon, watcher = machine.main_pid(), machine.main_pid(unit)
    os.kill(watcher, signal.SIGKILL)
    wait_for(lambda: machine.main_pid(unit) not in (0, watcher), "another watcher")
    after = machine.wait_for_state(tmux, agent.pane, "waiting", Liveness="alive")
    need(machine.main_pid() == daemon, "nothing else was restarted")
    need(after["StateSince"] == before["StateSince"], f"nothing is lost: {before} {after}")
    need(unit_property(unit, "NRestarts") != "0", "by itself")


def watched_files(pid):
    """(device, inode) of what it has the kernel tell of."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="utf-8") as f:
            for line in f:
                fields = dict(w.split(":", 1) for w in line.split() if ":" in w)
                if line.startswith("inotify") and "ino" in fields:
                    device = int(fields["sdev"], 16)
                    found.add((os.makedev(device >> 20, device & 0xfffff), int(fields["ino"], 16)))
    return found


def the_kernel_tells_a_watcher_of_what_is_written_to_a_pane(machine):
    """Through all that its unit keeps from it."""
    alice, tmux, agent, _ = machine.one_agent("alice")
    watcher = machine.main_pid(f"tmux-orchestrator-watcher@{alice.uid}.service")
    tty = os.stat(tmux.run("display-message", "-p", "-t", agent.pane, "#{pane_tty}"))
    wait_for(lambda: (tty.st_dev, tty.st_ino) in watched_files(watcher), lambda: f"{tty} is in {watched_files(watcher)}")


# About, in a machine that is emulated beside three others.
SECONDS = 150
TESTS = [everybody_sees_the_states_of_all_and_screens_only_of_their_own, the_kernel_tells_a_watcher_of_what_is_written_to_a_pane,
         a_user_may_not_speak_for_another,
         a_flood_of_one_user_does_not_slow_the_others, a_restart_of_the_service_keeps_what_it_knew,
         a_kill_of_the_service_loses_at_most_the_last_moments, a_kill_keeps_what_is_not_on_disk_yet, a_damaged_state_is_set_aside_and_told,
         tmux_orc_register_and_the_user_unit_bring_a_watcher_too, a_service_of_ones_own_in_the_users_session,
         a_crashed_watcher_comes_back_alone]
