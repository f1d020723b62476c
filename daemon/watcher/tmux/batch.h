/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Batch
 *
 * What one connection asks a tmux server: rows about panes, and after them the screens of some.
 * Each row begins with a random word of this batch, so that nothing that a pane prints can pass for
 * a row. Building is pure, but for the word.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

/* More screens than this in one go, and keystrokes of the user wait for them noticeably. */
#define TMUX_CHUNK_MAX 50U
#define TMUX_WORD_MAX 17U
#define TMUX_PANE_NAME_MAX 16U

typedef enum TmuxBatchRows {
        TMUX_ROWS_ALL,    /* the server, and all that is known of all panes */
        TMUX_ROWS_BRIEF,  /* the server, and what tells that a pane is not what it was */
        TMUX_ROWS_HEIGHT, /* only what is needed to split the screens */
} TmuxBatchRows;

typedef struct TmuxBatch {
        char word[TMUX_WORD_MAX];
        TmuxBatchRows rows;
        uint32_t panes[TMUX_CHUNK_MAX]; /* whose screens, without duplicates */
        size_t n_panes;
} TmuxBatch;

void tmux_batch_init(TmuxBatch *batch, TmuxBatchRows rows);
/* Returns false if it is full. A pane that is in it already is fine. */
bool tmux_batch_add(TmuxBatch *batch, uint32_t pane);
bool tmux_batch_has(const TmuxBatch *batch, uint32_t pane);
int tmux_batch_to_commands(const TmuxBatch *batch, char **ret, size_t *ret_n);

/* "%12" to 12 and back. */
int tmux_pane_parse(const char *name, uint32_t *ret);
void tmux_pane_format(uint32_t pane, char ret[static TMUX_PANE_NAME_MAX]);
