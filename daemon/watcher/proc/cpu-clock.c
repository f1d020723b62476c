/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/cpu-clock.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>

#include "daemon/base/clock.h"

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_USEC 1000ULL

static uint64_t nsec_of(const struct timespec *ts) {
        return (uint64_t)ts->tv_sec * NSEC_PER_SEC + (uint64_t)ts->tv_nsec;
}

int cpu_clock_of(pid_t pid, uint64_t *ret) {
        struct timespec ts;
        clockid_t clock;
        int r;

        r = clock_getcpuclockid(pid, &clock);
        if (r != 0)
                return -r;
        if (clock_gettime(clock, &ts) < 0)
                return -ESRCH; /* it ended in between */
        *ret = nsec_of(&ts);
        return 0;
}

static uint64_t nsec_of_timeval(const struct timeval *tv) {
        return (uint64_t)tv->tv_sec * NSEC_PER_SEC + (uint64_t)tv->tv_usec * NSEC_PER_USEC;
}

uint64_t cpu_clock_own(void) {
        struct rusage children = {};
        struct timespec ts = {};

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
        (void)getrusage(RUSAGE_CHILDREN, &children);
        return nsec_of(&ts) + nsec_of_timeval(&children.ru_utime) +
                        nsec_of_timeval(&children.ru_stime);
}
