/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/benchmark.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"

#define CYCLES 20U

static int compare_numbers(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static CommandResult run_cycles(Context *c, uint64_t *usec, uint64_t *ret_agents) {
        for (unsigned i = 0; i < CYCLES; i++) {
                _cleanup_json_ json_object *answer = NULL;
                CommandResult result = bus_call_manager(c, "RunCycle", &answer, NULL);

                if (result != COMMAND_OK)
                        return result;
                usec[i] = json_object_get_uint64(json_object_array_get_idx(answer, 0));
                *ret_agents = json_object_get_uint64(json_object_array_get_idx(answer, 1));
        }
        qsort(usec, CYCLES, sizeof(usec[0]), compare_numbers);
        return COMMAND_OK;
}

static double seconds(uint64_t usec) {
        return (double)usec / USEC_PER_SEC;
}

static int describe(const Context *c, const uint64_t *usec, uint64_t agents, json_object *o) {
        int r;

        r = json_set_string(o, "environment", c->environment);
        if (r >= 0)
                r = json_set_u64(o, "agents", agents);
        if (r >= 0)
                r = json_set_u64(o, "cycles", CYCLES);
        if (r >= 0)
                r = json_set_double(o, "seconds", seconds(usec[CYCLES / 2]));
        if (r >= 0)
                r = json_set_double(o, "p95_seconds", seconds(usec[CYCLES * 95 / 100]));
        return r >= 0 ? json_set_double(o, "max_seconds", seconds(usec[CYCLES - 1])) : r;
}

CommandResult benchmark_instance(Context *c) {
        _cleanup_json_ json_object *o = json_object_new_object();
        uint64_t usec[CYCLES], agents = 0;
        CommandResult result;

        if (!o)
                return output_failed(c, -ENOMEM);
        result = run_cycles(c, usec, &agents);
        if (result != COMMAND_OK)
                return result;

        if (describe(c, usec, agents, o) < 0)
                return output_failed(c, -ENOMEM);
        if (c->json)
                return output_json(c->out, o, false) < 0 ? COMMAND_FAILED : COMMAND_OK;
        if (c->quiet)
                (void)fprintf(c->out, "%.6f\n", seconds(usec[CYCLES / 2]));
        else
                (void)fprintf(c->out,
                                "%u cycles of %s with %llu agents: p50 %.2f ms, p95 %.2f ms, at "
                                "most %.2f ms\n",
                                CYCLES, c->environment, (unsigned long long)agents,
                                seconds(usec[CYCLES / 2]) * 1e3,
                                seconds(usec[CYCLES * 95 / 100]) * 1e3,
                                seconds(usec[CYCLES - 1]) * 1e3);
        return COMMAND_OK;
}
