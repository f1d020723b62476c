/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "tests/unit/reports.h"

#define STEPS 20000
#define SERVERS_MAX 4U
#define AGENTS_MAX 12U

/* An observer's picture of the world, made of nothing but what it is told. */
typedef struct World {
        Registry *registry;
        unsigned counts[_AGENT_STATE_MAX];
        unsigned n_agents;
        unsigned n_servers;
        unsigned alive;
        uint64_t random;
} World;

static unsigned pick(World *w, unsigned n) {
        w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
        return (unsigned)(w->random >> 33) % n;
}

static void on_server_added(void *userdata, const Server *s) {
        World *w = userdata;

        w->n_servers++;
        w->alive += s->last.liveness == LIVENESS_ALIVE;
}

static void on_server_changed(void *userdata, const Server *s, Liveness old) {
        World *w = userdata;

        assert_int_not_equal(s->changed, 0);
        assert_int_equal(!!(s->changed & SERVER_CHANGED_LIVENESS), s->last.liveness != old);
        w->alive -= old == LIVENESS_ALIVE;
        w->alive += s->last.liveness == LIVENESS_ALIVE;
}

static void on_server_removed(void *userdata, const Server *s) {
        World *w = userdata;

        w->n_servers--;
        w->alive -= s->last.liveness == LIVENESS_ALIVE;
}

static void on_agent_added(void *userdata, const Agent *a) {
        World *w = userdata;

        w->n_agents++;
        w->counts[a->last.state]++;
        assert_ptr_equal(registry_find_agent(w->registry, a->id), a);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        World *w = userdata;

        assert_int_not_equal(a->changed, 0);
        assert_int_equal(!!(a->changed & AGENT_CHANGED_STATE), a->last.state != old);
        if (a->last.state != old)
                assert_true(agent_state_may_become(old, a->last.state));
        w->counts[old]--;
        w->counts[a->last.state]++;
}

static void on_agent_removed(void *userdata, const Agent *a) {
        World *w = userdata;

        w->n_agents--;
        w->counts[a->last.state]--;
        assert_null(registry_find_agent(w->registry, a->id));
}

static const RegistryObserver observer = {
                .server_added = on_server_added,
                .server_changed = on_server_changed,
                .server_removed = on_server_removed,
                .agent_added = on_agent_added,
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

static void check_agents(const World *w) {
        unsigned counts[_AGENT_STATE_MAX] = {}, n = 0;
        const Agent *a = NULL, *previous = NULL;

        while ((a = registry_next_agent(w->registry, a))) {
                counts[a->last.state]++;
                n++;
                if (previous)
                        assert_true(strverscmp(previous->id, a->id) < 0);
                if (a->server->last.liveness == LIVENESS_ABSENT)
                        assert_true(agent_state_is_gone(a->last.state));
                assert_ptr_equal(registry_find_server(w->registry, a->server->id), a->server);
                previous = a;
        }

        assert_int_equal(n, registry_count_agents(w->registry));
        assert_int_equal(n, w->n_agents);
        for (AgentState s = 0; s < _AGENT_STATE_MAX; s++) {
                assert_int_equal(counts[s], registry_count_state(w->registry, s));
                assert_int_equal(counts[s], w->counts[s]);
        }
}

static void check_servers(const World *w) {
        unsigned per_user[2] = {}, n = 0, alive = 0;
        const Server *s = NULL;

        while ((s = registry_next_server(w->registry, s))) {
                n++;
                alive += s->last.liveness == LIVENESS_ALIVE;
                per_user[s->uid - 1000]++;
                if (s->last.liveness == LIVENESS_ALIVE)
                        assert_int_equal(strv_length(s->lost), 0);
        }

        assert_int_equal(n, w->n_servers);
        assert_int_equal(alive, w->alive);
        assert_true(per_user[0] <= SERVERS_MAX && per_user[1] <= SERVERS_MAX);
}

static void step(World *w) {
        static const char *const reasons[] = {"died", "ended"};
        uid_t uid = 1000 + pick(w, 2);
        char socket[32], pane[8];

        (void)snprintf(socket, sizeof(socket), "/s/%u", pick(w, 6));
        (void)snprintf(pane, sizeof(pane), "%%%u", pick(w, 8));

        switch (pick(w, 12)) {
        case 0 ... 5:
                (void)report_agent_full(w->registry, uid, socket, pane, pick(w, _AGENT_STATE_MAX),
                                w->random);
                break;
        case 6 ... 8:
                (void)report_server_full(w->registry, uid, socket, pick(w, _LIVENESS_MAX),
                                (pid_t)pick(w, 3), reasons[pick(w, 2)]);
                break;
        case 9:
                (void)registry_remove_agent(w->registry, uid, socket, pane);
                break;
        default:
                if (pick(w, 4) == 0)
                        registry_lose_user(w->registry, uid, "no watcher");
                else if (pick(w, 4) == 0)
                        registry_expire(w->registry, now_realtime() + USEC_PER_HOUR);
        }
}

static void whatever_is_reported_the_books_balance(void **state) {
        static const RegistryLimits limits = {SERVERS_MAX, AGENTS_MAX};
        World w = {.random = 20260101};

        assert_int_equal(registry_new(&limits, &w.registry), 0);
        assert_int_equal(registry_add_observer(w.registry, &observer, &w), 0);

        for (unsigned i = 0; i < STEPS; i++) {
                step(&w);
                check_agents(&w);
                check_servers(&w);
        }

        registry_free(w.registry);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(whatever_is_reported_the_books_balance),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
