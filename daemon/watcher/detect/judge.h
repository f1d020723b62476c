/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Judging
 *
 * Puts the questions of rule files to one observation. It finds the agent first and asks only that
 * agent's rules; what it reads of a screen it reads once.
 */

#include "daemon/watcher/detect/detector.h"
#include "daemon/watcher/detect/rule-file.h"

/* @files is in order of name. Borrowed things in @ret live as long as the files. -ENOMEM. */
int judge_observation(RuleFile *const *files, size_t n_files, const Observation *o, Verdict *ret);

/* See detector_ways(). */
int judge_ways(const RuleFile *file, const Observation *o, const Verdict *verdict, ActWays *ret);
