# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is typed to agents arrives, and where it must not go it does not: each refusal has its name."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # pylint: disable=wrong-import-position
from harness import AGENT, NAME, SampleAgent, need, read, wait_for


class Ear:
    """What a sample agent reads: every key, and the scene that it came in."""

    def __init__(self, ring):
        self.path = os.path.join(ring.folder, f"keys{ring.counter()}")
        ring.env["DEMO_AGENT_KEYS"] = self.path

    def keys(self):
        return [line.split() for line in read(self.path).splitlines()]

    def text(self):
        return bytes(int(k, 16) for k, _ in self.keys()).decode(errors="replace")


def start(ring, like="claude", **options):
    ear = Ear(ring)
    ring.start(**options)
    tmux = ring.tmux()
    return tmux, SampleAgent(tmux, like), ear


def act(ring, agent, member, *args, check=False):
    """"" if it was done, else the error's name and what it says."""
    done = subprocess.run(["busctl", "--user", "--timeout=60", "call", NAME, agent["path"], AGENT, member, *args],
                          env=ring.env, text=True, capture_output=True, check=False)
    words = done.stderr.strip()
    need(not check or done.returncode == 0, f"{member}: {words}")
    return "" if done.returncode == 0 else words


def send(ring, agent, text, *options):
    """@options: triples of name, type and value."""
    flat = [str(len(options)), *(word for option in options for word in option)]
    return act(ring, agent, "SendText", "sa{sv}", text, *flat)


def a_message_is_typed_submitted_and_seen_to_be_taken(ring):
    tmux, agent, ear = start(ring)
    agent.play("idle")
    found = ring.wait_for_state(tmux, agent.pane, "idle")
    said = send(ring, found, "tidy up; $HOME 'and' \"more\" é \\n #{pane_id}")
    need(said == "", said)
    need(ear.text() == "tidy up; $HOME 'and' \"more\" é \\n #{pane_id}\r", repr(ear.text()))
    ring.wait_for_state(tmux, agent.pane, "working")
    need(tmux.run("list-buffers") == "", tmux.run("list-buffers"))


def refused(said, word, ear):
    need(f"({word})" in said, f"not '{word}' but: {said or 'done'}")
    need(ear.text() == "", f"it was typed all the same: {ear.text()!r}")


def nothing_is_typed_to_an_agent_that_does_not_wait_for_it(ring):
    tmux, agent, ear = start(ring)
    for scene, state, word in (("work", "working", "working"), ("permission", "waiting", "dialog"),
                               ("plan", "waiting", "dialog"), ("draft", "idle", "draft"),
                               ("limit", "rate_limited", "unsettled")):
        agent.play(scene)
        found = ring.wait_for_state(tmux, agent.pane, state)
        refused(send(ring, found, "hello"), word, ear)


def nothing_is_typed_into_a_mode_of_tmux_nor_to_many_panes(ring):
    tmux, agent, ear = start(ring)
    agent.play("idle")
    found = ring.wait_for_state(tmux, agent.pane, "idle")
    tmux.run("copy-mode", "-t", agent.pane)
    refused(send(ring, found, "hello"), "copy-mode", ear)
    tmux.run("send-keys", "-t", agent.pane, "-X", "cancel")
    tmux.run("set-option", "-w", "-t", agent.pane, "synchronize-panes", "on")
    refused(send(ring, found, "hello"), "synchronized", ear)
    tmux.run("set-option", "-w", "-t", agent.pane, "synchronize-panes", "off")
    tmux.run("set-option", "-p", "-t", agent.pane, "@tmux-orc-policy", "off")
    refused(send(ring, found, "hello"), "owner", ear)
    tmux.run("set-option", "-p", "-u", "-t", agent.pane, "@tmux-orc-policy")
    for text, word in (("/clear", "command"), ("!rm -r x", "command")):
        refused(send(ring, found, text), word, ear)
    need("Error.InvalidInput" not in send(ring, found, "/help", ("command", "b", "true")), "a command if it is meant")
    need(ear.text() == "/help\r", repr(ear.text()))


def nothing_is_typed_where_the_agent_was(ring):
    tmux, agent, ear = start(ring)
    agent.play("idle")
    found = ring.wait_for_state(tmux, agent.pane, "idle")
    pid = agent.pid()
    os.kill(pid, 19)  # stopped: its shell would take the terminal, were it a job of it
    os.kill(pid, 9)
    said = send(ring, found, "rm -r important")
    need("AgentGone" in said or "(no-agent)" in said or "(other-program)" in said, said or "done")
    ring.wait_for_state(tmux, agent.pane, "crashed")
    refused(send(ring, ring.agent(tmux, agent.pane), "rm -r important"), "no-agent", ear)
    need("important" not in tmux.screen(agent.pane), "the shell got it")


def what_was_decided_on_another_screen_is_refused(ring):
    tmux, agent, ear = start(ring)
    agent.play("permission")
    found = ring.wait_for_state(tmux, agent.pane, "waiting")
    screen, token = ring.call("Look", "u", 0, path=found["path"], interface=AGENT)
    need("Do you want to proceed" in screen, screen)
    agent.play("idle")
    agent.play("plan")
    ring.wait_for_state(tmux, agent.pane, "waiting", Attention="plan")
    refused(act(ring, found, "Deny", "a{sv}", "1", "token", "s", token), "stale", ear)
    _, token = ring.call("Look", "u", 0, path=found["path"], interface=AGENT)
    act(ring, found, "Deny", "a{sv}", "1", "token", "s", token, check=True)
    need(ear.text() == "\x1b", repr(ear.text()))


def a_dialog_is_approved_and_denied_by_the_keys_of_its_kind(ring):
    ring.start()
    tmux = ring.tmux()
    for like, approve, deny in (("claude", "1", "\x1b"), ("codex", "\r", "\x1b"), ("gemini", "1", "\x1b"),
                                ("opencode", "\r", "\x1b[C\x1b[C\r")):
        ear = Ear(ring)
        if tmux.started:
            tmux.run("set-environment", "-g", "DEMO_AGENT_KEYS", ear.path)
        agent = SampleAgent(tmux, like)
        for member, keys, state in (("Approve", approve, "working"), ("Deny", deny, None)):
            agent.play("idle")
            ring.wait_for_state(tmux, agent.pane, "idle")
            found = ring.agent(tmux, agent.pane)
            need("(no-dialog)" in act(ring, found, member, "a{sv}", "0"), "there is nothing to answer")
            agent.play("permission")
            ring.wait_for_state(tmux, agent.pane, "waiting", Attention="permission")
            before = len(ear.text())
            act(ring, found, member, "a{sv}", "0", check=True)
            need(ear.text()[before:] == keys, f"{like} {member}: {ear.text()[before:]!r}")
            if state:
                ring.wait_for_state(tmux, agent.pane, state)
        agent.play("question")
        ring.wait_for_state(tmux, agent.pane, "waiting", Attention="question")
        need("(no-dialog)" in act(ring, found, "Approve", "a{sv}", "0"), "a question has no yes")


def all_that_is_typed_is_in_the_journal(ring):
    tmux, agent, _ = start(ring)
    agent.play("idle")
    found = ring.wait_for_state(tmux, agent.pane, "idle")
    need(send(ring, found, "a secret") == "", "sent")
    log = wait_for(lambda: [line for line in read(ring.log_path("daemon")).splitlines() if "TMUX_ORC_CAUSE=call" in line],
                   "the line in the log")[0]
    for part in ("TMUX_ORC_ACTION=text", "TMUX_ORC_RESULT=done", "TMUX_ORC_TEXT_BYTES=8", "TMUX_ORC_TEXT_HASH=",
                 f"TMUX_ORC_CALLER_UID={os.getuid()}", "TMUX_ORC_CALLER_PID=", "typed 8 bytes and Enter"):
        need(part in log, f"{part} is not in {log}")
    need("secret" not in read(ring.log_path("daemon")), "the text is not in the log")


def program_for(ring, name, agent):
    """What the resume command finds: the sample agent again, told by the same test."""
    path = os.path.join(ring.folder, "bin", name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f'#!/bin/sh\necho "$@" >>{path}.log\nexec {" ".join(agent.line)}\n')
    os.chmod(path, 0o755)
    return path + ".log"


def with_programs(ring):
    os.mkdir(os.path.join(ring.folder, "bin"))
    ring.env["PATH"] = os.path.join(ring.folder, "bin") + ":" + ring.env["PATH"]


def an_agent_that_ended_is_brought_back_with_its_conversation(ring):
    with_programs(ring)
    tmux, agent, _ = start(ring)
    log = program_for(ring, "claude", agent)
    agent.play("idle")
    found = ring.wait_for_state(tmux, agent.pane, "idle")
    need("(running)" in act(ring, found, "Restart"), "it runs")
    folder = os.path.join(ring.env["HOME"], ".claude", "sessions")
    os.makedirs(folder)
    session = "01234567-89ab-cdef-0123-456789abcdef"
    with open(os.path.join(folder, f"{found['PID']}.json"), "w", encoding="utf-8") as f:
        f.write('{"pid": 1, "sessionId": "%s"}' % session)
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    agent.connection.sendall(b"kill\n")
    found = ring.wait_for_state(tmux, agent.pane, "crashed")
    tmux.run("send-keys", "-t", agent.pane, "-l", "half a com")
    wait_for(lambda: "half a com" in tmux.screen(agent.pane), "the human's words")
    need("(no-shell)" in act(ring, found, "Restart"), "a human has begun a command")
    tmux.run("send-keys", "-t", agent.pane, "C-u")
    wait_for(lambda: "half a com" not in tmux.screen(agent.pane), "an empty prompt")
    need(act(ring, found, "Restart") == "", "it comes back")
    agent.start(again=False)
    need(read(log) == f"--resume {session}\n", read(log))
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")


def an_agent_in_a_pane_that_tmux_kept_is_brought_back_in_it(ring):
    with_programs(ring)
    ring.start()
    tmux = ring.tmux()
    tmux.pane()
    tmux.run("set-option", "-g", "remain-on-exit", "on")
    agent = SampleAgent(tmux, "claude", in_shell=False)
    log = program_for(ring, "claude", agent)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    agent.connection.sendall(b"kill\n")
    found = ring.wait_for_state(tmux, agent.pane, "crashed")
    need(tmux.run("display-message", "-p", "-t", agent.pane, "#{pane_dead}") == "1", "its pane is kept, and dead")
    need(act(ring, found, "Restart") == "", "it comes back")
    agent.start(again=False)
    need(read(log) == "--continue\n", read(log))
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    need("(running)" in act(ring, ring.agent(tmux, agent.pane), "Restart"), "and once is enough")


if __name__ == "__main__":
    harness.main(
        a_message_is_typed_submitted_and_seen_to_be_taken,
        nothing_is_typed_to_an_agent_that_does_not_wait_for_it,
        nothing_is_typed_into_a_mode_of_tmux_nor_to_many_panes,
        nothing_is_typed_where_the_agent_was,
        what_was_decided_on_another_screen_is_refused,
        a_dialog_is_approved_and_denied_by_the_keys_of_its_kind,
        all_that_is_typed_is_in_the_journal,
        an_agent_that_ended_is_brought_back_with_its_conversation,
        an_agent_in_a_pane_that_tmux_kept_is_brought_back_in_it,
    )
