/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Alerts
 *
 * Holds the rules against the signals: an alert is raised once its condition has held for as long
 * as its rule says, and cleared when it has not held for a while. Those that were cleared are
 * remembered, the last of them. Pure: time is an argument, and what becomes known is told to
 * observers.
 */

#include "daemon/observe/signals.h"

#define ALERTS_HISTORY_MAX 200U
#define ALERT_TEXT_MAX 160U

/* Read-only. */
typedef struct Alert {
        const AlertRule *rule;
        char *id;            /* "CyclesSlow.critical", "ComponentDown.critical.cache" */
        char *label;         /* "" if there is only one of its rule */
        double value, limit; /* as they were when it held last */
        uint64_t since_usec; /* CLOCK_REALTIME: raised */
        uint64_t until_usec; /* cleared; 0: it has not been */
} Alert;

/* The component that does badly. */
const char *alert_component(const Alert *alert);
/* What it says, in a sentence without its end; returns @buffer. */
const char *alert_text(const Alert *alert, char buffer[static ALERT_TEXT_MAX]);

typedef struct AlertsObserver {
        void (*raised)(void *userdata, const Alert *alert);
        void (*cleared)(void *userdata, const Alert *alert);
} AlertsObserver;

typedef struct Alerts Alerts;

int alerts_new(Alerts **ret);
Alerts *alerts_free(Alerts *alerts);
DEFINE_CLEANUP(Alerts *, alerts_free)

/* -ENOSPC: there are too many. Told in the order in which they came. */
int alerts_add_observer(Alerts *alerts, const AlertsObserver *observer, void *userdata);
void alerts_remove_observer(Alerts *alerts, const void *userdata);

/* @metrics are as they are now: collect them first. @now_usec: CLOCK_MONOTONIC. */
void alerts_evaluate(
                Alerts *alerts, const Metrics *metrics, uint64_t now_usec, uint64_t realtime_usec);

/* Those that are raised and for people: all but infos. Borrowed. NULL: none; start with NULL. */
const Alert *alerts_next(const Alerts *alerts, const Alert *previous);
const Alert *alerts_find(const Alerts *alerts, const char *id);
/* Raised, infos as well. */
unsigned alerts_count(const Alerts *alerts, AlertSeverity severity);

/* Those that were cleared, the last one first; i from 0; NULL: no more. */
const Alert *alerts_past(const Alerts *alerts, size_t i);
/* One more of them, from before us: its rule, label, value, limit and times count. -ENOMEM. */
int alerts_remember(Alerts *alerts, const Alert *past);

/* What the signals of one kind say of components now, whether it has been so for long or not. */
typedef void (*AlertsFinding)(void *userdata, const Alert *finding);
void alerts_judge(const Alerts *alerts, const Metrics *metrics, Checkup checkup,
                AlertsFinding found, void *userdata);
