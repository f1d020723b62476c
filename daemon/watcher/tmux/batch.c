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
        "#{pane_id}\t#{pane_pid}\t#{pane_dead}\t#{pane_dead_status}\t#{pane_dead_signal}\t" \
        "#{pane_width}\t#{pane_height}\t#{cursor_x}\t#{cursor_y}\t#{alternate_on}\t" \
        "#{pane_in_mode}\t#{history_size}\t#{window_activity}\t#{window_id}\t#{window_index}\t" \
        "#{pane_index}\t#{window_active}\t#{session_attached}\t#{=256:session_name}\t" \
        "#{=256:window_name}\t#{=256:pane_title}"

/*
 * tmux needs a microsecond and more for each field, of each pane, in each look. What is not in here
 * changes with one of these, or is not of the screen.
 */
#define BRIEF_FORMAT \
        "#{pane_id}\t#{pane_pid}\t#{pane_dead}\t#{pane_width}\t#{pane_height}\t#{cursor_x}\t" \
        "#{cursor_y}\t#{alternate_on}\t#{pane_in_mode}\t#{history_size}\t#{window_activity}\t" \
        "#{window_id}"

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

static void print_rows(const TmuxBatch *b, FILE *f) {
        if (b->rows != TMUX_ROWS_HEIGHT) {
                bool brief = b->rows == TMUX_ROWS_BRIEF;

                /* The server last: a list without it is not whole. A server may have no pane. */
                (void)fprintf(f,
                                "list-panes -a -F '%s\t%s'\n"
                                "display-message -p '%s\ts\t#{pid}\t#{start_time}\t#{version}'\n",
                                b->word, brief ? "b\t" BRIEF_FORMAT : "p\t" ROW_FORMAT, b->word);
                return;
        }

        if (b->n_panes == 1)
                /* The panes of its window: enough, and cheap on a large server. */
                (void)fprintf(f, "list-panes -t %%%" PRIu32, b->panes[0]);
        else
                (void)fprintf(f, "list-panes -a");
        (void)fprintf(f, " -F '%s\th\t#{pane_id}\t#{pane_height}'\n", b->word);
}

/* One command a line: what goes wrong with one pane leaves the others alone. */
int tmux_batch_to_commands(const TmuxBatch *batch, char **ret, size_t *ret_n) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        FILE *f;

        assert(batch);
        assert(ret);
        assert(ret_n);

        f = open_memstream(&text, &n);
        if (!f)
                return -ENOMEM;
        print_rows(batch, f);
        for (size_t i = 0; i < batch->n_panes; i++)
                (void)fprintf(f, "capture-pane -p -t %%%" PRIu32 "\n", batch->panes[i]);
        if (fclose(f) != 0)
                return -ENOMEM;

        *ret = TAKE_PTR(text);
        *ret_n = n;
        return 0;
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
