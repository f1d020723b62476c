/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * systemd
 *
 * Asks the manager on the bus that the context has chosen, and waits for the jobs that it begins.
 */

#include "tools/tmux-orc/command.h"

#define SYSTEMD "org.freedesktop.systemd1"

typedef struct SystemdJob {
        const char *path; /* borrowed from the answer that named it */
        char result[32];  /* "": not over yet */
} SystemdJob;

/* Whether a systemd is on that bus, which must be open. */
bool systemd_is_there(const Context *c);

/* The same where it may be about to come: whoever is first on a user's bus has that started, and
 * systemd joins it a moment later. */
bool systemd_is_coming(const Context *c);

/* A call of the manager, for more to be appended. */
int systemd_call_new(const Context *c, const char *member, sd_bus_message **ret);

/* Calls and waits; @types and what follows as in sd_bus_message_append(). */
int systemd_ask(Context *c, const char *member, sd_bus_message **ret, sd_bus_error *reterr,
                const char *types, ...);

/* Makes a call that answers with a job, and waits for its end; @job borrows from @reply. */
int systemd_run_job(Context *c, sd_bus_message *call, SystemdJob *job, sd_bus_message **reply,
                sd_bus_error *reterr);
