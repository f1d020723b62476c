/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/stillness.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/text.h"

#define READS_FIELD "syscr: "
#define IO_MAX 512U

struct Stillness {
        clockid_t clock;
        int io;
        uint64_t asked_reads;
        uint64_t settled_nsec;
        bool asked;
        bool settled;
};

/* How often it called read() and its like. */
static int read_reads(int fd, uint64_t *ret) {
        char text[IO_MAX], *field;
        ssize_t n;

        n = pread(fd, text, sizeof(text) - 1, 0);
        if (n < 0)
                return -errno;
        text[n] = '\0';
        field = strstr(text, READS_FIELD);
        if (!field)
                return -ENODATA;
        field += strlen(READS_FIELD);
        field[strcspn(field, "\n")] = '\0';
        return parse_u64(field, 0, UINT64_MAX, ret);
}

static int read_clock(clockid_t clock, uint64_t *ret) {
        struct timespec ts;

        if (clock_gettime(clock, &ts) < 0)
                return -errno;
        *ret = (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
        return 0;
}

int stillness_new(pid_t pid, Stillness **ret) {
        _cleanup_(stillness_freep) Stillness *s = NULL;
        uint64_t unused;
        char path[32];
        int r;

        assert(pid > 0);
        assert(ret);

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        (void)snprintf(path, sizeof(path), "/proc/%d/io", pid);
        s->io = open(path, O_RDONLY | O_CLOEXEC);
        if (s->io < 0)
                return -errno;
        r = clock_getcpuclockid(pid, &s->clock);
        if (r != 0)
                return -r;

        r = read_reads(s->io, &unused);
        if (r < 0)
                return r;
        r = read_clock(s->clock, &unused);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Stillness *stillness_free(Stillness *stillness) {
        if (!stillness)
                return NULL;

        close_fd(stillness->io);
        free(stillness);
        return NULL;
}

void stillness_ask(Stillness *stillness) {
        stillness->settled = false;
        stillness->settled_nsec = UINT64_MAX;
        stillness->asked = read_reads(stillness->io, &stillness->asked_reads) >= 0;
}

bool stillness_settle(Stillness *stillness) {
        uint64_t before = stillness->settled_nsec;

        stillness->settled = read_clock(stillness->clock, &stillness->settled_nsec) >= 0 &&
                        stillness->settled_nsec == before;
        return stillness->settled;
}

bool stillness_holds(const Stillness *stillness) {
        uint64_t reads = 0, nsec = 0;

        return stillness->asked && stillness->settled && read_clock(stillness->clock, &nsec) >= 0 &&
                        nsec == stillness->settled_nsec && read_reads(stillness->io, &reads) >= 0 &&
                        reads == stillness->asked_reads;
}
