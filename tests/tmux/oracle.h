/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Oracle
 *
 * What tmux itself says of all panes and their screens, asked for with its plain commands, nothing
 * left out and nothing remembered.
 */

#include "tests/tmux/fixture.h"

#define ORACLE_PANES_MAX 64

typedef struct OraclePane {
        unsigned id;
        unsigned width, height;
        int pid;
        char tty[32];
        char *title;
        char *screen;
} OraclePane;

typedef struct Oracle {
        OraclePane panes[ORACLE_PANES_MAX];
        size_t n_panes;
} Oracle;

void oracle_ask(const Fixture *f, Oracle *ret);
void oracle_done(Oracle *o);
bool oracle_equal(const Oracle *a, const Oracle *b);

/* How the pane differs from what was seen of it; NULL if it does not. @seen may be NULL. */
const char *oracle_differs(const OraclePane *pane, const TmuxPane *seen);
