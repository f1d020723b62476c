#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""People are told of what agents need them for: once, where they are, and taken back when it is over."""

import http.server
import json
import os
import shutil
import subprocess
import threading

import harness
from harness import SampleAgent, need, wait_for

CONFIG = "notify: {delay: 0, cooldown: 0}\n"


class Desktop:
    """A notification server on the session bus."""

    def __init__(self, ring):
        program = os.path.join(harness.build_folder(), "tests", "integration", "notification-server")
        self.process = ring.spawn("notification-server", [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        self.said, self.lock = [], threading.Lock()
        threading.Thread(target=self.listen, daemon=True).start()
        wait_for(lambda: self.lines("ready"), "the notification server")

    def listen(self):
        for line in self.process.stdout:
            with self.lock:
                self.said.append(line.rstrip("\n").split("\t"))

    def lines(self, word):
        with self.lock:
            return [x for x in self.said if x[0] == word]

    def press(self, number, button):
        self.process.stdin.write(f"{number} {button}\n")
        self.process.stdin.flush()


def start_with_desktop(ring):
    ring.write_config(CONFIG)
    ring.start_bus()
    desktop = Desktop(ring)
    ring.signals = harness.Signals(ring)
    ring.start_daemon()
    return desktop


def notices(ring):
    """{agent id: (cause, told, not before, acknowledged)}"""
    return {row[1]: (row[2], row[4], row[5], row[6]) for row in ring.call("ListNotices")[0]}


def typed(path):
    """What a sample agent wrote down of its keys."""
    return bytes(int(line.split()[0], 16) for line in harness.read(path).splitlines()).decode(errors="replace")


def told(ring, mark=0):
    return [s[4][1:] for s in ring.signals.all("Notice", mark)]


def a_need_is_told_once_and_taken_back(ring):
    desktop = start_with_desktop(ring)
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    identity = ring.wait_for_state(tmux, agent.pane, "waiting")["Id"]
    shown = wait_for(lambda: desktop.lines("show"), "a notice on the desktop", 30)
    need("waits for a permission" in shown[0][2], f"it says what for: {shown}")
    need(identity in wait_for(lambda: told(ring), "the signal")[0], f"of that agent: {told(ring)}")
    need(shown[0][4:] == ["approve", "Approve", "deny", "Deny", "show", "Show", "known", "I know", "later", "Later",
                           "default", "Show the pane"],
         f"with buttons: {shown}")
    need(notices(ring)[identity][0] == "waiting", f"it is listed: {notices(ring)}")

    # A restart of the service tells nobody anything again.
    need(ring.stop("daemon") == 0, "it ends well")
    mark = ring.signals.mark()
    ring.start_daemon()
    ring.wait_for_state(tmux, agent.pane, "waiting", 60)
    need(notices(ring)[identity][1] > 0, "it knows that it was told")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    wait_for(lambda: told(ring, mark), "that it is over", 30)
    need(told(ring, mark) == [[identity, "waiting", "over"]], f"only that: {told(ring, mark)}")
    need(len(desktop.lines("show")) == 1 and identity not in notices(ring), "once was enough")


def buttons_are_heard(ring):
    desktop = start_with_desktop(ring)
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    identity = ring.wait_for_state(tmux, agent.pane, "waiting")["Id"]
    number = wait_for(lambda: desktop.lines("show"), "a notice", 30)[0][1]
    desktop.press(number, "later")
    wait_for(lambda: notices(ring)[identity][2] > 0, lambda: f"it is put off: {notices(ring)}")
    desktop.press(number, "known")
    wait_for(lambda: notices(ring)[identity][3], lambda: f"it is known: {notices(ring)}")
    desktop.press(number, "nonsense")
    agent.play("work")
    wait_for(lambda: desktop.lines("close"), "it is taken back", 30)
    need(desktop.lines("close")[0][1] == number, "that one")


def what_is_pressed_is_typed(ring):
    keys = ring.env["DEMO_AGENT_KEYS"] = os.path.join(ring.folder, "keys")
    desktop = start_with_desktop(ring)
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    number = wait_for(lambda: desktop.lines("show"), "a notice", 30)[0][1]
    desktop.press(number, "approve")
    wait_for(lambda: harness.read(keys), "the key that approves", 30)
    wait_for(lambda: "TMUX_ORC_CAUSE=notice" in harness.read(ring.log_path("daemon")), "the journal says why", 30)


def it_is_shown_to_whom_it_belongs(ring):
    desktop = start_with_desktop(ring)
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    number = wait_for(lambda: desktop.lines("show"), "a notice", 30)[0][1]

    def clients():
        return tmux.run("list-clients", "-F", "#{session_name} #{pane_id}").splitlines()

    def log(result):
        return [line for line in harness.read(ring.log_path("daemon")).splitlines()
                if "TMUX_ORC_ACTION=show" in line and f"TMUX_ORC_RESULT={result}" in line]

    desktop.press(number, "show")
    wait_for(lambda: log("no-client"), "nobody is attached, and the journal says so", 30)
    tmux.run("new-session", "-d", "-s", "elsewhere")
    viewer = subprocess.Popen(["script", "-qfc", f"tmux -S {tmux.path} attach -t elsewhere", "/dev/null"], env=ring.env,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    wait_for(clients, "somebody elsewhere")
    need(clients() != [f"main {agent.pane}"], f"not there yet: {clients()}")
    desktop.press(number, "default")
    wait_for(lambda: clients() == [f"main {agent.pane}"], lambda: f"there: {clients()}", 30)
    wait_for(lambda: log("done"), "the journal says so")
    tmux.run("detach-client", "-s", "main")
    viewer.wait(20)


def it_can_be_acknowledged_and_put_off(ring):
    ring.start("notify: {delay: 3600}\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    identity = ring.wait_for_state(tmux, agent.pane, "waiting")["Id"]

    def orc(*args):
        return subprocess.run(["tmux-orc", "--user", *args], env=ring.env, text=True, capture_output=True, check=False)

    done = orc("snooze", identity, "10m")
    need(done.returncode == 0 and "put off" in done.stdout, f"put off: {done}")
    need(notices(ring)[identity][2] > 0, f"not before: {notices(ring)}")
    need("not before" in orc("notices").stdout, "which is shown")
    need(orc("ack", identity).returncode == 0 and notices(ring)[identity][3], "acknowledged")
    need(orc("snooze", identity, "soon").returncode == 2, "no time")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    done = orc("ack", identity)
    need(done.returncode == 1 and "does not need anybody" in done.stderr, f"there is nothing to know: {done}")


def a_project_manager_gets_one_message(ring):
    keys = ring.env["DEMO_AGENT_KEYS"] = os.path.join(ring.folder, "keys")
    ring.start("notify: {delay: 0, channels: [pm], batch: 3}\n")
    tmux = ring.tmux()
    manager = SampleAgent(tmux, "claude", name="pm")
    manager.play("work")
    ring.wait_for_state(tmux, manager.pane, "working")
    agents = [SampleAgent(tmux, "claude"), SampleAgent(tmux, "codex")]
    for agent in agents:
        agent.play("permission")
    for agent in agents:
        ring.wait_for_state(tmux, agent.pane, "waiting")
    wait_for(lambda: len(told(ring)) >= 2, "both are told of", 60)
    need(not harness.read(keys), "nobody types to a manager that works")
    manager.play("idle")
    ring.wait_for_state(tmux, manager.pane, "idle", 60)
    wait_for(lambda: harness.read(keys), "a message", 60)
    wait_for(lambda: typed(keys).count("waits for a permission") == 2, lambda: f"both in it: {typed(keys)}", 30)
    need(typed(keys).count("tmux-orchestrator: agents need somebody.") == 1, f"one message: {typed(keys)}")


def who_looks_at_the_pane_is_not_told(ring):
    ring.start(CONFIG)
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    viewer = subprocess.Popen(["script", "-qfc", f"tmux -S {tmux.path} attach -t main", "/dev/null"], env=ring.env,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    wait_for(lambda: tmux.run("list-clients"), "somebody who looks")
    agent.play("permission")
    identity = ring.wait_for_state(tmux, agent.pane, "waiting")["Id"]
    wait_for(lambda: notices(ring).get(identity, (0, 0, 0))[2] > 0, lambda: f"it is put off: {notices(ring)}", 30)
    need(not told(ring), f"nobody is told: {told(ring)}")
    tmux.run("detach-client", "-a", check=False)
    tmux.run("detach-client", "-s", "main")
    viewer.wait(20)
    wait_for(lambda: told(ring), "told once nobody looks", 60)


class Receiver(http.server.BaseHTTPRequestHandler):
    taken = []

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def webhooks_are_told_by_a_plugin(ring):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator", "plugins", "webhook")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "plugins")
    os.mkdir(folder)
    for name in ("webhook/plugin.yaml", "webhook/webhook.py", "python/lines.py", "python/post.py"):
        shutil.copy(os.path.join(source, name), folder)
    manifest = os.path.join(folder, "plugin.yaml")
    text = harness.read(manifest).replace("http://127.0.0.1:9/", f"http://127.0.0.1:{server.server_port}/")
    with open(manifest, "w", encoding="utf-8") as f:
        f.write(text)
    ring.start("notify: {delay: 0, causes: [crashed], channels: [webhook]}\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    ring.kill(agent.pid(), 9)
    identity = ring.wait_for_state(tmux, agent.pane, "crashed")["Id"]
    wait_for(lambda: Receiver.taken, "a post", 30)
    notice = Receiver.taken[0]
    need(notice["agent"] == identity and notice["severity"] == "critical", f"it says who and how bad: {notice}")
    need(len(Receiver.taken) == 1 and "over" not in notice, "and nothing of what was not asked for")
    agent.start()
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle", 60)
    wait_for(lambda: len(Receiver.taken) == 2, "that it is over", 30)
    need(Receiver.taken[1]["over"] and Receiver.taken[1]["episode"] == notice["episode"], f"that one: {Receiver.taken}")


if __name__ == "__main__":
    harness.main(a_need_is_told_once_and_taken_back, buttons_are_heard, what_is_pressed_is_typed,
                 it_is_shown_to_whom_it_belongs,
                 it_can_be_acknowledged_and_put_off,
                 a_project_manager_gets_one_message, who_looks_at_the_pane_is_not_told,
                 webhooks_are_told_by_a_plugin)
