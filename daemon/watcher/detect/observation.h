/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Observation
 *
 * All that can be seen of one pane at one moment, from a live tmux server or from a saved screen.
 * Everything is borrowed from whoever made it. What was not seen is NULL, or the value said here:
 * the rules must do with what there is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct Observation {
        const char *screen; /* UTF-8, lines ended by '\n', as capture-pane -p prints it */
        size_t n_screen;    /* bytes */
        const char *title;
        const char *command;    /* pane_current_command */
        char *const *processes; /* command lines below the pane, parents first; NULL-ended */
        const char *agent;      /* the type, if it is known from outside; else it is found out */
        int width, height;      /* 0: not known */
        int cursor_x, cursor_y; /* -1: not known */
        bool alternate_on;
        bool in_mode;      /* copy-mode: the screen is live all the same */
        bool dead;         /* remain-on-exit shows what was left */
        int dead_status;   /* -1: not known */
        int dead_signal;   /* 0: none or not known */
        uint64_t now_usec; /* CLOCK_REALTIME of the look: "resets at 3pm" needs it */
} Observation;
