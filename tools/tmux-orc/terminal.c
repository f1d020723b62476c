/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/terminal.h"

#include <assert.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

static const char *const style_codes[_STYLE_MAX] = {
                [STYLE_PLAIN] = "",
                [STYLE_BOLD] = "\x1b[1m",
                [STYLE_DIM] = "\x1b[2m",
                [STYLE_GREEN] = "\x1b[32m",
                [STYLE_CYAN] = "\x1b[36m",
                [STYLE_YELLOW] = "\x1b[33m",
                [STYLE_BRIGHT_YELLOW] = "\x1b[1;33m",
                [STYLE_RED] = "\x1b[31m",
                [STYLE_BRIGHT_RED] = "\x1b[1;31m",
                [STYLE_MAGENTA] = "\x1b[35m",
};

static unsigned from_environment(const char *name, unsigned fallback) {
        const char *s = getenv(name);
        uint64_t value;

        return s && parse_u64(s, 1, 10000, &value) >= 0 ? (unsigned)value : fallback;
}

Terminal terminal_get(void) {
        const char *term = getenv("TERM");
        struct winsize size = {};
        Terminal t = {};

        if (!isatty(STDOUT_FILENO)) {
                /* Somebody who asks for a width gets it: tests, and previews in other programs. */
                t.columns = from_environment("COLUMNS", 0);
                return t;
        }

        (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        t.is_tty = true;
        t.columns = size.ws_col > 0 ? size.ws_col : from_environment("COLUMNS", 80);
        t.lines = size.ws_row > 0 ? size.ws_row : from_environment("LINES", 24);
        t.colour = text_is_empty(getenv("NO_COLOR")) && term && strcmp(term, "dumb") != 0;
        return t;
}

void terminal_set_locale(void) {
        /* What we print is UTF-8 whatever the locale says, as JSON is. */
        if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
                (void)setlocale(LC_CTYPE, "C.UTF-8");
}

const char *style_begin(const Terminal *t, Style style) {
        assert(style >= 0 && style < _STYLE_MAX);
        return t->colour ? style_codes[style] : "";
}

const char *style_end(const Terminal *t, Style style) {
        return t->colour && style != STYLE_PLAIN ? "\x1b[0m" : "";
}

/* Marks, embeddings, overrides and isolates of U+200E to U+2069: they make text lie. */
static bool turns_direction(const char *s, size_t length) {
        static const char *const characters[] = {"\u200e", "\u200f", "\u202a", "\u202b", "\u202c",
                        "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028",
                        "\u2029"};

        FOREACH_ELEMENT (c, characters)
                if (length == 3 && memcmp(s, *c, 3) == 0)
                        return true;
        return false;
}

char *terminal_text(const char *s) {
        char *clean = text_clean(s, strlen(s), SIZE_MAX);
        char *out = clean;

        if (!clean)
                return NULL;

        for (const char *in = clean; *in;) {
                size_t length = utf8_char_length(in, strlen(in));

                if (!turns_direction(in, length)) {
                        memmove(out, in, length);
                        out += length;
                }
                in += length;
        }
        *out = '\0';
        return clean;
}

/* Columns of the character at @s, whose bytes are counted in @ret_bytes. */
static size_t character_width(const char *s, size_t *ret_bytes) {
        mbstate_t state = {};
        wchar_t c;
        size_t n = mbrtowc(&c, s, MB_CUR_MAX, &state);
        int width;

        if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
                *ret_bytes = 1;
                return 1;
        }

        width = wcwidth(c);
        *ret_bytes = n;
        return width < 0 ? 1 : (size_t)width;
}

size_t text_width(const char *s) {
        size_t width = 0, bytes;

        for (; *s; s += bytes)
                width += character_width(s, &bytes);
        return width;
}

char *text_fit(const char *s, size_t width) {
        _cleanup_free_ char *out = NULL;
        size_t used = 0, bytes, n = 0;

        if (text_width(s) <= width)
                return strdup(s);
        if (width == 0)
                return strdup("");

        while (s[n]) {
                size_t w = character_width(s + n, &bytes);

                if (used + w > width - 1)
                        break;
                used += w;
                n += bytes;
        }

        out = malloc(n + sizeof("…"));
        if (!out)
                return NULL;
        memcpy(out, s, n);
        memcpy(out + n, "…", sizeof("…"));
        return TAKE_PTR(out);
}
