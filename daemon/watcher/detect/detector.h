/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Detectors
 *
 * The rules of all agents, read from YAML files, and the judging of an observation by them. Pure:
 * the same rules and the same observation give the same verdict.
 */

#include "daemon/base/cleanup.h"
#include "daemon/watcher/detect/act-rules.h"
#include "daemon/watcher/detect/observation.h"
#include "daemon/watcher/detect/verdict.h"

typedef struct DetectorSet DetectorSet;

/* Told for every file that could not be taken; the set goes on without that file. @line 0: none. */
typedef void (*DetectorProblem)(
                void *userdata, const char *path, unsigned line, const char *message);

/*
 * Reads all *.yaml of the folders. A later folder's file replaces an earlier one's of the same
 * name; an empty file masks it. Missing folders are fine. Fails only if memory is out.
 */
int detector_set_load(
                char *const *folders, DetectorProblem problem, void *userdata, DetectorSet **ret);
DetectorSet *detector_set_free(DetectorSet *set);
DEFINE_CLEANUP(DetectorSet *, detector_set_free)

size_t detector_set_count(const DetectorSet *set);

/* What is borrowed in @ret lives as long as @set. Returns -ENOMEM, nothing else. */
int detector_judge(const DetectorSet *set, const Observation *o, Verdict *ret);

/*
 * What may be done with the agent of @verdict, as the same observation shows it; empty if there is
 * no agent. Lives and fails as above.
 */
typedef struct ActWays {
        const ActRules *rules;                          /* NULL: nothing is known of it */
        bool prompt;                                    /* its prompt is there and takes text */
        bool submit;                                    /* an Enter would submit what it holds */
        const ActAnswer *answers[_ACT_ANSWER_KIND_MAX]; /* NULL: the dialog is none of these */
} ActWays;
int detector_ways(
                const DetectorSet *set, const Observation *o, const Verdict *verdict, ActWays *ret);
/* NULL: nothing is known of that type. */
const ActRules *detector_act_rules(const DetectorSet *set, const char *type);
