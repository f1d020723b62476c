/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "plugins/host/walls.h"
#include "plugins/host/witness.h"

static inline void seccomp_releasep(scmp_filter_ctx *f) {
        if (*f)
                seccomp_release(*f);
}

/* What code needs that computes, waits, and talks over descriptors it has. */
static const int running_calls[] = {
                SCMP_SYS(brk),
                SCMP_SYS(clock_getres),
                SCMP_SYS(clock_gettime),
                SCMP_SYS(clock_nanosleep),
                SCMP_SYS(close),
                SCMP_SYS(dup),
                SCMP_SYS(epoll_create1),
                SCMP_SYS(epoll_ctl),
                SCMP_SYS(epoll_pwait),
                SCMP_SYS(epoll_wait),
                SCMP_SYS(eventfd2),
                SCMP_SYS(exit),
                SCMP_SYS(exit_group),
                SCMP_SYS(fcntl),
                SCMP_SYS(fstat),
                SCMP_SYS(futex),
                SCMP_SYS(getpid),
                SCMP_SYS(getrandom),
                SCMP_SYS(getrusage),
                SCMP_SYS(gettid),
                SCMP_SYS(gettimeofday),
                SCMP_SYS(getuid),
                SCMP_SYS(geteuid),
                SCMP_SYS(getgid),
                SCMP_SYS(getegid),
                SCMP_SYS(lseek),
                SCMP_SYS(madvise),
                SCMP_SYS(membarrier),
                SCMP_SYS(mremap),
                SCMP_SYS(munmap),
                SCMP_SYS(nanosleep),
                SCMP_SYS(pipe2),
                SCMP_SYS(poll),
                SCMP_SYS(ppoll),
                SCMP_SYS(pread64),
                SCMP_SYS(read),
                SCMP_SYS(readv),
                SCMP_SYS(recvfrom),
                SCMP_SYS(recvmsg),
                SCMP_SYS(restart_syscall),
                SCMP_SYS(rseq),
                SCMP_SYS(rt_sigaction),
                SCMP_SYS(rt_sigprocmask),
                SCMP_SYS(rt_sigreturn),
                SCMP_SYS(sched_getaffinity),
                SCMP_SYS(sched_yield),
                SCMP_SYS(sendmsg),
                SCMP_SYS(sendto),
                SCMP_SYS(set_robust_list),
                SCMP_SYS(sigaltstack),
                SCMP_SYS(sysinfo),
                SCMP_SYS(tgkill),
                SCMP_SYS(time),
                SCMP_SYS(timerfd_create),
                SCMP_SYS(timerfd_settime),
                SCMP_SYS(uname),
                SCMP_SYS(write),
                SCMP_SYS(writev),
};

/* Looking at files. Which ones, Landlock says. */
static const int reading_calls[] = {
                SCMP_SYS(access),
                SCMP_SYS(faccessat),
                SCMP_SYS(faccessat2),
                SCMP_SYS(fadvise64),
                SCMP_SYS(getcwd),
                SCMP_SYS(getdents64),
                SCMP_SYS(lstat),
                SCMP_SYS(newfstatat),
                SCMP_SYS(readlink),
                SCMP_SYS(readlinkat),
                SCMP_SYS(stat),
                SCMP_SYS(statx),
                SCMP_SYS(fstatfs),
                SCMP_SYS(statfs),
};

static const int network_calls[] = {
                SCMP_SYS(bind),
                SCMP_SYS(connect),
                SCMP_SYS(getpeername),
                SCMP_SYS(getsockname),
                SCMP_SYS(getsockopt),
                SCMP_SYS(recvmmsg),
                SCMP_SYS(select),
                SCMP_SYS(pselect6),
                SCMP_SYS(sendmmsg),
                SCMP_SYS(setsockopt),
                SCMP_SYS(shutdown),
};

/* What only the loading of code needs. */
static const int loading_calls[] = {
                SCMP_SYS(arch_prctl),
                SCMP_SYS(get_robust_list),
                SCMP_SYS(prctl),
                SCMP_SYS(seccomp),
                SCMP_SYS(set_tid_address),
};

/* What no program has a reason to do that gives answers to a monitor. */
static const int refused_calls[] = {
                SCMP_SYS(acct),
                SCMP_SYS(add_key),
                SCMP_SYS(adjtimex),
                SCMP_SYS(bpf),
                SCMP_SYS(chroot),
                SCMP_SYS(clock_adjtime),
                SCMP_SYS(clock_settime),
                SCMP_SYS(delete_module),
                SCMP_SYS(fanotify_init),
                SCMP_SYS(finit_module),
                SCMP_SYS(fsconfig),
                SCMP_SYS(fsmount),
                SCMP_SYS(fsopen),
                SCMP_SYS(fspick),
                SCMP_SYS(init_module),
                SCMP_SYS(io_uring_enter),
                SCMP_SYS(io_uring_register),
                SCMP_SYS(io_uring_setup),
                SCMP_SYS(ioperm),
                SCMP_SYS(iopl),
                SCMP_SYS(kcmp),
                SCMP_SYS(kexec_file_load),
                SCMP_SYS(kexec_load),
                SCMP_SYS(keyctl),
                SCMP_SYS(lookup_dcookie),
                SCMP_SYS(mbind),
                SCMP_SYS(migrate_pages),
                SCMP_SYS(mount),
                SCMP_SYS(mount_setattr),
                SCMP_SYS(move_mount),
                SCMP_SYS(move_pages),
                SCMP_SYS(name_to_handle_at),
                SCMP_SYS(nfsservctl),
                SCMP_SYS(open_by_handle_at),
                SCMP_SYS(open_tree),
                SCMP_SYS(perf_event_open),
                SCMP_SYS(personality),
                SCMP_SYS(pidfd_getfd),
                SCMP_SYS(pivot_root),
                SCMP_SYS(process_madvise),
                SCMP_SYS(process_vm_readv),
                SCMP_SYS(process_vm_writev),
                SCMP_SYS(ptrace),
                SCMP_SYS(quotactl),
                SCMP_SYS(reboot),
                SCMP_SYS(request_key),
                SCMP_SYS(setdomainname),
                SCMP_SYS(sethostname),
                SCMP_SYS(setns),
                SCMP_SYS(settimeofday),
                SCMP_SYS(swapoff),
                SCMP_SYS(swapon),
                SCMP_SYS(syslog),
                SCMP_SYS(umount2),
                SCMP_SYS(unshare),
                SCMP_SYS(userfaultfd),
                SCMP_SYS(vhangup),
                SCMP_SYS(vmsplice),
};

/* Calls that this architecture does not have are passed over. */
static int add_calls(scmp_filter_ctx f, uint32_t action, const int *calls, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = calls[i] < 0 ? 0 : seccomp_rule_add(f, action, calls[i], 0);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int allow(scmp_filter_ctx f, int call, struct scmp_arg_cmp condition) {
        return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1, condition);
}

/* Memory, but none that can be run; a look at one's own limits, but no change. */
static int allow_memory(scmp_filter_ctx f) {
        static const struct scmp_arg_cmp no_code = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
        int r;

        r = allow(f, SCMP_SYS(mmap), no_code);
        if (r >= 0)
                r = allow(f, SCMP_SYS(mprotect), no_code);
        if (r >= 0)
                r = allow(f, SCMP_SYS(prlimit64), SCMP_A2_64(SCMP_CMP_EQ, 0));
        return r;
}

static int allow_reading(scmp_filter_ctx f) {
        int r;

        r = add_calls(f, SCMP_ACT_ALLOW, reading_calls, ELEMENTSOF(reading_calls));
        if (r >= 0)
                r = allow(f, SCMP_SYS(openat), SCMP_A2_64(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDONLY));
        if (r >= 0)
                r = allow(f, SCMP_SYS(open), SCMP_A1_64(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDONLY));
        return r;
}

static int allow_network(scmp_filter_ctx f) {
        static const int families[] = {AF_INET, AF_INET6, AF_NETLINK};
        int r;

        r = add_calls(f, SCMP_ACT_ALLOW, network_calls, ELEMENTSOF(network_calls));
        for (size_t i = 0; i < ELEMENTSOF(families) && r >= 0; i++)
                r = allow(f, SCMP_SYS(socket), SCMP_A0_64(SCMP_CMP_EQ, (uint64_t)families[i]));
        return r;
}

static int make(uint32_t otherwise, scmp_filter_ctx *ret) {
        *ret = seccomp_init(otherwise);
        if (!*ret)
                return -ENOMEM;

        /* All threads, and as a tree: each call is found in few steps. */
        (void)seccomp_attr_set(*ret, SCMP_FLTATR_CTL_TSYNC, 1);
        (void)seccomp_attr_set(*ret, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        return 0;
}

static int make_running(const Setup *s, uint32_t otherwise, scmp_filter_ctx *ret) {
        _cleanup_(seccomp_releasep) scmp_filter_ctx f = NULL;
        int r;

        r = make(otherwise, &f);
        if (r >= 0)
                r = add_calls(f, SCMP_ACT_ALLOW, running_calls, ELEMENTSOF(running_calls));
        if (r >= 0)
                r = allow_memory(f);
        if (r >= 0 && s->may_use_network)
                r = allow_reading(f);
        if (r >= 0 && s->may_use_network)
                r = allow_network(f);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

/*
 * A witness is asked about what is refused where there is one, and the kernel can: some are too
 * old, and some processes have a listener already. Else it is refused all the same.
 */
static int load_heard(const Setup *s, bool is_heard,
                int (*make_filter)(const Setup *s, uint32_t refuse, scmp_filter_ctx *ret),
                int *ret_listener) {
        _cleanup_(seccomp_releasep) scmp_filter_ctx heard = NULL, f = NULL;
        int r;

        *ret_listener = -1;
        if (is_heard && make_filter(s, SCMP_ACT_NOTIFY, &heard) >= 0 && seccomp_load(heard) >= 0) {
                *ret_listener = seccomp_notify_fd(heard);
                return 0;
        }
        r = make_filter(s, SCMP_ACT_ERRNO(EPERM), &f);
        return r < 0 ? r : seccomp_load(f);
}

int walls_filter_running(const Setup *s, int witness) {
        int listener;
        int r = load_heard(s, witness >= 0, make_running, &listener);

        witness_send(witness, listener);
        return r;
}

/*
 * Code that is loaded comes from files, or from our own descriptor. Of two filters the kernel takes
 * the sterner word, so this one must not say EPERM where the later one is to have a witness asked:
 * what would be left to a tracer is not done where there is none.
 */
int walls_filter_loading(Walls *w, const Setup *s, bool is_heard) {
        _cleanup_(seccomp_releasep) scmp_filter_ctx f = NULL;
        int r;

        r = make_running(s, is_heard ? SCMP_ACT_TRACE(0) : SCMP_ACT_ERRNO(EPERM), &f);
        if (r >= 0)
                r = add_calls(f, SCMP_ACT_ALLOW, loading_calls, ELEMENTSOF(loading_calls));
        if (r >= 0 && !s->may_use_network)
                r = allow_reading(f);
        if (r >= 0)
                r = allow(f, SCMP_SYS(mmap),
                                SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC));
        if (r >= 0)
                r = allow(f, SCMP_SYS(mprotect),
                                SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC));
        if (r >= 0)
                r = seccomp_load(f);
        if (r < 0)
                return r;

        w->filter = true;
        return 0;
}

/*
 * A socket of the local kind could reach whatever listens at a path, tmux itself among them, and
 * Landlock does not look at that. Pairs of connected streams can reach nobody.
 */
static int refuse_sockets(scmp_filter_ctx f, const Setup *s, uint32_t refuse) {
        int r;

        r = seccomp_rule_add(f, refuse, SCMP_SYS(socketpair), 1,
                        SCMP_A1_64(SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM));
        if (r >= 0)
                r = seccomp_rule_add(f, refuse, SCMP_SYS(socketpair), 1,
                                SCMP_A1_64(SCMP_CMP_MASKED_EQ, 0xf, SOCK_SEQPACKET));
        if (r < 0 || !s->may_use_network)
                return r < 0 ? r : seccomp_rule_add(f, refuse, SCMP_SYS(socket), 0);

        for (unsigned family = 0; family <= AF_NETLINK && r >= 0; family++)
                if (family != AF_INET && family != AF_INET6 && family != AF_NETLINK)
                        r = seccomp_rule_add(f, refuse, SCMP_SYS(socket), 1,
                                        SCMP_A0_64(SCMP_CMP_EQ, family));
        if (r >= 0)
                r = seccomp_rule_add(f, refuse, SCMP_SYS(socket), 1,
                                SCMP_A0_64(SCMP_CMP_GT, AF_NETLINK));
        return r;
}

/* A program brings its own run time: it may do what programs do, but for what is named. */
static int make_program(const Setup *s, uint32_t refuse, scmp_filter_ctx *ret) {
        _cleanup_(seccomp_releasep) scmp_filter_ctx f = NULL;
        int r;

        r = make(SCMP_ACT_ALLOW, &f);
        if (r >= 0)
                r = add_calls(f, refuse, refused_calls, ELEMENTSOF(refused_calls));
        if (r >= 0)
                r = seccomp_rule_add(f, refuse, SCMP_SYS(clone), 1,
                                SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
        /* Its flags lie in memory, where a filter cannot look; the C library then uses clone. */
        if (r >= 0)
                r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        if (r >= 0)
                r = refuse_sockets(f, s, refuse);
        /* Which files it may open, Landlock says; the witness foresees it. */
        if (r >= 0 && refuse == SCMP_ACT_NOTIFY)
                r = seccomp_rule_add(f, refuse, SCMP_SYS(openat), 0);
        if (r >= 0 && refuse == SCMP_ACT_NOTIFY && SCMP_SYS(open) >= 0)
                r = seccomp_rule_add(f, refuse, SCMP_SYS(open), 0);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

int walls_filter_program(Walls *w, const Setup *s, int witness) {
        int listener;
        int r = load_heard(s, witness >= 0, make_program, &listener);

        witness_send(witness, listener);
        if (r < 0)
                return r;
        w->filter = true;
        return 0;
}
