#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins that are programs: JSON-RPC by lines, or an MCP server as it is, behind the same walls."""

import errno
import os

import harness
from harness import need, wait_for
from plugin_ring import call, execute, hosts, install, plugin, refused

HEAD = """#!/usr/bin/python3
import json, os, socket, subprocess, sys, time

def answer(m, result=None, error=None):
    o = {"jsonrpc": "2.0", "id": m["id"]}
    o.update({"error": error} if error else {"result": result})
    print(json.dumps(o), flush=True)

def attempt(f):
    try:
        f()
        return 0
    except OSError as e:
        return e.errno
"""

PROGRAM = HEAD + """
def do(m, value):
    if value.get("do") == "fail":
        return answer(m, error={"code": -1, "message": "I do not want to"})
    if value.get("do") == "exit":
        sys.exit(3)
    if value.get("do") == "hang":
        time.sleep(100)
    if value.get("do") == "child":
        subprocess.Popen(["sleep", "1000"])
    if value.get("do") == "escape":
        tries = {
            "home": lambda: open(os.path.expanduser("~root/.bashrc")),
            "tmux": lambda: socket.socket(socket.AF_UNIX).connect(value["tmux"]),
            "list": lambda: os.listdir(value["folder"]),
            "write": lambda: open("/tmp/rogue-was-here", "w"),
            "own": lambda: open("plugin.yaml", "a"),
            "inet": lambda: socket.socket(socket.AF_INET),
            "packet": lambda: socket.socket(socket.AF_PACKET),
            "kill": lambda: os.kill(1, 9) or (_ for _ in ()).throw(OSError(0, "")),
            "mem": lambda: open("/proc/1/mem", "rb"),
            "chroot": lambda: os.chroot("/"),
        }
        return answer(m, {"output": {k: attempt(f) for k, f in tries.items()}})
    answer(m, {"output": {"got": value, "settings": settings, "home": os.environ.get("HOME")}})

for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m:
        continue
    if m["method"] == "initialize":
        settings = m["params"]["settings"]
        answer(m, {"name": "prog", "version": "1.0.0", "api": 1})
    elif m["method"] == "execute":
        do(m, m["params"]["input"])
    else:
        answer(m, error={"code": -32601, "message": "no"})
"""

MCP = HEAD + """
for line in sys.stdin:
    m = json.loads(line)
    if m.get("method") == "initialize":
        answer(m, {"protocolVersion": m["params"]["protocolVersion"], "capabilities": {"tools": {}},
                   "serverInfo": {"name": "x", "version": "0"}})
    elif m.get("method") == "notifications/initialized":
        print(json.dumps({"jsonrpc": "2.0", "id": "s1", "method": "ping"}), flush=True)
        print(json.dumps({"jsonrpc": "2.0", "id": "s2", "method": "roots/list"}), flush=True)
    elif m.get("method") == "ping":
        answer(m, {})
    elif m.get("method") == "tools/call":
        a = m["params"]["arguments"]
        if a.get("bad"):
            answer(m, {"isError": True, "content": [{"type": "text", "text": "it is bad"}]})
        elif a.get("structured"):
            answer(m, {"content": [], "structuredContent": {"tool": m["params"]["name"]}})
        else:
            answer(m, {"content": [{"type": "text", "text": a.get("text", "")}]})
"""


def a_program_answers(ring):
    install(ring, "prog", "program: [prog.py]\nsettings: {colour: blue}\ntimeout: 20s\n", files={"prog.py": PROGRAM})
    ring.start()
    output, _ = execute(ring, "prog", {"a": [1]})
    need(output == {"got": {"a": [1]}, "settings": {"colour": "blue"}, "home": "/nonexistent"}, f"{output}")
    error = refused(ring, "prog", {"do": "fail"})
    need("I do not want to" in error, f"its own words are told: {error}")
    error = refused(ring, "prog", {"do": "exit"})
    need("ended with status 3" in error, f"its end is told: {error}")
    wait_for(lambda: plugin(ring, "prog")["Status"] == "loaded", "it is started again")
    need(execute(ring, "prog", {})[0]["got"] == {}, "and works")


def one_that_hangs_takes_its_children_along(ring):
    install(ring, "prog", "program: [prog.py]\ntimeout: 20s\n", files={"prog.py": PROGRAM})
    ring.start()
    execute(ring, "prog", {"do": "child"})
    wait_for(lambda: sleepers(ring), "its child")
    error = refused(ring, "prog", {"do": "hang"}, "timeout_usec", "t", "300000")
    need("did not answer within 0.3 s" in error, error)
    wait_for(lambda: not sleepers(ring), "the end of its child")
    wait_for(lambda: plugin(ring, "prog")["Status"] == "loaded", "it is started again")
    call(ring, "DisablePlugin", "s", "prog")
    wait_for(lambda: not hosts(ring), "the end of all processes")


def sleepers(ring):
    return [p for p in os.listdir("/proc") if p.isdigit()
            and harness.read(f"/proc/{p}/cmdline") == "sleep\0001000\0" and harness.status_of(p)]


def a_program_cannot_get_out(ring):
    folder = install(ring, "prog", "program: [prog.py]\ntimeout: 20s\n", files={"prog.py": PROGRAM})
    ring.start()
    tmux = ring.tmux()
    tmux.pane()
    attempts, _ = execute(ring, "prog", {"do": "escape", "tmux": tmux.path, "folder": ring.env["HOME"]})
    through = [name for name, error in attempts.items()
               if error not in (errno.EPERM, errno.EACCES) and not (name == "kill" and error == 0)]
    need(not through and len(attempts) == 10, f"each attempt is refused: {attempts}")
    need(not os.path.exists("/tmp/rogue-was-here"), "nothing was written")
    need("nonsense" not in harness.read(os.path.join(folder, "plugin.yaml")), "it cannot change itself")
    need(execute(ring, "noop", {})[0] == {} and os.path.exists("/proc/1"), "all others live")


def an_mcp_server_answers_as_it_is(ring):
    install(ring, "tools", "program: [server.py]\nprotocol: mcp\ntool: lookup\ntimeout: 20s\n",
            files={"server.py": MCP})
    ring.start()
    output, _ = execute(ring, "tools", {"text": "hello"})
    need(output == {"content": [{"type": "text", "text": "hello"}]}, f"{output}")
    output, _ = execute(ring, "tools", {"structured": True})
    need(output == {"tool": "lookup"}, f"{output}")
    error = refused(ring, "tools", {"bad": True})
    need("it is bad" in error, f"{error}")
    need(plugin(ring, "tools")["Restarts"] == 0, "it lives on")


def a_program_that_is_none_says_so(ring):
    install(ring, "missing", "program: [nothing]\n")
    install(ring, "silent", "program: [silent.sh]\n", files={"silent.sh": "#!/bin/sh\necho hello\nsleep 30\n"})
    install(ring, "gone", "program: [gone.sh]\n", files={"gone.sh": "#!/bin/sh\nexit 4\n"})
    ring.start()
    for name, words in (("missing", "No such file"), ("silent", "no JSON-RPC message"), ("gone", "status 4")):
        error = refused(ring, name, {})
        need(words in error, f"{name}: {error}")
        need(plugin(ring, name)["Status"] == "failed", f"{name} failed")


harness.main(a_program_answers, one_that_hangs_takes_its_children_along, a_program_cannot_get_out,
             an_mcp_server_answers_as_it_is, a_program_that_is_none_says_so)
