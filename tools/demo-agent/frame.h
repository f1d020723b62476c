/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Frame
 *
 * Turns a look's texts into what a terminal shows: fills in the placeholders, cuts lines at the
 * width, keeps what happened before above the live part. Knows no file descriptors.
 */

#include <stdint.h>

#include "tools/demo-agent/look.h"

#define FRAME_TEXT_MAX 8192
#define FRAME_LINES_MAX 400

typedef struct Stage {
        const Look *look;
        Scene scene;
        double scene_seconds; /* how long it has been on */
        double turn_seconds;  /* how long the turn has been on */
        uint64_t reset_usec;  /* CLOCK_REALTIME */
        const char *prompt;
        const char *draft;
        const char *cwd;
        unsigned width, height;
        char past[FRAME_TEXT_MAX]; /* what happened before, filled in */
} Stage;

/* Fills in @text; lines are cut at the stage's width. Always ends with a NUL. */
void frame_fill(const Stage *stage, const char *text, char *ret, size_t size);

/* Adds to what happened before; the oldest lines make room. */
void frame_log(Stage *stage, const char *text);

/* The whole screen with its control sequences. Returns its length. */
size_t frame_paint(const Stage *stage, char *ret, size_t size);
