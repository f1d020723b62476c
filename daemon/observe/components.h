/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Components
 *
 * The parts of the service as an operator sees them: how each is, what it says, what it rests on,
 * how often it was restarted. Each part judges itself from its real state when it is asked; this
 * module asks, remembers, and tells when something is different. Others may find fault with a part
 * as well; the worst of all counts.
 */

#include <stdint.h>

#include "daemon/agents/health.h"
#include "daemon/base/cleanup.h"

#define COMPONENT_TEXT_MAX 256U

/* What a part says of itself. */
typedef struct ComponentReport {
        Health health;
        char text[COMPONENT_TEXT_MAX];
        unsigned restarts;
        uint64_t errors; /* that it met since the start */
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

/* -ENXIO: there is no such part; -EOPNOTSUPP: it cannot be restarted; else what the restart says.
 */
int components_restart(Components *components, const char *name);

/* The worst of all. */
Health components_health(const Components *components);

/* Borrowed. NULL: none; start with NULL. In the order of the specs. */
const Component *components_find(const Components *components, const char *name);
const Component *components_next(const Components *components, const Component *previous);

/* One observer; NULL: none. */
typedef void (*ComponentChanged)(void *userdata, const Component *component);
void components_set_observer(Components *components, ComponentChanged changed, void *userdata);
