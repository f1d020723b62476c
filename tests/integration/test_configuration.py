#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Configuration and detector rules while the service runs: a wrong file stops nothing."""

import io
import json
import os
import subprocess
import tarfile

import harness
from harness import SampleAgent, need


def interval(ring):
    return ring.busctl("get-property", harness.NAME, harness.ROOT, harness.MANAGER, "CycleIntervalUSec")


def a_wrong_file_leaves_the_old_settings_in_force(ring):
    ring.start("monitoring:\n  cycle_interval: 2\n")
    need(interval(ring) == 2000000, f"the file is read: {interval(ring)}")
    for wrong in ("monitoring:\n  cycle_interval: soon\n", "monitoring: [\n", "monitoring:\n  cycle_interval: 2\n"
                  "  cycle_interval: 3\n", "monitoring:\n  cycle_interval: -1\n", "\0\1\2"):
        ring.write_config(wrong)
        need(ring.call("Reload", check=False) is None, f"it is refused: {wrong!r}")
        need(interval(ring) == 2000000, f"the old setting stays: {interval(ring)}")
    ring.write_config("monitoring:\n  cycle_interval: 5\n")
    ring.call("Reload")
    need(interval(ring) == 5000000, f"a right file is taken: {interval(ring)}")


def a_wrong_file_does_not_keep_the_service_from_starting(ring):
    ring.start("monitoring:\n  cycle_interval: soon\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")


RULES = """\
name: mybot
title: My bot
identify:
  programs: [mybot]
regions:
  last: {{bottom: 1}}
rules:
  - id: ask
    state: waiting
    attention: question
    priority: 900
    region: last
    contains: ['{word}']
  - id: rest
    state: idle
    priority: 100
    region: last
    line: '.'
"""


def a_detector_of_ones_own_is_taken_up_and_followed_without_a_restart(ring):
    folder = os.path.join(ring.config_folder(), "detectors")
    os.mkdir(folder)
    ring.start()
    tmux = ring.tmux()
    program = os.path.join(ring.folder, "mybot")
    os.symlink("/bin/cat", program)
    pane = tmux.pane()
    tmux.type(pane, program)
    tmux.type(pane, "shall I go on?")
    ring.wait_for_liveness(tmux, "alive")
    for _ in range(3):
        ring.call("RunCycle")
    need(ring.agent(tmux, pane) is None, "nobody knows this agent yet")

    rules = os.path.join(folder, "mybot.yaml")
    write_whole(rules, RULES.format(word="go on?"))
    ring.wait_for_state(tmux, pane, "waiting", Type="mybot", Attention="question")
    write_whole(rules, RULES.format(word="another word"))
    ring.wait_for_state(tmux, pane, "idle", Type="mybot")
    # A broken file takes away that detector, or leaves it as it was, and touches no other.
    write_whole(rules, "name: mybot\nrules: 7\n")
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")


def write_whole(path, text):
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.rename(path + ".new", path)


def a_detector_of_ones_own_replaces_the_shipped_one_of_its_name(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle", Type="claude")
    folder = os.path.join(ring.config_folder(), "detectors")
    os.makedirs(folder, exist_ok=True)
    mine = os.path.join(folder, "claude.yaml")
    write_whole(mine, RULES.format(word="for agents").replace("mybot", "claude"))
    ring.wait_for_state(tmux, agent.pane, "waiting", Type="claude", Rule="ask")
    os.unlink(mine)
    ring.wait_for_state(tmux, agent.pane, "idle", Type="claude", Rule="prompt-box")


def a_masked_detector_sees_no_agent(ring):
    folder = os.path.join(ring.config_folder(), "detectors")
    os.makedirs(folder, exist_ok=True)
    write_whole(os.path.join(folder, "claude.yaml"), "")
    ring.start()
    tmux = ring.tmux()
    masked, other = SampleAgent(tmux, "claude"), SampleAgent(tmux, "codex")
    for agent in (masked, other):
        agent.play("idle")
    ring.wait_for_state(tmux, other.pane, "idle", Type="codex")
    for _ in range(5):
        ring.call("RunCycle")
    need(ring.agent(tmux, masked.pane) is None, f"nobody looks for it: {ring.agent(tmux, masked.pane)}")
    os.unlink(os.path.join(folder, "claude.yaml"))
    ring.wait_for_state(tmux, masked.pane, "idle", Type="claude")


def kept(ring, layer):
    """(entries, hits) of one layer of the cache"""
    return next(tuple(row[1:3]) for row in ring.call("GetCacheStats")[0] if row[0] == layer)


def a_reload_forgets_verdicts_and_explanations(ring):
    ring.start("monitoring:\n  cycle_interval: 2\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    path = ring.wait_for_state(tmux, agent.pane, "idle")["path"]

    def explain():
        return ring.call("Explain", path=path, interface=harness.AGENT)[0]

    def is_kept():
        return explain() == explain()

    harness.wait_for(is_kept, "an agent at rest explains itself once")
    verdicts = [ring.call("ValidateConfig", "s", "monitoring: 1") for _ in range(2)]
    need(verdicts[0] == verdicts[1] and not verdicts[0][0], f"it is refused twice: {verdicts}")
    need(kept(ring, "config") == (1, 1), f"once by the cache: {kept(ring, 'config')}")
    ring.call("Reload")
    need(kept(ring, "config")[0] == 0, "no verdict is left")
    need(kept(ring, "agent_status")[0] == 0, "no explanation is left")
    need("answered_usec" in explain(), "it says of when it is")


def orc(ring, *args, fails=False):
    """What tmux-orc says."""
    done = subprocess.run([os.path.join(harness.build_folder(), "tools", "tmux-orc"), "--user", *args], env=ring.env,
                          text=True, capture_output=True, timeout=60 * harness.PATIENCE, check=False)
    need((done.returncode != 0) == fails, f"tmux-orc {' '.join(args)}: {done.returncode} {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def kept_file(ring):
    return os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator", "config.yaml.d", "set.yaml")


def a_setting_is_set_for_the_time_being_or_for_good(ring):
    ring.start("monitoring:\n  cycle_interval: 2\n")
    need("is 5 now" in orc(ring, "config", "set", "monitoring.cycle_interval", "5s", "--runtime"), "it is told")
    need(interval(ring) == 5000000, f"it holds at once: {interval(ring)}")
    need("set at run time" in orc(ring, "config", "list"), "where it comes from is told")
    need(not os.path.exists(kept_file(ring)), "nothing is kept")
    ring.call("Reload")
    need(interval(ring) == 5000000, "reading files anew does not take it away")
    orc(ring, "config", "set", "monitoring.check_interval", "7")
    need(interval(ring) == 7000000, f"what is set for good replaces it: {interval(ring)}")
    ring.stop("daemon")
    ring.start_daemon()
    need(interval(ring) == 7000000, f"it outlives the service: {interval(ring)}")
    need(f"{kept_file(ring)}:4" in orc(ring, "config", "list"), "the file and its line are told")
    orc(ring, "config", "reset", "monitoring.cycle_interval")
    need(interval(ring) == 2000000, f"the file says it again: {interval(ring)}")


def what_is_refused_changes_nothing(ring):
    ring.env["TMUX_ORC_LOG_LEVEL"] = "debug"
    ring.start("monitoring:\n  cycle_interval: 2\n")
    orc(ring, "config", "set", "monitoring.cycle_interval", "3")
    before = harness.read(kept_file(ring))
    for key, value, why in (("monitoring.cycle_interval", "soon", "must be 0, or a time"),
                            ("monitoring.tmux_pool.min_connections", "200", "monitoring.tmux_pool.min_connections"),
                            ("monitoring.tmux_pool.max_connections", "1", "is greater than"),
                            ("monitoring.no_such", "1", "there is no such setting"),
                            ("logging.level", "info", "variable TMUX_ORC_LOG_LEVEL is stronger")):
        told = orc(ring, "config", "set", key, value, fails=True)
        need(why in told, f"{key} {value}: {told}")
    need(interval(ring) == 3000000 and harness.read(kept_file(ring)) == before, "all is as before")
    os.chmod(os.path.dirname(kept_file(ring)), 0o500)
    if os.geteuid() != 0:
        orc(ring, "config", "set", "monitoring.cycle_interval", "4", fails=True)
        need(interval(ring) == 3000000, "what cannot be kept does not hold either")
    os.chmod(os.path.dirname(kept_file(ring)), 0o700)
    # Somebody else spoils the file of what is kept: that stops nothing, and going back mends it.
    with open(kept_file(ring), "w", encoding="utf-8") as f:
        f.write("monitoring:\n  cycle_interval: never\n")
    need(ring.call("Reload", check=False) is None and interval(ring) == 3000000, "it is refused")
    need("set.yaml:2" in orc(ring, "config", "set", "health.concurrency", "3", fails=True), "the file and line are told")
    orc(ring, "config", "rollback", "2")
    need(interval(ring) == 3000000 and ring.call("Reload") is not None, "it is mended")


def changes_can_be_taken_back(ring):
    ring.start("monitoring:\n  cycle_interval: 2\n")
    need("Nothing was set" in orc(ring, "config", "versions"), "there is no version yet")
    orc(ring, "config", "rollback", fails=True)
    for value in ("3", "4"):
        orc(ring, "config", "set", "monitoring.cycle_interval", value)
    orc(ring, "config", "rollback")
    need(interval(ring) == 3000000, f"the last change is taken back: {interval(ring)}")
    orc(ring, "config", "rollback")
    need(interval(ring) == 4000000, f"and made again: {interval(ring)}")
    orc(ring, "config", "rollback", "1")
    need(interval(ring) == 2000000, f"all of them are taken back: {interval(ring)}")
    versions = json.loads(orc(ring, "--json", "config", "versions"))
    need([v["version"] for v in versions] == [6, 5, 4, 3, 2, 1], f"{versions}")
    need(versions[0]["what"] == f"rolled back to version 1, by user id {os.getuid()}", f"{versions[0]}")
    need(versions[4]["what"] == f"set monitoring.cycle_interval to 3, by user id {os.getuid()}", f"{versions[4]}")


def plugin_of(ring, name, text):
    folder = os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator", "plugins", name)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "plugin.yaml"), "w", encoding="utf-8") as f:
        f.write(f"name: {name}\n{text}\n")
    return os.path.join(folder, "plugin.yaml")


def a_backup_is_restored_as_a_whole(ring):
    ring.start("monitoring:\n  cycle_interval: 2\n")
    orc(ring, "config", "set", "health.concurrency", "7")
    manifest = plugin_of(ring, "mine", "version: 1")
    backup = os.path.join(ring.folder, "backup.tar")
    orc(ring, "config", "backup", backup)

    ring.write_config("monitoring:\n  cycle_interval: 9\n")
    orc(ring, "config", "set", "health.concurrency", "8")
    plugin_of(ring, "mine", "version: 2")
    ring.call("Reload")
    told = orc(ring, "config", "restore", backup)
    need("1 plugin" in told, told)
    need(interval(ring) == 2000000, f"what a file said holds again: {interval(ring)}")
    need(ring.call("GetConfig", "s", "health.concurrency")[0]["data"] == 7, "and what was set")
    need("version: 1" in harness.read(manifest), "and the plugin")
    need("restored a backup" in orc(ring, "config", "versions"), "it is a version")
    orc(ring, "config", "rollback")
    need(ring.call("GetConfig", "s", "health.concurrency")[0]["data"] == 8, "that can be taken back")


def limits_of_a_user_are_changed_while_it_runs(ring):
    ring.start("limits: {agents_per_user: 1}\n")
    tmux = ring.tmux()
    agents = [SampleAgent(tmux) for _ in range(2)]
    for agent in agents:
        agent.play("permission")
    harness.wait_for(lambda: len(ring.call("ListAgents")[0]) == 1, "one of them")
    ring.call("SetConfig", "svb", "limits.agents_per_user", "t", "2", "false")
    agents[0].play("work")
    agents[1].play("work")
    for agent in agents:
        ring.wait_for_state(tmux, agent.pane, "working")
    ring.call("SetConfig", "svb", "limits.calls_per_user", "t", "0", "false")


def tar_of(ring, *members):
    """A tar file of (name, text), or of what else somebody may think of."""
    path = os.path.join(ring.folder, f"t{ring.counter()}.tar")
    with tarfile.open(path, "w") as tar:
        for name, what in members:
            info = tarfile.TarInfo(name)
            if isinstance(what, str):
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what.encode()))
            else:
                info.type, info.linkname = what
                tar.addfile(info)
    return path


def a_backup_that_is_not_right_replaces_nothing(ring):
    ring.start("monitoring:\n  cycle_interval: 2\n")
    manifest = plugin_of(ring, "mine", "version: 1")
    config = ("config.yaml", "monitoring:\n  cycle_interval: 3\n")
    mine = ("plugins/mine/plugin.yaml", "name: mine\nversion: 6\n")
    for why, members in {
        "must be 0, or a time": [("config.yaml", "monitoring:\n  cycle_interval: soon\n"), mine],
        "no config.yaml": [mine],
        "has another name": [config, mine, ("plugins/other/plugin.yaml", "name: third\n")],
        "line": [config, mine, ("plugins/other/plugin.yaml", "name: [\n")],
        "plugin.yaml": [config, mine, ("plugins/Strange Name/plugin.yaml", "name: Strange Name\n")],
        "neither a file nor a folder": [config, mine, ("plugins/mine/link", (tarfile.SYMTYPE, "/etc/passwd"))],
        "does not belong": [config, mine, ("more", "x")],
        "": [config, ("../escaped", "x")],
        "tar failed": None,
    }.items():
        path = tar_of(ring, *members) if members else manifest
        told = orc(ring, "config", "restore", path, fails=True)
        need(why in told or "line" == why and "plugins/other" in told, f"{why}: {told}")
        need(interval(ring) == 2000000 and "version: 1" in harness.read(manifest), f"{why}: nothing is replaced")
    parent = os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator")
    need(os.listdir(parent) == ["plugins"], f"nothing is left: {os.listdir(parent)}")
    need(not os.path.exists(os.path.join(ring.env["XDG_DATA_HOME"], "escaped")), "nothing gets out")


harness.main(a_wrong_file_leaves_the_old_settings_in_force, a_wrong_file_does_not_keep_the_service_from_starting,
             a_detector_of_ones_own_is_taken_up_and_followed_without_a_restart,
             a_detector_of_ones_own_replaces_the_shipped_one_of_its_name, a_masked_detector_sees_no_agent,
             a_reload_forgets_verdicts_and_explanations,
             a_setting_is_set_for_the_time_being_or_for_good, what_is_refused_changes_nothing,
             changes_can_be_taken_back, limits_of_a_user_are_changed_while_it_runs,
             a_backup_is_restored_as_a_whole, a_backup_that_is_not_right_replaces_nothing)
