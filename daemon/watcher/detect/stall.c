/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/stall.h"

#include <assert.h>

static void begin_window(Stall *s, uint64_t cpu_usec, uint64_t now_usec) {
        s->running = true;
        s->window_usec = now_usec;
        s->cpu_usec = cpu_usec;
}

/* It fell: a process ended, and that is progress too. */
static bool cpu_moved(const Stall *s, uint64_t cpu_usec) {
        return cpu_usec < s->cpu_usec ||
                        cpu_usec - s->cpu_usec > STALL_WINDOW_USEC / STALL_CPU_SHARE;
}

void stall_feed(Stall *s, bool moved, uint64_t cpu_usec, uint64_t now_usec) {
        assert(s);

        if (!s->running || moved || cpu_moved(s, cpu_usec)) {
                s->quiet_windows = 0;
                begin_window(s, cpu_usec, now_usec);
                return;
        }
        if (now_usec - s->window_usec < STALL_WINDOW_USEC)
                return;

        /* However late the look is, it counts once: nobody looked in between. */
        s->quiet_windows++;
        begin_window(s, cpu_usec, now_usec);
}

void stall_reset(Stall *s) {
        *s = (Stall){};
}

bool stall_is_stalled(const Stall *s) {
        return s->quiet_windows >= STALL_WINDOWS;
}
