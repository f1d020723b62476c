#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is written down: over a kill, with a damaged file, and for whom it is told."""

import contextlib
import json
import os
import signal
import sqlite3

import harness
from harness import SampleAgent, need, read, wait_for

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


def nonsense_is_refused_in_words(ring):
    ring.start()
    for arguments, words in ((("hourly", 0, 0), "there is no report"), (("daily", 5, 4), "must end after")):
        try:
            ring.call("GetReport", "stt", *arguments)
        except harness.Failure as e:
            need(words in str(e), f"{e}")
        else:
            raise harness.Failure(f"{arguments} was taken")


harness.main(
    a_killed_daemon_loses_nothing_that_is_in_the_file,
    a_report_says_how_long_an_agent_waited,
    a_damaged_file_is_set_aside_and_the_present_goes_on,
    a_folder_that_cannot_be_written_is_said_and_found_again,
    nonsense_is_refused_in_words,
)
