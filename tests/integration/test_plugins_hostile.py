#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins that crash, hang, flood, lie, eat and try to get out: they are cut off, the sentence says why, and
nobody else notices."""

import errno
import os
import time

import harness
from harness import need, wait_for
from plugin_ring import call, execute, hosts, plugin, refused, rogue


def others_are_well(ring):
    begin = time.monotonic()
    need(execute(ring, "noop", {"a": 1})[0] == {"a": 1}, "another plugin works")
    need(ring.call("ListAgents") is not None, "the service answers")
    need(time.monotonic() - begin < 5 * harness.PATIENCE, "and at once")


def is_cut_off(ring, deed, words, *options):
    call(ring, "EnablePlugin", "s", "rogue")
    execute(ring, "rogue", {"do": "version"})
    before = plugin(ring, "rogue")["Restarts"]
    error = refused(ring, "rogue", {"do": deed}, *options)
    need(error, f"{deed} fails")
    others_are_well(ring)
    wait_for(lambda: plugin(ring, "rogue")["Restarts"] > before and plugin(ring, "rogue")["Status"] == "loaded",
             lambda: f"{deed}: started again: {plugin(ring, 'rogue')}", 30)
    log = harness.read(ring.log_path("daemon"))
    need(words in log, f"{deed}: '{words}' is said")
    need(execute(ring, "rogue", {"do": "version"})[0] == {"version": "1.0.0"}, f"it works again after {deed}")
    return error


def whatever_it_does_it_is_cut_off(ring):
    rogue(ring, "timeout: 20s\n")
    ring.start()
    for deed, words in (("crash", "ended by signal 11"), ("quit", "status 7"), ("flood", "it floods"),
                        ("babble", "no JSON-RPC message"), ("lie", "it lies"), ("shout", "a line of more than")):
        is_cut_off(ring, deed, words)
    is_cut_off(ring, "hang", "did not come back", "timeout_usec", "t", "300000")
    need(len(hosts(ring)) == 2, f"no process is left over: {hosts(ring)}")


def what_it_says_wrongly_is_an_error_of_the_call_alone(ring):
    rogue(ring, "output_schema: {type: object}\n")
    ring.start()
    for deed, words in (("nothing", "returned without an answer"), ("bad-json", "refused"),
                        ("wrong-output", "does not fit its schema"), ("refuse", "I do not like it?at all")):
        error = refused(ring, "rogue", {"do": deed})
        need(words in error, f"{deed}: {error}")
    need(plugin(ring, "rogue")["Restarts"] == 0, "it was not ended for that")


def memory_is_limited(ring):
    rogue(ring, "limits: {memory: 24M}\ntimeout: 20s\n")
    ring.start()
    error = refused(ring, "rogue", {"do": "eat"})
    need("no more memory" in error or "ended" in error, f"it gets no gigabyte: {error}")
    others_are_well(ring)


def it_cannot_get_out(ring):
    rogue(ring)
    ring.start()
    attempts, _ = execute(ring, "rogue", {"do": "escape"})
    through = [name for name, error in attempts.items() if error not in (errno.EPERM, errno.EACCES)]
    need(not through and len(attempts) >= 18, f"each attempt is refused: {attempts}")
    need(not os.path.exists("/tmp/rogue-was-here"), "nothing was written")
    status = harness.status_of(hosts(ring)[0])
    need(status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2", f"{status}")
    need({status[c].strip() for c in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")} == {"0" * 16},
         f"it has no capability: {status}")


def one_that_fails_again_and_again_is_left_alone(ring):
    rogue(ring)
    ring.start()
    for _ in range(5):
        wait_for(lambda: plugin(ring, "rogue")["Status"] in ("discovered", "loaded"), "its start", 30)
        refused(ring, "rogue", {"do": "crash"})
    wait_for(lambda: plugin(ring, "rogue")["Status"] == "quarantined", "the quarantine")
    seen = plugin(ring, "rogue")
    need("left alone for 60 s" in seen["Error"], f"it says for how long: {seen}")
    error = refused(ring, "rogue", {"do": "version"})
    need("left alone for 60 s" in error, f"callers are told: {error}")
    others_are_well(ring)
    call(ring, "EnablePlugin", "s", "rogue")
    need(execute(ring, "rogue", {"do": "version"})[0] == {"version": "1.0.0"}, "who enables it pardons it")


def one_that_is_to_stay_stopped_does(ring):
    rogue(ring, "on_failure: stop\n")
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    refused(ring, "rogue", {"do": "crash"})
    seen = wait_for(lambda: plugin(ring, "rogue")["Status"] == "quarantined" and plugin(ring, "rogue"), "its end")
    need("until it is enabled again" in seen["Error"] and not hosts(ring), f"{seen}")


harness.main(whatever_it_does_it_is_cut_off, what_it_says_wrongly_is_an_error_of_the_call_alone, memory_is_limited,
             it_cannot_get_out, one_that_fails_again_and_again_is_left_alone, one_that_is_to_stay_stopped_does)
