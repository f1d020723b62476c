# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what, with the real polkit."""

import os
import pty
import select
import shutil
import time

from machine import AGENT, MANAGER, NAME, ROOT, Skip, need, run, wait_for

EXAMPLE = "/usr/share/doc/tmux-orchestrator/examples/50-tmux-orc.rules"
RULES = "/etc/polkit-1/rules.d"

CHANGES = (("RunCycle", "", ()), ("SetStrategy", "sa{sv}", ("polling", 0)), ("ClearCache", "s", ("config",)),
           ("Reload", "", ()), ("RestartComponent", "s", ("cache",)))


def rule(name, text):
    path = os.path.join(RULES, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o644)
    return path


def nobody_changes_anything_without_an_administrator(machine):
    bob = machine.person("bob")
    for method, types, arguments in CHANGES:
        refused = bob.call(method, types, *arguments, check=False)
        need(refused and ("you must prove who you are" in refused or "you may not" in refused), f"bob may not {method}: {refused}")


def an_operator_may_by_the_example(machine):
    _, _, _, hers = machine.one_agent("alice")
    olga = machine.person("olga")
    need(olga.call("GetScreen", "u", 0, path=hers["path"], interface=AGENT, check=False), "not without the rule")
    run("usermod", "-aG", "tmux-orc", "olga")
    path = shutil.copy(EXAMPLE, RULES)
    try:
        wait_for(lambda: olga.call("ClearCache", "s", "config", check=False) is None, "polkit reads the rule")
        for method, types, arguments in CHANGES:
            olga.call(method, types, *arguments)
        need(olga.call("GetScreen", "u", 0, path=hers["path"], interface=AGENT)[0].strip(), "she sees the screen")
        bob = machine.person("bob")
        need(bob.call("ClearCache", "s", "config", check=False), "bob still may not")
    finally:
        os.unlink(path)
        run("gpasswd", "-d", "olga", "tmux-orc")
        wait_for(lambda: olga.call("ClearCache", "s", "config", check=False), "polkit forgets the rule")


def a_rule_may_look_at_what_it_is_about(machine):
    alice, tmux, _, first = machine.one_agent("alice")
    second = alice.agent(tmux, "claude", "permission")
    second = machine.wait_for_state(tmux, second.pane, "waiting")
    bob = machine.person("bob")
    path = rule("49-one.rules", f"""
polkit.addRule(function (action, subject) {{
    if (action.id === "org.tmuxorc.monitor1.view-screen" && subject.user === "bob" &&
            action.lookup("agent") === "{first["Id"]}" && action.lookup("owner-uid") === "{alice.uid}")
        return polkit.Result.YES;
    if (action.id === "org.tmuxorc.monitor1.manage-monitoring" && action.lookup("strategy") === "polling")
        return polkit.Result.YES;
}});
""")
    try:
        wait_for(lambda: bob.call("GetScreen", "u", 0, path=first["path"], interface=AGENT, check=False) is None,
                 "bob sees the one")
        need(bob.call("GetScreen", "u", 0, path=second["path"], interface=AGENT, check=False), "and not the other")
        bob.call("SetStrategy", "sa{sv}", "polling", 0)
        need(bob.call("RunCycle", check=False), "and nothing else")
    finally:
        os.unlink(path)


# Runs as the caller, on a terminal: an agent for this very process, which then becomes the call.
PROMPT = """
import os, sys
ready, told = os.pipe()
caller = os.getpid()
if os.fork() == 0:
    os.set_inheritable(told, True)
    os.execvp("pkttyagent", ["pkttyagent", "--process", str(caller), "--notify-fd", str(told)])
os.close(told)
os.read(ready, 1)  # ends when the agent is registered
os.execvp(sys.argv[1], sys.argv[1:])
"""
PASSWORD = "correct horse"


def on_a_terminal(person, password, *command):
    """(status, what was on the terminal): whoever asks for a password gets this one."""
    pid, terminal = pty.fork()
    if pid == 0:
        env = {**person.env, "TERM": "dumb"}
        os.execv("/usr/sbin/runuser", ["runuser", "-u", person.name, "--", "env", "-i", *(f"{k}={v}" for k, v in env.items()),
                                       "python3", "-c", PROMPT, *command])
    text, end = "", time.monotonic() + 120
    try:
        while time.monotonic() < end:
            if select.select([terminal], [], [], 1)[0]:
                text += os.read(terminal, 4096).decode(errors="replace")
            elif text.rstrip().endswith("Password:"):  # what is typed sooner is thrown away
                os.write(terminal, (password + "\n").encode())
    except OSError:
        pass  # everybody on it has ended
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


def who_proves_to_be_an_administrator_may(machine):
    if not shutil.which("pkttyagent"):
        raise Skip("there is no pkttyagent")
    bob = machine.person("bob")
    run("chpasswd", text=f"root:{PASSWORD}\n")
    call = ("busctl", "--system", "--timeout=100", "--allow-interactive-authorization=yes", "call", NAME, ROOT, MANAGER, "ClearCache",
            "s", "config")
    try:
        status, text = on_a_terminal(bob, PASSWORD, *call)
        need("AUTHENTICATING" in text and "AUTHENTICATION COMPLETE" in text, f"he is asked: {text}")
        need("tmux" in text.split("AUTHENTICATING")[1], f"and told what for: {text}")
        need(status == 0, f"he may: {text}")
        status, text = on_a_terminal(bob, "wrong", *call)
        need("AUTHENTICATION FAILED" in text and status != 0, f"not with a wrong password: {text}")
    finally:
        run("passwd", "--quiet", "--lock", "root")


def without_polkit_the_answer_is_no(machine):
    bob = machine.person("bob")
    run("systemctl", "mask", "--runtime", "--quiet", "polkit.service")
    run("systemctl", "stop", "polkit.service")
    try:
        need(bob.call("ClearCache", "s", "config", check=False), "bob may not")
        machine.call("ClearCache", "s", "config")  # root asks nobody
        bob.call("ListAgents")
    finally:
        run("systemctl", "unmask", "--runtime", "--quiet", "polkit.service")


# About, in a machine that is emulated beside three others.
SECONDS = 50
TESTS = [nobody_changes_anything_without_an_administrator, an_operator_may_by_the_example, a_rule_may_look_at_what_it_is_about,
         who_proves_to_be_an_administrator_may, without_polkit_the_answer_is_no]
