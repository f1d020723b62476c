/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "plugins/host/native.h"

#define AGENTS_MAX 10000U

/*
 * On the wire an agent is an array, in the order of the struct's fields: [id, type, state,
 * failures, state_age, look_age, change_age, changes, next_expected, needed_age, role, server]; an
 * age that is not known is null.
 */
static uint64_t number_at(json_object *row, size_t i) {
        json_object *value = json_object_array_get_idx(row, i);

        return json_object_is_type(value, json_type_int) ? json_object_get_uint64(value)
                                                         : UINT64_MAX;
}

static const char *string_at(json_object *row, size_t i) {
        json_object *value = json_object_array_get_idx(row, i);

        return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static int read_agent(json_object *row, TmuxOrcAgent *ret) {
        if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) < 12)
                return -EBADMSG;

        *ret = (TmuxOrcAgent){
                        .id = string_at(row, 0),
                        .type = string_at(row, 1),
                        .state = (uint32_t)number_at(row, 2),
                        .failures = (uint32_t)number_at(row, 3),
                        .state_age = number_at(row, 4),
                        .look_age = number_at(row, 5),
                        .change_age = number_at(row, 6),
                        .changes = json_object_get_double(json_object_array_get_idx(row, 7)),
                        .next_expected = number_at(row, 8),
                        .needed_age = number_at(row, 9),
                        .role = string_at(row, 10),
                        .server = string_at(row, 11),
        };
        return 0;
}

static int read_agents(json_object *params, TmuxOrcAgent **ret, size_t *ret_n) {
        json_object *rows = json_get_typed(params, "agents", json_type_array);
        _cleanup_free_ TmuxOrcAgent *agents = NULL;
        size_t n = rows ? json_object_array_length(rows) : 0;

        if (!rows || n > AGENTS_MAX)
                return -EBADMSG;

        agents = calloc(n + 1, sizeof(*agents));
        if (!agents)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                int r = read_agent(json_object_array_get_idx(rows, i), &agents[i]);

                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(agents);
        *ret_n = n;
        return 0;
}

/* One without a delay is just its agent. */
static json_object *write_look(const TmuxOrcLook *look) {
        json_object *agent = json_object_new_uint64(look->agent), *pair;

        if (look->delay_usec == 0)
                return agent;
        pair = json_object_new_array_ext(2);
        if (!pair || json_append(pair, agent) < 0 ||
                        json_append(pair, json_object_new_uint64(look->delay_usec)) < 0)
                json_object_putp(&pair);
        return pair;
}

/* {looks: [agent, [agent, delay], …], concurrency, next, pace}; what makes no sense is the daemon's
 * to refuse.
 */
static int write_plan(const TmuxOrcPlan *plan, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *looks = json_object_new_array();

        if (!o || json_set(o, "looks", looks) < 0 ||
                        json_set_u64(o, "concurrency", plan->concurrency) < 0 ||
                        json_set_u64(o, "next", plan->next_usec) < 0 ||
                        json_set_u64(o, "pace", plan->pace) < 0)
                return -ENOMEM;

        for (uint32_t i = 0; i < plan->n_looks; i++)
                if (json_append(looks, write_look(&plan->looks[i])) < 0)
                        return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}

int native_plan(Native *n, NativeCall *c, json_object *params, json_object **ret) {
        _cleanup_free_ TmuxOrcAgent *agents = NULL;
        _cleanup_free_ TmuxOrcLook *looks = NULL;
        TmuxOrcRound round = {.size = sizeof(round), .agent_size = sizeof(TmuxOrcAgent)};
        TmuxOrcPlan plan = {.size = sizeof(plan)};
        size_t n_agents;
        int r;

        if (!n->ops.plan)
                return -EOPNOTSUPP;
        r = read_agents(params, &agents, &n_agents);
        if (r < 0)
                return r;
        looks = calloc(n_agents + 1, sizeof(*looks));
        if (!looks)
                return -ENOMEM;

        round.now_usec = now_monotonic();
        round.interval_usec = json_get_u64(params, "interval", USEC_PER_SEC);
        round.concurrency = (uint32_t)json_get_u64(params, "concurrency", 1);
        round.n_agents = (uint32_t)n_agents;
        round.agents = agents;
        plan.looks = looks;
        plan.n_looks_max = (uint32_t)n_agents;

        r = n->ops.plan(&c->call, n->state, &round, &plan);
        if (r < 0)
                return r;
        if (plan.looks != looks || plan.n_looks > n_agents)
                return -EPROTO;
        return write_plan(&plan, ret);
}
