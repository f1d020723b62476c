/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Caller
 *
 * Asks plugins on the user's bus as fast as answers come.
 *
 *     plugin-caller time PLUGIN COUNT      what Peer.Ping, a call and a remembered answer take, in
 * turns plugin-caller load PLUGIN CALLERS    many callers without pause, until standard input ends
 *
 * Both print JSON. Under load each call has a number of its own, and an answer with another one
 * counts as wrong.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "dbus/bus-names.h"

#define CALLERS_MAX 128U
#define CALL_TIMEOUT_USEC (60 * USEC_PER_SEC)

typedef struct Caller {
        pthread_t thread;
        const char *plugin;
        unsigned number, step;
        uint64_t n_done, n_failed, n_wrong, slowest_usec;
        char *first_error;
} Caller;

static atomic_bool over;

static int execute(sd_bus *bus, const char *plugin, const char *input, bool fresh,
                sd_bus_message **ret, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                        bus, &m, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER, "ExecutePlugin");
        if (r >= 0)
                r = sd_bus_message_append(m, "ssa{sv}", plugin, input, 1, "fresh", "b", (int)fresh);
        return r < 0 ? r : sd_bus_call(bus, m, CALL_TIMEOUT_USEC, reterr, ret);
}

static int ping(sd_bus *bus) {
        return sd_bus_call_method(bus, BUS_NAME, BUS_ROOT, "org.freedesktop.DBus.Peer", "Ping",
                        NULL, NULL, "");
}

static void print_times(const char *name, const uint64_t *usec, unsigned n, const char *end) {
        (void)printf("\"%s\": [", name);
        for (unsigned i = 0; i < n; i++)
                (void)printf("%s%" PRIu64, i > 0 ? "," : "", usec[i]);
        (void)printf("]%s", end);
}

/* In turns, so that whatever else the machine does falls on all alike. */
static int take_times(sd_bus *bus, const char *plugin, unsigned n, uint64_t *usec[3]) {
        for (unsigned i = 0; i < n; i++)
                for (unsigned what = 0; what < 3; what++) {
                        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                        uint64_t start = now_monotonic();
                        int r;

                        r = what == 0 ? ping(bus)
                                      : execute(bus, plugin, "{\"n\":1}", what == 1, &reply, NULL);
                        if (r < 0)
                                return r;
                        usec[what][i] = now_monotonic() - start;
                }
        return 0;
}

static int time_calls(const char *plugin, unsigned n) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        static const char *const names[] = {"ping", "call", "cached"};
        uint64_t *usec[3];
        int r;

        for (unsigned i = 0; i < 3; i++) {
                usec[i] = calloc(n, sizeof(uint64_t));
                if (!usec[i])
                        return -ENOMEM;
        }
        r = sd_bus_open_user(&bus);
        if (r >= 0)
                r = take_times(bus, plugin, n, usec);

        (void)printf("{");
        for (unsigned i = 0; i < 3; i++) {
                if (r >= 0)
                        print_times(names[i], usec[i], n, i < 2 ? ", " : "");
                free(usec[i]);
        }
        (void)printf("}\n");
        return r;
}

static void take_answer(Caller *c, uint64_t number, sd_bus_message *reply) {
        char expected[64];
        const char *json;

        (void)snprintf(expected, sizeof(expected), "\"n\":%" PRIu64 "}", number);
        if (sd_bus_message_read(reply, "s", &json) < 0 || !strstr(json, expected))
                c->n_wrong++;
        else
                c->n_done++;
}

static void call_once(Caller *c, sd_bus *bus, uint64_t number) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        uint64_t start = now_monotonic();
        char input[64];

        (void)snprintf(input, sizeof(input), "{\"n\":%" PRIu64 "}", number);
        if (execute(bus, c->plugin, input, false, &reply, &error) >= 0)
                take_answer(c, number, reply);
        else {
                c->n_failed++;
                if (!c->first_error)
                        c->first_error = strdup(error.message ?: "");
        }
        c->slowest_usec = MAX(c->slowest_usec, now_monotonic() - start);
}

static void *call_without_pause(void *userdata) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Caller *c = userdata;

        if (sd_bus_open_user(&bus) < 0) {
                c->n_failed++;
                return NULL;
        }
        for (uint64_t number = c->number; !atomic_load(&over); number += c->step)
                call_once(c, bus, number);
        return NULL;
}

static int put_load(const char *plugin, unsigned n) {
        static Caller callers[CALLERS_MAX];
        uint64_t n_done = 0, n_failed = 0, n_wrong = 0, slowest = 0;
        const char *error = "";
        char byte;

        if (n > CALLERS_MAX)
                return -E2BIG;
        for (unsigned i = 0; i < n; i++) {
                callers[i] = (Caller){.plugin = plugin, .number = i, .step = n};
                if (pthread_create(&callers[i].thread, NULL, call_without_pause, &callers[i]) != 0)
                        return -EAGAIN;
        }
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        atomic_store(&over, true);
        for (unsigned i = 0; i < n; i++) {
                (void)pthread_join(callers[i].thread, NULL);
                n_done += callers[i].n_done;
                n_failed += callers[i].n_failed;
                n_wrong += callers[i].n_wrong;
                slowest = MAX(slowest, callers[i].slowest_usec);
                error = callers[i].first_error ?: error;
        }
        (void)printf("{\"done\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"wrong\": %" PRIu64
                     ", \"slowest_usec\": %" PRIu64 ", \"error\": \"%s\"}\n",
                        n_done, n_failed, n_wrong, slowest, error);
        return 0;
}

int main(int argc, char *argv[]) {
        unsigned long n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
        int r;

        if (n == 0 || (strcmp(argv[1], "time") != 0 && strcmp(argv[1], "load") != 0)) {
                (void)fprintf(stderr, "usage: %s time PLUGIN COUNT | load PLUGIN CALLERS\n",
                                argv[0]);
                return EXIT_FAILURE;
        }
        r = strcmp(argv[1], "time") == 0 ? time_calls(argv[2], (unsigned)n)
                                         : put_load(argv[2], (unsigned)n);
        if (r < 0)
                (void)fprintf(stderr, "%s: %s\n", argv[2], strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
