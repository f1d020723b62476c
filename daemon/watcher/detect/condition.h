/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Conditions
 *
 * What must be so for a rule to speak: texts and patterns in regions, joined by all, any and not.
 * Read once from YAML, asked for every observation.
 */

#include "daemon/watcher/detect/observation.h"
#include "daemon/watcher/detect/region.h"

#define CONDITION_DEPTH_MAX 8U

typedef struct Condition Condition;

/* The keys that may stand in a mapping that holds a condition; ended by NULL. */
extern const char *const condition_keys[];

/*
 * Reads the condition keys of a mapping; several of them must all hold. @region is asked where a
 * condition names none. *@ret is NULL if the mapping has no condition.
 */
int condition_read(RuleContext *c, const RegionSet *regions, const YamlNode *mapping,
                unsigned region, Condition **ret);
Condition *condition_free(Condition *condition);
DEFINE_CLEANUP(Condition *, condition_free)

/* What made a condition hold, borrowed from the scope; n is 0 if there is nothing to show. */
typedef struct ConditionQuote {
        const char *text;
        size_t n;
} ConditionQuote;

bool condition_holds(const Condition *condition, RegionScope *scope, const Observation *o,
                ConditionQuote *quote);
