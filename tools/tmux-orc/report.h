/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reports: how they are had from the service, and how they are shown. */

#include <stdint.h>

#include "tools/tmux-orc/document.h"

/* @since_usec 0: as is usual for the kind. Tells what went wrong. */
CommandResult report_fetch(Context *c, const char *kind, uint64_t since_usec, json_object **ret);
CommandResult report_update_baseline(Context *c, json_object **ret);

/* Which of --day, --week, --month was given: how many days, 1 if none was; -E2BIG: several. */
int report_span(const Context *c, const char **ret_kind, const char **ret_words);

/* The parts; what the report does not have is passed over. */
void report_print_agents(Document *d, json_object *report, bool detailed);
void report_print_service(Document *d, json_object *report, bool detailed);
void report_print_performance(Document *d, json_object *report);
void report_print_figures(Document *d, json_object *performance);
void report_print_cache(Document *d, json_object *report);
/* "of 23h 51m": for how much of the time there are figures. */
void report_print_covered(Document *d, json_object *performance);
