# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the machine's GPUs do: those of AMD from /sys, those of NVIDIA from what nvidia-smi prints."""

import csv
import glob
import os
import subprocess
import time

import lines

DRM = "/sys/class/drm"
NVIDIA_SMI = "/usr/bin/nvidia-smi"
COLUMNS = ("index", "name", "utilization.gpu", "memory.used", "memory.total", "temperature.gpu", "power.draw")
GPUS_MAX, SECONDS, REPORT_SECONDS, MIB = 64, 4, 60, 1 << 20


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8", errors="replace") as f:
            return f.read(4096).strip()
    except OSError:
        return ""


def number(text, factor=1):
    """None for "[N/A]" and its like."""
    try:
        value = float(text) * factor
    except ValueError:
        return None
    return int(value) if value == int(value) else value


def known(gpu):
    return {key: value for key, value in gpu.items() if value is not None}


def amd(drm):
    for card in sorted(glob.glob(os.path.join(drm, "card[0-9]*"))):
        device = os.path.join(card, "device")
        busy = read(device, "gpu_busy_percent")
        if not busy:
            continue
        sensors = (glob.glob(os.path.join(device, "hwmon", "hwmon*")) or [""])[0]
        yield known({
            "vendor": "amd", "name": read(device, "product_name") or os.path.basename(card),
            "busy_percent": number(busy),
            "memory_used_bytes": number(read(device, "mem_info_vram_used")),
            "memory_total_bytes": number(read(device, "mem_info_vram_total")),
            "celsius": number(read(sensors, "temp1_input"), 0.001),
            "watts": number(read(sensors, "power1_average"), 0.000001),
        })


def ask(program):
    """What nvidia-smi prints."""
    try:
        done = subprocess.run([program, f"--query-gpu={','.join(COLUMNS)}", "--format=csv,noheader,nounits"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise lines.Failure(f"{program} cannot be asked: {e}") from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines() or ["nothing"]
        raise lines.Failure(f"{program} ended with {done.returncode} and said: {said[0][:200]}")
    return done.stdout


def nvidia(text):
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(row) != len(COLUMNS):
            raise lines.Failure(f"nvidia-smi printed {len(row)} columns, and not {len(COLUMNS)}")
        yield known({
            "vendor": "nvidia", "name": row[1], "busy_percent": number(row[2]),
            "memory_used_bytes": number(row[3], MIB), "memory_total_bytes": number(row[4], MIB),
            "celsius": number(row[5]), "watts": number(row[6]),
        })


def report(path):
    """What it printed into a file a short while ago."""
    try:
        age = time.time() - os.stat(path).st_mtime
        with open(path, encoding="utf-8", errors="replace") as f:
            text = f.read(65536)
    except OSError as e:
        raise lines.Failure(f"the report {path} cannot be read: {e.strerror}") from None
    if age > REPORT_SECONDS:
        raise lines.Failure(f"the report {path} is {age:.0f} s old: whatever writes it has stopped")
    return text


def execute(_, settings):
    drm, program = settings.get("drm") or DRM, settings.get("nvidia_smi") or NVIDIA_SMI
    printed = ""
    if settings.get("nvidia_report"):
        printed = report(settings["nvidia_report"])
    elif os.path.exists(program):
        printed = ask(program)
    gpus = [*amd(drm), *nvidia(printed)][:GPUS_MAX]
    if gpus:
        return {"gpus": gpus}
    return {"gpus": [], "why": f"no card in {drm} says how busy it is, and there is no {program}"}


lines.serve("gpu-monitor", "1.0.0", execute)
