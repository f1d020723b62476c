/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Strike
 *
 * The tmux commands that type, and what comes back. tmux itself looks once more whether the pane is
 * as it was seen, in the same breath in which it passes the keys on: between its look and the keys
 * nothing else runs in the server. So neither a key of a human, nor copy-mode, nor another program
 * can come in between.
 */

#include "daemon/watcher/act/guard.h"
#include "daemon/watcher/tmux/batch.h"
#include "daemon/watcher/tmux/transport.h"

typedef struct Strike {
        char word[17]; /* at the head of every line of the answer */
        char pane[TMUX_PANE_NAME_MAX];
        char buffer[40]; /* of tmux; holds the text between two commands */
} Strike;

void strike_init(Strike *s, const char *pane);

/* What the guard asks tmux. */
int strike_probe(const Strike *s, TmuxWords *ret);
/* -EBADMSG: that is no such answer; -ENXIO: there is no such pane. */
int strike_take_probe(const Strike *s, const TmuxReply *reply, PaneProbe *ret);

/* How the pane was seen, and must be still. */
typedef struct StrikeGuard {
        const TmuxRow *row;
        const PaneProbe *probe;
        uint64_t now_usec; /* CLOCK_REALTIME */
} StrikeGuard;

int strike_paste(const Strike *s, const StrikeGuard *guard, const char *text, TmuxWords *ret);
/* @keys are names of tmux. */
int strike_keys(const Strike *s, const StrikeGuard *guard, char *const *keys, TmuxWords *ret);
/* Starts a command of plain words in a pane whose program ended and that tmux kept. */
int strike_respawn(const Strike *s, const StrikeGuard *guard, const char *command, TmuxWords *ret);
/* Why tmux did not; ACT_DONE if it did; ACT_TMUX if it cannot be told. */
ActRefusal strike_take(const Strike *s, const StrikeGuard *guard, const TmuxReply *reply);
