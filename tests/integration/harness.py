# SPDX-License-Identifier: LGPL-2.1-or-later
"""The ring of real parts: a private message bus, real tmux servers, the real daemon and watcher.

A test file ends with harness.main(test, …). Every test is a function that gets a Ring of its own and
raises when something is not as it must be; its name is its sentence. Nothing sleeps for a fixed
time: wait_for() looks until the condition holds or the deadline is over. All processes are killed
by their ids at the end, whatever happens; where root runs the test they live in a PID namespace of
their own besides, so that the watcher meets no other tmux servers than those of the test.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

NAME = "org.tmuxorc.Monitor1"
ROOT = "/org/tmuxorc/Monitor1"
MANAGER, AGENT, SERVER = NAME + ".Manager", NAME + ".Agent", NAME + ".Server"
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
# Under sanitizers everything takes longer.
PATIENCE = float(os.environ.get("TMUX_ORC_TEST_PATIENCE", "1"))


class Skip(Exception):
    """This machine cannot run the test; the text says why."""


class Failure(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Failure(text)


def wait_for(condition, what, seconds=20.0, every=0.05):
    """Returns the first true value of condition()."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what() if callable(what) else what}: not within {seconds * PATIENCE:g} s")
        # On a slow machine, to ask is slow too, and would take time from what is waited for.
        time.sleep(every * PATIENCE)


def build_folder():
    return os.environ.get("TMUX_ORC_BUILD") or os.path.join(SOURCE, "build")


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def status_of(pid):
    """Fields of /proc/PID/status; {} if there is no such process, or only its zombie."""
    fields = dict(line.split(":", 1) for line in read(f"/proc/{pid}/status").splitlines() if ":" in line)
    return {} if fields.get("State", "Z").strip().startswith(("Z", "X")) else fields


def resident_kib(pid):
    return int(status_of(pid).get("VmRSS", "0 kB").split()[0])


def children_of(pid):
    return [int(p) for p in os.listdir("/proc") if p.isdigit()
            and status_of(p).get("PPid", "").strip() == str(pid)]


class Signals(threading.Thread):
    """Every signal of the service, with the time at which it came, in order."""

    def __init__(self, ring):
        super().__init__(daemon=True)
        self.seen, self.lock = [], threading.Lock()
        self.process = ring.spawn("busctl-monitor", ["busctl", "--user", "--json=short", "monitor", NAME],
                                  stdout=subprocess.PIPE)
        self.start()
        wait_for(lambda: "Monitoring" in read(ring.log_path("busctl-monitor")), "busctl monitor")

    def run(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if message.get("type") == "signal":
                with self.lock:
                    self.seen.append((time.monotonic(), message["path"], message["interface"],
                                      message["member"], message.get("payload", {}).get("data", [])))

    def all(self, member, since=0):
        with self.lock:
            return [s for s in self.seen[since:] if s[3] == member]

    def mark(self):
        with self.lock:
            return len(self.seen)


def is_dead(pid):
    """Whether the process has ended, if nobody may have reaped it yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


class Tmux:
    """One tmux server: of the default socket, or of a name (-L) or a path (-S)."""

    def __init__(self, ring, name=None, path=None):
        self.ring = ring
        self.command = ["tmux", "-u", "-f", "/dev/null"]
        self.command += ["-L", name] if name else ["-S", path] if path else []
        self.path = path or os.path.join(ring.env["TMUX_TMPDIR"], f"tmux-{os.getuid()}", name or "default")
        self.options = {}  # of its clients' processes
        self.started = False
        self.pid = 0

    def run(self, *args, check=True):
        done = subprocess.run([*self.command, *args], env=self.ring.env, text=True, capture_output=True,
                              timeout=30 * PATIENCE, check=False, errors="replace", **self.options)
        if check and done.returncode != 0:
            raise Failure(f"tmux {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def pane(self, *command, name="work", width=120, height=40):
        """A pane in a window of its own that runs the command, or a shell; returns its id."""
        command = command or ("bash", "--norc", "--noprofile", "-i")
        where = ("-P", "-F", "#{pane_id} #{pid}", "-n", name, "-c", self.ring.env["HOME"])
        if not self.started:
            self.started = True
            pane, pid = self.run("new-session", "-d", "-s", "main", "-x", str(width), "-y", str(height),
                                 *where, *command).split()
            self.pid = int(pid)
            self.ring.pids.append(self.pid)
            return pane
        return self.run("new-window", "-d", "-t", "main:", *where, *command).split()[0]

    def type(self, pane, text):
        self.run("send-keys", "-t", pane, "-l", text)
        self.run("send-keys", "-t", pane, "Enter")

    def screen(self, pane):
        return self.run("capture-pane", "-p", "-t", pane)

    def kill(self):
        self.run("kill-server", check=False)
        self.started = False


class SampleAgent:
    """The scripted agent in a pane, told scene by scene what to do."""

    def __init__(self, tmux, like="claude", in_shell=True, name="work"):
        ring = tmux.ring
        self.tmux, self.like, self.in_shell = tmux, like, in_shell
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.settimeout(20 * PATIENCE)
        self.path = os.path.join(ring.folder, f"c{ring.counter()}")
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.line = ["demo-agent", "--like", like, "--control", self.path]
        self.pane = tmux.pane(name=name) if in_shell else tmux.pane(*self.line, name=name)
        self.start(again=in_shell)

    def start(self, again=True):
        """Starts it, or once more in the same pane's shell after it ended."""
        if again:
            self.tmux.type(self.pane, " ".join(self.line))
        try:
            self.connection, _ = self.listener.accept()
        except TimeoutError:
            raise Failure(f"the sample agent did not start:\n{self.tmux.screen(self.pane)}") from None
        self.connection.settimeout(20 * PATIENCE)

    def play(self, scene):
        self.connection.sendall(scene.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            more = self.connection.recv(100)
            need(more, f"the sample agent is gone at '{scene}'")
            answer += more
        need(answer == f"done {scene}\n".encode(), f"the sample agent says {answer}")

    def pid(self):
        """Of the process that paints."""
        pid = int(self.tmux.run("display-message", "-p", "-t", self.pane, "#{pane_pid}"))
        if self.in_shell:
            pid = children_of(pid)[0]
        while children_of(pid):
            pid = children_of(pid)[0]
        return pid


BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


class Ring:
    def __init__(self, config=""):
        self.folder = tempfile.mkdtemp(prefix="ring-")
        self.processes, self.pids, self.number = {}, [], 0
        self.tmuxes = []
        self.signals = None
        self.make_environment()
        self.write_config(config)

    def counter(self):
        self.number += 1
        return self.number

    def make_environment(self):
        def folder(name):
            path = os.path.join(self.folder, name)
            os.mkdir(path, 0o700)
            return path

        home = folder("home")
        bus = f"unix:path={self.folder}/bus"
        self.env = {
            "HOME": home, "PATH": os.path.join(build_folder(), "tools") + ":" + os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
            "SHELL": "/bin/bash", "USER": "tester", "PS1": "$ ",
            "XDG_RUNTIME_DIR": folder("run"), "TMUX_TMPDIR": folder("tmux"),
            "XDG_CONFIG_HOME": os.path.join(home, ".config"),
            "XDG_DATA_HOME": os.path.join(home, ".local", "share"),
            "XDG_STATE_HOME": os.path.join(home, ".local", "state"),
            "XDG_CACHE_HOME": os.path.join(home, ".cache"),
            "DBUS_SESSION_BUS_ADDRESS": bus, "DBUS_SYSTEM_BUS_ADDRESS": bus,
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def config_folder(self):
        path = os.path.join(self.env["XDG_CONFIG_HOME"], "tmux-orchestrator")
        os.makedirs(path, exist_ok=True)
        return path

    def write_config(self, text):
        with open(os.path.join(self.config_folder(), "config.yaml"), "w", encoding="utf-8") as f:
            f.write(text)

    # Processes

    def log_path(self, name):
        return os.path.join(self.folder, name + ".log")

    def spawn(self, name, command, **options):
        log = open(self.log_path(name), "ab")  # pylint: disable=consider-using-with
        process = subprocess.Popen(command, env=self.env, start_new_session=True,
                                   **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **options})
        log.close()
        self.processes[name] = process
        return process

    def start_bus(self):
        config = os.path.join(self.folder, "bus.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(BUS_CONFIG.format(path=os.path.join(self.folder, "bus")))
        self.spawn("dbus-daemon", ["dbus-daemon", f"--config-file={config}", "--nofork", "--nosyslog"])
        wait_for(self.bus_answers, "the message bus")

    def bus_answers(self):
        return self.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId",
                           check=False) is not None

    def stop_bus(self):
        self.stop("dbus-daemon")
        if os.path.exists(os.path.join(self.folder, "bus")):
            os.unlink(os.path.join(self.folder, "bus"))

    def start_daemon(self, *options, wait=True, name="daemon"):
        """Another @name: a further instance, for which nobody waits."""
        program = os.path.join(build_folder(), "daemon", "tmux-orchestratord")
        process = self.spawn(name, [program, "--user", *options])
        if wait and name == "daemon":
            self.wait_for_name()
        return process

    def wait_for_name(self):
        def owned():
            need(self.processes["daemon"].poll() is None,
                 f"the daemon ended with {self.processes['daemon'].returncode}")
            return self.owner()
        wait_for(owned, "the name of the service on the bus")

    def start(self, config=None):
        """What most tests want: bus, daemon, listener."""
        if config is not None:
            self.write_config(config)
        if "dbus-daemon" not in self.processes:
            self.start_bus()
        self.signals = Signals(self)
        self.start_daemon()
        wait_for(lambda: "the watcher of uid" in read(self.log_path("daemon")), "the watcher")
        return self

    def stop(self, name, how=signal.SIGTERM, seconds=10):
        process = self.processes.get(name)
        if process and process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(seconds * PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failure(f"{name} does not end") from None
        return process.returncode if process else None

    def watcher_pid(self):
        found = [p for p in children_of(self.processes["daemon"].pid) if "watcher" in read(f"/proc/{p}/comm")]
        return found[0] if found else 0

    def asking(self, tmux):
        """Whether a client talks to that server just now."""
        return any("source-file" in read(f"/proc/{p}/cmdline") and tmux.path in read(f"/proc/{p}/cmdline")
                   for p in children_of(self.watcher_pid()))

    def tmux(self, name=None, path=None):
        self.tmuxes.append(Tmux(self, name, path))
        return self.tmuxes[-1]

    # The bus

    def busctl(self, *args, check=True):
        try:
            done = subprocess.run(["busctl", "--user", "--json=short", "--timeout=30", *args], env=self.env,
                                  text=True, capture_output=True, timeout=60, check=False,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise Failure(f"busctl {' '.join(args)}: no answer") from None
        if done.returncode != 0:
            if check:
                raise Failure(f"busctl {' '.join(args)}: {done.stderr.strip()}")
            return None
        return json.loads(done.stdout)["data"] if done.stdout.strip() else []

    def owner(self):
        data = self.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner",
                           "s", NAME, check=False)
        return bool(data and data[0])

    def call(self, method, signature="", *args, path=ROOT, interface=MANAGER, check=True):
        return self.busctl("call", "--auto-start=no", NAME, path, interface, method,
                           *([signature] if signature else []), *map(str, args), check=check)

    def objects(self, interface):
        """{path: {property: value}} of all objects that have the interface."""
        found = self.call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager")[0]
        return {path: {k: v["data"] for k, v in interfaces[interface].items()}
                for path, interfaces in found.items() if interface in interfaces}

    def agents(self):
        """Those in the tmux servers of this test, by pane id of the socket: {(socket, "%1"): {…}}."""
        servers = self.objects(SERVER)
        found = {}
        for path, agent in self.objects(AGENT).items():
            server = servers.get(agent["Server"], {})
            if server.get("Socket", "").startswith(self.folder):
                found[server["Socket"], agent["Pane"]] = {**agent, "path": path}
        return found

    def agent(self, tmux, pane):
        return self.agents().get((tmux.path, pane))

    def server(self, tmux):
        return next((s for s in self.objects(SERVER).values() if s.get("Socket") == tmux.path), None)

    def wait_for_state(self, tmux, pane, state, seconds=20.0, **properties):
        def there():
            agent = self.agent(tmux, pane)
            return agent if agent and agent["State"] == state and all(
                agent.get(k) == v for k, v in properties.items()) else None

        def missing():
            agent = self.agent(tmux, pane) or {}
            return (f"{pane} {state} {properties or ''}, seen "
                    f"{ {k: agent.get(k) for k in ('Type', 'State', 'Attention', 'Attributes', 'Rule')} }")
        return wait_for(there, missing, seconds, every=0.1)

    def wait_for_liveness(self, tmux, liveness, seconds=20.0):
        def there():
            server = self.server(tmux)
            return server if server and server["Liveness"] == liveness else None
        return wait_for(there, lambda: f"{tmux.path} {liveness}, seen {self.server(tmux)}", seconds, every=0.1)

    def changes_of(self, path, since=0):
        """[(old, new)] of AgentStateChanged."""
        return [(s[4][1], s[4][2]) for s in self.signals.all("AgentStateChanged", since) if s[4][0] == path]

    def states_of(self, path):
        """All states that the bus told of, the first one included."""
        added = [s[4][1][AGENT]["State"]["data"] for s in self.signals.all("InterfacesAdded")
                 if s[4][0] == path and AGENT in s[4][1]]
        return added[:1] + [new for _, new in self.changes_of(path)]

    # The end

    def close(self):
        for tmux in self.tmuxes:
            if tmux.pid and status_of(tmux.pid):
                self.kill(tmux.pid, signal.SIGCONT)
                self.kill(tmux.pid, signal.SIGKILL)
        for name in ("daemon", *(n for n in self.processes if n != "daemon")):
            process = self.processes.get(name)
            if not process:
                continue
            family = children_of(process.pid) if process.poll() is None else []
            if name == "daemon" and process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    pass
            for pid in [process.pid] * (process.poll() is None) + family:
                self.kill(pid, signal.SIGKILL)
            process.wait()
        self.kill_all_of_ours()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ours(self):
        """Processes that have the environment of this test, however far from it they are."""
        mark = f"XDG_RUNTIME_DIR={self.env['XDG_RUNTIME_DIR']}\0"
        return [int(p) for p in os.listdir("/proc") if p.isdigit() and mark in read(f"/proc/{p}/environ")
                and status_of(p)]

    def kill_all_of_ours(self):
        for _ in range(10):
            pids = self.ours()
            for pid in pids:
                self.kill(pid, signal.SIGKILL)
            if not pids:
                return

    @staticmethod
    def kill(pid, how):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass

    def faults(self):
        """What sanitizers and asserts wrote."""
        text = "".join(read(self.log_path(n)) for n in self.processes)
        return re.findall(r"^.*(?:AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed).*$", text, re.M)

    def show_logs(self):
        for name in self.processes:
            text = read(self.log_path(name))
            print(f"--- {name}\n{text[-6000:]}")
        if self.signals:
            print("--- signals")
            for when, path, _, member, data in self.signals.seen[-60:]:
                print(f"{when:.2f} {path} {member} {json.dumps(data, ensure_ascii=False)[:300]}")
        for tmux in self.tmuxes:
            if tmux.started and status_of(tmux.pid) and "T" not in status_of(tmux.pid).get("State", ""):
                try:
                    for pane in tmux.run("list-panes", "-a", "-F", "#{pane_id}").split()[:4]:
                        print(f"--- {tmux.path} {pane}\n{tmux.screen(pane).rstrip()[-3000:]}")
                except (Failure, subprocess.TimeoutExpired):
                    pass


def wait_for_turn():
    """Watchers see every tmux server of their user: without walls between them, tests go one by one."""
    lock = os.open(f"/tmp/tmux-orc-test-{os.getuid()}.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)  # until we end


def isolate():
    """Goes on in a PID namespace of its own where that is possible, else alone."""
    if os.environ.get("TMUX_ORC_TEST_ISOLATED"):
        return
    alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0 or not shutil.which("unshare") or subprocess.run(
            [*alone, "true"], capture_output=True, check=False).returncode != 0:
        wait_for_turn()
        return
    os.environ["TMUX_ORC_TEST_ISOLATED"] = "1"
    os.execvp(alone[0], [*alone, sys.executable, *sys.argv])


def check_needs():
    for program in ("tmux", "busctl", "dbus-daemon", "bash"):
        if not shutil.which(program):
            raise Skip(f"there is no {program}")
    for program in ("daemon/tmux-orchestratord", "daemon/watcher", "tools/demo-agent"):
        if not os.path.exists(os.path.join(build_folder(), program)):
            raise Skip(f"{program} is not built")


def run_one(test):
    name = test.__name__
    ring = Ring()
    try:
        test(ring)
        faults = ring.faults()
        need(not faults, f"the daemon or its watcher wrote: {faults[:3]}")
        print(f"ok - {name}")
        return 0
    except Skip as e:
        print(f"ok - {name} # SKIP {e}")
        return 77
    except BaseException as e:  # pylint: disable=broad-except
        print(f"not ok - {name}")
        if isinstance(e, Failure):
            where = traceback.extract_tb(e.__traceback__)
            print("\n".join(f"# {f.name}:{f.lineno}: {f.line}" for f in where[1:]))
            print(f"# {e}")
        else:
            traceback.print_exc(file=sys.stdout)
        ring.show_logs()
        return 1
    finally:
        sys.stdout.flush()
        ring.close()


def main(*tests):
    if len(sys.argv) > 1 and not os.environ.get("TMUX_ORC_BUILD"):
        os.environ["TMUX_ORC_BUILD"] = sys.argv[1]
    isolate()
    try:
        check_needs()
    except Skip as e:
        print(e)
        sys.exit(77)
    only = sys.argv[2:]
    results = [run_one(t) for t in tests if not only or t.__name__ in only]
    sys.exit(1 if 1 in results else 0 if 0 in results else 77)
