/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/batch.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/random.h>

#include "daemon/base/text.h"

/*
 * The order of the fields is that of answer.c. Tabs part them: tmux escapes those in names, and
 * empty fields stay where they are. dead_signal is empty before 3.4. Titles may be a megabyte long.
 */
#define ROW_FORMAT \
        "p\t#{pane_id}\t#{pane_pid}\t#{pane_dead}\t#{pane_dead_status}\t#{pane_dead_signal}\t" \
        "#{pane_width}\t#{pane_height}\t#{cursor_x}\t#{cursor_y}\t#{alternate_on}\t" \
        "#{pane_in_mode}\t#{window_activity}\t#{window_id}\t#{window_index}\t" \
        "#{pane_index}\t#{window_active}\t#{session_attached}\t#{window_zoomed_flag}\t" \
        "#{window_visible_layout}\t#{=256:session_name}\t#{=256:window_name}\t#{=256:pane_title}"

/*
 * tmux needs a microsecond for each field, of each pane, in each look. What is not in here changes
 * only with the screen, for which there is window_activity, or is not of the screen.
 */
#define BRIEF_FORMAT \
        "b\t#{pane_id}\t#{pane_pid}\t#{pane_dead}\t#{pane_width}\t#{pane_height}\t#{cursor_x}\t" \
        "#{cursor_y}\t#{window_activity}\t#{window_id}"

/*
 * Which panes there are, in which windows, and how large, the layouts tell, in one field; that a
 * pane's process is another, or ended, the kernel does.
 */
#define LEAN_FORMAT "n\t#{cursor_x}\t#{cursor_y}\t#{window_activity}\t#{window_visible_layout}"

/* A mode of tmux is nothing that a program does: without it, as in those. */
#define LIVE_FORMAT \
        "l\t#{cursor_x}\t#{cursor_y}\t#{window_activity}\t#{alternate_on}\t" \
        "#{window_visible_layout}\t#{=256:pane_title}"

#define HEIGHT_FORMAT "h\t#{pane_id}\t#{pane_height}"

#define SCREEN_FORMAT \
        "c\t#{pane_id}\t#{pane_height}\t#{cursor_x}\t#{cursor_y}\t#{alternate_on}\t" \
        "#{pane_in_mode}\t#{=256:pane_title}"

static const char *const row_formats[] = {
                [TMUX_ROWS_ALL] = ROW_FORMAT,
                [TMUX_ROWS_BRIEF] = BRIEF_FORMAT,
                [TMUX_ROWS_LEAN] = LEAN_FORMAT,
                [TMUX_ROWS_LIVE] = LIVE_FORMAT,
                [TMUX_ROWS_HEIGHT] = HEIGHT_FORMAT,
};

void tmux_batch_init(TmuxBatch *batch, TmuxBatchRows rows) {
        uint64_t word;

        assert(batch);

        *batch = (TmuxBatch){.rows = rows};
        /* Cannot fail for so few bytes once the machine is up. */
        if (getrandom(&word, sizeof(word), 0) != sizeof(word))
                abort();
        (void)snprintf(batch->word, sizeof(batch->word), "%016" PRIx64, word);
}

bool tmux_batch_has(const TmuxBatch *batch, uint32_t pane) {
        for (size_t i = 0; i < batch->n_panes; i++)
                if (batch->panes[i] == pane)
                        return true;
        return false;
}

bool tmux_batch_add(TmuxBatch *batch, uint32_t pane) {
        if (tmux_batch_has(batch, pane))
                return true;
        if (batch->n_panes == TMUX_CHUNK_MAX)
                return false;

        batch->panes[batch->n_panes++] = pane;
        return true;
}

static bool is_terse(TmuxBatchRows rows) {
        return rows == TMUX_ROWS_BRIEF || rows == TMUX_ROWS_LEAN;
}

bool tmux_batch_has_list(const TmuxBatch *batch) {
        return batch->rows != TMUX_ROWS_NONE && batch->rows != TMUX_ROWS_OWN;
}

bool tmux_batch_is_bare(const TmuxBatch *batch) {
        return tmux_batch_has_list(batch) && !is_terse(batch->rows);
}

bool tmux_batch_is_placed(const TmuxBatch *batch) {
        return batch->rows == TMUX_ROWS_LEAN || batch->rows == TMUX_ROWS_LIVE;
}

bool tmux_batch_is_closed(const TmuxBatch *batch) {
        return !tmux_batch_is_placed(batch) &&
                        (batch->rows != TMUX_ROWS_BRIEF || batch->n_panes > 0);
}

static void add_rows(const TmuxBatch *b, TmuxWords *w) {
        tmux_words_command(w, "list-panes");
        tmux_words_add(w, "-a");
        tmux_words_add(w, "-F");
        tmux_words_addf(w, "%s\t%s", b->word, row_formats[b->rows]);
        if (!tmux_batch_is_closed(b))
                return;
        tmux_words_command(w, "display-message");
        tmux_words_add(w, "-p");
        tmux_words_addf(w, "%s\ts\t#{pid}\t#{start_time}\t#{version}", b->word);
}

static void add_screen(const TmuxBatch *b, uint32_t pane, TmuxWords *w) {
        char name[TMUX_PANE_NAME_MAX];

        tmux_pane_format(pane, name);
        if (!tmux_batch_is_bare(b)) {
                tmux_words_command(w, "display-message");
                tmux_words_add(w, "-p");
                tmux_words_add(w, "-t");
                tmux_words_add(w, name);
                tmux_words_addf(w, "%s\t%s", b->word,
                                b->rows == TMUX_ROWS_OWN ? ROW_FORMAT : SCREEN_FORMAT);
        }
        tmux_words_command(w, "capture-pane");
        tmux_words_addf(w, "-pt%s", name); /* each word costs tmux half a microsecond */
}

int tmux_batch_to_words(const TmuxBatch *batch, TmuxWords *ret) {
        assert(batch);
        assert(ret);

        if (tmux_batch_has_list(batch))
                add_rows(batch, ret);
        for (size_t i = 0; i < batch->n_panes; i++)
                add_screen(batch, batch->panes[i], ret);
        return tmux_words_check(ret);
}

int tmux_pane_parse(const char *name, uint32_t *ret) {
        uint64_t id;
        int r;

        if (name[0] != '%')
                return -EINVAL;
        r = parse_u64(name + 1, 0, UINT32_MAX, &id);
        if (r < 0)
                return r;

        *ret = (uint32_t)id;
        return 0;
}

void tmux_pane_format(uint32_t pane, char ret[static TMUX_PANE_NAME_MAX]) {
        (void)snprintf(ret, TMUX_PANE_NAME_MAX, "%%%" PRIu32, pane);
}
