# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole machine under qemu, with Debian's kernel: cgroups, limits and all that a container cannot have.

It emulates (no KVM is asked for), has no network, and powers itself off when the tests are done.
"""

import os
import subprocess
import time

from harness import read
from places import ALL, READY, Skip, has_programs, run

BOOT_SECONDS, TEST_SECONDS = 400, 1200
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
OUTPUT = "TTYPath=/dev/ttyS1\nStandardInput=tty\nStandardOutput=tty\nStandardError=tty\n"
APPEND = ("root=/dev/vda rw console=ttyS0 panic=-1 systemd.show_status=false systemd.journald.forward_to_console=0 mitigations=off "
          "norandmaps audit=0 cryptomgr.notests rcupdate.rcu_expedited=1")
# A port takes a byte or a few before it is put into the state that it was kept in.
LOST_IN_THE_PORT = 64 * " "
DISK_MIB = 2048
# Side by side, for a machine waits more than it works. Each has one processor: qemu's loses its way now and then with two.
LANES = 4

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


class Machines:
    """One is booted, and stopped where the tests begin; all that run tests go on from there, each with a disk of its own."""

    def __init__(self, root, folder):
        self.folder, self.disk, self.state = folder, os.path.join(folder, "disk"), os.path.join(folder, "state")
        kernel, initrd = (newest(os.path.join(root, "boot"), n) for n in ("vmlinuz-", "initrd.img-"))
        self.command = ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "Nehalem", "-smp", "1", "-m", "1024",
                        "-nodefaults", "-display", "none", "-no-reboot", "-nic", "none",
                        "-kernel", kernel, "-initrd", initrd, "-append", APPEND]

    def start(self, name, *options, snapshot="on", **streams):
        """The console goes to a file of that name."""
        console = os.path.join(self.folder, name)
        return console, subprocess.Popen(
            [*self.command, "-serial", f"file:{console}", *options,
             "-drive", f"file={self.disk},if=virtio,format=raw,cache=unsafe,snapshot={snapshot}"],
            text=True, errors="replace", stdin=subprocess.PIPE, stderr=subprocess.STDOUT, **streams)

    def boot(self):
        """Until the tests ask which of them to run, and keeps it as it is then."""
        output = os.path.join(self.folder, "ready")
        console, machine = self.start("console", "-serial", f"file:{output}", "-monitor", "stdio", snapshot="off",
                                      stdout=subprocess.DEVNULL)
        with machine:
            end = time.monotonic() + BOOT_SECONDS
            while machine.poll() is None and READY not in read(output):
                if time.monotonic() > end:
                    machine.kill()
                time.sleep(0.1)
            print(f"{read(output).strip()}, after {time.monotonic() - end + BOOT_SECONDS:.0f} s", flush=True)
            if machine.poll() is None:
                machine.communicate(f'migrate_set_parameter max-bandwidth 8G\nmigrate "exec:cat >{self.state}"\nquit\n')
        if not os.path.exists(self.state):
            raise RuntimeError(f"the machine does not boot: {read(output)} {read(console)[-6000:]}")

    def run(self, number, tests):
        """Until it powers itself off. Returns what the tests printed and what the console did."""
        console, machine = self.start(f"console{number}", "-serial", "stdio", "-incoming", f"exec:cat {self.state}",
                                      stdout=subprocess.PIPE)
        with machine:
            try:
                text, late = machine.communicate(LOST_IN_THE_PORT + (",".join(tests) or ALL) + "\n", timeout=TEST_SECONDS)[0], ""
            except subprocess.TimeoutExpired:
                machine.kill()
                text, late = machine.communicate()[0], f"\nnot off after {TEST_SECONDS} s"
        return text.replace("\r", ""), read(console) + late


def prepare(root, folder):
    """Returns a function that runs tests in a machine: see Machines.run()."""
    machines = Machines(root, folder)
    run("mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1,lazy_journal_init=1", "-d", root, machines.disk, f"{DISK_MIB}M")
    machines.boot()
    return machines.run
