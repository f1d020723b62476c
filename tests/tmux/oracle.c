/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/tmux/oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/cleanup.h"

#define MARK "=== oracle ==="
#define LINE_MAX_BYTES 65536

static FILE *start(const Fixture *f, const char *commands) {
        _cleanup_free_ char *line = NULL;
        FILE *out;

        assert_true(asprintf(&line, "tmux -u -S '%s' %s", f->socket, commands) > 0);
        out = popen(line, "re");
        assert_non_null(out);
        return out;
}

static void list(const Fixture *f, Oracle *o) {
        FILE *in = start(f,
                        "list-panes -a -F '#{pane_id} #{pane_tty} #{pane_width} "
                        "#{pane_height} #{pane_pid} #{pane_title}'");
        char line[1024];

        while (fgets(line, sizeof(line), in)) {
                OraclePane *p = &o->panes[o->n_panes++];
                int n = 0;

                assert_true(o->n_panes <= ORACLE_PANES_MAX);
                line[strcspn(line, "\n")] = '\0';
                assert_int_equal(sscanf(line, "%%%u %31s %u %u %d %n", &p->id, p->tty, &p->width,
                                                 &p->height, &p->pid, &n),
                                5);
                p->title = strdup(line + n);
        }
        assert_int_equal(pclose(in), 0);
}

static char *read_screen(FILE *in) {
        static char line[LINE_MAX_BYTES];
        char *text = NULL;
        size_t n;
        FILE *f = open_memstream(&text, &n);

        assert_non_null(f);
        while (fgets(line, sizeof(line), in) && strcmp(line, MARK "\n") != 0)
                (void)fputs(line, f);
        assert_int_equal(fclose(f), 0);
        return text;
}

static void capture(const Fixture *f, Oracle *o) {
        char commands[ORACLE_PANES_MAX * 96] = "";
        size_t n = 0;
        FILE *in;

        for (size_t i = 0; i < o->n_panes; i++)
                n += (size_t)snprintf(commands + n, sizeof(commands) - n,
                                "%scapture-pane -p -t %%%u \\; display-message -p '" MARK "'",
                                i ? " \\; " : "", o->panes[i].id);
        in = start(f, commands);
        for (size_t i = 0; i < o->n_panes; i++)
                o->panes[i].screen = read_screen(in);
        assert_int_equal(pclose(in), 0);
}

void oracle_ask(const Fixture *f, Oracle *ret) {
        *ret = (Oracle){};
        list(f, ret);
        capture(f, ret);
}

void oracle_done(Oracle *o) {
        for (size_t i = 0; i < o->n_panes; i++) {
                free(o->panes[i].title);
                free(o->panes[i].screen);
        }
        o->n_panes = 0;
}

static bool pane_equal(const OraclePane *a, const OraclePane *b) {
        return a->id == b->id && a->width == b->width && a->height == b->height &&
                        a->pid == b->pid && strcmp(a->title, b->title) == 0 &&
                        strcmp(a->screen, b->screen) == 0;
}

bool oracle_equal(const Oracle *a, const Oracle *b) {
        if (a->n_panes != b->n_panes)
                return false;
        for (size_t i = 0; i < a->n_panes; i++)
                if (!pane_equal(&a->panes[i], &b->panes[i]))
                        return false;
        return true;
}

const char *oracle_differs(const OraclePane *pane, const TmuxPane *seen) {
        if (!seen)
                return "it was not seen";
        if (pane->width != seen->row.width || pane->height != seen->row.height)
                return "its size";
        if (pane->pid != seen->row.pid)
                return "its process";
        if (strcmp(pane->title, seen->row.title) != 0)
                return "its title";
        return !seen->screen || strcmp(pane->screen, seen->screen) != 0 ? "its screen" : NULL;
}
