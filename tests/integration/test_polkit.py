#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The system service with a real polkitd on a private bus: rules decide by what a call is about, and
who waits for an answer keeps nobody else waiting."""

import os
import shutil
import signal
import subprocess

import harness
from harness import Skip, need, wait_for

POLKITD = "/usr/lib/polkit-1/polkitd"
NOBODY = 65534
ACTIONS, SETTINGS = "/usr/share/polkit-1/actions", "/etc/polkit-1"
RULES = """
polkit.addRule(function (action, subject) {
    if (subject.user != "nobody")
        return polkit.Result.NOT_HANDLED;
    if (action.id == "org.tmuxorc.monitor1.manage-monitoring" && action.lookup("component") == "cache")
        return polkit.Result.YES;
    if (action.id == "org.tmuxorc.monitor1.configure" && action.lookup("key") == "logging.level")
        return polkit.Result.YES;
    return polkit.Result.NOT_HANDLED;
});
"""


def start(ring):
    """Our own polkitd, actions and rules; nobody outside of this test's mounts sees them."""
    if os.geteuid() != 0 or not os.environ.get("TMUX_ORC_TEST_ISOLATED") or not shutil.which("setpriv"):
        raise Skip("only root can act as a second user, in mounts of its own")
    if not os.path.exists(POLKITD):
        raise Skip("there is no polkitd")
    for folder in (ACTIONS, SETTINGS, "/run"):
        os.makedirs(folder, exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", folder], check=False).returncode != 0:
            raise Skip("nothing can be mounted here")
    shutil.copy(os.path.join(harness.SOURCE, "polkit", "org.tmuxorc.monitor1.policy"), ACTIONS)
    os.makedirs(os.path.join(SETTINGS, "rules.d"))
    with open(os.path.join(SETTINGS, "rules.d", "10-test.rules"), "w", encoding="utf-8") as f:
        f.write(RULES)
    os.chmod(ring.folder, 0o711)
    ring.env["STATE_DIRECTORY"] = os.path.join(ring.folder, "state")
    ring.start_bus()
    ring.spawn("polkitd", [POLKITD])
    wait_for(lambda: ring.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s",
                                 "org.freedesktop.PolicyKit1")[0], "polkitd")
    ring.spawn("daemon", [os.path.join(harness.build_folder(), "daemon", "tmux-orchestratord"), "--system"])
    ring.wait_for_name()


def stranger(ring, member, *arguments):
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "busctl", "--user",
               "--allow-interactive-authorization=no", "--timeout=60", "call", harness.NAME, harness.ROOT, harness.MANAGER,
               member, *arguments]
    return subprocess.Popen(command, env=ring.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def asked(ring, member, *arguments):
    """Whether a stranger may, and what it was told."""
    call = stranger(ring, member, *arguments)
    text = call.communicate(timeout=60 * harness.PATIENCE)[0]
    return call.returncode == 0, text


def rules_decide_by_what_a_call_is_about(ring):
    start(ring)
    need(asked(ring, "ListAgents")[0], "reading is open to all")
    for allowed, call in ((True, ("RestartComponent", "s", "cache")), (False, ("RestartComponent", "s", "config")),
                          (False, ("ClearCache", "s", "")), (True, ("SetConfig", "svb", "logging.level", "s", "debug", "false")),
                          (False, ("SetConfig", "svb", "monitoring.cycle_interval", "s", "5", "false")),
                          (False, ("ImportConfig", "s", "")), (False, ("RollBackConfig", "u", "1")), (False, ("Reload",))):
        may, text = asked(ring, *call)
        need(may == allowed, f"{call}: {may}, {text}")
        need(may or "prove who you are" in text or "Access denied" in text, f"{call}: it says why: {text}")
    ring.call("ClearCache", "s", "")
    need(ring.call("GetConfig", "s", "logging.level")[0]["data"] == "debug", "what was allowed was done")


def who_waits_for_polkit_keeps_nobody_waiting(ring):
    start(ring)
    polkitd = ring.processes["polkitd"]
    os.kill(polkitd.pid, signal.SIGSTOP)
    waiting = [stranger(ring, "RestartComponent", "s", "cache") for _ in range(4)]
    wait_for(lambda: asked(ring, "ListAgents")[0], "others are answered meanwhile")
    ring.call("ClearCache", "s", "")
    need(all(call.poll() is None for call in waiting), "the answers are still waited for")
    waiting[0].kill()
    os.kill(polkitd.pid, signal.SIGCONT)
    need([call.wait(60) for call in waiting[1:]] == [0, 0, 0], "then they are allowed")
    waiting[0].wait()
    ring.stop("polkitd", signal.SIGKILL)
    may, text = asked(ring, "RestartComponent", "s", "cache")
    need(not may and "Access denied" in text, f"without polkit nobody may: {text}")
    need(ring.stop("daemon") == 0, "the service ends well")


harness.main(rules_decide_by_what_a_call_is_about, who_waits_for_polkit_keeps_nobody_waiting)
