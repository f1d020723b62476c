# SPDX-License-Identifier: LGPL-2.1-or-later
"""What containers use of the machine, from their control groups (version 2)."""

import os
import re

import lines

ROOT = "/sys/fs/cgroup"
DEPTH_MAX, CONTAINERS_MAX = 8, 1000
# How container managers name the groups of theirs: engine, identity.
NAMES = [(engine, re.compile(pattern)) for engine, pattern in (
    ("docker", r"docker-([0-9a-f]{12,64})\.scope"),
    ("podman", r"libpod-([0-9a-f]{12,64})(?:\.scope)?"),
    ("containerd", r"cri-containerd-([0-9a-f]{12,64})\.scope"),
    ("cri-o", r"crio-([0-9a-f]{12,64})(?:\.scope)?"),
    ("lxc", r"lxc\.payload\.(.+)"),
    ("machine", r"machine-(.+)\.scope"),
    ("machine", r"systemd-nspawn@(.+)\.service"),
)]


def identify(name):
    for engine, pattern in NAMES:
        match = pattern.fullmatch(name)
        if match:
            return engine, match[1]
    return None


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8", errors="replace") as f:
            return f.read(65536)
    except OSError:
        return ""


def number(text):
    """None for "max" and for what is not there."""
    return int(text) if text.strip().isdigit() else None


def fields(text):
    return dict(line.split(" ", 1) for line in text.splitlines() if " " in line)


def pressure(text):
    match = re.search(r"^some avg10=([0-9.]+)", text, re.M)
    return float(match[1]) if match else None


def measure(folder, engine, identity):
    use = {
        "engine": engine, "id": identity,
        "memory_bytes": number(read(folder, "memory.current")),
        "memory_max_bytes": number(read(folder, "memory.max")),
        "tasks": number(read(folder, "pids.current")),
        "cpu_usec": number(fields(read(folder, "cpu.stat")).get("usage_usec", "")),
        "oom_kills": number(fields(read(folder, "memory.events")).get("oom_kill", "")),
        "memory_pressure_percent": pressure(read(folder, "memory.pressure")),
    }
    return {key: value for key, value in use.items() if value is not None}


def find(folder, depth=0):
    try:
        entries = sorted(e.name for e in os.scandir(folder) if e.is_dir(follow_symlinks=False))
    except OSError:
        return
    for name in entries:
        path, known = os.path.join(folder, name), identify(name)
        if known:
            yield measure(path, *known)
        elif depth < DEPTH_MAX:
            yield from find(path, depth + 1)


def execute(wanted, settings):
    root = settings.get("root") or ROOT
    if not read(root, "cgroup.controllers"):
        raise lines.Failure(f"there are no control groups of version 2 at {root}")
    containers = []
    for container in find(root):
        if wanted.get("engine") in (None, container["engine"]) and len(containers) < CONTAINERS_MAX:
            containers.append(container)
    return {"containers": containers}


lines.serve("container-monitor", "1.0.0", execute)
