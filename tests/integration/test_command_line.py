#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tmux-orc shows what the service knows, in words and in JSON, and ends with the right status."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios

import harness
from harness import SOURCE, SampleAgent, Skip, build_folder, need, read, wait_for


def program():
    return os.path.join(build_folder(), "tools", "tmux-orc")


def orc(ring, *words, status=0, before=(), **variables):
    done = subprocess.run([*before, program(), *words], env={**ring.env, **variables}, text=True,
                          capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    need(done.returncode == status,
         f"tmux-orc {' '.join(words)}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done.stderr if status > 1 or (status == 1 and not done.stdout) else done.stdout


def orc_json(ring, *words, **options):
    return json.loads(orc(ring, "--json", *words, **options))


def one_idle_agent(ring, like="claude"):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, like)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    return tmux, agent


def all_commands_answer_in_words_and_in_json(ring):
    tmux, agent = one_idle_agent(ring)
    for words in (["status"], ["status", "--detailed"], ["list"], ["show", agent.pane], ["screen", agent.pane],
                  ["explain", agent.pane], ["next"], ["status-line"], ["health", "config"],
                  ["monitor"], ["monitor", "--list-strategies"], ["monitor", "--dry-run"], ["config", "list"],
                  ["config", "get", "logging.level"], ["cache", "stats"], ["cache", "clear", "--confirm"],
                  ["help"], ["--version"]):
        need(orc(ring, *words).strip(), f"'{' '.join(words)}' says nothing")
        orc_json(ring, *words)
    # On a slow machine it is yellow, and rightly.
    slow = any(health != "green" for _, health, *_ in ring.call("ListComponents")[0])
    need("config" in orc(ring, "health", status=int(slow)), "how all parts are")
    orc(ring, "monitor", "reload")
    need("watches your tmux servers already" in orc(ring, "register"), "register has nothing to do")
    need(tmux.path in json.dumps(orc_json(ring, "status")["servers"]), "the server is in the status")


def benchmark_measures_in_a_server_that_nobody_notices(ring):
    one_idle_agent(ring)
    runtime = os.path.join(ring.folder, "bench")
    os.mkdir(runtime, 0o700)
    told = orc_json(ring, "benchmark", "--agents", "5", "--compare", XDG_RUNTIME_DIR=runtime)
    ways = {(w["way"], w["redrawn"] > 0): w for w in told["ways"]}
    names = {"one-by-one", "twenty-at-once"} | {f"{way}-{transport}" for way in ("look", "ask", "glance", "full")
                                                for transport in ("source", "native")}
    need(told["panes"] == 5 and set(ways) == {(name, redrawn) for name in names for redrawn in (False, True)},
         f"five panes, each way twice: {told}")
    need(all(w["p50_seconds"] > 0 and w["p99_seconds"] >= w["p50_seconds"] for w in ways.values()), f"times: {told}")
    need(ways["full-native", False]["captured"] == 5 > ways["look-native", False]["captured"], f"what is captured: {told}")
    need(ways["glance-native", True]["captured"] == 5 * ways["glance-native", True]["redrawn"], f"as many as are redrawn: {told}")
    need(ways["one-by-one", False]["own_cpu_seconds"] > ways["full-native", False]["own_cpu_seconds"],
         f"processes cost something: {told}")
    lines = orc(ring, "--quiet", "benchmark", "--agents", "2", XDG_RUNTIME_DIR=runtime).split()
    need(len(lines) == 1 and 0 < float(lines[0]) < 60, f"seconds: {lines}")
    need(len(ring.agents()) == 1 and len(ring.objects(harness.SERVER)) == 1, "the service saw nothing of it")
    need(not os.listdir(runtime), f"left behind: {os.listdir(runtime)}")


def benchmark_of_an_instance_measures_its_cycles(ring):
    one_idle_agent(ring)
    told = orc_json(ring, "benchmark", "--environment", "blue")
    need(told["agents"] == 1 and told["cycles"] == 20 and 0 < told["seconds"] <= told["max_seconds"], f"{told}")
    orc(ring, "benchmark", "--environment", "nowhere", status=3)


def an_agent_is_shown_as_the_bus_has_it(ring):
    tmux, agent = one_idle_agent(ring)
    known = ring.agent(tmux, agent.pane)
    listed = orc_json(ring, "list")
    need(len(listed) == 1, f"one agent: {listed}")
    for key, property_name in (("id", "Id"), ("type", "Type"), ("state", "State"), ("target", "Target"),
                               ("owner_uid", "OwnerUID"), ("pid", "PID"), ("attributes", "Attributes")):
        need(listed[0][key] == known[property_name], f"{key} is {listed[0][key]}, not {known[property_name]}")
    session = known["Target"].split(":")[0]
    for name in (known["Id"], known["Id"][:-1], agent.pane, known["Target"], f"{session}:{known['Window']}.0"):
        need(orc_json(ring, "show", name)["path"] == known["path"], f"'{name}' is the agent")
    need(orc_json(ring, "list", "--state", "idle", "--type", "claude", "--owner", str(os.getuid())) != [],
         "all filters take it")
    need(orc_json(ring, "list", "--state", "working") == [], "it does not work")
    need(orc_json(ring, "list", "--type", "codex") == [], "it is no codex")
    need(orc_json(ring, "list", "--owner", str(os.getuid() + 1)) == [], "it is ours")


def the_screen_is_the_panes(ring):
    tmux, agent = one_idle_agent(ring)
    lines = [line.rstrip() for line in tmux.screen(agent.pane).splitlines() if line.strip()]
    shown = [line.rstrip() for line in orc(ring, "screen", agent.pane).splitlines() if line.strip()]
    need(lines[0] in shown and lines[-1] in shown, f"the screen is\n{lines}\nnot\n{shown}")
    need(len(orc(ring, "screen", agent.pane, "--lines", "2").splitlines()) <= 2, "two lines at most")


def who_waits_comes_next_with_the_way_there(ring):
    tmux, first = one_idle_agent(ring)
    need(orc_json(ring, "next") is None, "nobody needs a human")
    need("No agent needs you" in orc(ring, "next"), "in words as well")
    second = SampleAgent(tmux, "codex", name="other")
    second.play("limit")
    ring.wait_for_state(tmux, second.pane, "rate_limited")
    need(orc_json(ring, "next")["pane"] == second.pane, "a usage limit is all there is")
    first.play("permission")
    ring.wait_for_state(tmux, first.pane, "waiting")
    found = orc_json(ring, "next")
    need(found["pane"] == first.pane, "who waits goes before the limit")
    need(found["go"] == f"tmux attach -t {found['target']}", f"outside of tmux: {found['go']}")
    inside = orc_json(ring, "next", TMUX=f"{tmux.path},1,0")
    need(inside["go"] == f"tmux switch-client -t {found['target']}", f"inside of it: {inside['go']}")
    need(orc(ring, "status-line").strip() == "1 waiting · 1 rate limited", orc(ring, "status-line"))
    bar = json.loads(orc(ring, "status-line", "--format", "waybar"))
    need(bar["class"] == "waiting" and bar["text"].startswith("1 waiting"), f"waybar is told {bar}")


def top_shows_who_needs_somebody_first(ring):
    tmux, idle = one_idle_agent(ring)
    waiting = SampleAgent(tmux, "codex")
    waiting.play("permission")
    ring.wait_for_state(tmux, waiting.pane, "waiting")
    told = [json.loads(line) for line in orc(ring, "--json", "top", "--interval", "0.1", "--count", "2").splitlines()]
    need(len(told) == 2 and [a["pane"] for a in told[1]["agents"]] == [waiting.pane, idle.pane], f"the waiting one first: {told}")
    frame = orc(ring, "top", "--count", "1", COLUMNS="80")
    need("◆ 1 waiting · ○ 1 idle" in frame and frame.index("codex") < frame.index("claude"), frame)
    need(max(map(len, frame.splitlines())) <= 80, f"it fits: {frame}")

    # On a terminal of six lines, which is put right at the end.
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 80, 0, 0))
    before = termios.tcgetattr(slave)
    with subprocess.Popen([program(), "top"], env=ring.env, stdin=slave, stdout=slave, stderr=slave) as top:
        seen = b""
        while b"codex" not in seen:
            need(select.select([master], [], [], 20 * harness.PATIENCE)[0], f"the agent is not shown: {seen}")
            seen += os.read(master, 4096)
        need(b"claude" not in seen and b"\033[H" in seen, f"as much as there is room for: {seen}")
        need(not termios.tcgetattr(slave)[3] & termios.ICANON, "keys come as they are pressed")
        os.write(master, b"q")
        need(top.wait(20 * harness.PATIENCE) == 0, "and q leaves it")
    need(termios.tcgetattr(slave) == before, "the terminal is as it was")


def evidence_is_shown_in_a_few_columns(ring):
    tmux = one_idle_agent(ring)[0]
    waiting = SampleAgent(tmux, "codex")
    waiting.play("permission")
    ring.wait_for_state(tmux, waiting.pane, "waiting")
    lines = orc(ring, "explain", waiting.pane, COLUMNS="120").splitlines()
    head = next(line for line in lines if line.startswith("SOURCE"))
    need(head.split() == ["SOURCE", "RULE", "STATE", "WEIGHT", "AGE", "QUOTE", "WHY"], head)
    need(any("waiting: permission" in line for line in lines), f"state and what it waits for are one: {lines}")
    need("attention" in json.loads(orc(ring, "--json", "explain", waiting.pane))["evidence"][0], "programs get all of it")


def changes_are_told_as_they_happen(ring):
    tmux, agent = one_idle_agent(ring)
    ring.spawn("watch", [program(), "watch", "--json", "--state", "waiting", "--count", "1"])
    wait_for(lambda: listens(ring), "watch listens")
    agent.play("permission")
    ring.processes["watch"].wait(30)
    event = json.loads(read(ring.log_path("watch")))
    known = ring.agent(tmux, agent.pane)
    need(event["event"] == "agent" and event["path"] == known["path"] and event["new"] == "waiting"
         and event["id"] == known["Id"] and event["target"] == known["Target"]
         and event["attention"] == "permission" and event["rule"], f"the event is {event}")
    need(ring.processes["watch"].returncode == 0, "it ends by itself")


def listens(ring):
    """Whether a second client besides the monitor of the harness has asked the bus for our signals."""
    pid = ring.processes["watch"].pid
    names = ring.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ListNames")[0]
    for name in names:
        if not name.startswith(":"):
            continue
        owner = ring.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                            "GetConnectionUnixProcessID", "s", name, check=False)
        if owner and owner[0] == pid:
            rules = ring.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus.Debug.Stats",
                                "GetConnectionStats", "s", name, check=False)
            return rules is None or rules[0].get("MatchRules", {"data": 1})["data"] >= 5
    return False


def a_service_that_comes_back_is_told_too(ring):
    one_idle_agent(ring)
    ring.spawn("watch", [program(), "watch", "--json"])
    wait_for(lambda: listens(ring), "watch listens")
    ring.stop("daemon")
    orc(ring, "list", status=3)
    need("the service is not there" in orc(ring, "list", status=3), "that is what is wrong")
    need("tmux-orc doctor" not in orc(ring, "--quiet", "list", status=3), "no hints when quiet")
    need("does not run on the user bus" in orc(ring, "--user", "doctor", status=1), "the doctor knows")
    ring.start_daemon()

    def told():
        events = [json.loads(line) for line in read(ring.log_path("watch")).splitlines()]
        return [e["new"] for e in events if e["event"] == "service"] == ["gone", "here"]
    wait_for(told, lambda: f"the service went and came: {read(ring.log_path('watch'))}")
    need(ring.processes["watch"].poll() is None, "watch goes on")


def what_is_meant_twice_is_not_guessed(ring):
    one_idle_agent(ring)
    other = ring.tmux(name="other")
    agent = SampleAgent(other, "codex")
    agent.play("idle")
    ring.wait_for_state(other, agent.pane, "idle")
    said = orc(ring, "show", agent.pane, status=1)
    for known in ring.agents().values():
        need(known["Id"] in said, f"both are named: {said}")
    need("there is no agent" in orc(ring, "show", "%4000", status=1), "there is none such")


def the_exit_status_tells_what_happened(ring):
    one_idle_agent(ring)
    orc(ring, "nonsense", status=2)
    orc(ring, "list", "--state", "nonsense", status=2)
    orc(ring, "monitor", "--strategy", "nonsense", status=1)
    orc(ring, "config", "get", "nonsense", status=1)
    orc(ring, "health", "nonsense", status=1)
    orc(ring, "cache", "clear", "nonsense", "--confirm", status=1)
    orc(ring, "list", status=3, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent",
        DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")


def a_stranger_is_not_authorized(ring):
    if os.getuid() != 0:
        raise Skip("only root can be two users")
    tmux, agent = one_idle_agent(ring)
    stranger = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    os.chmod(ring.folder, 0o755)
    if subprocess.run([*stranger, program(), "--version"], capture_output=True, check=False).returncode != 0:
        raise Skip("the build folder is not for every user's eyes")
    orc(ring, "screen", agent.pane, status=4, before=stranger)
    orc(ring, "monitor", "reload", status=4, before=stranger)
    need(orc_json(ring, "list", before=stranger) != [], "but who is there may be known")
    need(tmux.screen(agent.pane) != "", "the agent is as it was")


def the_doctor_finds_all_well(ring):
    one_idle_agent(ring)
    findings = orc_json(ring, "doctor")
    need(not [f for f in findings if f["result"] == "broken"], f"nothing is broken: {findings}")
    need({"tmux", "tmux servers", "message bus", "service", "watcher", "rules"} <= {f["check"] for f in findings},
         f"it looks at everything: {findings}")


def the_shell_completes_what_the_service_knows(ring):
    tmux, agent = one_idle_agent(ring)
    known = ring.agent(tmux, agent.pane)

    def complete(*words):
        script = '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tmux_orc; echo "${COMPREPLY[@]}"'
        return subprocess.run(["bash", "-c", script, "bash", os.path.join(SOURCE, "tools/tmux-orc/completion.bash"),
                               program(), *words], env=ring.env, text=True, capture_output=True,
                              check=True).stdout.split()
    need(complete("show", "") == [known["Id"]], f"ids of agents: {complete('show', '')}")
    need(complete("list", "--type", "") == ["claude"], "types that are there")
    need("polling" in complete("monitor", "--strategy", ""), "strategies")
    need("pane_content" in complete("cache", "clear", ""), "layers")
    need(complete("config", "get", "logging.le") == ["logging.level"], "keys")
    need("config" in complete("health", ""), "components")


harness.main(
    all_commands_answer_in_words_and_in_json,
    benchmark_measures_in_a_server_that_nobody_notices,
    benchmark_of_an_instance_measures_its_cycles,
    an_agent_is_shown_as_the_bus_has_it,
    the_screen_is_the_panes,
    who_waits_comes_next_with_the_way_there,
    top_shows_who_needs_somebody_first,
    evidence_is_shown_in_a_few_columns,
    changes_are_told_as_they_happen,
    a_service_that_comes_back_is_told_too,
    what_is_meant_twice_is_not_guessed,
    the_exit_status_tells_what_happened,
    a_stranger_is_not_authorized,
    the_doctor_finds_all_well,
    the_shell_completes_what_the_service_knows,
)
