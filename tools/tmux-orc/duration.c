/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/duration.h"

#include <stdio.h>
#include <time.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

const char *duration_to_text(uint64_t usec, char *buffer, size_t n_buffer) {
        static const struct {
                uint64_t usec;
                const char *name;
        } units[] = {
                        {USEC_PER_DAY, "d"},
                        {USEC_PER_HOUR, "h"},
                        {USEC_PER_MINUTE, "m"},
                        {USEC_PER_SEC, "s"},
        };
        size_t i = 0;

        if (usec > 0 && usec < USEC_PER_SEC) {
                (void)snprintf(buffer, n_buffer, "%.*fms", usec < 10 * USEC_PER_MSEC ? 1 : 0,
                                (double)usec / (double)USEC_PER_MSEC);
                return buffer;
        }

        while (i < ELEMENTSOF(units) - 1 && usec < units[i].usec)
                i++;
        if (i == ELEMENTSOF(units) - 1 || usec % units[i].usec < units[i + 1].usec)
                (void)snprintf(buffer, n_buffer, "%llu%s",
                                (unsigned long long)(usec / units[i].usec), units[i].name);
        else
                (void)snprintf(buffer, n_buffer, "%llu%s %llu%s",
                                (unsigned long long)(usec / units[i].usec), units[i].name,
                                (unsigned long long)(usec % units[i].usec / units[i + 1].usec),
                                units[i + 1].name);
        return buffer;
}

const char *clock_to_text(uint64_t realtime_usec, char *buffer, size_t n_buffer) {
        time_t then = (time_t)(realtime_usec / USEC_PER_SEC), now = time(NULL);
        struct tm tm_then, tm_now;

        buffer[0] = '\0';
        if (realtime_usec == 0 || !localtime_r(&then, &tm_then) || !localtime_r(&now, &tm_now))
                return buffer;

        if (tm_then.tm_yday == tm_now.tm_yday && tm_then.tm_year == tm_now.tm_year)
                (void)strftime(buffer, n_buffer, "%H:%M:%S", &tm_then);
        else
                (void)strftime(buffer, n_buffer, "%b %d %H:%M", &tm_then);
        return buffer;
}
