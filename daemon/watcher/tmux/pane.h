/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pane
 *
 * What was last seen of one pane: its row, its screen, and when. Owned by its server. It decides
 * whether a screen must be captured again; it does not know what the screen means.
 */

#include <uthash.h>

#include "daemon/watcher/tmux/answer.h"

/* Bits. */
typedef enum TmuxPaneChange {
        TMUX_PANE_NEW = 1 << 0,
        TMUX_PANE_META = 1 << 1, /* names, title, process, size, modes, death */
        TMUX_PANE_CURSOR = 1 << 2,
        TMUX_PANE_SCREEN = 1 << 3,
} TmuxPaneChange;

/* What a change of the screen shows in; compared as a whole. */
typedef struct TmuxPaneMeta {
        uint64_t window_activity;
        uint64_t pid;
        uint64_t dead;
        uint64_t width;
        uint64_t height;
        uint64_t cursor_x;
        uint64_t cursor_y;
        uint64_t alternate_on;
        uint64_t window;
} TmuxPaneMeta;

typedef struct TmuxPane {
        uint32_t id;
        char name[TMUX_PANE_NAME_MAX]; /* "%12" */
        TmuxRow row;
        char *screen; /* by screen_text_new(); NULL: not captured yet */
        size_t n_screen;
        uint64_t hash;             /* XXH3 of what tmux printed */
        uint64_t capture_usec;     /* CLOCK_MONOTONIC of the last capture; 0: none */
        uint64_t capture_realtime; /* CLOCK_REALTIME of the same */
        uint64_t change_usec;      /* of the last capture that was not like the one before */
        uint64_t change_realtime;
        void *userdata; /* of whoever listens to the server */

        /* The server's own. */
        uint64_t hot_until_usec;
        uint64_t rest_until_usec;
        uint64_t look; /* the number of the last one that listed it */
        unsigned changes;
        TmuxPaneMeta captured_meta;
        bool wanted;  /* with the next glance, or look */
        bool urgent;  /* it had been still, or somebody waits for it */
        bool is_mute; /* its terminal cannot be watched */
        bool watched; /* the kernel tells of the next write to its terminal */
        bool tells;   /* it has done so before */
        bool written; /* it has, since the pane was captured */
        bool unseen;  /* it had before the capture that is under way, which has to show something */
        int watch;
        unsigned terminal;
        unsigned n_finds;  /* of the terminal, in vain */
        pid_t terminal_of; /* 0: not known */
        UT_hash_handle hh;
        UT_hash_handle hh_watch;
} TmuxPane;

int tmux_pane_new(uint32_t id, TmuxPane **ret);
TmuxPane *tmux_pane_free(TmuxPane *pane);
DEFINE_CLEANUP(TmuxPane *, tmux_pane_free)

/* Takes @row over. Returns the bits that changed. */
unsigned tmux_pane_set_row(TmuxPane *pane, TmuxRow *row);

/*
 * Takes what a brief row has. Returns the bits that changed, or -ESTALE if whole rows are needed:
 * the pane is another, or elsewhere, or of another size; then all is as it was.
 */
int tmux_pane_set_brief(TmuxPane *pane, const TmuxRow *brief);
/* Takes what a lean or a live row of it has, the title too. Returns the bits that changed. */
unsigned tmux_pane_set_lean(TmuxPane *pane, TmuxRow *lean);

/* Whether this is the screen it has already. */
bool tmux_pane_shows(const TmuxPane *pane, const TmuxScreen *screen);

/*
 * Only of one with a title. @realtime and @usec are from just before the capture was asked for.
 * Takes the title. Returns the bits that changed, or -ENOMEM: then all is as it was.
 */
int tmux_pane_set_screen(TmuxPane *pane, TmuxScreen *screen, uint64_t realtime, uint64_t usec);

/*
 * Whether the screen may differ from the captured one. tmux notes activity by the second, so a
 * capture within that second proves nothing; but one since @since_usec (CLOCK_MONOTONIC) has to do.
 */
bool tmux_pane_is_stale(const TmuxPane *pane, uint64_t since_usec);

/* Captured in the first batch of each look until then (CLOCK_MONOTONIC). */
static inline void tmux_pane_set_hot(TmuxPane *pane, uint64_t until_usec) {
        pane->hot_until_usec = until_usec;
}

/* Nobody wrote to it since it was captured, as far as the kernel knows. */
static inline bool tmux_pane_is_as_captured(const TmuxPane *pane) {
        return pane->tells && pane->watched && !pane->wanted;
}

/* Captured with the next glance, or look. */
static inline void tmux_pane_want(TmuxPane *pane, bool urgently) {
        pane->wanted = true;
        pane->urgent |= urgently;
}

/* Until then it is captured only while it is hot, the first time, and with everything else. */
static inline void tmux_pane_set_rest(TmuxPane *pane, uint64_t until_usec) {
        pane->rest_until_usec = until_usec;
}

static inline bool tmux_pane_rests(const TmuxPane *pane, uint64_t now_usec) {
        return pane->rest_until_usec > now_usec && pane->hot_until_usec <= now_usec && pane->screen;
}
