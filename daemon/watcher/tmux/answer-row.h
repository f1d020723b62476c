/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The kinds of rows that batch.c asks for, read field by field. -EBADMSG if one is not as it
 * should. */

#include "daemon/watcher/tmux/answer.h"

/* A part of the answer. */
typedef struct Span {
        const char *text;
        size_t n;
} Span;

int answer_parse_pane(Span line, TmuxRow *ret);
int answer_parse_brief(Span line, TmuxRow *ret);
/* Of a pane in a place that the caller has to know. */
int answer_parse_lean(Span line, TmuxRow *ret);
int answer_parse_live(Span line, TmuxRow *ret);
int answer_parse_height(Span line, TmuxRow *ret);
/* Returns -ENXIO if there is no such pane: then all fields are empty. */
int answer_parse_screen(Span line, TmuxScreen *ret);
int answer_parse_server(Span line, TmuxAnswer *ret);
