/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Circuit breaker
 *
 * Whether something that fails may be tried again, and when: later and later, and after too many
 * failures not at all for a while; then one trial decides. Pure: time is an argument, in
 * microseconds of any clock that does not go back.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct Breaker {
        unsigned failures;   /* in a row, or nearly */
        uint64_t first_usec; /* of these */
        uint64_t not_before_usec;
        uint64_t open_usec; /* how long it was open last; 0: it is closed */
} Breaker;

/* True if it opened with this failure, or stayed open. */
bool breaker_fail(Breaker *b, uint64_t now);
/* It works: all is forgotten. */
void breaker_succeed(Breaker *b);
bool breaker_allows(const Breaker *b, uint64_t now);
static inline bool breaker_is_open(const Breaker *b) {
        return b->open_usec > 0;
}
