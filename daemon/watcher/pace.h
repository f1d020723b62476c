/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pace
 *
 * When to look at which server again. All looks together may cost a share of one core. Four fifths
 * of it go to an even pace, from four looks a second to one in two seconds. What is saved (or was
 * not used) is credit, of a minute at most, and lets servers be looked at for two and a half times
 * the budget, up to ten times in a second; half of it is kept for those on which something begins
 * to move. The last of it is spent ever more slowly: so where something changes all the time, looks
 * come as often as the budget lets them for ever. Who has overspent is slower until that is paid
 * back. A server that is at rest need not be asked to know that, and what it costs to ask it is no
 * reason to look at it less often; but when it moves again it is asked no sooner than if it had not
 * rested. Where the kernel tells which panes are written to, a glance at these alone comes instead:
 * at once if they had been still, at that pace if they move; and a look once in a second is enough.
 * A configured interval takes the place of all that. Pure: time is an argument.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/wire/watching.h"

#define PACE_CHANGING_USEC (100 * USEC_PER_MSEC) /* at least, between looks where things change */
#define PACE_QUIET_USEC (250 * USEC_PER_MSEC)    /* and where nothing does */
#define PACE_MAX_USEC (2 * USEC_PER_SEC)
#define PACE_COVERED_USEC USEC_PER_SEC /* at least, where panes tell that they are written to */
#define PACE_GLANCE_USEC (50 * USEC_PER_MSEC) /* at least, between two glances */

/* What all servers share. */
typedef struct Pace {
        double budget;          /* share of one core */
        uint64_t interval_usec; /* configured; 0: none */
        bool asked;         /* somebody else says when; what we could afford is told all the same */
        double cost_usec;   /* CPU time to ask each server that is not at rest once */
        double rest_usec;   /* CPU time of one look at each that is */
        double credit_usec; /* CPU time; below 0: debt */
        uint64_t credit_at_usec;
} Pace;

/* What a glance is at. */
typedef enum PaceGlance {
        PACE_GLANCE_STIRRING, /* what had been still */
        PACE_GLANCE_MOVING,   /* whatever moves */
        _PACE_GLANCES,
} PaceGlance;

/* One server. All zero is a new one. */
typedef struct PaceServer {
        double cost_usec; /* mean CPU time of a look for which it was asked */
        double wall_usec; /* mean time that one takes */
        double rest_usec; /* mean CPU time of a look at rest */
        struct {
                double cost_usec; /* mean CPU time */
                uint64_t usec;    /* when the last was; 0: never */
        } glances[_PACE_GLANCES];
        bool covered;     /* each of its panes tells when it is written to */
        bool at_rest;     /* at the last look */
        bool moved;       /* at the last for which it was asked */
        unsigned n_looks; /* that count as its first ones */
        uint64_t changed_usec;
        uint64_t asked_usec; /* when it was looked at and not at rest; 0: never */
} PaceServer;

typedef struct PaceLook {
        double cost_usec;
        uint64_t wall_usec;
        bool asked;   /* the server was; else it was known to be at rest */
        bool moved;   /* some screen was another than before */
        bool changed; /* something began to move that was still */
        bool covered; /* each pane tells when it is written to */
} PaceLook;

void pace_init(Pace *p, uint64_t now_usec);
void pace_set(Pace *p, double budget_percent, uint64_t interval_usec);

void pace_looked(Pace *p, PaceServer *s, const PaceLook *look, uint64_t now_usec);
void pace_forget(Pace *p, PaceServer *s);

/* From one look to the next where nothing changes, and why it is that. */
uint64_t pace_interval(const Pace *p, const PaceServer *s, PaceReason *ret_reason);
/* From a look that was just made to when it may be asked again. */
uint64_t pace_next(const Pace *p, const PaceServer *s, uint64_t now_usec);

/* A few panes were captured between two looks. */
void pace_glanced(Pace *p, PaceServer *s, PaceGlance which, double cost_usec, uint64_t now_usec);
/* From now to when that may be done. */
uint64_t pace_glance(const Pace *p, const PaceServer *s, PaceGlance which, uint64_t now_usec);
