# SPDX-License-Identifier: LGPL-2.1-or-later
"""escape.py: tries to leave the sandbox that it runs in, by every way it knows, and prints one line for each:
"refused WAY" or "OPEN WAY". Runs as a step of a unit (see test_50_walls.py) and inside a plugin."""

import ctypes
import errno
import os
import signal
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_void_p]

HOST = "tmux-orc-test"
CLONE = {"mount": 0x20000, "user": 0x10000000, "pid": 0x20000000, "network": 0x40000000}
PTRACE_ATTACH, KEYCTL, PERF, BPF, MEMORY = 16, 250, 298, 321, 4096
READ, WRITE, EXECUTE, PRIVATE_ANONYMOUS = 1, 2, 4, 0x22


def checked(value):
    """Of a C function: -1 and errno become an OSError."""
    if value in (-1, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value


def write(path):
    with open(path, "w", encoding="utf-8") as f:
        f.write("x")


def read(path):
    with open(path, "rb") as f:
        if not f.read(1):
            raise OSError(errno.ENODATA, "nothing is there")


def list_folder(path):
    if not os.listdir(path):
        raise OSError(errno.ENOENT, "nothing is there")


def see_others():
    """Processes that are not of this user."""
    if not [p for p in os.listdir("/proc") if p.isdigit() and os.stat(f"/proc/{p}").st_uid != os.getuid()]:
        raise OSError(errno.ENOENT, "nobody is there")


def connect_out():
    with socket.socket(socket.AF_INET) as s:
        s.settimeout(2)
        s.connect(("127.0.0.1", 22222))


def run_written_memory():
    checked(libc.mmap(None, MEMORY, READ | WRITE | EXECUTE, PRIVATE_ANONYMOUS, -1, 0))


def run_memory_later():
    checked(libc.mprotect(checked(libc.mmap(None, MEMORY, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0)), MEMORY, READ | EXECUTE))


def become_root():
    os.setuid(0)


def keep_root_for_later():
    """A file that gives its rights to whoever runs it."""
    fd = os.memfd_create("s")
    os.fchmod(fd, 0o4755)


def use_other_calls():
    """Those of another architecture; whoever tries may be ended for it."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if libc.syscall(0x40000000 + 39) >= 0 else 1)
    if os.waitpid(pid, 0)[1] != 0:
        raise OSError(errno.EPERM, "refused")


WAYS = {
    "write to /etc": lambda: write("/etc/escape"),
    "write to /usr": lambda: write("/usr/escape"),
    "write to /var": lambda: write("/var/lib/escape"),
    "write to /run": lambda: write("/run/escape"),
    "read shadow passwords": lambda: read("/etc/shadow"),
    "read the folder of root": lambda: list_folder("/root"),
    "write a setting of the kernel": lambda: write("/proc/sys/kernel/core_pattern"),
    "write to control groups": lambda: os.mkdir("/sys/fs/cgroup/escape"),
    "read the kernel's log": lambda: read("/dev/kmsg"),
    "read memory": lambda: read("/dev/mem"),
    "read the disk": lambda: read("/dev/vda"),
    "open an internet socket": connect_out,
    "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3),
    "see processes of others": see_others,
    "read another's environment": lambda: read("/proc/1/environ"),
    "trace another process": lambda: checked(libc.ptrace(PTRACE_ATTACH, 1, 0, 0)),
    "trace a process of its own user": lambda: checked(libc.ptrace(PTRACE_ATTACH, os.getppid(), 0, 0)),
    "signal process 1": lambda: os.kill(1, signal.SIGCONT),
    **{f"have a new {name} namespace": lambda flag=flag: checked(libc.unshare(flag)) for name, flag in CLONE.items()},
    "mount": lambda: checked(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None)),
    "run memory that it wrote": run_written_memory,
    "write memory and run it later": run_memory_later,
    "become root": become_root,
    "make a file that gives rights away": keep_root_for_later,
    "have real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "load a program into the kernel": lambda: checked(libc.syscall(BPF, 0, 0, 0)),
    "watch the kernel's events": lambda: checked(libc.syscall(PERF, 0, 0, -1, -1, 0)),
    "change the clock": lambda: checked(libc.settimeofday(ctypes.byref((ctypes.c_long * 2)(1, 0)), None)),
    "change the name of the machine": lambda: socket.sethostname("escape"),
    "use another architecture's calls": use_other_calls,
}


def attempt(way):
    try:
        WAYS[way]()
    except (OSError, ValueError):
        return False
    return True


def attempts():
    # Some of it would hurt.
    if socket.gethostname() != HOST:
        raise SystemExit("only in the machine that the ring boots")
    return {way: attempt(way) for way in WAYS}


if __name__ == "__main__":
    for known, is_open in attempts().items():
        print(f"{'OPEN' if is_open else 'refused'} {known}")
    sys.stdout.flush()
