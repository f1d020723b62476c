#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is written down: over a kill, with a damaged file, and for whom it is told."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess

import harness
from harness import SampleAgent, Skip, need, read, wait_for

STATE = ".local/state/tmux-orchestrator"


def path_of(ring):
    return os.path.join(ring.env["HOME"], STATE, "history.db")


def rows(ring, question):
    """A reader of our own, who does not stop the writer."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path_of(ring)}?mode=ro", uri=True, timeout=10)) as db:
            return db.execute(question).fetchall()
    except sqlite3.DatabaseError:
        return []


def episodes(ring):
    return rows(ring, "SELECT s.text, since, until FROM episode JOIN name s ON s.id = state ORDER BY episode.id")


def states(ring):
    return [e[0] for e in episodes(ring)]


def report(ring, kind="daily"):
    return json.loads(ring.call("GetReport", "stt", kind, 0, 0)[0])


def agent_in(ring, scene="permission", state="waiting"):
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play(scene)
    ring.wait_for_state(tmux, agent.pane, state)
    ring.kept = agent  # it ends when nobody holds it
    return tmux, agent


def a_killed_daemon_loses_nothing_that_is_in_the_file(ring):
    ring.start()
    tmux, agent = agent_in(ring)
    wait_for(lambda: "waiting" in states(ring), "the episode in the file")
    before = episodes(ring)
    # Who it was about is known again from the state, which is written every quarter of a minute.
    wait_for(lambda: '"waiting"' in read(os.path.join(ring.env["HOME"], STATE, "state.json")), "the state", 30)
    ring.stop("daemon", signal.SIGKILL)
    ring.start_daemon()
    wait_for(lambda: episodes(ring) and episodes(ring)[-1][2] is None, "the episode goes on")
    need(episodes(ring) == before, f"it is the same one: {before} {episodes(ring)}")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    wait_for(lambda: states(ring)[-1] == "working", "the next one")
    need(episodes(ring)[-2][2] is not None, "the one before has ended")


def a_report_says_how_long_an_agent_waited(ring):
    ring.start()
    tmux, agent = agent_in(ring)
    wait_for(lambda: "waiting" in states(ring), "the episode in the file")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    wait_for(lambda: states(ring)[-1] == "working", "the end of the wait")
    waited = [u - s for state, s, u in episodes(ring) if state == "waiting"]
    told = report(ring)
    need(told["waiting"]["total_usec"] == sum(waited), f"{told['waiting']} {waited}")
    need(told["waiting"]["times"] == len(waited), "so often")
    need(told["agents"][0]["type"] == "claude" and told["agents"][0]["states"]["waiting"] == sum(waited), "the agent")
    need(told["types"][0]["agents"] == 1, "the type")


def a_damaged_file_is_set_aside_and_the_present_goes_on(ring):
    ring.start()
    agent_in(ring)
    wait_for(lambda: "waiting" in states(ring), "the episode in the file")
    need(ring.call("ValidateState") == [True, []], "it is in order")
    ring.stop("daemon")
    with open(path_of(ring), "r+b") as f:
        f.write(b"this is no database" * 500)
    ring.start_daemon()
    wait_for(lambda: "waiting" in states(ring), "the agent in the new file", 40)
    need(os.path.exists(path_of(ring) + ".damaged"), "the old file is kept")
    wait_for(lambda: "was damaged" in read(ring.log_path("daemon")), "the journal is told")
    need(ring.call("ValidateState") == [True, []], "it is in order again")


def a_folder_that_cannot_be_written_is_said_and_found_again(ring):
    os.makedirs(os.path.join(ring.env["HOME"], STATE), 0o700)
    os.mkdir(path_of(ring))
    ring.start()
    agent_in(ring)

    def health():
        return {c[0]: c[1:] for c in ring.call("GetHealth")[1]}
    wait_for(lambda: health()["state_store"][0] == "yellow", lambda: f"it is said: {health()['state_store']}")
    os.rmdir(path_of(ring))
    wait_for(lambda: health()["state_store"][0] == "green", "it is well again", 40)
    wait_for(lambda: "waiting" in states(ring), "what happened meanwhile was kept")


def a_full_disk_is_said_and_nothing_is_lost(ring):
    folder = os.path.join(ring.env["HOME"], STATE)
    os.makedirs(folder)
    if not os.environ.get("TMUX_ORC_TEST_ISOLATED") or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False).returncode != 0:
        raise Skip("nothing can be mounted here")
    ring.start()
    tmux, agent = agent_in(ring)
    wait_for(lambda: "waiting" in states(ring), "the episode in the file")
    with contextlib.suppress(OSError), open(os.path.join(folder, "others"), "wb", buffering=0) as others:
        while True:
            others.write(b"x" * 1024)

    def said():
        component = {c[0]: c for c in ring.call("ListComponents")[0]}["state_store"]
        return f"{component[1]}: {component[2]}"
    # As long as there is room within what the log has already, it is used.
    scenes = (("work", "working"), ("permission", "waiting"))
    for i in range(400):
        if "No space left" in said():
            break
        agent.play(scenes[i % 2][0])
        ring.wait_for_state(tmux, agent.pane, scenes[i % 2][1])
    need("No space left on device" in said() and not said().startswith("green"), said())
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    os.unlink(os.path.join(folder, "others"))
    wait_for(lambda: states(ring)[-1] == "idle", "what had to wait is written", 30)
    wait_for(lambda: said().startswith("green"), lambda: f"well again: {said()}", 30)
    need(not [n for n in os.listdir(folder) if "damaged" in n], f"{os.listdir(folder)}")
    all_of_them = episodes(ring)
    need(all(a[2] == b[1] for a, b in zip(all_of_them, all_of_them[1:])), f"each begins where one ended: {all_of_them}")


def nonsense_is_refused_in_words(ring):
    ring.start()
    for arguments, words in ((("hourly", 0, 0), "there is no report"), (("daily", 5, 4), "must end after")):
        try:
            ring.call("GetReport", "stt", *arguments)
        except harness.Failure as e:
            need(words in str(e), f"{e}")
        else:
            raise harness.Failure(f"{arguments} was taken")


def say(ring, *words):
    done = subprocess.run(["tmux-orc", "--user", *words], env=ring.env, text=True, capture_output=True, check=False,
                          timeout=120)
    return done.returncode, done.stdout + done.stderr


def the_commands_tell_it(ring):
    ring.start()
    tmux, _ = agent_in(ring)
    need(tmux.started, "there is an agent")
    need(say(ring, "baseline", "show")[0] == 1, "there is no baseline yet")
    wait_for(lambda: ring.call("GetReport", "stt", "baseline", 0, 0, check=False), "the file")
    wait_for(lambda: report(ring)["performance"].get("cycles", 0) > 0, "a sample", 60)
    for words, text in (
            (("baseline", "update"), "are the baseline now"),
            (("baseline", "show"), "Cycle p50"),
            (("report", "--detailed"), "Against the baseline\nWHAT"),
            (("report", "--week", "--format", "markdown"), "| claude | 1 |"),
            (("capacity", "analyze"), "How many agents this machine carries"),
            (("cache", "analyze", "--week"), "Nothing stands out"),
            (("perf", "report", "--month"), "Memory, mean"),
            (("perf", "analyze"), "95 % of the cycles took at most"),
            (("perf", "watch", "--interval", "0.2", "--duration", "0.4"), "ERRORS")):
        status, said = say(ring, *words)
        need(status == 0 and text in said, f"{words}: {status} {said}")
        if words[:2] not in (("perf", "watch"), ("baseline", "update")) and "--format" not in words:
            status, said = say(ring, "--json", *words)
            need(status == 0 and json.loads(said), f"{words}: {said}")
    for words in (("report", "--day", "--week"), ("report", "--format", "pdf"), ("perf", "watch", "--interval", "x"),
                  ("baseline", "forget"), ("capacity", "guess")):
        need(say(ring, *words)[0] == 2, f"{words} is refused")


harness.main(
    the_commands_tell_it,
    a_killed_daemon_loses_nothing_that_is_in_the_file,
    a_report_says_how_long_an_agent_waited,
    a_damaged_file_is_set_aside_and_the_present_goes_on,
    a_folder_that_cannot_be_written_is_said_and_found_again,
    a_full_disk_is_said_and_nothing_is_lost,
    nonsense_is_refused_in_words,
)
