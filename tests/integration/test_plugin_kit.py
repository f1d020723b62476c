#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""For those who write plugins: a new one that works, its test, its manual, what there is to say of it, and programs
and Nagios checks as they are made plugins."""

import json
import os
import re
import shutil
import subprocess

import harness
from harness import need
from plugin_ring import CRASHED, execute, folder_of, orc, plugin, refused, rogue

CHECKS = "/usr/lib/nagios/plugins"
SDK = os.path.join(harness.SOURCE, "plugins", "sdk")


def plugins_folder(ring):
    """Those of the user; the words of the command line are said from there."""
    folder = os.path.dirname(folder_of(ring, "x"))
    os.makedirs(folder, exist_ok=True)
    return folder


def here(ring, *words):
    return subprocess.run(["tmux-orc", "--user", *words], env=ring.env, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=300, check=False, cwd=plugins_folder(ring))


def passes(ring, name):
    done = here(ring, "plugin", "test", f"./{name}")
    need(done.returncode == 0 and "not ok" not in done.stdout, f"{name} passes: {done.stdout}{done.stderr}")
    return done.stdout


def fails(ring, more, sentence, words, source="rogue.so"):
    rogue(ring, more, source, "2.0.0" if source != "rogue.so" else "1.0.0")
    done = here(ring, "plugin", "test", "./rogue")
    need(done.returncode == 1 and re.search(rf"not ok \d+ - {sentence}", done.stdout) and words in done.stdout,
         f"{sentence}: {words}: {done.stdout}{done.stderr}")


def a_new_plugin_works(ring):
    ring.start()
    for name, options in (("in-c", []), ("in-python", ["--language", "python"])):
        done = here(ring, "plugin", "new", name, *options)
        need(done.returncode == 0 and "tmux-orc plugin test ." in done.stdout, f"{done}")
        if "c" in name.split("-"):
            subprocess.run(["make", "-C", os.path.join(plugins_folder(ring), name), f"SDK={SDK}"], env=ring.env,
                           check=True, capture_output=True, timeout=120)
        need("SPDX" not in harness.read(os.path.join(folder_of(ring, name), "plugin.yaml")), "it is its author's own")
        out = passes(ring, name)
        need("40 answered, 0 refused" in out, out)
    ring.call("ScanPlugins")
    for name in ("in-c", "in-python"):
        need(execute(ring, name, {"who": "you"})[0] == {"hello": "you"}, f"{name} answers")
        need(plugin(ring, name)["Status"] == "loaded", f"{name} is loaded")
    done = here(ring, "plugin", "new", "in-c")
    need(done.returncode == 1 and "exists" in done.stderr, f"nothing is overwritten: {done}")


def a_new_strategy_plans(ring):
    done = here(ring, "plugin", "new", "mine", "--kind", "strategy")
    need(done.returncode == 0, f"{done}")
    subprocess.run(["make", "-C", os.path.join(plugins_folder(ring), "mine"), f"SDK={SDK}"], env=ring.env, check=True,
                   capture_output=True, timeout=120)
    need("a plan for 1000 agents takes it" in passes(ring, "mine"), "it plans")


def what_makes_no_sense_is_refused(ring):
    for words in (["Big"], ["x", "--language", "cobol"], ["x", "--kind", "thing"], ["x", "--wrap", "text"],
                  ["x", "more"], ["x", "--kind", "strategy", "--language", "python"]):
        done = here(ring, "plugin", "new", *words)
        need(done.returncode == 2 and done.stderr, f"{words}: {done}")
    need(not os.listdir(plugins_folder(ring)), "nothing was written")


def the_kit_finds_what_is_wrong(ring):
    one = "timeout: 2s\ninput_schema: {{const: {{do: {}}}}}\n"
    fit = "inputs that fit are answered, or refused in words"
    fails(ring, one.format("crash"), fit, CRASHED)
    fails(ring, one.format("hang"), fit, "no answer within 2 s")
    fails(ring, one.format("flood"), fit, "it floods")
    fails(ring, one.format("shout"), fit, "a line of more than")
    fails(ring, one.format("wrong-output") + "output_schema: {type: object}\n", fit, "does not fit its schema")
    if "address" not in json.dumps(build_options()):
        fails(ring, one.format("leak"), "it does not leak memory", "it grew by more than")
    fails(ring, "", "it starts within its sandbox", "I am broken", "rogue-broken.so")
    fails(ring, "nonsense: 1\n", "its manifest is one", "no key 'nonsense'")
    fails(ring, "input_schema: {properties: {do: {const: refuse}}, examples: [{do: refuse}]}\n",
          "the examples of its schema are answered", "I do not like it")


def build_options():
    path = os.path.join(harness.build_folder(), "meson-info", "intro-buildoptions.json")
    return [o["value"] for o in json.loads(harness.read(path) or "[]") if o["name"] == "b_sanitize"]


def findings(done):
    told = json.loads(done.stdout)
    return told["valid"], {f["code"]: f["message"] for f in told["findings"]}


def the_service_says_what_there_is_to_say(ring):
    rogue(ring, "estimated_time: 9s\nprofile: network\nrequires_auth: false\n")
    ring.start()
    done = here(ring, "--json", "plugin", "validate", "rogue")
    valid, codes = findings(done)
    need(valid and done.returncode == 0, f"it can be used: {done}")
    need(set(codes) == {"timeout", "authorization", "input-schema", "output-schema", "sandbox"}, f"{codes}")
    need(plugin(ring, "rogue")["Status"] == "discovered", "it was only tried")
    rogue(ring, "", "rogue-broken.so", "2.0.0")
    for name in ("rogue", "./rogue", "./rogue/plugin.yaml"):
        done = here(ring, "--json", "plugin", "validate", name)
        valid, codes = findings(done)
        need(not valid and done.returncode == 1 and "I am broken" in codes["start"], f"{name}: {done}")
    rogue(ring, "input_schema: {type: nothing}\n")
    done = here(ring, "plugin", "validate", "./rogue")
    need(done.returncode == 1 and "plugin.yaml:" in done.stdout and "type" in done.stdout, f"{done}")
    done = here(ring, "plugin", "validate", "noop")
    need(done.returncode == 0 and "it starts" in done.stdout, f"{done}")
    need(here(ring, "plugin", "validate", "none").returncode == 1, "there is no such plugin")
    need("TMUX_ORC_ACTION=validate" in harness.read(ring.log_path("daemon")), "the journal has it")


def it_has_a_manual(ring):
    ring.start()
    out = here(ring, "plugin", "docs", "pricing").stdout
    need(out.startswith("# pricing\n") and "**input\\_tokens**: integer, at least 0" in out, out)
    need("tmux-orc plugin execute pricing '{" in out and "**cost**: number, at least 0; required" in out, out)
    out = here(ring, "plugin", "docs", "pricing", "--format", "man").stdout
    page = subprocess.run(["man", "--warnings", "-l", "-"], input=out, env={**ring.env, "MANPAGER": "cat"}, text=True,
                          capture_output=True, check=False) if shutil.which("man") else None
    need(not page or (page.returncode == 0 and "INPUT" in page.stdout and not page.stderr), f"{page}")
    told = json.loads(here(ring, "--json", "plugin", "docs", "pricing").stdout)
    need(told["name"] == "pricing" and told["input_schema"]["type"] == "object", f"{told}")


def a_program_as_it_is_becomes_a_plugin(ring):
    done = here(ring, "plugin", "new", "date", "--wrap", "text", "--", "/bin/date", "--utc", "--date={when}", "+%Y")
    need(done.returncode == 0, f"{done}")
    ring.start()
    need(execute(ring, "date", {"when": "2001-02-03"})[0]["output"] == "2001\n", "it says what the program says")
    answer = execute(ring, "date", {"when": "never"})[0]
    need(answer["status"] == 1 and "invalid date" in answer["errors"], f"its failure is told: {answer}")
    need("when" in refused(ring, "date", {}), "what it needs is known")
    passes(ring, "date")


def a_check_for_nagios_becomes_a_plugin(ring):
    if not os.path.exists(f"{CHECKS}/check_dummy"):
        raise harness.Skip("there are no Nagios checks (Debian: monitoring-plugins-basic)")
    for name, command in (("dummy", ["check_dummy", "{status}", "{text}"]), ("load", ["check_load", "-w", "900", "-c", "999"])):
        done = here(ring, "plugin", "new", name, "--wrap", "nagios", "--", f"{CHECKS}/{command[0]}", *command[1:])
        need(done.returncode == 0, f"{done}")
    ring.start()
    for status, state in enumerate(("OK", "WARNING", "CRITICAL", "UNKNOWN")):
        answer = execute(ring, "dummy", {"status": str(status), "text": "so it is"})[0]
        need(answer == {"state": state, "status": status, "text": f"{state}: so it is", "perfdata": []}, f"{answer}")
    need("looks like an option" in refused(ring, "dummy", {"status": "--help", "text": ""}), "callers give no options")
    answer = execute(ring, "load", {})[0]
    figures = {f["label"]: f for f in answer["perfdata"]}
    need(answer["state"] == "OK" and set(figures) == {"load1", "load5", "load15"}, f"{answer}")
    need(figures["load1"]["value"] >= 0 and float(figures["load1"]["crit"]) == 999, f"{answer}")
    passes(ring, "load")


harness.main(a_new_plugin_works, a_new_strategy_plans, what_makes_no_sense_is_refused, the_kit_finds_what_is_wrong,
             the_service_says_what_there_is_to_say, it_has_a_manual, a_program_as_it_is_becomes_a_plugin,
             a_check_for_nagios_becomes_a_plugin)
