/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Batch
 *
 * What one connection asks a tmux server: rows about all panes, and after them the screens of some.
 * Each row begins with a random word of this batch, so that nothing that a hook prints can pass for
 * a row. Building is pure, but for the word.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/watcher/tmux/words.h"

/* More screens than this in one go, and keystrokes of the user wait for them noticeably. */
#define TMUX_CHUNK_MAX 50U
#define TMUX_WORD_MAX 17U
#define TMUX_PANE_NAME_MAX 16U

/*
 * A list is closed by a row about the server, unless something else tells whether it is whole: the
 * places, or of a brief one with no screens after it the exit status. That saves a command.
 */
typedef enum TmuxBatchRows {
        TMUX_ROWS_ALL,    /* all that is known of all panes */
        TMUX_ROWS_BRIEF,  /* what tells that a pane is not what it was */
        TMUX_ROWS_LEAN,   /* the same for half the cost, of panes of which the places are known */
        TMUX_ROWS_LIVE,   /* that, and all that a program may change with its screen */
        TMUX_ROWS_HEIGHT, /* only what is needed to split screens */
        TMUX_ROWS_NONE,
        TMUX_ROWS_OWN, /* no list; all that is known of each pane before its screen */
} TmuxBatchRows;

/* Of one row, when all that is known was listed. */
typedef struct TmuxPlace {
        uint32_t pane;
        unsigned height;
        uint64_t layout; /* XXH3 of the window's, which has the names and sizes of its panes */
} TmuxPlace;

typedef struct TmuxBatch {
        char word[TMUX_WORD_MAX];
        TmuxBatchRows rows;
        uint32_t panes[TMUX_CHUNK_MAX]; /* whose screens, without duplicates */
        size_t n_panes;
        const TmuxPlace *places; /* for lean and live rows, in their order; borrowed */
        size_t n_places;
} TmuxBatch;

void tmux_batch_init(TmuxBatch *batch, TmuxBatchRows rows);
/* Returns false if it is full. A pane that is in it already is fine. */
bool tmux_batch_add(TmuxBatch *batch, uint32_t pane);
/* Whether it begins with rows about all panes. */
bool tmux_batch_has_list(const TmuxBatch *batch);
/*
 * Whether the screens come bare, split by the heights in the list. Else each has a row of its own
 * before it: its height, and what may have changed with the screen.
 */
bool tmux_batch_is_bare(const TmuxBatch *batch);
/* Whether its rows say nothing of which pane they are: the places tell. */
bool tmux_batch_is_placed(const TmuxBatch *batch);
/* Whether a row about the server closes its rows, if it has any. */
bool tmux_batch_is_closed(const TmuxBatch *batch);
bool tmux_batch_has(const TmuxBatch *batch, uint32_t pane);
/* Returns what tmux_words_check() does. */
int tmux_batch_to_words(const TmuxBatch *batch, TmuxWords *ret);

/* "%12" to 12 and back. */
int tmux_pane_parse(const char *name, uint32_t *ret);
void tmux_pane_format(uint32_t pane, char ret[static TMUX_PANE_NAME_MAX]);
