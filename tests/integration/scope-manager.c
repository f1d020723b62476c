/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * scope-manager RESULT [old]: the part of systemd's manager that makes scopes, for tests. Owns its
 * name on the session bus, prints what it is to make as a line, and ends each job with RESULT;
 * "refused" is an error at once, and "old" one that does not know OOMPolicy for scopes.
 */

#include "tests/integration/stand-in.h"

#include <errno.h>
#include <stdbool.h>

#define SERVICE "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define JOB OBJECT "/job/1"

typedef struct Order {
        char text[2048];
        bool has_oom_policy;
} Order;

static const char *result;
static bool is_old;

static void note(Order *o, const char *name, const char *value) {
        size_t n = strlen(o->text);

        (void)snprintf(o->text + n, sizeof(o->text) - n, "\t%s=%s", name, value);
        o->has_oom_policy |= strcmp(name, "OOMPolicy") == 0;
}

static int read_value(sd_bus_message *m, Order *o, const char *name, const char *type) {
        char text[64] = "";
        const char *s = text;
        uint64_t t;
        int b, r = -EINVAL;

        if (strcmp(type, "s") == 0)
                r = sd_bus_message_read(m, "s", &s);
        else if (strcmp(type, "t") == 0) {
                r = sd_bus_message_read(m, "t", &t);
                (void)snprintf(text, sizeof(text), "%llu", r < 0 ? 0ULL : (unsigned long long)t);
        } else if (strcmp(type, "b") == 0) {
                r = sd_bus_message_read(m, "b", &b);
                (void)snprintf(text, sizeof(text), "%s", r >= 0 && b ? "yes" : "no");
        } else if (strcmp(type, "au") == 0) {
                const uint32_t *pids;
                size_t n;

                r = sd_bus_message_read_array(m, 'u', (const void **)&pids, &n);
                if (r >= 0 && n == sizeof(*pids))
                        (void)snprintf(text, sizeof(text), "%u", pids[0]);
        }
        note(o, name, s);
        return r;
}

static int read_properties(sd_bus_message *m, Order *o) {
        const char *name, *type;
        int r = sd_bus_message_enter_container(m, 'a', "(sv)");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'r', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = sd_bus_message_peek_type(m, NULL, &type);
                if (r >= 0)
                        r = sd_bus_message_enter_container(m, 'v', type);
                if (r >= 0)
                        r = read_value(m, o, name, type);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int method_start(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *name, *mode;
        Order order = {};
        int r;

        r = sd_bus_message_read(m, "ss", &name, &mode);
        if (r >= 0)
                r = read_properties(m, &order);
        if (r < 0)
                return r;
        if (is_old && order.has_oom_policy)
                return sd_bus_error_set(reterr, SD_BUS_ERROR_PROPERTY_READ_ONLY,
                                "Cannot set property OOMPolicy, or unknown property.");
        printf("%s\t%s%s\n", name, mode, order.text);
        (void)fflush(stdout);
        if (strcmp(result, "refused") == 0)
                return sd_bus_error_set(reterr, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many units.");

        r = sd_bus_reply_method_return(m, "o", JOB);
        return r < 0 ? r
                     : sd_bus_emit_signal(sd_bus_message_get_bus(m), OBJECT, SERVICE ".Manager",
                                       "JobRemoved", "uoss", 1U, JOB, name, result);
}

static int method_nothing(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_METHOD("Subscribe", "", "", method_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("Unsubscribe", "", "", method_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", method_start,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
                SD_BUS_VTABLE_END,
};

int main(int argc, char **argv) {
        if (argc < 2)
                return EXIT_FAILURE;
        result = argv[1];
        is_old = argc > 2;

        return stand_in_run(&(StandIn){.name = SERVICE,
                        .path = OBJECT,
                        .interface = SERVICE ".Manager",
                        .vtable = vtable});
}
