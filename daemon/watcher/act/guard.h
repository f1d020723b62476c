/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Guard
 *
 * Whether something may be typed to an agent, as a fresh look shows it. Pure: it decides on what it
 * is shown. What it cannot see, the moment at which the keys arrive, is guarded by tmux itself: see
 * strike.h.
 */

#include "daemon/watcher/pane-agent.h"
#include "daemon/wire/acting.h"

/* So long after a key of a human nothing is typed into what that human sees. */
#define GUARD_HUMAN_USEC (2 * 1000000ULL)

/* What tmux says of a pane besides the look. */
typedef struct PaneProbe {
        pid_t pid; /* the pane's own process */
        char command[64];
        bool viewed;       /* a client shows the pane and sends its keys there */
        uint64_t key_usec; /* CLOCK_REALTIME, in seconds: the last key of any client of its session
                            */
        bool synchronized; /* keys go to other panes too, or to none */
        char policy[16];   /* of the owner, as tmux option @tmux-orc-policy; "": none */
} PaneProbe;

typedef struct GuardView {
        const TrackerState *state;
        const PaneSight *sight;
        const TmuxRow *row;
        const PaneProbe *probe;
        const char *token; /* of what is seen now */
        uint64_t now_usec; /* CLOCK_REALTIME */
} GuardView;

/* Before anything is typed. */
ActRefusal guard_check(const ActOrder *order, const GuardView *view);
/* Between a text and its Enter: it stands there, and nothing else. */
ActRefusal guard_check_typed(const ActOrder *order, const GuardView *view, const char *screen);

/* Before, and between the command and its Enter; @screen as captured. */
ActRefusal guard_check_restart(const ActOrder *order, const GuardView *view, const char *screen);

/* What a screen is known by: of the agent that is seen, of its state, of its screen. */
void guard_make_token(const TrackerState *state, uint64_t screen_hash, uint64_t server_start_usec,
                char ret[static ACT_TOKEN_MAX]);

/*
 * Whether the cursor stands right after a shell's prompt, with nothing behind it but what is left
 * of
 * @before: the screen of the program that ended there; NULL: none.
 */
bool guard_at_prompt(const char *screen, unsigned x, unsigned y, const char *before);
/* The same, with @text between prompt and cursor. */
bool guard_after_prompt(
                const char *screen, unsigned x, unsigned y, const char *before, const char *text);

/* Whether @screen has @text, to the end of a line, with nothing of a word before it; blanks, line
 * breaks and frames do not count. */
bool guard_shows(const char *screen, const char *text);
