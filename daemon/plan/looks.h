/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looks
 *
 * Carries out one plan: hands watchers their parts when they are due, and is done when the last was
 * answered.
 */

#include <systemd/sd-event.h>

#include "daemon/link/watchers.h"
#include "daemon/plan/past.h"
#include "daemon/plan/plan.h"
#include "daemon/plan/round.h"

typedef struct Looks Looks;

/* Borrowed, but for what they say. */
typedef struct LooksSetup {
        sd_event *event;
        const Registry *registry;
        Watchers *watchers;
        Past *past;
        uint64_t rest_usec; /* see WatchersPart */
        bool sweep;
} LooksSetup;

typedef struct LooksSum {
        int error;          /* of the last part that failed */
        uint64_t usec;      /* time that looks took, without the waits between them */
        unsigned n_answers; /* of watchers; 0: there was nobody to ask, or nothing to ask for */
        unsigned n_agents;  /* that were looked at */
        unsigned n_servers; /* each counted as often as it was looked at */
} LooksSum;

/* Called once, from the loop; may free the looks. */
typedef void (*LooksDone)(void *userdata, const LooksSum *sum);

/* Takes over what @round and @plan hold. */
int looks_new(const LooksSetup *setup, Round *round, Plan *plan, LooksDone done, void *userdata,
                Looks **ret);
/* What watchers were asked for they do; nobody is told. */
Looks *looks_free(Looks *looks);
DEFINE_CLEANUP(Looks *, looks_free)
