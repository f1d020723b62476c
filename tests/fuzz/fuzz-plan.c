/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/plan/plan.h"
#include "tests/fuzz/fuzz.h"

#define AGENTS 100U

/* A plan that is taken can be carried out; one that is not says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_json_ json_object *o = NULL;
        _cleanup_(plan_done) Plan plan = {};
        _cleanup_free_ char *reason = NULL;
        bool seen[AGENTS] = {};

        if (json_parse((const char *)data, size, 16, &o) < 0)
                return 0;
        if (plan_read(o, AGENTS, &plan, &reason) < 0) {
                assert(reason && reason[0] != '\0' && !plan.looks);
                return 0;
        }

        assert(plan.n_looks <= AGENTS && plan.concurrency <= PLAN_CONCURRENCY_MAX);
        assert(plan.next_usec == 0 ||
                        (plan.next_usec >= PLAN_NEXT_MIN_USEC &&
                                        plan.next_usec <= PLAN_NEXT_MAX_USEC));
        for (size_t i = 0; i < plan.n_looks; i++) {
                const PlannedLook *look = &plan.looks[i];

                assert(look->agent < AGENTS && !seen[look->agent]);
                assert(look->delay_usec <= PLAN_DELAY_MAX_USEC);
                assert(i == 0 || plan.looks[i - 1].delay_usec <= look->delay_usec);
                seen[look->agent] = true;
        }
        return 0;
}
