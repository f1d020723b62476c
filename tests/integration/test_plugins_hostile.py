#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins that crash, hang, flood, lie, eat and try to get out: they are cut off, the sentence says why, and
nobody else notices."""

import errno
import os
import threading
import time

import harness
from harness import need, wait_for
from plugin_ring import CRASHED, QUIT, call, execute, hosts, plugin, refusals, refused, rogue


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
    for deed, words in (("crash", CRASHED), ("quit", QUIT), ("flood", "it floods"),
                        ("babble", "no JSON-RPC message"), ("dig", "no JSON-RPC message"), ("lie", "it lies"),
                        ("shout", "a line of more than")):
        is_cut_off(ring, deed, words)
    for deed in ("hang", "sleep-for-ever", "answer-another"):
        is_cut_off(ring, deed, "did not come back", "timeout_usec", "t", "300000")
    need(len(hosts(ring)) == 2, f"no process is left over: {hosts(ring)}")


def what_it_says_wrongly_is_an_error_of_the_call_alone(ring):
    rogue(ring, "output_schema: {type: object}\n")
    ring.start()
    for deed, words in (("nothing", "returned without an answer"), ("bad-json", "refused"),
                        ("wrong-output", "does not fit its schema"), ("refuse", "I do not like it?at all")):
        error = refused(ring, "rogue", {"do": deed})
        need(words in error, f"{deed}: {error}")
    need(plugin(ring, "rogue")["Restarts"] == 0, "it was not ended for that")


def descriptors_that_it_passes_are_not_kept(ring):
    rogue(ring)
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    folder = f"/proc/{ring.processes['daemon'].pid}/fd"
    before = len(os.listdir(folder))
    need(execute(ring, "rogue", {"do": "descriptors"})[0] == "passed", "they were passed")
    wait_for(lambda: len(os.listdir(folder)) < before + 16,
             lambda: f"{before} descriptors before, {len(os.listdir(folder))} after")
    need(plugin(ring, "rogue")["Restarts"] == 0, "they are not even noticed")


def one_that_dies_at_its_start_says_so(ring):
    rogue(ring, "", "rogue-dies.so")
    ring.start()
    error = refused(ring, "rogue", {"do": "version"})
    need("ended with status 5" in error, error)
    need(plugin(ring, "rogue")["Status"] == "failed", f"{plugin(ring, 'rogue')}")
    others_are_well(ring)


def one_that_quits_at_random_harms_nobody(ring):
    rogue(ring)
    ring.start()
    ended = 0
    for _ in range(12):
        call(ring, "EnablePlugin", "s", "rogue")
        error = refused(ring, "rogue", {"do": "quit-sometimes"})
        ended += "ended with status 3" in error
        need(not error or "status 3" in error, f"it is told: {error}")
        need(execute(ring, "noop", {"a": 1})[0] == {"a": 1}, "another plugin works")
    need(plugin(ring, "noop")["Restarts"] == 0 and plugin(ring, "rogue")["Failures"] == ended, f"{ended} of 12")


def the_service_goes_on_meanwhile(ring):
    """An agent's changes are seen, and other plugins answer, while one does the worst that it can."""
    rogue(ring, "timeout: 1s\nconcurrency: 4\n")
    agent = harness.SampleAgent(ring.tmux())
    ring.start()
    agent.play("idle")
    ring.wait_for_state(agent.tmux, agent.pane, "idle")
    stop = threading.Event()
    deeds = ("flood", "hang", "shout", "eat", "crash", "lie", "babble", "dig", "sleep-for-ever", "quit")

    def be_bad(first):
        for i in range(first, 1000):
            if stop.is_set():
                return
            call(ring, "EnablePlugin", "s", "rogue")
            refused(ring, "rogue", {"do": deeds[i % len(deeds)]})

    bad = [threading.Thread(target=be_bad, args=(first,)) for first in (0, 3)]
    for thread in bad:
        thread.start()
    cycles, begin, seconds = ring.busctl("get-property", harness.NAME, harness.ROOT, harness.MANAGER, "Cycles"), time.monotonic(), []
    for scene, state in (("work", "working"), ("permission", "waiting"), ("idle", "idle")) * 4:
        agent.play(scene)
        ring.wait_for_state(agent.tmux, agent.pane, state, 30)
        at = time.monotonic()
        need(execute(ring, "noop", {"a": 1})[0] == {"a": 1}, "another plugin works")
        seconds.append(time.monotonic() - at)
    more = ring.busctl("get-property", harness.NAME, harness.ROOT, harness.MANAGER, "Cycles") - cycles
    took = time.monotonic() - begin
    stop.set()
    for thread in bad:
        thread.join()
    print(f"# {took:.1f} s: {more} cycles; another plugin answered busctl within {max(seconds):.3f} s")
    need(more >= took / 2 / harness.PATIENCE - 2, f"{more} cycles in {took:.1f} s")
    need(max(seconds) < 5 * harness.PATIENCE, f"{seconds}")
    need(harness.resident_kib(ring.processes["daemon"].pid) < 200 * 1024 * harness.PATIENCE, "the service stays small")
    need(plugin(ring, "noop")["Restarts"] == 0 and plugin(ring, "noop")["Failures"] == 0, f"{plugin(ring, 'noop')}")


def state_of(pids):
    return {harness.status_of(pid).get("State", "").strip()[:1] for pid in pids}


def cpu_time_is_limited(ring):
    rogue(ring, "limits: {cpu: 2}\ntimeout: 20s\n")
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    spinning = threading.Thread(target=refused, args=(ring, "rogue", {"do": "hang"}, "timeout_usec", "t", "4000000"))
    spinning.start()
    wait_for(lambda: state_of(hosts(ring)) == {"T"}, lambda: f"it is stopped: {state_of(hosts(ring))}")
    need("use more than 2% of a core, for long" in refusals(ring), f"and named: {refusals(ring)}")
    spinning.join()
    others_are_well(ring)
    wait_for(lambda: plugin(ring, "rogue")["Restarts"] == 1 and plugin(ring, "rogue")["Status"] == "loaded",
             "it is started again")
    need(execute(ring, "rogue", {"do": "version"})[0] == {"version": "1.0.0"}, "and answers")


def memory_is_limited(ring):
    rogue(ring, "limits: {memory: 24M}\ntimeout: 20s\n")
    ring.start()
    error = refused(ring, "rogue", {"do": "eat"})
    # What a sanitizer does for each page may take longer than it is given.
    words = ("no more memory", "ended", *(("did not answer",) if harness.PATIENCE > 1 else ()))
    need(any(w in error for w in words), f"it gets no gigabyte: {error}")
    others_are_well(ring)


# What each of its attempts is called in the journal.
ESCAPES = ("openat /etc/passwd", "openat /root/.bashrc", "openat /etc/shadow", "openat /proc/self/mem",
           "openat /tmp/rogue-was-here", "openat /proc/1/mem", "mprotect", "mmap", "socket of family 2", "socket of family 1",
           "socketpair of family 1", "fork", "clone", "execve /bin/true", "getppid", "ptrace", "kill", "unshare", "prlimit64",
           "io_uring_setup", "prctl")


def it_cannot_get_out(ring):
    rogue(ring)
    ring.start()
    attempts, _ = execute(ring, "rogue", {"do": "escape"})
    through = [name for name, error in attempts.items() if error not in (errno.EPERM, errno.EACCES)]
    need(not through and len(attempts) >= 21, f"each attempt is refused: {attempts}")
    need(not os.path.exists("/tmp/rogue-was-here"), "nothing was written")
    for what in ESCAPES:
        wait_for(lambda what=what: what in refusals(ring), lambda what=what: f"'{what}' is in the journal: {refusals(ring)}")
    need(len(refusals(ring)) == len(set(refusals(ring))), f"each once: {refusals(ring)}")
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


harness.main(whatever_it_does_it_is_cut_off, what_it_says_wrongly_is_an_error_of_the_call_alone, memory_is_limited, cpu_time_is_limited,
             descriptors_that_it_passes_are_not_kept, one_that_dies_at_its_start_says_so,
             one_that_quits_at_random_harms_nobody, the_service_goes_on_meanwhile,
             it_cannot_get_out, one_that_fails_again_and_again_is_left_alone, one_that_is_to_stay_stopped_does)
