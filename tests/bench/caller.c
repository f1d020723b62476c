/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Caller
 *
 * A client of the service on the session bus. "flood SECONDS MEMBER" has as many calls under way as
 * the bus lets it and prints how many were answered and how many refused; "measure N MEMBER" makes
 * one after the other and prints what each took, in microseconds, as a JSON array.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define NAME "org.tmuxorc.Monitor1"
#define ROOT "/org/tmuxorc/Monitor1"
#define MANAGER NAME ".Manager"
#define OPEN_MAX 64U

static struct {
        unsigned open;
        unsigned answered, refused, failed;
} calls;

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        calls.open--;
        if (!sd_bus_message_is_method_error(m, NULL))
                calls.answered++;
        else if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_LIMITS_EXCEEDED))
                calls.refused++;
        else
                calls.failed++;
        return 0;
}

static int flood(sd_bus *bus, uint64_t seconds, const char *member) {
        uint64_t end = now_monotonic() + seconds * USEC_PER_SEC;
        int r = 0;

        while (r >= 0 && (now_monotonic() < end || calls.open > 0)) {
                while (r >= 0 && calls.open < OPEN_MAX && now_monotonic() < end) {
                        r = sd_bus_call_method_async(bus, NULL, NAME, ROOT, MANAGER, member,
                                        on_answer, NULL, NULL);
                        calls.open += r >= 0;
                }
                while (r >= 0 && (r = sd_bus_process(bus, NULL)) > 0)
                        ;
                if (r >= 0)
                        r = sd_bus_wait(bus, 100 * USEC_PER_MSEC);
        }

        (void)printf("{\"answered\": %u, \"refused\": %u, \"failed\": %u}\n", calls.answered,
                        calls.refused, calls.failed);
        return r;
}

static int measure(sd_bus *bus, uint64_t n, const char *member) {
        (void)putchar('[');
        for (uint64_t i = 0; i < n; i++) {
                uint64_t begin = now_monotonic();
                int r = sd_bus_call_method(bus, NAME, ROOT, MANAGER, member, NULL, NULL, NULL);

                if (r < 0)
                        return r;
                (void)printf("%s%" PRIu64, i > 0 ? ", " : "", now_monotonic() - begin);
        }
        (void)puts("]");
        return 0;
}

int main(int argc, char **argv) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (argc != 4)
                return 2;
        r = sd_bus_open_user(&bus);
        if (r >= 0)
                r = strcmp(argv[1], "flood") == 0
                                ? flood(bus, strtoul(argv[2], NULL, 10), argv[3])
                                : measure(bus, strtoul(argv[2], NULL, 10), argv[3]);
        if (r < 0)
                (void)fprintf(stderr, "caller: %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
