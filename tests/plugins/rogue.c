/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plugin with bad intentions: does what its input says. {"do": "crash"} and so on. */

#define TMUX_ORC_PLUGIN_API 1
#include "plugins/sdk/tmux-orc-plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Where the host talks with the service. */
#define SOCKET 3

#ifndef VERSION
#define VERSION "1.0.0"
#endif

typedef struct Act {
        const char *name;
        int (*run)(TmuxOrcCall *call);
} Act;

static int crash(TmuxOrcCall *call) {
        raise(SIGSEGV);
        return 0;
}

static int quit(TmuxOrcCall *call) {
        exit(7);
        return 0;
}

static int hang(TmuxOrcCall *call) {
        for (volatile int i = 0; i >= 0; i++)
                i = 0;
        return 0;
}

/* Says no word, but comes back when it is told to. */
static int wait_for_cancel(TmuxOrcCall *call) {
        while (!tmux_orc_is_cancelled(call))
                (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        return -ECANCELED;
}

static int sleep_a_little(TmuxOrcCall *call) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        return tmux_orc_answer(call, "{\"version\": \"" VERSION "\"}");
}

static int version(TmuxOrcCall *call) {
        return tmux_orc_answer(call, "{\"version\": \"" VERSION "\"}");
}

static int flood(TmuxOrcCall *call) {
        while (!tmux_orc_is_cancelled(call))
                tmux_orc_log(call, 6, "more");
        return 0;
}

static int shout(TmuxOrcCall *call) {
        static char block[65536];

        memset(block, 'x', sizeof(block));
        while (write(SOCKET, block, sizeof(block)) > 0)
                ;
        return -errno;
}

static void say(const char *line) {
        if (write(SOCKET, line, strlen(line)) < 0)
                abort();
}

static int babble(TmuxOrcCall *call) {
        say("this is no JSON\n");
        return wait_for_cancel(call);
}

static int lie(TmuxOrcCall *call) {
        while (!tmux_orc_is_cancelled(call))
                say("{\"jsonrpc\":\"2.0\",\"id\":4711,\"result\":{\"output\":{}}}\n");
        return 0;
}

/* The answer to a question that nobody asked, and none to the one that somebody did. */
static int answer_another(TmuxOrcCall *call) {
        say("{\"jsonrpc\":\"2.0\",\"id\":99999,\"result\":{\"output\":{}}}\n");
        for (;;)
                (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        return 0;
}

/* Deaf to whoever tells it to stop. */
static int sleep_for_ever(TmuxOrcCall *call) {
        for (;;)
                (void)nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
        return 0;
}

static int dig(TmuxOrcCall *call) {
        static char line[400002];

        memset(line, '[', 200000);
        memset(line + 200000, ']', 200000);
        line[400000] = '\n';
        say(line);
        return sleep_for_ever(call);
}

/* As many descriptors as the kernel lets through, with a message that is one. */
static int pass_descriptors(TmuxOrcCall *call) {
        static const char note[] = "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n";
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(16 * sizeof(int))];
        } control = {};
        struct iovec iov = {.iov_base = (char *)note, .iov_len = sizeof(note) - 1};
        struct msghdr m = {.msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control)};
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(16 * sizeof(int));
        for (int i = 0; i < 16; i++)
                memcpy(CMSG_DATA(c) + (size_t)i * sizeof(int), &(int){SOCKET}, sizeof(int));
        for (int i = 0; i < 40; i++)
                /* The kernel bounds what may be on its way at once. */
                if (sendmsg(SOCKET, &m, MSG_NOSIGNAL) < 0 && errno != ETOOMANYREFS)
                        return -errno;
        return tmux_orc_answer(call, "\"passed\"");
}

/* Now and then it does not come back. */
static int quit_sometimes(TmuxOrcCall *call) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_nsec / 1000 % 3 == 0)
                _exit(3);
        return tmux_orc_answer(call, "\"not this time\"");
}

static int eat(TmuxOrcCall *call) {
        for (size_t n = 0;; n += 1 << 20) {
                char *p = malloc(1 << 20);

                if (!p)
                        return tmux_orc_fail(call, -ENOMEM, "no more memory");
                memset(p, 1, 1 << 20);
                if (n > (size_t)1 << 30)
                        return tmux_orc_answer(call, "\"a gigabyte\"");
        }
}

/* A page of every answer stays behind. */
static int leak(TmuxOrcCall *call) {
        static char *last;
        char *p = malloc(4096);

        if (!p)
                return -ENOMEM;
        memset(p, 1, 4096);
        memcpy(p, &last, sizeof(last));
        last = p;
        return tmux_orc_answer(call, "{}");
}

static int nothing(TmuxOrcCall *call) {
        return 0;
}

static int wrong_output(TmuxOrcCall *call) {
        return tmux_orc_answer(call, "[1, 2, 3]");
}

static int bad_json(TmuxOrcCall *call) {
        return tmux_orc_answer(call, "{") == -EBADMSG ? tmux_orc_fail(call, -EIO, "refused") : 0;
}

static int refuse(TmuxOrcCall *call) {
        return tmux_orc_fail(call, -EINVAL, "I do not like it\nat all");
}

static long try_file(void) {
        return open("/etc/passwd", O_RDONLY);
}

static long try_home(void) {
        return open("/root/.bashrc", O_RDONLY);
}

static long try_shadow(void) {
        return open("/etc/shadow", O_RDONLY);
}

/* The code that runs, to be another one. */
static long try_own_code(void) {
        return mprotect((void *)((uintptr_t)&try_shadow & ~(uintptr_t)4095), 4096,
                        PROT_READ | PROT_WRITE | PROT_EXEC);
}

static long try_own_memory(void) {
        return open("/proc/self/mem", O_RDWR);
}

static long try_write(void) {
        return open("/tmp/rogue-was-here", O_WRONLY | O_CREAT, 0600);
}

static long try_memory_of_others(void) {
        return open("/proc/1/mem", O_RDWR);
}

static long try_socket(void) {
        return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_local_socket(void) {
        return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_socketpair(void) {
        int fds[2];

        return socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
}

static long try_fork(void) {
        return syscall(SYS_fork);
}

static long try_clone(void) {
        return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static long try_exec(void) {
        char *argv[] = {(char *)"/bin/true", NULL};

        return execve(argv[0], argv, NULL);
}

static long try_ptrace(void) {
        return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long try_kill(void) {
        return kill(getppid(), 0);
}

static long try_namespace(void) {
        return syscall(SYS_unshare, 0x10000000);
}

static long try_code(void) {
        return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                               0) == MAP_FAILED
                        ? -1
                        : 0;
}

static long try_code_later(void) {
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long try_limit(void) {
        struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};

        return setrlimit(RLIMIT_DATA, &l);
}

static long try_uring(void) {
        return syscall(SYS_io_uring_setup, 1, NULL);
}

static long try_privileges(void) {
        return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

/* What each attempt gave: 0 where it was let through. */
static int escape(TmuxOrcCall *call) {
        static const struct {
                const char *name;
                long (*attempt)(void);
        } attempts[] = {
                        {"file", try_file},
                        {"home", try_home},
                        {"shadow", try_shadow},
                        {"own-code", try_own_code},
                        {"own-memory", try_own_memory},
                        {"write", try_write},
                        {"memory", try_memory_of_others},
                        {"socket", try_socket},
                        {"local-socket", try_local_socket},
                        {"socketpair", try_socketpair},
                        {"fork", try_fork},
                        {"clone", try_clone},
                        {"exec", try_exec},
                        {"ptrace", try_ptrace},
                        {"kill", try_kill},
                        {"namespace", try_namespace},
                        {"code", try_code},
                        {"code-later", try_code_later},
                        {"limit", try_limit},
                        {"uring", try_uring},
                        {"privileges", try_privileges},
        };
        char json[2048] = "{";

        for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
                size_t n = strlen(json);
                long r = attempts[i].attempt();

                (void)snprintf(json + n, sizeof(json) - n, "%s\"%s\": %d", i > 0 ? ", " : "",
                                attempts[i].name, r < 0 ? errno : 0);
        }
        (void)strcat(json, "}");
        return tmux_orc_answer(call, json);
}

static const Act acts[] = {
                {"answer-another", answer_another},
                {"babble", babble},
                {"bad-json", bad_json},
                {"crash", crash},
                {"descriptors", pass_descriptors},
                {"dig", dig},
                {"eat", eat},
                {"escape", escape},
                {"flood", flood},
                {"hang", hang},
                {"leak", leak},
                {"lie", lie},
                {"nothing", nothing},
                {"quit", quit},
                {"quit-sometimes", quit_sometimes},
                {"refuse", refuse},
                {"shout", shout},
                {"sleep", sleep_a_little},
                {"sleep-for-ever", sleep_for_ever},
                {"version", version},
                {"wait", wait_for_cancel},
                {"wrong-output", wrong_output},
};

static int execute(TmuxOrcCall *call, void *state, const char *input) {
        for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
                char words[64];

                (void)snprintf(words, sizeof(words), "{\"do\":\"%s\"}", acts[i].name);
                if (strcmp(words, input) == 0)
                        return acts[i].run(call);
        }
        return tmux_orc_failf(call, -EINVAL, "I do not know how to do %.100s", input);
}

static int load(TmuxOrcCall *call, const char *settings, void **state) {
#ifdef DIES
        _exit(5);
#endif
        return 0;
}

static void unload(void *state) {
        say("{\"jsonrpc\":\"2.0\",\"method\":\"log\",\"params\":{\"level\":6,\"line\":\"good "
            "bye\"}}\n");
}

static int selftest(TmuxOrcCall *call, void *state) {
#ifdef BROKEN
        return tmux_orc_fail(call, -EIO, "I am broken");
#else
        return 0;
#endif
}

TMUX_ORC_PLUGIN(.name = "rogue", .version = VERSION, .threads = TMUX_ORC_PARALLEL, .load = load,
                .unload = unload, .selftest = selftest, .execute = execute);
