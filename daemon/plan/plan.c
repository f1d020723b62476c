/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/plan.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "daemon/base/json.h"

void plan_done(Plan *plan) {
        free(plan->looks);
        *plan = (Plan){};
}

_printf_(2, 3) static int refuse(char **reterr, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        if (vasprintf(reterr, format, ap) < 0)
                *reterr = NULL;
        va_end(ap);
        return -EPROTO;
}

/* Whole numbers only: there is no NaN among them, and no half of a microsecond. */
static int read_number(json_object *value, uint64_t max, uint64_t *ret) {
        int64_t n = json_object_get_int64(value);

        if (!json_object_is_type(value, json_type_int) || n < 0 || (uint64_t)n > max)
                return -ERANGE;
        *ret = (uint64_t)n;
        return 0;
}

/* An agent, or an array of it and a delay. */
static int read_look(json_object *look, size_t i, size_t n_agents, bool *seen, PlannedLook *ret,
                char **reterr) {
        json_object *index = look, *delay = NULL;
        uint64_t agent;

        if (json_object_is_type(look, json_type_array) && json_object_array_length(look) == 2) {
                index = json_object_array_get_idx(look, 0);
                delay = json_object_array_get_idx(look, 1);
        } else if (!json_object_is_type(look, json_type_int))
                return refuse(reterr, "look %zu is neither an agent nor that and a delay", i);
        if (read_number(index, UINT32_MAX, &agent) < 0 || agent >= n_agents)
                return refuse(reterr, "look %zu is at an agent that is not there", i);
        if (seen[agent])
                return refuse(reterr, "look %zu is at agent %" PRIu64 " once more", i, agent);
        if (index != look && read_number(delay, PLAN_DELAY_MAX_USEC, &ret->delay_usec) < 0)
                return refuse(reterr, "the delay of look %zu is not from 0 to %llu s", i,
                                PLAN_DELAY_MAX_USEC / USEC_PER_SEC);
        seen[agent] = true;
        ret->agent = (uint32_t)agent;
        return 0;
}

static int compare_looks(const void *a, const void *b) {
        const PlannedLook *x = a, *y = b;

        if (x->delay_usec != y->delay_usec)
                return x->delay_usec < y->delay_usec ? -1 : 1;
        return x->agent < y->agent ? -1 : x->agent > y->agent;
}

static int read_looks(json_object *looks, size_t n_agents, Plan *plan, char **reterr) {
        size_t n = looks ? json_object_array_length(looks) : 0;
        _cleanup_free_ bool *seen = NULL;
        int r = 0;

        if (!looks)
                return refuse(reterr, "it has no looks");
        if (n > n_agents)
                return refuse(reterr, "it has %zu looks at %zu agents", n, n_agents);

        seen = calloc(n_agents + 1, sizeof(*seen));
        plan->looks = calloc(n + 1, sizeof(*plan->looks));
        if (!seen || !plan->looks)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = read_look(json_object_array_get_idx(looks, i), i, n_agents, seen,
                                &plan->looks[i], reterr);
        plan->n_looks = n;
        qsort(plan->looks, n, sizeof(*plan->looks), compare_looks);
        return r;
}

static int read_rest(json_object *o, Plan *plan, char **reterr) {
        uint64_t concurrency = 0, pace = 0;

        if (json_get(o, "concurrency") &&
                        read_number(json_get(o, "concurrency"), PLAN_CONCURRENCY_MAX,
                                        &concurrency) < 0)
                return refuse(reterr, "its concurrency is not from 0 to %u", PLAN_CONCURRENCY_MAX);
        if (json_get(o, "next") &&
                        (read_number(json_get(o, "next"), PLAN_NEXT_MAX_USEC, &plan->next_usec) <
                                                        0 ||
                                        (plan->next_usec > 0 &&
                                                        plan->next_usec < PLAN_NEXT_MIN_USEC)))
                return refuse(reterr, "its next round is not in %llu ms to %llu s",
                                PLAN_NEXT_MIN_USEC / USEC_PER_MSEC,
                                PLAN_NEXT_MAX_USEC / USEC_PER_SEC);
        if (json_get(o, "pace") && read_number(json_get(o, "pace"), 1, &pace) < 0)
                return refuse(reterr, "its pace is neither 0 nor 1");

        plan->concurrency = (unsigned)concurrency;
        plan->own_pace = pace == 1;
        return 0;
}

int plan_read(json_object *o, size_t n_agents, Plan *ret, char **reterr) {
        _cleanup_(plan_done) Plan plan = {};
        int r;

        assert(ret && reterr);

        *reterr = NULL;
        r = read_looks(json_get_typed(o, "looks", json_type_array), n_agents, &plan, reterr);
        if (r >= 0)
                r = read_rest(o, &plan, reterr);
        if (r < 0)
                return r;
        *ret = plan;
        plan = (Plan){};
        return 0;
}

int plan_polling(size_t n_agents, Plan *ret) {
        Plan plan = {.n_looks = n_agents, .concurrency = 1};

        plan.looks = calloc(n_agents + 1, sizeof(*plan.looks));
        if (!plan.looks)
                return -ENOMEM;
        for (size_t i = 0; i < n_agents; i++)
                plan.looks[i].agent = (uint32_t)i;
        *ret = plan;
        return 0;
}
