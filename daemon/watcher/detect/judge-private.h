/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One judging
 *
 * What judge.c finds out of one observation, and judge-conclude.c makes a verdict of.
 */

#include "daemon/watcher/detect/judge.h"

typedef struct Judge {
        const Observation *o;
        Matcher *matcher;
        TextView views[_REGION_BASE_MAX];
        bool has_view[_REGION_BASE_MAX];
        RegionScope scope;
        const RuleFile *file;
        bool gone; /* the agent's process is not there any more */
        const Rule *winner, *overlay;
        const Rule *held[EVIDENCE_MAX]; /* the rules that hold, as they stand in the evidence */
        Verdict verdict;
} Judge;

/* Goes on with this file: @call is the agent's command line from its name on, or NULL. -ENOMEM. */
int judge_take_file(Judge *j, const RuleFile *file, const char *call);
void judge_done(Judge *j);

/* Weighs what the rules said. Without a file there is no agent. */
void judge_conclude(Judge *j);
