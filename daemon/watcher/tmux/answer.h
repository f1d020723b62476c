/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Answer
 *
 * What a tmux server printed for a batch, as rows and screens. A pure function of the bytes, which
 * are hostile: everything in a row is checked, names are cleaned, screens are split by the heights
 * that came in the same answer, or that go with its layouts, and dropped altogether if the lines do
 * not add up.
 */

#include <sys/types.h>

#include "daemon/watcher/tmux/batch.h"

#define TMUX_PANES_MAX 4096U
#define TMUX_NAME_MAX 256U
#define TMUX_SIDE_MAX 10000U /* tmux itself allows no larger pane */

typedef struct TmuxRow {
        uint32_t pane;
        pid_t pid; /* stays when it is dead */
        bool dead;
        int dead_status; /* -1: not known: tmux learns it late, and in 3.3a now and then never */
        int dead_signal; /* 0: none, or a tmux before 3.4 */
        unsigned width;
        unsigned height;
        unsigned cursor_x;
        unsigned cursor_y;
        bool alternate_on;
        bool in_mode;
        uint64_t window_activity; /* CLOCK_REALTIME, in seconds */
        uint32_t window;
        unsigned window_index;
        unsigned pane_index;
        bool window_active;
        bool session_attached;
        bool zoomed;     /* its window is */
        uint64_t layout; /* XXH3 of the window's, as it is seen */
        size_t n_layout;
        char *session;
        char *window_name;
        char *title;
} TmuxRow;

typedef struct TmuxScreen {
        uint32_t pane;
        unsigned height;
        const char *text; /* borrowed from the bytes that were parsed */
        size_t n_text;
        /* Unless only heights were listed: then the title is NULL, and the others are 0. */
        unsigned cursor_x;
        unsigned cursor_y;
        bool alternate_on;
        bool in_mode;
        char *title;
} TmuxScreen;

typedef struct TmuxAnswer {
        bool has_server; /* only then are the next three meant; not with a brief list alone */
        pid_t server_pid;
        uint64_t server_start_usec;
        char version[32];
        TmuxRow *rows; /* by pane, each once, with what was asked for */
        size_t n_rows;
        bool cut;          /* there were more panes than we take */
        TmuxPlace *places; /* of whole rows, in their order */
        size_t n_places;
        bool moved; /* rows and places did not fit: there are no screens in here */
        TmuxScreen screens[TMUX_CHUNK_MAX];
        size_t n_screens;
        bool torn; /* screens and heights did not fit: there are no screens in here */
} TmuxAnswer;

/* -EBADMSG if the rows are not such as the batch asks for. */
int tmux_answer_parse(const TmuxBatch *batch, const char *out, size_t n_out, TmuxAnswer *ret);
void tmux_answer_done(TmuxAnswer *answer);

void tmux_row_done(TmuxRow *row);
const TmuxRow *tmux_answer_find(const TmuxAnswer *answer, uint32_t pane);
