/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of reports. Each returns a value of JSON; -ENOMEM, or what the file says. */

#include "daemon/observe/report.h"

/*
 * Who was in which state for how long, by agent and by type; how long agents waited for a human;
 * usage limits, errors and ends. Adds its members to @o.
 */
int report_add_agents(const ReportRequest *request, sqlite3 *db, json_object *o);

/* Cycles, their time against its target, the service's own needs. */
int report_performance(const Samples *s, json_object **ret);
/* What was so then and what is so now. -ENODATA: there is no baseline. */
int report_compare(sqlite3 *db, json_object *performance, json_object **ret);
/* The baseline itself. -ENODATA. */
int report_baseline(sqlite3 *db, json_object **ret);

/* By component: how well it was, and its errors. @live: as it is now; may be NULL. */
int report_components(const Samples *s, json_object *live, json_object **ret);
int report_plugins(const Samples *s, json_object *live, json_object **ret);
int report_cache(const Samples *s, json_object **ret);
/* Layers that deserve a word, as sentences with the figures that they rest on. */
int report_cache_advice(const Samples *s, json_object **ret);

int report_add_capacity(
                const ReportRequest *request, sqlite3 *db, const Samples *s, json_object *o);

/* The value that this share (0 to 1) of a histogram's values does not exceed, between its bounds;
 * 0 if there are none. */
double report_quantile(const Samples *s, const char *metric, double share);
/* Seconds that a cycle may take with so many agents. */
double report_cycle_target(double agents);
/* For how long samples were taken. */
uint64_t report_covered(const Samples *s);
