/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Look timer
 *
 * When one server is looked at next: at the pace that its cost allows, or sooner where a state
 * waits for its confirmation. Reads the clocks around each call to the server.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/ledger.h"

typedef struct LookTimer LookTimer;

typedef void (*LookDue)(void *userdata);

/* @ledger is borrowed. */
int look_timer_new(sd_event *event, Ledger *ledger, LookDue due, void *userdata, LookTimer **ret);
LookTimer *look_timer_free(LookTimer *timer);
DEFINE_CLEANUP(LookTimer *, look_timer_free)

/* One call to the server; @pid 0: not known. */
void look_timer_call_began(LookTimer *timer, pid_t pid);
void look_timer_call_ended(LookTimer *timer);

/* After a look, whatever came of it. Of @look all but the cost, which is known here. */
void look_timer_looked(LookTimer *timer, PaceLook look);

/*
 * The next look is due at the pace, but at the latest in @confirm_usec (UINT64_MAX: at the pace).
 * With a configured interval, or where looks are asked for, only @confirm_usec counts. LookDue may
 * be called early: a look costs nothing if the server is at rest; else look_timer_wait().
 */
int look_timer_plan(LookTimer *timer, uint64_t confirm_usec);
bool look_timer_is_early(const LookTimer *timer);
int look_timer_wait(LookTimer *timer);
/* No look could be made: it is tried again, rarely. */
int look_timer_retry(LookTimer *timer);
void look_timer_stop(LookTimer *timer);

uint64_t look_timer_interval(const LookTimer *timer, PaceReason *ret_reason);
