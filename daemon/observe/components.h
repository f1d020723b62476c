/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Components
 *
 * The parts of the service as an operator sees them: how each is, what it says, what it rests on,
 * how often it was restarted. Each part judges itself from its real state when it is asked; this
 * module asks, remembers, and tells when something is different. Others may find fault with a part
 * as well; the worst of all counts. A part that says of itself that it has failed is restarted
 * alone, what it rests on first, and less and less often; after some times it is given up and says
 * so.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/agents/health.h"
#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define COMPONENT_TEXT_MAX 256U

/* A part that failed is restarted so often, and then given up until it is well, or told to. */
#define COMPONENT_ATTEMPTS 5U
/* From the first attempt to the second; then twice as long, and so on. */
#define COMPONENT_DELAY_USEC (5 * USEC_PER_SEC)
/* Who has been well for so long has earned new attempts. */
#define COMPONENT_STABLE_USEC (60 * USEC_PER_SEC)

/* What a part says of itself. */
typedef struct ComponentReport {
        Health health;
        char text[COMPONENT_TEXT_MAX];
        unsigned restarts; /* that happened by themselves; those that were wanted are added */
        uint64_t errors;   /* that it met since the start */
} ComponentReport;

void component_report_set(ComponentReport *report, Health health, const char *format, ...)
                _printf_(3, 4);

typedef struct ComponentSpec {
        const char *name;
        const char *const *depends_on; /* ends with NULL; NULL: nothing */
        /* @report comes as green without text. */
        void (*check)(void *userdata, ComponentReport *report);
        /* NULL: it cannot be restarted alone. Returns a negative errno if it could not be. */
        int (*restart)(void *userdata);
        bool counts_restarts; /* its report has those that were wanted as well */
} ComponentSpec;

/* Faults are found by checks of some kinds; a check forgets what the one before it found. */
#define COMPONENT_FAULTS_MAX 4U

typedef struct ComponentFault {
        Health health; /* green: there is none */
        char text[COMPONENT_TEXT_MAX];
} ComponentFault;

typedef struct Component {
        const ComponentSpec *spec;
        ComponentReport own; /* what it says of itself */
        ComponentFault faults[COMPONENT_FAULTS_MAX];
        ComponentReport last;  /* with the worst fault in it */
        uint64_t checked_usec; /* CLOCK_REALTIME */
        unsigned restarts;     /* that were wanted, and came about */
        struct {
                unsigned attempts;
                uint64_t next_usec;  /* CLOCK_MONOTONIC, as all here; not before */
                uint64_t green_usec; /* well since then; 0: it is not */
                bool given_up;
        } healing;
} Component;

typedef struct Components Components;

/* @specs ends with a NULL name and lives as long as the result. Checks all of them once. */
int components_new(const ComponentSpec *specs, void *userdata, Components **ret);
Components *components_free(Components *components);
DEFINE_CLEANUP(Components *, components_free)

/* Asks every part; the observer hears of those that answer differently from the last time. */
void components_check(Components *components);

/* One check of a kind: forgets, finds, and tells what is different by then. */
void components_forget_faults(Components *components, unsigned kind);
void components_find_fault(Components *components, unsigned kind, const char *name, Health health,
                const char *text);
void components_settle_faults(Components *components);

/*
 * What it rests on is restarted first if that has failed. -ENXIO: there is no such part;
 * -EOPNOTSUPP: it cannot be restarted; else what the restart says.
 */
int components_restart(Components *components, const char *name);

/* Restarts what has failed, if it is time to. @healed is told of each attempt: 0 or its error, and
 * -EHOSTDOWN once for a part that is given up. */
typedef void (*ComponentHealed)(void *userdata, const Component *component, int error);
void components_heal(
                Components *components, uint64_t now_usec, ComponentHealed healed, void *userdata);

/* The worst of all. */
Health components_health(const Components *components);

/* Borrowed. NULL: none; start with NULL. In the order of the specs. */
const Component *components_find(const Components *components, const char *name);
const Component *components_next(const Components *components, const Component *previous);

/* One observer; NULL: none. */
typedef void (*ComponentChanged)(void *userdata, const Component *component);
void components_set_observer(Components *components, ComponentChanged changed, void *userdata);

/* One that is told of each restart, whoever wanted it, and how long it took; NULL: none. */
typedef void (*ComponentRestarted)(
                void *userdata, const Component *component, int error, uint64_t usec);
void components_set_meter(Components *components, ComponentRestarted restarted, void *userdata);
