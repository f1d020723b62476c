/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/output.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"

int output_open(Context *c) {
        c->out = open_memstream(&c->gathered, &c->n_gathered);
        return c->out ? 0 : -ENOMEM;
}

static size_t count_lines(const char *s, size_t n) {
        size_t lines = 0;

        for (const char *end = s + n; s < end; s++)
                lines += *s == '\n';
        return lines;
}

static const char *pager_command(void) {
        const char *pager = getenv("TMUX_ORC_PAGER") ?: getenv("PAGER");

        return pager ?: "less";
}

/* -ENOENT-like errors do not come back from a shell: without a pager it is 127. */
static int show_by_pager(const Context *c) {
        FILE *f;
        int status;

        /* As systemctl has it: leave short output alone, keep colours, chop nothing. */
        (void)setenv("LESS", "FRX", 0);
        (void)signal(SIGPIPE, SIG_IGN);
        f = popen(pager_command(), "we");
        if (!f)
                return -errno;
        (void)fwrite(c->gathered, 1, c->n_gathered, f);
        status = pclose(f);
        return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : 0;
}

int output_show(Context *c) {
        assert(c->out);

        if (fflush(c->out) != 0)
                return -ENOMEM;

        if (c->terminal.is_tty && !c->no_pager && !text_is_empty(pager_command()) &&
                        strcmp(pager_command(), "cat") != 0 &&
                        count_lines(c->gathered, c->n_gathered) >= c->terminal.lines &&
                        show_by_pager(c) >= 0)
                return 0;

        if (fwrite(c->gathered, 1, c->n_gathered, stdout) != c->n_gathered || fflush(stdout) != 0)
                return -errno;
        return 0;
}

/* json-c escapes C0; DEL and the C1 controls are valid in JSON, but not harmless on a terminal. */
static void write_without_controls(FILE *out, const char *s) {
        for (; *s; s++) {
                unsigned char c = (unsigned char)s[0], next = (unsigned char)s[1];

                if (c == 0x7F)
                        (void)fputs("\\u007f", out);
                else if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
                        (void)fprintf(out, "\\u%04x", next);
                        s++;
                } else
                        (void)fputc(c, out);
        }
}

int output_json(FILE *out, json_object *o, bool compact) {
        int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
                        (compact ? JSON_C_TO_STRING_PLAIN
                                 : JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
        const char *text = json_object_to_json_string_ext(o, flags);

        if (!text)
                return -ENOMEM;
        write_without_controls(out, text);
        (void)fputc('\n', out);
        return 0;
}

CommandResult output_failed(const Context *c, int error) {
        context_error(c, "%s", strerror(-error));
        return COMMAND_FAILED;
}

CommandResult output_rows(Context *c, const Column *columns, json_object *rows) {
        int r = c->json ? output_json(c->out, rows, false)
                        : table_print(c->out, &c->terminal, columns, rows, !c->quiet);

        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult output_facts(Context *c, const Column *columns, json_object *row) {
        int r = c->json ? output_json(c->out, row, false)
                        : table_print_facts(c->out, &c->terminal, columns, row);

        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
