# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service as the package leaves it: started, activated, reloaded, restarted, watched over."""

import os
import signal

from machine import NAME, SERVICE, SOCKET, need, run, unit_property, wait_for


def it_runs_after_the_installation_and_a_boot(machine):
    wait_for(lambda: run("systemctl", "is-active", SERVICE, check=False)[1].strip() == "active", "the service is active")
    need(unit_property(SERVICE, "User") == "tmux-orc", "it runs as its own user")
    need(machine.busctl("get-property", NAME, "/org/tmuxorc/Monitor1", f"{NAME}.Manager", "Mode") == "system", "in system mode")
    failed = run("systemctl", "list-units", "--failed", "--no-legend")
    need(not failed.strip(), f"no unit failed: {failed}")


def a_call_on_the_bus_starts_it(machine):
    run("systemctl", "stop", SERVICE)
    need(machine.call("ListAgents") is not None, "an answer")
    need(run("systemctl", "is-active", SERVICE).strip() == "active", "it runs")


def a_watcher_that_connects_starts_it(machine):
    run("systemctl", "stop", SERVICE)
    alice = machine.person("alice")
    machine.watch(alice)
    wait_for(lambda: run("systemctl", "is-active", SERVICE, check=False)[1].strip() == "active", "the socket starts it")


def a_switched_off_service_is_not_started_by_the_bus(machine):
    run("systemctl", "disable", "--quiet", SERVICE)
    run("systemctl", "stop", SERVICE, SOCKET)
    machine.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ReloadConfig")
    need(machine.call("ListAgents", check=False) is None, "no answer")
    run("systemctl", "enable", "--quiet", "--now", SERVICE)
    machine.call("ListAgents")


def a_reload_answers_when_it_is_done(machine):
    config = "/etc/tmux-orchestrator/config.yaml"
    with open(config, "w", encoding="utf-8") as f:
        f.write("monitoring:\n  cycle_interval: 7\n")
    try:
        run("systemctl", "reload", SERVICE)
        need(machine.call("GetConfig", "s", "monitoring.cycle_interval")[0]["data"] == 7, "the new value, at once")
        with open(config, "w", encoding="utf-8") as f:
            f.write("monitoring:\n  cycle_interval: soon\n")
        status, _ = run("systemctl", "reload", SERVICE, check=False)
        need(status != 0, "a refused configuration is told")
        need(machine.call("GetConfig", "s", "monitoring.cycle_interval")[0]["data"] == 7, "what was goes on")
        need(run("systemctl", "is-active", SERVICE).strip() == "active", "it runs")
    finally:
        os.unlink(config)
        run("systemctl", "reload", SERVICE)


def a_killed_service_comes_back_by_itself(machine):
    before = machine.main_pid()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: machine.main_pid() not in (0, before), "another process")
    machine.call("ListAgents")


def a_hung_service_is_replaced_by_the_watchdog(machine):
    need(unit_property(SERVICE, "WatchdogUSec") == "60000000", "the watchdog is set")
    run("systemctl", "service-watchdogs", "yes")
    os.makedirs("/run/systemd/system/tmux-orchestrator.service.d", exist_ok=True)
    drop_in = "/run/systemd/system/tmux-orchestrator.service.d/watchdog.conf"
    with open(drop_in, "w", encoding="utf-8") as f:
        f.write("[Service]\nWatchdogSec=2s\nTimeoutAbortSec=2s\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", SERVICE)
    before = machine.main_pid()
    os.kill(before, signal.SIGSTOP)
    try:
        wait_for(lambda: machine.main_pid() not in (0, before), "another process", 30)
    finally:
        os.unlink(drop_in)
        run("systemctl", "daemon-reload")
        machine.start(SERVICE)
        run("systemctl", "restart", SERVICE)


def wrong_usage_is_not_tried_again(machine):
    drop_in = "/run/systemd/system/tmux-orchestrator.service.d/usage.conf"
    os.makedirs(os.path.dirname(drop_in), exist_ok=True)
    with open(drop_in, "w", encoding="utf-8") as f:
        f.write("[Service]\nExecStart=\nExecStart=/usr/libexec/tmux-orchestrator/tmux-orchestratord --wrong\n")
    run("systemctl", "daemon-reload")
    try:
        run("systemctl", "restart", SERVICE, check=False)
        wait_for(lambda: unit_property(SERVICE, "ActiveState") == "failed", "it failed")
        need(unit_property(SERVICE, "ExecMainStatus") == "2", "with status 2")
        need(unit_property(SERVICE, "NRestarts") == "0", "once")
    finally:
        os.unlink(drop_in)
        run("systemctl", "daemon-reload")
        machine.start(SERVICE)


def the_journal_of_its_own_explains_its_entries(machine):
    machine.wait_for_journal("is running", "-u", SERVICE)
    need("-- Defined-By: tmux-orchestrator" in machine.journal("-x", "-u", SERVICE).replace("--  ", "-- ") or
         "tmux-orchestrator" in machine.journal("-x", "-n", "5"), "the catalog explains it")
    settings = run("systemd-analyze", "cat-config", "systemd/journald@tmux-orchestrator.conf")
    need("MaxRetentionSec=30day" in settings and "MaxFileSec=1day" in settings, f"a day a file, thirty days: {settings}")


# About, in a machine that is emulated beside three others.
SECONDS = 60
TESTS = [it_runs_after_the_installation_and_a_boot, a_call_on_the_bus_starts_it, a_watcher_that_connects_starts_it,
         a_switched_off_service_is_not_started_by_the_bus, a_reload_answers_when_it_is_done, a_killed_service_comes_back_by_itself,
         a_hung_service_is_replaced_by_the_watchdog, wrong_usage_is_not_tried_again, the_journal_of_its_own_explains_its_entries]
