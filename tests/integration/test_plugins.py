#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins, from the folder on disk to the answer on the bus: each in a sandboxed process of its own."""

import json
import os
import subprocess
import threading
import time

import harness
from harness import need, wait_for
from plugin_ring import execute, folder_of, hosts, install, orc, plugin, refused, rogue, call


def a_shared_object_answers(ring):
    ring.start()
    rows = ring.call("ListPlugins")[0]
    need(["noop", "1.0.0", "tool", "discovered"] in [row[:4] for row in rows], f"it is found: {rows}")
    output, info = execute(ring, "noop", {"text": "ünï", "n": [1, 2.5, None, True]})
    need(output == {"text": "ünï", "n": [1, 2.5, None, True]}, f"it gives back what it got: {output}")
    need(info["version"] == "1.0.0" and not info["cached"], f"{info}")
    seen = plugin(ring, "noop")
    need(seen["Status"] == "loaded" and seen["Executions"] == 1 and seen["Failures"] == 0, f"{seen}")
    need(seen["SandboxLevel"] in ("filtered", "walled", "isolated"), f"it is walled in: {seen}")
    need(seen["LatencyUSec"][0] > 0, f"it was measured: {seen}")
    need([s[4] for s in ring.signals.all("PluginChanged") if s[4][0] == "noop"] == [["noop", "loaded", "1.0.0"]], "it was told")


def one_that_is_warmed_runs_before_it_is_asked(ring):
    rogue(ring)
    ring.start()
    need(hosts(ring) == [], "nothing runs that nobody has asked for")
    data, error = call(ring, "WarmPlugin", "s", "rogue")
    need(error is None, f"{data} {error}")
    warm = wait_for(lambda: hosts(ring), "its process")
    need(plugin(ring, "rogue")["Status"] == "loaded" and plugin(ring, "rogue")["Executions"] == 0, "it is there, and was not asked")
    for _ in range(20):
        execute(ring, "rogue", {"do": "version"})
    need(hosts(ring) == warm, "who answers is the one that was warm")
    p50, p95, p99 = plugin(ring, "rogue")["LatencyUSec"]
    need(0 < p50 <= p95 <= p99, f"its percentiles rise: {p50} {p95} {p99}")
    need("no such plugin" in call(ring, "WarmPlugin", "s", "nothing")[1], "what is not there cannot be warmed")


def all_that_a_manifest_says_can_be_read(ring):
    rogue(ring, "category: mischief\ntags: [bad, worse]\nrequires_auth: true\nestimated_time: 2s\ntimeout: 7s\n"
                "rate_limit: 30/m\ncache_ttl: 9s\nconcurrency: 2\ninput_schema: {type: object}\noutput_schema: {}\n"
                "profile: strict\nlimits: {memory: 40M, cpu: 30, tasks: 5}\non_failure: stop\n")
    ring.start()
    seen = plugin(ring, "rogue")
    wanted = {"Version": "1.0.0", "Kind": "tool", "API": 1, "Category": "mischief", "Tags": ["bad", "worse"],
              "RequiresAuth": True, "EstimatedUSec": 2000000, "TimeoutUSec": 7000000, "RateLimitCalls": 30,
              "RateLimitUSec": 60000000, "CacheTTLUSec": 9000000, "Concurrency": 2, "Profile": "strict",
              "MemoryMax": 40 << 20, "CPUQuota": 30, "TasksMax": 5, "OnFailure": "stop"}
    need({k: seen[k] for k in wanted} == wanted, f"{seen['Error']} { {k: (seen[k], v) for k, v in wanted.items() if seen[k] != v} }")
    need(json.loads(seen["InputSchema"]) == {"type": "object"} and json.loads(seen["OutputSchema"]) == {}, f"the schemas: {seen}")
    told = orc(ring, "plugin", "info", "rogue").stdout
    for word in ("mischief", "bad", "strict", "40"):
        need(word in told, f"'{word}' is told: {told}")


def the_command_line_executes_and_lists(ring):
    ring.start()
    done = orc(ring, "plugin", "execute", "noop", '{"a": 1}')
    need(done.returncode == 0 and json.loads(done.stdout) == {"a": 1}, f"{done}")
    rows = json.loads(orc(ring, "--json", "plugin", "list").stdout)
    need([r["status"] for r in rows if r["name"] == "noop"] == ["loaded"], f"{rows}")
    done = orc(ring, "plugin", "execute", "nothing")
    need(done.returncode == 1 and "there is no such plugin" in done.stderr, f"{done}")
    done = orc(ring, "plugin", "disable", "noop")
    need(done.returncode == 0 and plugin(ring, "noop")["Status"] == "disabled", f"{done}")
    done = orc(ring, "plugin", "execute", "noop")
    need(done.returncode == 1 and "it was disabled" in done.stderr, f"{done}")
    orc(ring, "plugin", "enable", "noop")
    need(execute(ring, "noop", {})[0] == {}, "it works again")


def input_output_rate_and_cache_are_as_declared(ring):
    rogue(ring, "input_schema: {type: object, required: [do], additionalProperties: false, "
                "properties: {do: {type: string}}}\noutput_schema: {type: object}\n")
    install(ring, "limited", "program: [echo.py]\nrate_limit: 2/h\ncache_ttl: 1h\n", files={"echo.py": ECHO})
    ring.start()
    error = refused(ring, "rogue", {"do": 3})
    need("/do" in error, f"the place is named: {error}")
    error = refused(ring, "rogue", {"do": "wrong-output"})
    need("does not fit its schema" in error, f"the output is looked at: {error}")
    need(execute(ring, "rogue", {"do": "version"})[0] == {"version": "1.0.0"}, "what fits is let through")

    first = execute(ring, "limited", {"a": 1, "b": 2})
    again = execute(ring, "limited", {"b": 2, "a": 1})
    need(again[0] == first[0] and again[1]["cached"], f"the same input has the same answer: {first} {again}")
    fresh = execute(ring, "limited", {"a": 1, "b": 2}, "fresh", "b", "true")
    need(fresh[0] != first[0] and not fresh[1]["cached"], f"a fresh answer is another one: {fresh}")
    error = refused(ring, "limited", {"c": 1})
    need("may be asked 2 times" in error, f"the third is too much: {error}")
    for _ in range(3):
        known = execute(ring, "limited", {"a": 1, "b": 2})
        need(known[0] == fresh[0] and known[1]["cached"], f"what is remembered costs nothing: {known}")
    seen = plugin(ring, "limited")
    need((seen["CacheHits"], seen["RateLimited"], seen["Executions"]) == (4, 1, 7), f"all were counted: {seen}")
    audit = [line for line in harness.read(ring.log_path("daemon")).splitlines() if "plugin limited: execute" in line]
    need(len(audit) == 7 and all("TMUX_ORC_CALLER_UID=" in line for line in audit), f"and are in the journal: {audit}")
    call(ring, "DisablePlugin", "s", "limited")
    need("it was disabled" in refused(ring, "limited", {"a": 1, "b": 2}), "no answer of what is disabled")


ECHO = """#!/usr/bin/python3
import json, sys
n = 0
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m:
        continue
    if m["method"] == "initialize":
        r = {"name": "limited", "version": "1.0.0", "api": 1}
    elif m["method"] == "execute":
        n += 1
        r = {"output": {"n": n, "input": m["params"]["input"]}}
    else:
        r = {}
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""


def a_time_out_is_told_and_can_be_set(ring):
    rogue(ring, "timeout: 30s\n")
    ring.start()
    error = refused(ring, "rogue", {"do": "wait"}, "timeout_usec", "t", "200000")
    need("did not answer within 0.2 s" in error, error)
    need(execute(ring, "rogue", {"do": "version"})[0], "who comes back when told is not ended")
    need(plugin(ring, "rogue")["Timeouts"] == 1 and plugin(ring, "rogue")["Restarts"] == 0, "it was counted")


def one_that_is_let_go_may_say_good_bye(ring):
    rogue(ring)
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    log = lambda: harness.read(ring.log_path("daemon")).count("rogue: good bye")
    rogue(ring, "", "rogue-2.so", "2.0.0")
    call(ring, "ReloadPlugin", "s", "rogue")
    wait_for(lambda: log() == 1, "the end of the one that was replaced")
    call(ring, "DisablePlugin", "s", "rogue")
    wait_for(lambda: log() == 2, "the end of the one that was disabled")
    wait_for(lambda: not hosts(ring), "no process is left")


def a_caller_that_leaves_stops_the_work(ring):
    rogue(ring, "timeout: 60s\n")
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    caller = subprocess.Popen(["busctl", "--user", "call", harness.NAME, harness.ROOT, harness.MANAGER,
                               "ExecutePlugin", "ssa{sv}", "rogue", '{"do":"wait"}', "0"], env=ring.env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: plugin(ring, "rogue")["Executions"] == 2, "the call")
    caller.kill()
    caller.wait()
    log = lambda: harness.read(ring.log_path("daemon"))
    wait_for(lambda: "the caller left" in log(), "the end of the call")
    need(plugin(ring, "rogue")["Status"] == "loaded", "it goes on")
    need("TMUX_ORC_ACTION=execute" in log() and f"TMUX_ORC_CALLER_UID={os.getuid()}" in log(),
         "the journal has who wanted what")


def calls_run_side_by_side_as_far_as_allowed(ring):
    rogue(ring, "timeout: 30s\nconcurrency: 4\n")
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    begin = time.monotonic()
    threads = [threading.Thread(target=execute, args=(ring, "rogue", {"do": "sleep"})) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    seconds = time.monotonic() - begin
    need(seconds < 8 * 0.3, f"8 calls of 0.3 s, four at a time, took {seconds:.2f} s")
    need(plugin(ring, "rogue")["Failures"] == 0, "none failed")


def one_caller_cannot_have_all_places(ring):
    rogue(ring, "timeout: 30s\n")
    ring.start()
    program = os.path.join(harness.build_folder(), "tests", "plugins", "plugin-caller")
    many = subprocess.Popen([program, "load", "noop", "100"], env=ring.env, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    wait_for(lambda: plugin(ring, "noop")["Failures"] > 0, "the first that is too much")
    told = json.loads(many.communicate(timeout=60 * harness.PATIENCE)[0])
    need(told["done"] > 0 and "too many of your calls are under way" in told["error"], f"{told}")
    need(execute(ring, "noop", {})[0] == {}, "later there are places again")


def one_with_less_of_a_sandbox_than_wanted_is_not_run(ring):
    ring.write_config("plugins: {sandbox: isolated}\n")
    ring.start_bus()
    script = ('for n in net ipc uts pid user; do echo 0 2>/dev/null >/proc/sys/user/max_${n}_namespaces || exit 77; done; '
              'exec "$0" --user')
    ring.spawn("daemon", ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", script,
                          os.path.join(harness.build_folder(), "daemon", "tmux-orchestratord")])
    wait_for(lambda: ring.owner() or ring.processes["daemon"].poll() is not None, "the service")
    if ring.processes["daemon"].poll() is not None:
        raise harness.Skip("namespaces cannot be limited here")
    error = refused(ring, "noop", {})
    need("its sandbox would be" in error and "plugins.sandbox wants 'isolated'" in error, error)
    need(plugin(ring, "noop")["Status"] == "failed" and not hosts(ring), "it does not run")


def another_sandbox_that_is_wanted_starts_all_anew(ring):
    ring.start()
    execute(ring, "noop", {})
    before = hosts(ring)
    need(len(before) == 1, f"it runs: {before}")
    level = plugin(ring, "noop")["SandboxLevel"]
    ring.call("SetConfig", "svb", "plugins.sandbox", "s", level, "false")
    execute(ring, "noop", {})
    after = wait_for(lambda: [p for p in hosts(ring) if p not in before], "another process")
    need(plugin(ring, "noop")["SandboxLevel"] == level, "with the sandbox that is wanted")
    ring.call("SetConfig", "svb", "logging.level", "s", "info", "false")
    execute(ring, "noop", {})
    need(set(after) <= set(hosts(ring)), f"other settings start nothing anew: {after} {hosts(ring)}")


def a_reload_loses_no_call(ring):
    rogue(ring, "timeout: 30s\nconcurrency: 8\n")
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    versions, errors, stop = set(), [], threading.Event()

    # Long ones are under way while it is reloaded; of short ones some meet either version.
    def ask(what):
        while not stop.is_set():
            data, error = call(ring, "ExecutePlugin", "ssa{sv}", "rogue", json.dumps({"do": what}), 0)
            if error:
                errors.append(error)
            else:
                versions.add(json.loads(data[0])["version"])

    threads = [threading.Thread(target=ask, args=(what,)) for what in ("sleep", "sleep", "version")]
    for t in threads:
        t.start()
    for i in range(30):
        version = "2.0.0" if i % 2 == 0 else "1.0.0"
        rogue(ring, "timeout: 30s\nconcurrency: 8\n", "rogue-2.so" if i % 2 == 0 else "rogue.so", version)
        _, error = call(ring, "ReloadPlugin", "s", "rogue")
        need(not error, f"reload {i}: {error}")
        need(execute(ring, "rogue", {"do": "version"})[0] == {"version": version}, "the new one answers")
    stop.set()
    for t in threads:
        t.join()
    need(not errors, f"no call was lost: {errors[:3]}")
    need(versions == {"1.0.0", "2.0.0"}, f"both answered: {versions}")
    seen = plugin(ring, "rogue")
    need(seen["Reloads"] == 30 and seen["Failures"] == 0 and seen["Restarts"] == 0, f"{seen}")
    wait_for(lambda: len(hosts(ring)) == 1, lambda: f"one process in the end: {hosts(ring)}")


def a_broken_new_version_leaves_the_old_one(ring):
    rogue(ring)
    ring.start()
    execute(ring, "rogue", {"do": "version"})
    for source, version, more, words in (
            ("rogue-broken.so", "2.0.0", "", "its self-test failed: I am broken"),
            ("rogue-2.so", "3.0.0", "", "it says that it is version '2.0.0', its manifest '3.0.0'"),
            ("bare.so", "2.0.0", "", "does not export"),
            ("rogue-2.so", "2.0.0", "nonsense: 1\n", "no key 'nonsense'")):
        rogue(ring, more, source, version)
        _, error = call(ring, "ReloadPlugin", "s", "rogue")
        need(error and words in error, f"{words}: {error}")
        need(plugin(ring, "rogue")["Version"] == "1.0.0" and plugin(ring, "rogue")["Status"] == "loaded",
             f"the old one stays: {plugin(ring, 'rogue')}")
        need(execute(ring, "rogue", {"do": "version"})[0] == {"version": "1.0.0"}, "and works")


def folders_have_precedence_and_can_be_masked(ring):
    install(ring, "noop", "payload: noop.so\n", "9.0.0")
    os.symlink("/dev/null", folder_of(ring, "absent"))
    ring.start()
    seen = plugin(ring, "noop")
    need((seen["Version"], seen["Origin"]) == ("9.0.0", "user"), f"the user's own counts: {seen}")
    need(plugin(ring, "absent") is None, "a mask is no plugin")
    for file in os.listdir(folder_of(ring, "noop")):
        os.unlink(os.path.join(folder_of(ring, "noop"), file))
    os.rmdir(folder_of(ring, "noop"))
    ring.call("ScanPlugins")
    need(plugin(ring, "noop")["Version"] == "1.0.0", "the system's is back")
    need("plugins: scan done TMUX_ORC_ACTION=scan" in harness.read(ring.log_path("daemon")),
         "the journal has who looked")
    os.symlink("/dev/null", folder_of(ring, "noop"))
    ring.call("ScanPlugins")
    need(plugin(ring, "noop") is None, "it is masked")
    need("there is no such plugin" in refused(ring, "noop", {}), "and cannot be asked")


def what_others_could_have_written_is_not_run(ring):
    rogue(ring)
    os.chmod(os.path.join(folder_of(ring, "rogue"), "rogue.so"), 0o666)
    install(ring, "open", "program: [x]\n", files={"x": "#!/bin/sh\n"})
    os.chmod(os.path.join(folder_of(ring, "open"), "plugin.yaml"), 0o664)
    ring.start()
    error = refused(ring, "rogue", {"do": "version"})
    need("can be written to by others" in error, f"the payload is looked at: {error}")
    seen = plugin(ring, "open")
    need(seen["Status"] == "failed" and "can be written to by others" in seen["Error"], f"the manifest is: {seen}")


def the_configuration_switches_plugins_off_and_wants_walls(ring):
    ring.start("plugins:\n  disabled: [noop]\n")
    need(plugin(ring, "noop")["Status"] == "disabled", "it is not wanted")
    need("plugins.disabled names it" in refused(ring, "noop", {}), "and says why")
    ring.write_config("")
    ring.call("Reload")
    need(execute(ring, "noop", {})[0] == {}, "it is wanted again")


harness.main(a_shared_object_answers, one_that_is_warmed_runs_before_it_is_asked, all_that_a_manifest_says_can_be_read,
             the_command_line_executes_and_lists,
             input_output_rate_and_cache_are_as_declared, one_that_is_let_go_may_say_good_bye, a_time_out_is_told_and_can_be_set,
             a_caller_that_leaves_stops_the_work, calls_run_side_by_side_as_far_as_allowed,
             one_caller_cannot_have_all_places, another_sandbox_that_is_wanted_starts_all_anew, one_with_less_of_a_sandbox_than_wanted_is_not_run,
             a_reload_loses_no_call, a_broken_new_version_leaves_the_old_one,
             folders_have_precedence_and_can_be_masked, what_others_could_have_written_is_not_run,
             the_configuration_switches_plugins_off_and_wants_walls)
