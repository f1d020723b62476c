/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A private tmux server and a TmuxServer that looks at it
 *
 * In a folder of its own, with an empty configuration, killed at the end. Nothing here sleeps: the
 * loop runs until what is waited for is so, and the test fails if that takes too long.
 */

#include "tests/unit/test.h"

#include <signal.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/server.h"
#include "daemon/watcher/tmux/transport-choice.h"

typedef struct Fixture {
        char folder[64];
        char socket[96];
        sd_event *event;
        TmuxTransport *transport; /* as TEST_TRANSPORT says: source, native */
        TmuxServer *server;
        int error; /* of the last look */
        TmuxLookStats stats;
        unsigned n_done;
        unsigned n_new;
        unsigned n_gone;
        unsigned n_replaced;
        unsigned n_changed;
        unsigned n_written; /* how often one was told to be */
        unsigned n_stirs;   /* and had been still */
        unsigned changes;   /* bits of all changes since last cleared */
        unsigned panes_at_absence;
        Liveness told; /* by the last liveness_changed */
        unsigned n_told;
        unsigned n_notices; /* about the transport */
} Fixture;

/* 77 if there is no tmux here. */
int fixture_check(void);

/* cmocka's setup and teardown. The server runs one pane of 80x24 that shows "ready". */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Runs tmux with these arguments, NULL-ended, and waits; returns its exit status. */
int fixture_tmux(Fixture *f, ...) __attribute__((sentinel));
void fixture_start_server(Fixture *f);
pid_t fixture_server_pid(Fixture *f);

typedef bool (*FixtureCondition)(Fixture *f, const void *argument);
/* Looks again and again until it is so. */
void fixture_look_until(Fixture *f, FixtureCondition condition, const void *argument);
/* Runs the loop, without asking for anything. */
void fixture_run_until(Fixture *f, FixtureCondition condition, const void *argument);
/* One look, until it is done. Returns its error. */
int fixture_look(Fixture *f, TmuxLookMode mode);
/* The same for a glance; 1 if there was none to make. */
int fixture_glance(Fixture *f);

/* Conditions */
bool fixture_shows(Fixture *f, const void *text);  /* some pane's screen has it */
bool fixture_titled(Fixture *f, const void *text); /* some pane's title has it */
bool fixture_has_panes(Fixture *f, const void *unsigned_count);
bool fixture_is(Fixture *f, const void *liveness);

/* The pane with @text on its screen; fails if there is none. */
TmuxPane *fixture_pane_with(Fixture *f, const char *text);
