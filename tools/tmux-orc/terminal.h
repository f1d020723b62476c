/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Terminal
 *
 * How wide the output may be and whether it may have colours. Text from outside goes through
 * terminal_text(), so that nothing in it reaches the terminal as a command.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct Terminal {
        bool is_tty;
        bool colour;
        unsigned columns; /* 0: as wide as it likes */
        unsigned lines;
} Terminal;

typedef enum Style {
        STYLE_PLAIN,
        STYLE_BOLD,
        STYLE_DIM,
        STYLE_GREEN,
        STYLE_CYAN,
        STYLE_YELLOW,
        STYLE_BRIGHT_YELLOW,
        STYLE_RED,
        STYLE_BRIGHT_RED,
        STYLE_MAGENTA,
        _STYLE_MAX,
} Style;

/* Of standard output. NO_COLOR and TERM=dumb mean no colours. */
Terminal terminal_get(void);
/* Makes widths and UTF-8 work also where no locale is set. */
void terminal_set_locale(void);

/* "" without colours. */
const char *style_begin(const Terminal *t, Style style);
const char *style_end(const Terminal *t, Style style);

/* A copy that is safe to print on one line: no control characters, none that turn the direction of
 * the text. NULL only when memory is out. */
char *terminal_text(const char *s);

/* In columns of the terminal; @s is safe text. */
size_t text_width(const char *s);
/* A copy not wider than @width, with … at its end if something is missing. */
char *text_fit(const char *s, size_t width);
