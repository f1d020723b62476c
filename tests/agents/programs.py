# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real agent programs for the tests: where they come from and how they are started.

They are installed by npm into a cache folder outside of the tree, pinned to the versions whose looks
the rules were written for, and run with an empty home, invented keys, and every base URL pointing at
the stand-in on 127.0.0.1. Other hosts are out of reach: the proxy that they are given refuses.
"""

import fcntl
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import harness  # noqa: E402
import standin  # noqa: E402

PACKAGES = {
    "codex": ("@openai/codex", "0.169.0"),
    "opencode": ("opencode-ai", "1.18.33"),
    "claude": ("@anthropic-ai/claude-code", "2.1.197"),
    "gemini": ("@google/gemini-cli", "0.61.0"),
    # For where what the machine has is older than a program wants.
    "node": (f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}", "22.12.0"),
    # No agent: see test_mcp_server.py.
    "mcp-server-everything": ("@modelcontextprotocol/server-everything", "2026.8.31"),
}


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("TMUX_ORC_TEST_CACHE") or os.path.join(home, "tmux-orchestrator-tests")


def install(name):
    """Returns the program; installs it if it is not there."""
    package, version = PACKAGES[name]
    folder = os.path.join(cache_folder(), f"{name}-{version}")
    program = os.path.join(folder, "node_modules", ".bin", name)
    os.makedirs(cache_folder(), exist_ok=True)
    with open(folder + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(program):
            npm_install(f"{package}@{version}", folder)
    if not os.path.exists(program):
        raise harness.Skip(f"{package} {version} holds no program {name} for this machine")
    return program


def node_is_too_old(name, program):
    """By what the program's package says that it wants."""
    with open(os.path.join(os.path.dirname(program), "..", PACKAGES[name][0], "package.json"), encoding="utf-8") as f:
        wanted = re.search(r">=\s*(\d+)", json.load(f).get("engines", {}).get("node", ""))
    found = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return wanted is not None and int(found.strip("v").split(".")[0]) < int(wanted[1])


def npm_install(what, folder):
    if not shutil.which("npm"):
        raise harness.Skip("there is no npm")
    unfinished = folder + ".new"
    shutil.rmtree(unfinished, ignore_errors=True)
    os.makedirs(unfinished)
    print(f"# installing {what}", flush=True)
    try:
        done = subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--fetch-retries=1",
                               "--fetch-timeout=60000", "--prefix", unfinished, what],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise harness.Skip(f"npm did not install {what} within 300 s") from None
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "error" in line] or ["no reason given"]
        raise harness.Skip(f"npm cannot install {what}: {errors[0]}")
    os.rename(unfinished, folder)


class Program:
    """An agent's program in a pane's shell, with a stand-in of its own."""

    def __init__(self, ring, name, settings):
        self.ring, self.name = ring, name
        self.program = install(name)
        # As a human has it who installed it: it is brought back by its name.
        ring.env["PATH"] = os.path.dirname(self.program) + ":" + ring.env["PATH"]
        if node_is_too_old(name, self.program):
            ring.env["PATH"] = os.path.dirname(install("node")) + ":" + ring.env["PATH"]
        self.standin = standin.Standin()
        self.project = os.path.join(ring.env["HOME"], "proj")
        subprocess.run(["git", "init", "-q", self.project], env=ring.env, check=True)
        refuse = "http://127.0.0.1:9"
        ring.env.update({n: refuse for n in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")})
        ring.env.update(NO_PROXY="127.0.0.1", no_proxy="127.0.0.1", DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
        settings(ring, self.standin.url, self.project)
        ring.start()
        self.tmux = ring.tmux()
        self.pane = self.tmux.pane()
        self.start()

    def start(self):
        self.tmux.type(self.pane, f"cd {self.project}; {self.program}")

    def press(self, *keys):
        self.tmux.run("send-keys", "-t", self.pane, *keys)

    def say(self, text, state="idle"):
        """Types, sees on the bus that a draft stands in the input box, and only then presses Enter:
        a line that comes faster than anybody types would be taken for a paste."""
        self.tmux.run("send-keys", "-t", self.pane, "-l", text)
        harness.wait_for(lambda: text in self.tmux.screen(self.pane), f"'{text}' in the input box")
        harness.wait_for(lambda: "unsubmitted" in self.agent().get("Attributes", []),
                         lambda: f"an unsubmitted draft in state {state}, seen {self.agent()}")
        harness.need(self.agent()["State"] == state, f"a draft makes it {self.agent()['State']}, not {state}")
        self.press("Enter")

    def agent(self):
        return self.ring.agent(self.tmux, self.pane) or {}

    def state(self, state, seconds=30, **properties):
        return self.ring.wait_for_state(self.tmux, self.pane, state, seconds, **properties)

    def fresh(self):
        """Nobody has asked it anything; it may still be painting what says so."""
        harness.wait_for(lambda: "fresh" in self.agent().get("Attributes", []), lambda: f"a fresh agent, seen {self.agent()}")
        return self.agent()

    def kill(self):
        """What the OOM killer does: the program of the pane's foreground, with no warning."""
        shell = int(self.tmux.run("display-message", "-p", "-t", self.pane, "#{pane_pid}"))
        family = harness.children_of(shell)
        for pid in family:
            family += harness.children_of(pid)
        for pid in family:
            self.ring.kill(pid, 9)


def codex(ring, url, _, provider=True):
    folder = os.path.join(ring.env["HOME"], ".codex")
    os.mkdir(folder)
    ring.env.update(CODEX_HOME=folder, STANDIN_KEY="invented")
    with open(os.path.join(folder, "config.toml"), "w", encoding="utf-8") as f:
        f.write('model = "gpt-5-codex"\ncheck_for_update_on_startup = false\n'
                'approval_policy = "on-request"\nsandbox_mode = "workspace-write"\n')
        if provider:
            f.write('model_provider = "standin"\n[model_providers.standin]\nname = "standin"\n'
                    f'base_url = "{url}/v1"\nwire_api = "responses"\nenv_key = "STANDIN_KEY"\n'
                    'request_max_retries = 0\nstream_max_retries = 0\n')
        f.write("[analytics]\nenabled = false\n")


def opencode(ring, url, _):
    folder = os.path.join(ring.env["XDG_CONFIG_HOME"], "opencode")
    os.makedirs(folder)
    ring.env.update(OPENCODE_DISABLE_AUTOUPDATE="1", OPENCODE_DISABLE_MODELS_FETCH="1",
                    OPENCODE_DISABLE_LSP_DOWNLOAD="1")
    # For plugins it wants a package; that there is none is to be told at once.
    with open(os.path.join(ring.env["HOME"], ".npmrc"), "w", encoding="utf-8") as f:
        f.write(f"registry={url}/\nfetch-retries=0\n")
    with open(os.path.join(folder, "opencode.json"), "w", encoding="utf-8") as f:
        # Without its schema it adds that itself.
        json.dump({"$schema": "https://opencode.ai/config.json", "provider": {"standin": {
            "npm": "@ai-sdk/openai-compatible", "name": "Standin",
            "options": {"baseURL": url + "/v1", "apiKey": "invented"}, "models": {"model": {"name": "Model"}}}},
            "model": "standin/model", "small_model": "standin/model",
            "permission": {"bash": "ask", "edit": "ask"}, "autoupdate": False, "share": "disabled"}, f)


def claude(ring, url, project):
    ring.env.update(ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="invented-key-that-opens-nothing",
                    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", DISABLE_AUTOUPDATER="1",
                    CLAUDE_CODE_MAX_RETRIES="0", IS_SANDBOX="1")
    with open(os.path.join(ring.env["HOME"], ".claude.json"), "w", encoding="utf-8") as f:
        json.dump({"hasCompletedOnboarding": True, "theme": "dark", "bypassPermissionsModeAccepted": False,
                   "customApiKeyResponses": {"approved": ["y-that-opens-nothing"], "rejected": []}}, f)


def claude_of_a_subscriber(ring, url, project):
    """Only those are told when their limit ends."""
    claude(ring, url, project)
    del ring.env["ANTHROPIC_API_KEY"]
    ring.env.update(CLAUDE_CODE_OAUTH_TOKEN="invented-token-that-opens-nothing")


def gemini(ring, url, project):
    folder = os.path.join(ring.env["HOME"], ".gemini")
    os.mkdir(folder)
    ring.env.update(GEMINI_API_KEY="invented", GOOGLE_GEMINI_BASE_URL=url, GEMINI_TELEMETRY_ENABLED="false")
    with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as f:
        json.dump({"security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": True}},
                   "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
                   "privacy": {"usageStatisticsEnabled": False}, "ui": {"hideBanner": True}}, f)


# What may come between two states of a story. An answer of this stand-in may come faster than two looks
# follow each other: then a turn was never seen working. And a program may rest between two of its steps,
# or before it shows an error or its first dialog, for longer than a state needs to be believed. And it may
# take longer to start than a start is believed.
TURN = "a turn, seen or not"
REST = "a rest, seen or not"
PATTERNS = {"starting": "starting (?:unknown )?", "working": "working (?:idle working )*", TURN: "(?:working (?:idle working )*(?:idle )?)?", REST: "(?:idle )?"}


def need_story(ring, path, story):
    """The states that the bus told of are those of the story: all of them, in this order, and no others."""
    told = ring.states_of(path)
    pattern = "".join(PATTERNS.get(state, state + " ") for state in story)
    harness.need(re.fullmatch(pattern, "".join(state + " " for state in told)), f"the story is {story}, told was {told}")


def say_once_it_listens(p, text):
    """Gemini CLI begins anew once its folder is trusted, and forgets what was typed until then."""
    for _ in range(3):
        p.say(text)
        end = time.monotonic() + 10 * harness.PATIENCE
        while time.monotonic() < end:
            if text in "".join(p.standin.asked) or p.agent().get("State") == "working":
                return
            time.sleep(0.1)
    raise harness.Failure(f"'{text}' was never asked")


def see_every_state(ring, name, program, trust=True, yes="1"):
    """A program that may ask for trust first, and asks for permission to use a tool; @yes gives it."""
    p = Program(ring, name, program)
    if trust:
        p.state("waiting", seconds=60, Type=name, Attention="trust")
        p.press("Enter")
    p.state("idle", seconds=60, Type=name)
    agent = p.fresh()

    say_once_it_listens(p, "slow please")
    p.state("working")
    p.standin.release()
    p.state("idle")

    p.say("use the tool")
    p.state("waiting", Attention="permission")
    p.press(yes)
    p.state("idle")

    p.say("now fail")
    p.state("error")

    p.say("now the limit", "error")
    p.state("rate_limited")

    p.kill()
    p.state("crashed")
    need_story(ring, agent["path"], (
        "starting", *((REST, "waiting") if trust else ()), "idle", "working", "idle", TURN, "waiting", TURN, "idle",
        TURN, "error", TURN, "rate_limited", "crashed"))
