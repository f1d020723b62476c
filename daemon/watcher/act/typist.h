/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Typist
 *
 * The only one who types. For each order: ask tmux, look, decide (guard.h), strike (strike.h), look
 * again whether it was taken. A text and its Enter are two strikes. One order at a time per pane.
 */

#include "daemon/watcher/act/guard.h"
#include "daemon/watcher/watched-server.h"

typedef struct Typist Typist;

int typist_new(sd_event *event, Typist **ret);
/* Nobody is told any more. */
Typist *typist_free(Typist *typist);
DEFINE_CLEANUP(Typist *, typist_free)

typedef void (*TypistDone)(void *userdata, const ActOutcome *outcome);

/* Takes over what @order holds. @done is called once, from the loop or from here. */
void typist_type(Typist *typist, WatchedServer *server, const char *pane, ActOrder *order,
                TypistDone done, void *userdata);
/* The server goes: what is being typed there ends. */
void typist_forget(Typist *typist, const WatchedServer *server);
