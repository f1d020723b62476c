/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/proc-stat.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"

#define ANCESTORS_MAX 64U
#define IO_MAX 512U

/* Field numbers of proc(5), minus 3: what follows the name starts with field 3. */
enum {
        FIELD_STATE = 0,
        FIELD_PPID = 1,
        FIELD_PGRP = 2,
        FIELD_SESSION = 3,
        FIELD_TTY = 4,
        FIELD_TPGID = 5,
        FIELD_UTIME = 11,
        FIELD_STIME = 12,
        FIELD_START = 19,
        FIELD_EXIT_CODE = 49,
        _FIELD_MAX,
};

/* A number with an optional sign, ended by a blank or the end; moves *p behind it. */
static int take_number(const char **p, const char *end, int64_t *ret) {
        const char *q = *p;
        bool negative = q < end && *q == '-';
        uint64_t value = 0;

        if (negative)
                q++;
        if (q >= end || *q < '0' || *q > '9')
                return -EBADMSG;

        for (; q < end && *q >= '0' && *q <= '9'; q++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                                __builtin_add_overflow(value, (uint64_t)(*q - '0'), &value))
                        return -EBADMSG;
        if (q < end && *q != ' ' && *q != '\n')
                return -EBADMSG;

        /* Masks and limits use all 64 bits; nobody reads those fields, they only pass by. */
        *ret = negative ? -(int64_t)(value & INT64_MAX) : (int64_t)(value & INT64_MAX);
        *p = q < end ? q + 1 : q;
        return 0;
}

/* Older kernels print fewer fields: those at the end stay zero. */
static int parse_fields(const char *p, const char *end, int64_t fields[_FIELD_MAX]) {
        int r;

        for (size_t i = FIELD_PPID; i < _FIELD_MAX; i++) {
                if (p >= end && i > FIELD_START)
                        break;
                r = take_number(&p, end, &fields[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

int proc_stat_parse(const char *line, size_t n_line, ProcStat *ret) {
        const char *end = line + n_line, *open, *close, *p = line;
        int64_t fields[_FIELD_MAX] = {}, pid;
        ProcStat s = {};

        assert(line);
        assert(ret);

        open = memchr(line, '(', n_line);
        /* The last bracket: the name may hold others. */
        close = memrchr(line, ')', n_line);
        if (!open || !close || close < open || end - close < 4 || close[1] != ' ' ||
                        close[3] != ' ')
                return -EBADMSG;
        if (take_number(&p, open, &pid) < 0 || p != open || pid <= 0 || pid > INT32_MAX)
                return -EBADMSG;
        if (parse_fields(close + 4, end, fields) < 0)
                return -EBADMSG;

        s.pid = (pid_t)pid;
        memcpy(s.comm, open + 1, MIN((size_t)(close - open - 1), sizeof(s.comm) - 1));
        s.state = close[2];
        s.ppid = (pid_t)fields[FIELD_PPID];
        s.pgrp = (pid_t)fields[FIELD_PGRP];
        s.session = (pid_t)fields[FIELD_SESSION];
        s.tty = (dev_t)fields[FIELD_TTY];
        s.tpgid = (pid_t)fields[FIELD_TPGID];
        s.cpu_ticks = (uint64_t)fields[FIELD_UTIME] + (uint64_t)fields[FIELD_STIME];
        s.start_ticks = (uint64_t)fields[FIELD_START];
        s.exit_code = (int)fields[FIELD_EXIT_CODE];

        *ret = s;
        return 0;
}

int proc_stat_read_fd(int fd, ProcStat *ret) {
        char line[1024];
        ssize_t n;

        do
                n = pread(fd, line, sizeof(line), 0);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        if (n == 0)
                return -ESRCH;

        return proc_stat_parse(line, (size_t)n, ret);
}

int proc_stat_read(pid_t pid, ProcStat *ret) {
        _cleanup_close_ int fd = -1;
        char path[32];

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;

        return proc_stat_read_fd(fd, ret);
}

/* One of the numbers in a file, the first is 0; between them stand words and blanks. */
static int read_number(pid_t pid, const char *file, unsigned which, uint64_t *ret) {
        static const char digits[] = "0123456789";
        _cleanup_free_ char *text = NULL;
        const char *p;
        char path[32];
        size_t n;
        int r;

        (void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
        r = read_proc_file(AT_FDCWD, path, IO_MAX, &text, &n);
        if (r < 0)
                return r == -ENOENT ? -ESRCH : r;

        p = text + strcspn(text, digits);
        for (; which > 0; which--) {
                p += strspn(p, digits);
                p += strcspn(p, digits);
        }
        if (*p == '\0')
                return -EBADMSG;
        *ret = strtoull(p, NULL, 10);
        return 0;
}

int proc_read_bytes(pid_t pid, uint64_t *ret) {
        return read_number(pid, "io", 0, ret);
}

int proc_resident_bytes(pid_t pid, uint64_t *ret) {
        int r;

        r = read_number(pid, "statm", 1, ret);
        if (r >= 0)
                *ret *= (uint64_t)sysconf(_SC_PAGESIZE);
        return r;
}

int process_is_below(pid_t pid, pid_t root) {
        ProcStat stat;
        int r;

        for (unsigned step = 0; pid != root; step++) {
                if (pid <= 1 || step == ANCESTORS_MAX)
                        return 0;
                r = proc_stat_read(pid, &stat);
                if (r < 0)
                        return step == 0 ? r : 0;
                pid = stat.ppid;
        }
        return 1;
}
