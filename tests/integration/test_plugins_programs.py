#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins that are programs: JSON-RPC by lines, or an MCP server as it is, behind the same walls."""

import errno
import os
import time

import harness
from harness import need, wait_for
from plugin_ring import call, execute, hosts, install, plugin, refusals, refused, write

HEAD = """#!/usr/bin/python3
import ctypes, json, os, socket, subprocess, sys, time

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
def libc_says(r):
    if r < 0:
        raise OSError(ctypes.get_errno(), "")

def ptrace():
    libc_says(ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid() or 1, 0, 0))

def own_code():
    fd = os.open("/proc/self/mem", os.O_RDWR)
    os.pwrite(fd, b"x", int(open("/proc/self/maps").readline().split("-")[0], 16))

def do(m, value):
    if value.get("do") == "gigabytes":
        while True:
            sys.stdout.write("x" * 1000000)
    if value.get("do") == "kill":
        return answer(m, {"output": [attempt(lambda pid=pid: os.kill(pid, 9)) for pid in value["pids"]]})
    if value.get("do") == "bomb":
        while True:
            try:
                os.fork()
            except OSError:
                time.sleep(1)
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
            "shadow": lambda: open("/etc/shadow"),
            "another": lambda: open(value["another"]),
            "ptrace": ptrace,
            "own-code": own_code,
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
        if a.get("silent"):
            continue
        if a.get("hang"):
            time.sleep(100)
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
    need(not refusals(ring), f"nothing that it needs was refused: {refusals(ring)}")
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


def one_that_floods_without_end_is_cut_off(ring):
    install(ring, "prog", "program: [prog.py]\ntimeout: 20s\n", files={"prog.py": PROGRAM})
    ring.start()
    execute(ring, "prog", {})
    begin, daemon = time.monotonic(), ring.processes["daemon"].pid
    error = refused(ring, "prog", {"do": "gigabytes"})
    need("a line of more than" in error, error)
    need(time.monotonic() - begin < 10 * harness.PATIENCE, "at once")
    need(harness.resident_kib(daemon) < 100 * 1024 * harness.PATIENCE, f"{harness.resident_kib(daemon)} KiB")
    wait_for(lambda: plugin(ring, "prog")["Status"] == "loaded", "it is started again")


def one_that_forks_without_end_has_as_many_as_it_may(ring):
    install(ring, "prog", "program: [prog.py]\ntimeout: 20s\nlimits: {tasks: 24}\n", files={"prog.py": PROGRAM})
    ring.start()
    execute(ring, "prog", {})
    error = refused(ring, "prog", {"do": "bomb"}, "timeout_usec", "t", "3000000")
    need("did not answer" in error, error)
    family = descendants(hosts(ring)[0]) if hosts(ring) else []
    need(len(family) <= 26, f"it has {len(family)} processes")
    need(execute(ring, "noop", {})[0] == {}, "another plugin works")
    wait_for(lambda: plugin(ring, "prog")["Restarts"] == 1 and plugin(ring, "prog")["Status"] == "loaded",
             "it is ended, and started again")
    wait_for(lambda: len(descendants(hosts(ring)[0])) <= 2 or len(hosts(ring)) > 1, "all of them are gone")
    need("did not come back when its time was over" in harness.read(ring.log_path("daemon")), "the journal says why")


def descendants(pid):
    found = [pid]
    for one in found:
        found += harness.children_of(one)
    return found


def it_kills_nobody(ring):
    install(ring, "prog", "program: [prog.py]\ntimeout: 20s\n", files={"prog.py": PROGRAM})
    ring.start()
    execute(ring, "prog", {})
    pids = [ring.processes["daemon"].pid, ring.watcher_pid(), *hosts(ring)]
    answers, _ = execute(ring, "prog", {"do": "kill", "pids": pids})
    need(all(answers), f"each attempt fails: {answers}")
    need(all(harness.status_of(pid) for pid in pids), "all live")


def sleepers(ring):
    return [p for p in os.listdir("/proc") if p.isdigit()
            and harness.read(f"/proc/{p}/cmdline") == "sleep\0001000\0" and harness.status_of(p)]


def a_program_cannot_get_out(ring):
    folder = install(ring, "prog", "program: [prog.py]\ntimeout: 20s\n", files={"prog.py": PROGRAM})
    ring.start()
    tmux = ring.tmux()
    tmux.pane()
    another = os.path.join(ring.folder, "another")
    write(another, "secret", 0o600)
    if os.getuid() == 0:
        os.chown(another, 65534, 65534)
    attempts, _ = execute(ring, "prog", {"do": "escape", "tmux": tmux.path, "folder": ring.env["HOME"],
                                         "another": another})
    through = [name for name, error in attempts.items()
               if error not in (errno.EPERM, errno.EACCES) and not (name == "kill" and error == 0)]
    need(not through and len(attempts) == 14, f"each attempt is refused: {attempts}")
    need(not os.path.exists("/tmp/rogue-was-here"), "nothing was written")
    need("nonsense" not in harness.read(os.path.join(folder, "plugin.yaml")), "it cannot change itself")
    need(execute(ring, "noop", {})[0] == {} and os.path.exists("/proc/1"), "all others live")
    for what in ("socket of family 1", "socket of family 2", "socket of family 17", "openat /tmp/rogue-was-here",
                 "openat /etc/shadow", f"openat {another}", "chroot", "ptrace"):
        wait_for(lambda what=what: what in refusals(ring), lambda what=what: f"'{what}' is in the journal: {refusals(ring)}")


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
    error = refused(ring, "tools", {"silent": True}, "timeout_usec", "t", "200000")
    need("did not answer within 0.2 s" in error, error)
    time.sleep(2.5)
    need(plugin(ring, "tools")["Restarts"] == 0, "who is cancelled need not answer, as long as it lives")
    refused(ring, "tools", {"hang": True}, "timeout_usec", "t", "200000")
    wait_for(lambda: plugin(ring, "tools")["Restarts"] == 1, "one that gives no sign of life is ended")


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
             one_that_floods_without_end_is_cut_off, it_kills_nobody, one_that_forks_without_end_has_as_many_as_it_may,
             an_mcp_server_answers_as_it_is, a_program_that_is_none_says_so)
