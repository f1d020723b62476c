/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text views
 *
 * A text as the rules read it: valid UTF-8 without control characters, cut into lines, and a second
 * time as a flow in which blanks, line ends and vertical borders are one space each, so that a
 * sentence that a narrow pane has wrapped is still a sentence. Bounded whatever comes in.
 */

#include <stdbool.h>
#include <stddef.h>

#define TEXT_VIEW_BYTES_MAX (128U * 1024U)
#define TEXT_VIEW_LINES_MAX 1000U

typedef struct TextLine {
        size_t start, n; /* in bytes; without the blanks at its end */
        size_t flow;     /* where it begins in the flow */
} TextLine;

typedef struct TextView {
        char *bytes;
        TextLine *lines; /* n_lines of them, and one more that marks the end */
        size_t n_lines;  /* without the empty lines at the end */
        char *flow;
        char *folded; /* the flow with ASCII letters in lower case, for contains */
} TextView;

/* Of more than is allowed the end is kept: that is where programs speak. Returns -ENOMEM. */
int text_view_init(TextView *v, const char *text, size_t n_text);
void text_view_done(TextView *v);

/* The part of @v from line @first up to but without line @end. */
typedef struct TextSpan {
        const TextView *view;
        size_t first, end;
} TextSpan;

static inline const char *text_span_flow(const TextSpan *s, size_t *ret_n) {
        size_t start = s->view->lines[s->first].flow;

        *ret_n = s->view->lines[s->end].flow - start;
        return s->view->flow + start;
}

static inline const char *text_span_folded(const TextSpan *s, size_t *ret_n) {
        size_t start = s->view->lines[s->first].flow;

        *ret_n = s->view->lines[s->end].flow - start;
        return s->view->folded + start;
}

/* The bytes from the first line to the last one's end, line ends between them. */
static inline const char *text_span_bytes(const TextSpan *s, size_t *ret_n) {
        const TextLine *last;

        if (s->end == s->first) {
                *ret_n = 0;
                return "";
        }

        last = &s->view->lines[s->end - 1];
        *ret_n = last->start + last->n - s->view->lines[s->first].start;
        return s->view->bytes + s->view->lines[s->first].start;
}

/* A needle in the form of the flow: blanks squeezed, letters folded. Returns -ENOMEM. */
int text_view_fold(const char *needle, char **ret);
