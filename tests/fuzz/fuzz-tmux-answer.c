/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/watcher/tmux/answer.h"
#include "daemon/watcher/tmux/screen-text.h"
#include "tests/fuzz/fuzz.h"

static void check_screens(
                const TmuxAnswer *a, TmuxBatchRows rows, const char *text, size_t n_text) {
        for (size_t i = 0; i < a->n_screens; i++) {
                const TmuxScreen *s = &a->screens[i];
                _cleanup_(screen_text_unrefp) char *copy = NULL;
                size_t n;

                assert(s->text >= text && s->text + s->n_text <= text + n_text);
                assert(!s->title == (rows == TMUX_ROWS_HEIGHT));
                if (s->title)
                        assert(strlen(s->title) <= TMUX_NAME_MAX);
                assert(screen_text_new(s->text, s->n_text, &copy, &n) == 0);
                assert(n <= TMUX_SCREEN_MAX && utf8_is_valid(copy, n) && !memchr(copy, 0, n));
        }
}

static void check_rows(const TmuxAnswer *a, TmuxBatchRows rows) {
        for (size_t i = 0; i < a->n_rows; i++) {
                assert(i == 0 || a->rows[i - 1].pane < a->rows[i].pane);
                assert(a->rows[i].height <= TMUX_SIDE_MAX);
                assert((rows == TMUX_ROWS_ALL || rows == TMUX_ROWS_LIVE || rows == TMUX_ROWS_OWN) ==
                                (a->rows[i].title != NULL));
                if (a->rows[i].title)
                        assert(strlen(a->rows[i].title) <= TMUX_NAME_MAX);
        }
}

/* The layouts a1b2,80x2,0,0,0 and ,1: so a corpus can have rows that are where they were. */
static const TmuxPlace places[] = {
                {.pane = 0, .height = 2, .layout = UINT64_C(0xb4b17d9ae3c64c37)},
                {.pane = 1, .height = 2, .layout = UINT64_C(0x48424f9403d37534)},
};

/* The first byte says what was asked for: which rows, and how many screens. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        TmuxBatch batch = {.word = "0123456789abcdef",
                        .places = places,
                        .n_places = ELEMENTSOF(places)};
        const char *text = (const char *)data + 1;

        if (size < 1)
                return 0;
        batch.rows = data[0] & 7;
        if (batch.rows > TMUX_ROWS_OWN)
                return 0;
        for (uint32_t i = 0; i < (uint32_t)(data[0] >> 3 & 7); i++)
                (void)tmux_batch_add(&batch, i);

        if (tmux_answer_parse(&batch, text, size - 1, &a) < 0) {
                assert(!a.rows);
                return 0;
        }
        assert(a.n_screens <= batch.n_panes);
        assert(!((a.torn || a.moved) && a.n_screens > 0));
        assert(!a.places == (batch.rows != TMUX_ROWS_ALL || a.n_rows == 0));
        check_rows(&a, batch.rows);
        check_screens(&a, batch.rows, text, size - 1);
        return 0;
}
