/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/frame.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Stands for the place of the cursor between filling in and painting. */
#define CURSOR_MARK '\1'

typedef struct Out {
        char *text;
        size_t n, size;
} Out;

static void out_add(Out *out, const char *text, size_t n) {
        if (n >= out->size - out->n)
                n = out->size - out->n - 1;
        memcpy(out->text + out->n, text, n);
        out->n += n;
        out->text[out->n] = '\0';
}

static void out_string(Out *out, const char *text) {
        out_add(out, text, strlen(text));
}

/* Columns of text in which every character is one wide, as in all looks. */
static unsigned columns(const char *text, size_t n) {
        unsigned c = 0;

        for (size_t i = 0; i < n; i++)
                c += ((unsigned char)text[i] & 0xc0) != 0x80 && text[i] != CURSOR_MARK;
        return c;
}

static const char *frame_of(const char *const *frames, unsigned msec, double seconds) {
        unsigned n = 0;

        while (frames[n])
                n++;
        return frames[(unsigned)(seconds * 1000 / msec) % n];
}

static const char *ordinal(int day) {
        if (day / 10 == 1)
                return "th";
        return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

static void write_reset(const Stage *s, bool with_date, char *ret, size_t size) {
        time_t at = (time_t)(s->reset_usec / 1000000);
        struct tm tm;
        char month[8];

        if (with_date) {
                (void)localtime_r(&at, &tm);
                (void)strftime(month, sizeof(month), "%b", &tm);
                (void)snprintf(ret, size, "%s %d%s, %d %d:%02d %s", month, tm.tm_mday,
                                ordinal(tm.tm_mday), tm.tm_year + 1900, (tm.tm_hour + 11) % 12 + 1,
                                tm.tm_min, tm.tm_hour < 12 ? "AM" : "PM");
                return;
        }
        (void)gmtime_r(&at, &tm);
        (void)snprintf(ret, size, "%d:%02d%s (UTC)", (tm.tm_hour + 11) % 12 + 1, tm.tm_min,
                        tm.tm_hour < 12 ? "am" : "pm");
}

static void write_placeholder(const Stage *s, const char *name, char *ret, size_t size) {
        const char *slash = strrchr(s->cwd, '/');
        double seconds = scene_is_turn(s->scene) ? s->scene_seconds : s->turn_seconds;

        if (strcmp(name, "cwd") == 0)
                (void)snprintf(ret, size, "%s", s->cwd);
        else if (strcmp(name, "dir") == 0)
                (void)snprintf(ret, size, "%s", slash ? slash + 1 : s->cwd);
        else if (strcmp(name, "prompt") == 0)
                (void)snprintf(ret, size, "%s", s->prompt);
        else if (strcmp(name, "draft") == 0)
                (void)snprintf(ret, size, "%s", s->draft);
        else if (strcmp(name, "spin") == 0)
                (void)snprintf(ret, size, "%s",
                                frame_of(s->look->spin, s->look->spin_msec, s->scene_seconds));
        else if (strcmp(name, "wink") == 0)
                (void)snprintf(ret, size, "%s",
                                frame_of(s->look->wink, s->look->wink_msec, s->scene_seconds));
        else if (strcmp(name, "secs") == 0)
                (void)snprintf(ret, size, "%u", (unsigned)seconds);
        else if (strcmp(name, "tokens") == 0)
                (void)snprintf(ret, size, "%u", 3 + (unsigned)(s->scene_seconds * 27));
        else if (strcmp(name, "cursor") == 0)
                (void)snprintf(ret, size, "%c", CURSOR_MARK);
        else
                write_reset(s, strcmp(name, "resetdate") == 0, ret, size);
}

/* Fills in one line, up to @n bytes, without what {=X} stands for: those places are in @ret_fill.
 */
static void fill_words(const Stage *s, const char *line, size_t n, Out *out, size_t *ret_fill,
                const char **ret_with) {
        *ret_fill = SIZE_MAX;
        *ret_with = "";

        for (const char *p = line; p < line + n;) {
                const char *end = *p == '{' ? memchr(p, '}', (size_t)(line + n - p)) : NULL;
                char name[16], value[512];

                if (!end) {
                        out_add(out, p++, 1);
                        continue;
                }
                (void)snprintf(name, sizeof(name), "%.*s", (int)(end - p - 1), p + 1);
                if (name[0] == '=') {
                        *ret_fill = out->n;
                        *ret_with = p + 2;
                } else {
                        write_placeholder(s, name, value, sizeof(value));
                        out_string(out, value);
                }
                p = end + 1;
        }
}

static void fill_line(const Stage *s, const char *line, size_t n, Out *ret) {
        char words[1024];
        Out out = {.text = words, .size = sizeof(words)};
        const char *with;
        size_t fill, n_with;
        unsigned have;

        words[0] = '\0';
        fill_words(s, line, n, &out, &fill, &with);
        have = columns(words, out.n);
        n_with = strcspn(with, "}");

        for (size_t i = 0, column = 0; i <= out.n; i++) {
                if (i == fill)
                        for (; have < s->width; have++, column++)
                                out_add(ret, with, n_with);
                column += i < out.n && columns(words + i, 1);
                if (i == out.n || column > s->width)
                        break;
                out_add(ret, words + i, 1);
        }
}

void frame_fill(const Stage *stage, const char *text, char *ret, size_t size) {
        Out out = {.text = ret, .size = size};

        assert(size > 0);
        ret[0] = '\0';
        while (*text) {
                size_t n = strcspn(text, "\n");

                fill_line(stage, text, n, &out);
                text += n;
                if (*text == '\n')
                        out_add(&out, text++, 1);
        }
}

void frame_log(Stage *stage, const char *text) {
        char filled[FRAME_TEXT_MAX / 2];
        size_t n, have = strlen(stage->past);

        if (!text)
                return;
        frame_fill(stage, text, filled, sizeof(filled));
        n = strlen(filled);
        while (have + n >= sizeof(stage->past)) {
                size_t cut = strcspn(stage->past, "\n") + 1;

                have -= cut;
                memmove(stage->past, stage->past + cut, have + 1);
        }
        memcpy(stage->past + have, filled, n + 1);
}

/* Where the last lines begin that fit the height; all of them if they do. */
static const char *last_lines(const char *text, unsigned height, unsigned *ret_n) {
        const char *lines[FRAME_LINES_MAX];
        unsigned n = 0;

        for (const char *p = text;; p++) {
                lines[n++ % FRAME_LINES_MAX] = p;
                p = strchr(p, '\n');
                if (!p)
                        break;
        }
        if (height > FRAME_LINES_MAX)
                height = FRAME_LINES_MAX;
        *ret_n = n < height ? n : height;
        return lines[(n - *ret_n) % FRAME_LINES_MAX];
}

/* Control characters that every line needs, and the cursor's place as it is met. */
static void paint_line(
                Out *out, const char *line, size_t n, unsigned row, char *cursor, size_t size) {
        const char *mark = memchr(line, CURSOR_MARK, n);
        char move[24];

        (void)snprintf(move, sizeof(move), "\033[%u;1H", row + 1);
        out_string(out, move);
        if (mark) {
                out_add(out, line, (size_t)(mark - line));
                (void)snprintf(cursor, size, "\033[%u;%uH", row + 1,
                                columns(line, (size_t)(mark - line)) + 1);
                n -= (size_t)(mark + 1 - line);
                line = mark + 1;
        }
        out_add(out, line, n);
        out_string(out, "\033[K");
}

size_t frame_paint(const Stage *stage, char *ret, size_t size) {
        const LookScene *scene = &stage->look->scenes[stage->scene];
        char text[2 * FRAME_TEXT_MAX], cursor[24] = "";
        Out out = {.text = ret, .size = size};
        const char *live = scene->screen ?: stage->look->scenes[SCENE_IDLE].screen, *p;
        size_t n = strlen(stage->past);
        unsigned n_lines, first;

        memcpy(text, stage->past, n);
        frame_fill(stage, live, text + n, sizeof(text) - n);
        p = last_lines(text, stage->height, &n_lines);

        /* Line by line and never cleared as a whole: who looks meanwhile sees no empty screen. */
        out_string(&out, "\033[?25l");
        first = stage->look->alternate ? stage->height - n_lines : 0;
        for (unsigned row = 0; row < first; row++)
                paint_line(&out, "", 0, row, cursor, sizeof(cursor));
        for (unsigned row = first; row < first + n_lines; row++) {
                n = strcspn(p, "\n");
                paint_line(&out, p, n, row, cursor, sizeof(cursor));
                p += n + (p[n] == '\n');
        }
        out_string(&out, "\033[J");
        out_string(&out, cursor);
        out_string(&out, "\033[?25h");
        return out.n;
}
