/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/throttle.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/base/read-file.h"

#define SAVED_USEC (10 * USEC_PER_SEC)
#define LOOK_MIN_MSEC 100
#define LOOK_MAX_MSEC 2000
/* So many threads may spend at one time. */
#define SPENDERS 4

/* Of those that it started, what it has waited for counts as its own. */
static uint64_t used_by_children(pid_t pid) {
        _cleanup_free_ char *text = NULL;
        unsigned long long user, system;
        char path[32];
        const char *end;
        size_t n;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        if (read_proc_file(AT_FDCWD, path, 4096, &text, &n) < 0)
                return 0;
        end = strrchr(text, ')');
        if (!end ||
                        sscanf(end + 1,
                                        " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %llu "
                                        "%llu",
                                        &user, &system) != 2)
                return 0;
        return (user + system) * (USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK));
}

static uint64_t used_by(pid_t pid) {
        clockid_t clock;

        return clock_getcpuclockid(pid, &clock) == 0 ? clock_usec(clock) + used_by_children(pid)
                                                     : 0;
}

void throttle_init(Throttle *t, pid_t pid, uint64_t percent) {
        *t = (Throttle){.pid = pid,
                        .percent = percent,
                        .looked_usec = now_monotonic(),
                        .used_usec = used_by(pid),
                        .credit_usec = (int64_t)(SAVED_USEC * percent / 100)};
}

static void take_account(Throttle *t) {
        uint64_t now = now_monotonic(), used = used_by(t->pid);
        int64_t earned = (int64_t)((now - t->looked_usec) * t->percent / 100);
        int64_t spent = used > t->used_usec ? (int64_t)(used - t->used_usec) : 0;

        t->credit_usec = MIN(
                        t->credit_usec + earned - spent, (int64_t)(SAVED_USEC * t->percent / 100));
        t->looked_usec = now;
        t->used_usec = used;
}

int throttle_look(Throttle *t, bool *ret_stopped) {
        int left_msec;

        *ret_stopped = false;
        if (t->percent == 0 || t->pid <= 1)
                return -1;

        take_account(t);
        left_msec = (int)(t->credit_usec / SPENDERS / (int64_t)USEC_PER_MSEC);
        if (!t->is_stopped && t->credit_usec < 0) {
                (void)kill(t->pid, SIGSTOP);
                t->is_stopped = *ret_stopped = true;
        } else if (t->is_stopped && t->credit_usec >= 0) {
                (void)kill(t->pid, SIGCONT);
                t->is_stopped = false;
        }
        if (left_msec < LOOK_MIN_MSEC)
                return LOOK_MIN_MSEC;
        return MIN(left_msec, LOOK_MAX_MSEC);
}
