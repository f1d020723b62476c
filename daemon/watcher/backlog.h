/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Backlog
 *
 * The last changes that a watcher had to report, in order and with numbers, told or not: when the
 * service comes back it says how far it got, and what came after that is told again. So a restart
 * of the service misses nothing. What is older than the bounds below is forgotten.
 */

#include <json-c/json.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

#define BACKLOG_REPORTS_MAX 512U
#define BACKLOG_BYTES_MAX ((size_t)256 << 10)

typedef struct BacklogEntry BacklogEntry;

typedef struct Backlog {
        BacklogEntry *entries; /* the oldest first */
        unsigned n_entries;
        size_t n_bytes;
        uint64_t last; /* number of the last report; the first one's is 1 */
} Backlog;

/* Gives @params, borrowed, a number of its own. @method must live as long as the backlog. */
int backlog_add(Backlog *b, const char *method, json_object *params);
void backlog_done(Backlog *b);

/* Takes @params over. A negative value ends the replay. */
typedef int (*BacklogTell)(void *userdata, const char *method, json_object *params);
/* All that came after number @taken. Returns how many of them are forgotten, or what @tell said. */
int64_t backlog_replay(const Backlog *b, uint64_t taken, BacklogTell tell, void *userdata);
