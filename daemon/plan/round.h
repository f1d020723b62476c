/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Round
 *
 * The agents that a strategy is shown, and what it is shown of them. Those whose program is gone
 * and those whose server does not answer are left out.
 */

#include <json-c/json.h>

#include "daemon/agents/registry.h"
#include "daemon/plan/past.h"

#define ROUND_AGENTS_MAX 10000U

typedef struct Round {
        char **ids; /* by index */
        size_t n_ids;
        unsigned n_servers; /* on which they are */
} Round;

typedef struct RoundShow {
        const Registry *registry;
        const Past *past;
        bool (*belongs)(void *userdata, const Agent *agent);
        void *userdata;
        uint64_t interval_usec;
        uint64_t seen_usec; /* watchers look of themselves: so old is what is known; else UINT64_MAX
                             */
        unsigned concurrency;
} RoundShow;

void round_done(Round *round);
/* @ret_params: as plugins/host/native-plan.c reads it; NULL: nobody asks. */
int round_make(const RoundShow *show, Round *ret, json_object **ret_params);
