# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole machine under qemu, with Debian's kernel: cgroups, limits and all that a container cannot have.

It emulates (no KVM is asked for), has no network, and powers itself off when the tests are done.
"""

import os
import subprocess

from places import TESTS_OPTION, Skip, has_programs, run

BOOT_SECONDS = 1500
KERNEL = "linux-image-cloud-amd64"
PACKAGES = [KERNEL, "initramfs-tools", "zstd"]
# Of the drivers just those that find the disk; the kernel's other modules are of no use there.
DISK_MODULES = "virtio_pci\\nvirtio_blk\\next4\\ncrc32c_generic\\n"
BASE_OPTIONS = [
    "--essential-hook=mkdir -p $1/etc/initramfs-tools/conf.d $1/usr/share/initramfs-tools/modules.d",
    "--essential-hook=echo MODULES=list >$1/etc/initramfs-tools/conf.d/ring",
    f"--essential-hook=printf '{DISK_MODULES}' >$1/usr/share/initramfs-tools/modules.d/ring",
    "--customize-hook=rm -rf $1/lib/modules/*/kernel",
]
# What the tests print comes out by a port of its own; the kernel and systemd have the first.
OUTPUT = "TTYPath=/dev/ttyS1\nStandardOutput=tty\nStandardError=tty\n"
DISK_MIB = 2048
# Side by side, for a machine waits more than it works.
LANES = 2


# An emulated processor is slow: what watchers may use of it is more, so that they see as much.
EXTRA_FILES = {
    "etc/tmux-orchestrator/config.yaml.d/emulated.yaml": "monitoring:\n  cost_budget: 20\n",
    "etc/systemd/system/tmux-orchestrator-watcher@.service.d/emulated.conf": "[Service]\nCPUQuota=100%\n",
}
PATIENCE = 6


def check_needs():
    if os.uname().machine != "x86_64":
        raise Skip("the machine for qemu is an x86_64 one, and this is none")
    has_programs(("qemu-system-x86_64", "qemu-system-x86"), ("mke2fs", "e2fsprogs"))
    policy = subprocess.run(["apt-cache", "show", KERNEL], capture_output=True, check=False)
    if policy.returncode != 0:
        raise Skip(f"Debian's {KERNEL} is not to be had here")


def newest(folder, prefix):
    return max(os.path.join(folder, f) for f in os.listdir(folder) if f.startswith(prefix))


def prepare(root, folder):
    """Makes the disk that all machines begin with. Returns a function: see boot()."""
    disk = os.path.join(folder, "disk")
    run("mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1,lazy_journal_init=1", "-d", root, disk, f"{DISK_MIB}M")
    return lambda number, tests: boot(root, disk, os.path.join(folder, f"output{number}"), tests)


def boot(root, disk, output, tests):
    """Until it powers itself off. Returns what the tests printed and what the console did."""
    append = "root=/dev/vda rw console=ttyS0 panic=-1 systemd.show_status=false systemd.journald.forward_to_console=0 mitigations=off"
    append += f" {TESTS_OPTION}={','.join(tests)}"
    machine = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024", "-nodefaults",
               "-display", "none", "-no-reboot", "-nic", "none", "-serial", "stdio", "-serial", f"file:{output}",
               "-drive", f"file={disk},if=virtio,format=raw,cache=unsafe,snapshot=on",
               "-kernel", newest(os.path.join(root, "boot"), "vmlinuz-"),
               "-initrd", newest(os.path.join(root, "boot"), "initrd.img-"), "-append", append]
    try:
        done = subprocess.run(machine, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=BOOT_SECONDS, check=False, errors="replace")
        console = done.stdout
    except subprocess.TimeoutExpired as e:
        console = f"{(e.stdout or b'').decode(errors='replace')}\nnot off after {BOOT_SECONDS} s"
    with open(output, encoding="utf-8", errors="replace") as f:
        return f.read().replace("\r", ""), console
