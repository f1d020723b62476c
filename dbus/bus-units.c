/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-units.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"

#define UNITS_MAX 4U
#define TIMEOUT_USEC (10 * USEC_PER_SEC)

struct BusUnitsQuestion {
        const char *const *names;
        BusUnitsAnswer answer;
        void *userdata;
        sd_bus_slot *slot;
        BusUnitState states[UNITS_MAX];
};

BusUnitsQuestion *bus_units_question_free(BusUnitsQuestion *q) {
        if (!q)
                return NULL;

        sd_bus_slot_unref(q->slot);
        free(q);
        return NULL;
}

static void note_unit(BusUnitsQuestion *q, const char *name, const char *load, const char *active) {
        for (size_t i = 0; q->names[i]; i++) {
                if (strcmp(q->names[i], name) != 0)
                        continue;
                (void)snprintf(q->states[i].load, BUS_UNIT_WORD_MAX, "%s", load);
                (void)snprintf(q->states[i].active, BUS_UNIT_WORD_MAX, "%s", active);
        }
}

static int read_units(BusUnitsQuestion *q, sd_bus_message *m) {
        const char *name, *load, *active;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
        while (r >= 0) {
                r = sd_bus_message_enter_container(m, 'r', "ssssssouso");
                if (r <= 0)
                        return r;
                r = sd_bus_message_read(m, "ssss", &name, NULL, &load, &active);
                if (r < 0)
                        return r;
                note_unit(q, name, load, active);
                r = sd_bus_message_skip(m, "ssouso");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusUnitsQuestion *q = userdata;
        int r;

        r = sd_bus_message_is_method_error(m, NULL) ? -sd_bus_message_get_errno(m)
                                                    : read_units(q, m);
        q->answer(q->userdata, MIN(r, 0), q->states);
        return 0;
}

static int make_call(sd_bus *bus, const char *const *names, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, "org.freedesktop.systemd1",
                        "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                        "ListUnitsByNames");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **)names);
        if (r >= 0)
                *ret = TAKE_PTR(m);
        return r;
}

int bus_units_ask(sd_bus *bus, const char *const *names, BusUnitsAnswer answer, void *userdata,
                BusUnitsQuestion **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        BusUnitsQuestion *q;
        size_t n = 0;
        int r;

        assert(bus && names && answer && ret);
        while (names[n])
                n++;
        assert(n <= UNITS_MAX);

        r = make_call(bus, names, &m);
        if (r < 0)
                return r;
        q = calloc(1, sizeof(*q));
        if (!q)
                return -ENOMEM;
        q->names = names;
        q->answer = answer;
        q->userdata = userdata;
        r = sd_bus_call_async(bus, &q->slot, m, on_answer, q, TIMEOUT_USEC);
        if (r < 0) {
                free(q);
                return r;
        }
        *ret = q;
        return 0;
}
