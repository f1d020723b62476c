/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Trial
 *
 * What is shared by the tests that a plugin has to pass.
 */

#include "daemon/extend/schema-example.h"
#include "daemon/kit/session.h"
#include "daemon/kit/tap.h"

typedef struct Trial {
        Session session;
        Tap tap;
        SchemaRandom random;
        Schema *anything; /* stands for a schema that there is not */
        bool execute;     /* also what others notice */
} Trial;

typedef enum TrialNeed {
        TRIAL_ALWAYS,
        TRIAL_CALLS,    /* asks it, as the service does */
        TRIAL_EXECUTES, /* asks it, as callers do; not for strategies */
        TRIAL_PLANS,    /* is for strategies */
} TrialNeed;

typedef struct TrialTest {
        const char *sentence;
        TrialNeed need;
        /* Says with tap_note() what is not well. The plugin runs; it may be gone afterwards. */
        bool (*run)(Trial *t);
} TrialTest;

/* trial-input.c, trial-life.c: each ended by an empty row. */
extern const TrialTest trial_input_tests[];
extern const TrialTest trial_life_tests[];

/* An input that fits, a new reference, which may be JSON's null. */
int trial_input(Trial *t, json_object **ret);
/* One call as the service makes them, with an input that fits or a plan for some agents. */
int trial_begin(Trial *t, uint64_t timeout_usec, Answer *a);
/* The same, and waits. */
int trial_call(Trial *t, uint64_t timeout_usec, Answer *a);
/* Whether what came of a call is what callers can bear; says what is not. */
bool trial_judge(Trial *t, json_object *input, const Answer *a);
/* Whether it still runs; says why not. */
bool trial_is_alive(const Trial *t);
/* Unless the plugin has no time-out of its own that is shorter. */
uint64_t trial_timeout(const Trial *t);

/* All of them. The exit status. */
int trial_run(const char *folder, bool execute);
