# SPDX-License-Identifier: LGPL-2.1-or-later
"""The booted machine and the people on it, for the tests that run inside."""

import json
import os
import pwd
import subprocess

import bus
import harness
from harness import AGENT, MANAGER, NAME, ROOT, Failure, SampleAgent, Skip, need, wait_for

SERVICE, SOCKET = "tmux-orchestrator.service", "tmux-orchestrator.socket"
WATCHER = "/usr/libexec/tmux-orchestrator/watcher"


def run(*command, check=True, text=None, seconds=60, **options):
    """Returns what the command printed, or with check=False (status, what it printed)."""
    done = subprocess.run(command, text=True, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=seconds, check=False, errors="replace",
                          **({} if text else {"stdin": subprocess.DEVNULL}), **options)
    if check and done.returncode != 0:
        raise Failure(f"{' '.join(command)}: status {done.returncode}: {done.stdout.strip()}")
    return done.stdout if check else (done.returncode, done.stdout)


PROCESS_ONE = bus.ProcessOne()
unit_property = PROCESS_ONE.unit_property


def becoming(name):
    """What makes a process of this user, with the groups that it has now."""
    user = pwd.getpwnam(name)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": os.getgrouplist(name, user.pw_gid)}


class UserTmux(harness.Tmux):
    def __init__(self, person, name=None):
        super().__init__(person, name)
        self.path = f"/tmp/tmux-{person.uid}/{name or 'default'}"
        self.options = becoming(person.name)


class Person:
    """A user of the machine, with tmux servers and agents of its own."""

    def __init__(self, machine, name):
        if run("id", name, check=False)[0] != 0:
            run("useradd", "--create-home", "--shell", "/bin/bash", name)
        self.machine, self.name, self.uid = machine, name, pwd.getpwnam(name).pw_uid
        self.folder = f"/tmp/control-{name}"
        os.makedirs(self.folder, exist_ok=True)
        os.chown(self.folder, self.uid, self.uid)
        self.env = {"HOME": f"/home/{name}", "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                    "TERM": "xterm-256color", "SHELL": "/bin/bash", "TMUX_TMPDIR": "/tmp", "PS1": "$ ",
                    "USER": name, "LOGNAME": name}
        self.pids, self.number, self.tmuxes = [], 0, []

    def counter(self):
        self.number += 1
        return self.number

    def tmux(self, name=None):
        self.tmuxes.append(UserTmux(self, name))
        return self.tmuxes[-1]

    def agent(self, tmux, like="claude", scene=None):
        previous = os.umask(0)
        try:
            agent = SampleAgent(tmux, like)
        finally:
            os.umask(previous)
        if scene:
            agent.play(scene)
        return agent

    def run(self, *command, **options):
        return run(*command, env=self.env, **becoming(self.name), **options)

    def call(self, method, signature="", *args, path=ROOT, interface=MANAGER, check=True):
        """Returns the answer, or with check=False None or the text of the error."""
        status, text = self.run("busctl", "--system", "--json=short", "--timeout=30", "call", NAME, path, interface, method,
                                *([signature] if signature else []), *map(str, args), check=False)
        if not check:
            return None if status == 0 else text.strip()
        if status != 0:
            raise Failure(f"{self.name} calls {method}: {text.strip()}")
        return json.loads(text)["data"] if text.strip() else []


class Machine(harness.Ring):
    """What runs here was installed and is started by systemd; nothing of it is ours to start."""

    def __init__(self):  # pylint: disable=super-init-not-called
        os.environ.update(LC_ALL="C.UTF-8", SYSTEMD_PAGER="cat")
        self.folder, self.env = "/tmp/", dict(os.environ)
        self.people, self.bus = {}, bus.Bus()

    def person(self, name):
        if name not in self.people:
            self.people[name] = Person(self, name)
        return self.people[name]

    def busctl(self, what, *args, check=True):
        """As busctl would: what it is itself about has a test of its own, and so has who may call what."""
        try:
            if what == "get-property":
                name, path, interface, member = args
                return self.bus.call(name, path, bus.PROPERTIES, "Get", "ss", interface, member)[0]["data"]
            return self.bus.call(*args)
        except Failure:
            if check:
                raise
            return None

    def call(self, method, signature="", *args, path=ROOT, interface=MANAGER, check=True):
        return self.busctl("call", NAME, path, interface, method, signature, *args, check=check)

    def main_pid(self, unit=SERVICE):
        return int(unit_property(unit, "MainPID"))

    def start(self, *units):
        run("systemctl", "reset-failed", *units, check=False)
        run("systemctl", "start", *units)

    def watch(self, person):
        """By the administrator's template, as README.md says."""
        self.start(f"tmux-orchestrator-watcher@{person.uid}.service")

    def one_agent(self, name, like="claude", scene="permission", state="waiting"):
        """That person's agent, which is seen."""
        person = self.person(name)
        self.watch(person)
        tmux = person.tmux(f"t{person.counter()}")
        agent = person.agent(tmux, like, scene)
        return person, tmux, agent, self.wait_for_state(tmux, agent.pane, state)

    def journal(self, *options):
        run("journalctl", "--namespace=tmux-orchestrator", "--sync", check=False)
        return run("journalctl", "--namespace=tmux-orchestrator", "--no-pager", "--quiet", *options)

    def wait_for_journal(self, text, *options):
        wait_for(lambda: text in self.journal(*options), lambda: f"'{text}' in the journal")

    def tidy(self):
        for person in self.people.values():
            for tmux in person.tmuxes:
                tmux.kill()
            person.tmuxes.clear()

    def show_logs(self):
        print(run("systemctl", "--no-pager", "status", SERVICE, check=False)[1][-2000:])
        print(run("journalctl", "--namespace=*", "--no-pager", "-n", "30", check=False)[1][-5000:])


__all__ = ["AGENT", "MANAGER", "NAME", "ROOT", "SERVICE", "SOCKET", "WATCHER", "Failure", "Machine", "Person", "Skip", "need", "run",
           "unit_property", "wait_for"]
