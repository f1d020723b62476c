/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/round.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

/* The numbers of the plugin interface are for ever; ours are not. */
static const int state_numbers[_AGENT_STATE_MAX] = {
                [AGENT_UNKNOWN] = 0,
                [AGENT_STARTING] = 1,
                [AGENT_WORKING] = 2,
                [AGENT_IDLE] = 3,
                [AGENT_WAITING] = 4,
                [AGENT_RATE_LIMITED] = 5,
                [AGENT_ERROR] = 6,
                [AGENT_CRASHED] = 7,
                [AGENT_EXITED] = 8,
};

void round_done(Round *round) {
        for (size_t i = 0; i < round->n_ids; i++)
                free(round->ids[i]);
        free(round->ids);
        *round = (Round){};
}

/* An age that is not known is null. */
static json_object *age(uint64_t usec) {
        return usec == UINT64_MAX ? NULL : json_object_new_uint64(usec);
}

static uint64_t passed(uint64_t now, uint64_t then) {
        return then == 0 ? UINT64_MAX : now > then ? now - then : 0;
}

/* A member that is NULL is JSON's null; memory that is out shows in the array alone. */
static int push(json_object *row, json_object *value) {
        return json_object_array_add(row, value) < 0 ? -ENOMEM : 0;
}

static json_object *make_row(const RoundShow *show, const Agent *a, uint64_t now, uint64_t wall) {
        json_object *row = json_object_new_array_ext(12);
        uint64_t change = MAX(a->last.activity_usec, a->since_usec);
        AgentPast past;
        int r = row ? 0 : -ENOMEM;

        past_get(show->past, a, now, &past);
        json_object *const values[] = {
                        json_object_new_string(a->id),
                        json_object_new_string(a->last.type),
                        json_object_new_int(state_numbers[a->last.state]),
                        json_object_new_int64(a->failures),
                        age(passed(wall, a->since_usec)),
                        age(MIN(passed(now, past.look_usec), show->seen_usec)),
                        age(passed(wall, change)),
                        json_object_new_double(past.changes),
                        age(past.expected_usec),
                        age(passed(now, past.needed_usec)),
                        json_object_new_string(a->last.window),
                        json_object_new_string(a->server->id),
        };

        FOREACH_ELEMENT (v, values)
                if (r < 0 || push(row, *v) < 0) {
                        (void)json_object_put(*v);
                        r = -ENOMEM;
                }
        if (r < 0)
                json_object_putp(&row);
        return row;
}

static bool is_shown(const RoundShow *show, const Agent *a) {
        return a->server->last.liveness == LIVENESS_ALIVE && !agent_state_is_gone(a->last.state) &&
                        show->belongs(show->userdata, a);
}

static int take(const RoundShow *show, Round *round, json_object *rows) {
        uint64_t now = now_monotonic(), wall = now_realtime();
        const Server *server = NULL;
        const Agent *a = NULL;

        /* In order of id, and so of server. */
        while (round->n_ids < ROUND_AGENTS_MAX && (a = registry_next_agent(show->registry, a))) {
                if (!is_shown(show, a))
                        continue;
                if (rows && json_append(rows, make_row(show, a, now, wall)) < 0)
                        return -ENOMEM;
                round->ids[round->n_ids] = strdup(a->id);
                if (!round->ids[round->n_ids])
                        return -ENOMEM;
                round->n_ids++;
                round->n_servers += a->server != server;
                server = a->server;
        }
        return 0;
}

static int fill(const RoundShow *show, json_object *o) {
        int r = json_set_u64(o, "interval", show->interval_usec);

        return r < 0 ? r : json_set_u64(o, "concurrency", show->concurrency);
}

int round_make(const RoundShow *show, Round *ret, json_object **ret_params) {
        _cleanup_json_ json_object *o = ret_params ? json_object_new_object() : NULL;
        json_object *rows = o ? json_object_new_array() : NULL;
        _cleanup_(round_done) Round round = {};
        int r = 0;

        if (ret_params)
                r = o ? json_set(o, "agents", rows) : -ENOMEM;
        if (r >= 0 && o)
                r = fill(show, o);
        if (r < 0)
                return r;
        round.ids = calloc(registry_count_agents(show->registry) + 1, sizeof(char *));
        if (!round.ids)
                return -ENOMEM;
        r = take(show, &round, rows);
        if (r < 0)
                return r;

        *ret = round;
        round = (Round){};
        if (ret_params)
                *ret_params = TAKE_PTR(o);
        return 0;
}
