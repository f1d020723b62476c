/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where strategies come from
 *
 * The engine knows them by name only. Whoever makes it says which there are and carries questions
 * to them.
 */

#include <json-c/json.h>
#include <stdint.h>

typedef struct StrategyQuestion StrategyQuestion;

/* @error: 0 and the plan, borrowed; else a negative errno and a sentence, which may be NULL. */
typedef void (*StrategyAnswer)(void *userdata, int error, const char *sentence, json_object *plan);

typedef struct StrategySource {
        /* 0; -ENXIO: there is none of that name; -ERFKILL: it is disabled. */
        int (*find)(void *userdata, const char *name);
        /* Names, one after the other; NULL to begin with, NULL at the end. */
        const char *(*next)(void *userdata, const char *previous);
        /* Takes @round over, also on failure. The answer comes once, from the loop, unless this
         * fails or the question is dropped. */
        int (*ask)(void *userdata, const char *name, json_object *round, uint64_t timeout_usec,
                        StrategyAnswer answer, void *answer_userdata, StrategyQuestion **ret);
        void (*drop)(void *userdata, StrategyQuestion *question); /* NULL is fine */
} StrategySource;
