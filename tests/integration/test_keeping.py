#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Agents are kept going where a policy says so: started again, told to go on, given up; and left alone else."""

import json
import os
import signal
import subprocess
import time

import harness
from harness import need, read, wait_for
from test_acting import Ear, act, program_for, start, with_programs
from test_typing_races import Client

ACT = """
monitoring: {max_failures: 2}
acting: {crash_policy: act, limit_policy: act, backoff: 1, grace: 4, limit_margin: 0}
"""


AFTER = 5  # seconds for which a draft must stand unchanged
DRAFTS = f"""
acting:
  unsubmitted_after: {AFTER}
  unsubmitted_policies: ["target:main:1.0=act", "target:main:2.0=notify"]
"""


def said(ring, *words):
    return [line for line in read(ring.log_path("daemon")).splitlines() if all(w in line for w in words)]


def idle_agent(ring, config):
    with_programs(ring)
    tmux, agent, ear = start(ring, config=config)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    return tmux, agent, ear


def crash(ring, tmux, agent):
    agent.connection.sendall(b"kill\n")
    return ring.wait_for_state(tmux, agent.pane, "crashed")


def an_agent_that_crashed_is_left_alone_by_default(ring):
    tmux, agent, _ = idle_agent(ring, "monitoring: {max_failures: 1}\n")
    log = program_for(ring, "claude", agent)
    crash(ring, tmux, agent)
    screen = tmux.screen(agent.pane)
    ring.call("RunCycle")
    wait_for(lambda: said(ring, "is crashed"), "the crash in the log")
    need(not said(ring, "restart") and tmux.screen(agent.pane) == screen and read(log) == "", "nothing is done")


def what_could_be_done_is_said_where_that_is_the_policy(ring):
    tmux, agent, _ = idle_agent(ring, "acting: {policies: [\"type:claude=notify\"]}\n")
    log = program_for(ring, "claude", agent)
    crash(ring, tmux, agent)
    wait_for(lambda: said(ring, "TMUX_ORC_RESULT=would"), "what could be done")
    need(read(log) == "", "nothing is done")


def an_agent_that_crashed_is_started_again(ring):
    tmux, agent, _ = idle_agent(ring, ACT)
    log = program_for(ring, "claude", agent)
    crash(ring, tmux, agent)
    wait_for(lambda: said(ring, "TMUX_ORC_RESULT=planned"), "the plan")
    agent.start(again=False)
    need(read(log) == "--continue\n", read(log))
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    wait_for(lambda: said(ring, "worked: it runs again"), "the success in the log")
    need(said(ring, "TMUX_ORC_CAUSE=crash"), "what was typed is in the audit log")


def one_that_does_not_stay_up_is_given_up_until_a_human_helps(ring):
    tmux, agent, _ = idle_agent(ring, ACT)
    log = program_for(ring, "claude", agent)
    with open(log[:-len(".log")], "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\necho tried >>{log}\nexit 1\n")
    found = crash(ring, tmux, agent)
    wait_for(lambda: said(ring, "is given up"), "the end of all attempts", seconds=90)
    tried = read(log).count("tried")
    need(tried == 2, f"it was tried {tried} times, not twice")
    def health():
        return {name: (health, text) for name, health, text, *_ in ring.call("ListComponents")[0]}
    wait_for(lambda: health()["recovery"][0] == "yellow", "the component says so", seconds=60)

    def alerts():
        return [row[2] for row in ring.call("ListAlerts")[0] if "AgentGivenUp" in row[0]]
    wait_for(alerts, "an alert", seconds=60)
    need(alerts() == ["agents that crashed too often are given up: 1"], f"it says what: {alerts()}")
    program_for(ring, "claude", agent)
    need(act(ring, found, "Restart") == "", "a human tries once more")
    agent.start(again=False)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")


def an_owner_can_refuse_for_its_own(ring):
    tmux, agent, _ = idle_agent(ring, ACT)
    log = program_for(ring, "claude", agent)
    tmux.run("set-option", "-g", "@tmux-orc-policy", "notify")
    crash(ring, tmux, agent)
    wait_for(lambda: said(ring, "its owner does not want that"), "the refusal", seconds=40)
    need(read(log) == "", "nothing is done")


def a_limit_is_waited_for_over_a_restart_and_then_it_goes_on(ring):
    ring.env["DEMO_AGENT_LIMIT"] = "65"
    tmux, agent, ear = idle_agent(ring, ACT)
    agent.play("limit")
    found = ring.wait_for_state(tmux, agent.pane, "rate_limited")
    need(found["ResetTime"] > 0, "the time is known")
    wait_for(lambda: said(ring, "continue is planned"), "the plan")
    need(ear.text() == "", "it waits")
    ring.stop("daemon", signal.SIGTERM)
    ring.start_daemon()
    ring.wait_for_state(tmux, agent.pane, "rate_limited")
    need(ear.text() == "", "it waits")
    wait_for(lambda: ear.text() == "continue\r", lambda: f"it is told to go on, not {ear.text()!r}", seconds=130)
    ring.wait_for_state(tmux, agent.pane, "working")
    wait_for(lambda: said(ring, "continue worked"), "the success in the log")


def a_limit_that_a_human_sees_to_is_left_to_the_human(ring):
    ring.env["DEMO_AGENT_LIMIT"] = "1"
    tmux, agent, ear = idle_agent(ring, ACT.replace("limit_margin: 0", "limit_margin: 6"))
    agent.play("limit")
    tmux.run("send-keys", "-t", agent.pane, "-l", "I will")
    wait_for(lambda: ear.text() == "I will", "the human's words")
    found = ring.wait_for_state(tmux, agent.pane, "rate_limited", Attributes=["unsubmitted"])
    wait_for(lambda: time.time() > found["ResetTime"] / 1e6 + 12, "the time to be over", seconds=100)
    need(ear.text() == "I will", f"nothing is added: {ear.text()!r}")


def another_agent(ring, tmux):
    ear = Ear(ring)
    tmux.run("set-environment", "-g", "DEMO_AGENT_KEYS", ear.path)
    return harness.SampleAgent(tmux), ear


def draft(ring, tmux, agent):
    agent.play("draft")
    return ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh", "unsubmitted"])


def a_draft_is_submitted_where_the_policy_says_so_and_nowhere_else(ring):
    tmux, plain, plain_ear = start(ring, config=DRAFTS)
    sent, sent_ear = another_agent(ring, tmux)
    told, told_ear = another_agent(ring, tmux)
    left_alone = draft(ring, tmux, plain)
    only_told = draft(ring, tmux, told)
    began = time.monotonic()
    submitted = draft(ring, tmux, sent)
    wait_for(lambda: said(ring, submitted["Id"], "submit is planned"), "the plan")
    need(sent_ear.text() == "", "it waits")
    wait_for(sent_ear.text, "the Enter", 60)
    need(time.monotonic() - began >= AFTER, f"{time.monotonic() - began} s are too soon")
    ring.wait_for_state(tmux, sent.pane, "working")
    wait_for(lambda: said(ring, submitted["Id"], "submit worked"), "the success in the log")
    need(said(ring, submitted["Id"], "TMUX_ORC_CAUSE=draft", "typed Enter"), "what was typed is in the audit log")
    # Their drafts stood there for longer.
    would = wait_for(lambda: said(ring, only_told["Id"], "TMUX_ORC_RESULT=would"), "what could be done", 60)
    need(len(would) == 1, would)
    need(not said(ring, left_alone["Id"], "submit"), "nothing is said where nothing is asked for")
    need([e.text() for e in (plain_ear, sent_ear, told_ear)] == ["", "\r", ""], "one Enter, to one of them")


def go_on_for(seconds, pause, press):
    """Presses again and again; the longest time without, and when it was pressed last."""
    begin = last = time.monotonic()
    gap = 0.0
    while time.monotonic() < begin + seconds:
        press()
        gap, last = max(gap, time.monotonic() - last), time.monotonic()
        wait_for(lambda: time.monotonic() > last + pause, "a moment")
    return gap, last


def a_draft_is_not_submitted_while_somebody_is_at_it(ring):
    tmux, agent, ear = start(ring, config=DRAFTS.replace("1.0", "0.0"))
    found = draft(ring, tmux, agent)
    wait_for(lambda: said(ring, found["Id"], "submit is planned"), "the plan")
    # A program writes it.
    gap, last = go_on_for(2 * AFTER + 2, 0.5, lambda: tmux.run("send-keys", "-t", agent.pane, "-l", "x"))
    need(gap >= AFTER or "\r" not in ear.text(), f"no Enter into a text that grows: {ear.text()!r}")
    # A human looks at it, with a hand on the keys and no effect on the text.
    client = Client(tmux)
    try:
        gap, last = go_on_for(2 * AFTER + 2, 3, lambda: client.type("\x01"))
        need(gap >= AFTER or "\r" not in ear.text(), f"no Enter among the human's keys: {ear.text()!r}")
        wait_for(lambda: "\r" in ear.text(), "the Enter when it is calm", 60)
        need(gap >= AFTER or time.monotonic() - last >= AFTER, f"too soon: {time.monotonic() - last} s")
        ring.wait_for_state(tmux, agent.pane, "working")
        need(ear.text().count("\r") == 1, f"one Enter: {ear.text()!r}")
    finally:
        client.close()


def a_command_that_stands_there_is_nobodys_message(ring):
    tmux, agent, ear = start(ring, config=DRAFTS.replace("1.0", "0.0"))
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    tmux.run("send-keys", "-t", agent.pane, "-l", "/clear")
    found = ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh", "unsubmitted"])
    wait_for(lambda: said(ring, found["Id"], "TMUX_ORC_ACTION=submit", "TMUX_ORC_RESULT=command"), "the refusal", 60)
    need(ear.text() == "/clear", f"nothing is added: {ear.text()!r}")


def what_a_servers_death_took_along_comes_back_when_told_to(ring):
    tmux, agent, _ = idle_agent(ring, "")
    program_for(ring, "claude", agent)
    orc = os.path.join(harness.build_folder(), "tools", "tmux-orc")

    def recover(*words):
        done = subprocess.run([orc, "recover", *words], env=ring.env, text=True, capture_output=True, check=False)
        need(done.returncode == 0, done.stderr)
        return done.stdout

    need("claude" not in recover("--dry-run"), "nothing is lost yet")
    os.kill(tmux.pid, signal.SIGKILL)
    ring.wait_for_liveness(tmux, "absent")
    lost = json.loads(wait_for(lambda: recover("--dry-run", "--json"), "the list"))
    need([(a["type"], a["session"], a["command"], a["folder"]) for a in lost]
         == [("claude", "main", "claude --continue", ring.env["HOME"])], f"{lost}")
    need("claude --continue" in recover(), "it is said what was started")
    agent.start(again=False)
    agent.play("idle")
    tmux.started = True
    tmux.pid = int(tmux.run("display-message", "-p", "#{pid}"))
    ring.wait_for_state(tmux, tmux.run("list-panes", "-a", "-F", "#{pane_id}"), "idle")
    need(recover() == "", "once, and not again")


if __name__ == "__main__":
    harness.main(
        an_agent_that_crashed_is_left_alone_by_default,
        what_could_be_done_is_said_where_that_is_the_policy,
        an_agent_that_crashed_is_started_again,
        one_that_does_not_stay_up_is_given_up_until_a_human_helps,
        an_owner_can_refuse_for_its_own,
        a_limit_is_waited_for_over_a_restart_and_then_it_goes_on,
        a_limit_that_a_human_sees_to_is_left_to_the_human,
        a_draft_is_submitted_where_the_policy_says_so_and_nowhere_else,
        a_draft_is_not_submitted_while_somebody_is_at_it,
        a_command_that_stands_there_is_nobodys_message,
        what_a_servers_death_took_along_comes_back_when_told_to,
    )
