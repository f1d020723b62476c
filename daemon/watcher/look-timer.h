/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Look timer
 *
 * When one server is looked at next, at the pace that its cost allows; and when a few of its panes
 * are captured in between: they were written to, or a state waits for its confirmation. Reads the
 * clocks around each call to the server.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/ledger.h"

typedef struct LookTimer LookTimer;

typedef struct LookTimerEvents {
        void (*look)(void *userdata); /* it is time to */
        /* The same for one between two looks. */
        void (*glance)(void *userdata, PaceGlance which);
} LookTimerEvents;

/* @ledger and @events are borrowed. */
int look_timer_new(sd_event *event, Ledger *ledger, const LookTimerEvents *events, void *userdata,
                LookTimer **ret);
LookTimer *look_timer_free(LookTimer *timer);
DEFINE_CLEANUP(LookTimer *, look_timer_free)

/* One call to the server; @pid 0: not known. */
void look_timer_call_began(LookTimer *timer, pid_t pid);
void look_timer_call_ended(LookTimer *timer);

/* After a look, whatever came of it. Of @look all but the cost, which is known here. */
void look_timer_looked(LookTimer *timer, PaceLook look);
void look_timer_glanced(LookTimer *timer, PaceGlance which);

/*
 * The next look is due at the pace; never with a configured interval, or where looks are asked for.
 * It may be called for early: a look costs nothing if the server is at rest; else
 * look_timer_wait().
 */
int look_timer_plan(LookTimer *timer);
/* A glance is due in @usec, or when it can be paid for. The first that was planned counts. */
int look_timer_plan_glance(LookTimer *timer, uint64_t usec);
/* A pane was written to: the same, soon. Not where somebody else says when. */
int look_timer_written(LookTimer *timer, PaceGlance which);
bool look_timer_is_early(const LookTimer *timer);
int look_timer_wait(LookTimer *timer);
/* No look could be made: it is tried again, rarely. */
int look_timer_retry(LookTimer *timer);
void look_timer_stop(LookTimer *timer);

uint64_t look_timer_interval(const LookTimer *timer, PaceReason *ret_reason);
/* Whether glances come whenever a pane is written to, whichever it is. */
bool look_timer_is_told(const LookTimer *timer);
