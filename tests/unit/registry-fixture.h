/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A registry with one server, and the story that it tells its observer. */

#include "tests/unit/test.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/base/strv.h"
#include "tests/unit/reports.h"

/* What an observer was told, one line each. */
typedef struct Fixture {
        Registry *registry;
        char story[8192];
} Fixture;

static void _printf_(2, 3) tell(Fixture *f, const char *format, ...) {
        size_t n = strlen(f->story);
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(f->story + n, sizeof(f->story) - n, format, ap);
        va_end(ap);
}

static void on_server_added(void *userdata, const Server *s) {
        tell(userdata, "+%s\n", s->id);
}

static void on_server_changed(void *userdata, const Server *s, Liveness old) {
        tell(userdata, "%s %s>%s\n", s->id, liveness_to_string(old),
                        liveness_to_string(s->last.liveness));
}

static void on_server_removed(void *userdata, const Server *s) {
        tell(userdata, "-%s\n", s->id);
}

static void on_agent_added(void *userdata, const Agent *a) {
        tell(userdata, "+%s\n", a->id);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        tell(userdata, "%s %s>%s %s\n", a->id, agent_state_to_string(old),
                        agent_state_to_string(a->last.state), a->last.rule);
}

static void on_agent_removed(void *userdata, const Agent *a) {
        tell(userdata, "-%s\n", a->id);
}

static const RegistryObserver storyteller = {
                .server_added = on_server_added,
                .server_changed = on_server_changed,
                .server_removed = on_server_removed,
                .agent_added = on_agent_added,
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

static inline int registry_setup(void **state) {
        static const RegistryLimits limits = {.servers_per_user = 3, .agents_per_user = 4};
        Fixture *f = calloc(1, sizeof(*f));

        assert_int_equal(registry_new(&limits, &f->registry), 0);
        assert_int_equal(registry_add_observer(f->registry, &storyteller, f), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        f->story[0] = '\0';
        *state = f;
        return 0;
}

static inline int registry_teardown(void **state) {
        Fixture *f = *state;

        registry_free(f->registry);
        free(f);
        return 0;
}

static inline const Agent *agent(Fixture *f, const char *id) {
        const Agent *a = registry_find_agent(f->registry, id);

        assert_non_null(a);
        return a;
}
