/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/watcher/detect/detector.h"
#include "daemon/watcher/detect/verdict-json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/rules.h"
#include "tools/tmux-orc/screen-file.h"

typedef struct Classify {
        const char *agent;
        const char *path;
        bool batch, explain;
        DetectorSet *set;
        bool failed; /* some line was bad */
} Classify;

static void classify_done(Classify *c) {
        detector_set_free(c->set);
}

static void on_problem(void *userdata, const char *path, unsigned line, const char *message) {
        if (line > 0)
                (void)fprintf(stderr, "%s:%u: %s\n", path, line, message);
        else
                (void)fprintf(stderr, "%s: %s\n", path, message);
}

static void print_object(json_object *o) {
        (void)puts(json_object_to_json_string_ext(
                        o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static int print_error(Classify *c, const char *message) {
        _cleanup_json_ json_object *o = json_object_new_object();

        c->failed = true;
        if (!c->batch) {
                (void)fprintf(stderr, "%s: %s\n", c->path, message);
                return 0;
        }
        if (!o || json_set_string(o, "error", message) < 0)
                return -ENOMEM;
        print_object(o);
        return 0;
}

static int classify_screen(Classify *c, ScreenFile *f) {
        _cleanup_json_ json_object *o = NULL;
        Verdict verdict;
        int r;

        if (c->agent)
                f->observation.agent = c->agent;
        r = detector_judge(c->set, &f->observation, &verdict);
        if (r < 0)
                return r;
        r = verdict_to_json(&verdict, c->explain, &o);
        if (r < 0)
                return r;

        print_object(o);
        return 0;
}

static int classify_json(Classify *c, const char *text, size_t n) {
        _cleanup_(screen_file_done) ScreenFile f = {};
        const char *reason = NULL;
        int r;

        r = screen_file_read_json(text, n, &f, &reason);
        if (r == -EBADMSG)
                return print_error(c, reason);
        return r < 0 ? r : classify_screen(c, &f);
}

static int classify_one(Classify *c, const char *text, size_t n) {
        ScreenFile f;

        if (n > 0 && text[0] == '{')
                return classify_json(c, text, n);

        screen_file_read_plain(text, n, &f);
        return classify_screen(c, &f);
}

/*
 * Reads up to a line's end, or up to the end of the file. What is longer than allowed is read over.
 * Returns -ENODATA at the end, -EFBIG.
 */
static int read_piece(FILE *in, int end, char **buffer, size_t *room, size_t *ret_n) {
        size_t n = 0;
        int c;

        while ((c = getc_unlocked(in)) != EOF && c != end) {
                if (n < SCREEN_FILE_MAX && n + 1 >= *room) {
                        size_t more = *room ? *room * 2 : 8192;
                        char *longer = realloc(*buffer, more);

                        if (!longer)
                                return -ENOMEM;
                        *buffer = longer;
                        *room = more;
                }
                if (n < SCREEN_FILE_MAX)
                        (*buffer)[n] = (char)c;
                n++;
        }

        if (c == EOF && n == 0)
                return -ENODATA;
        *ret_n = MIN(n, SCREEN_FILE_MAX);
        return n > SCREEN_FILE_MAX ? -EFBIG : 0;
}

static int classify_lines(Classify *c, FILE *in) {
        _cleanup_free_ char *line = NULL;
        size_t room = 0, n = 0;

        for (;;) {
                int r = read_piece(in, '\n', &line, &room, &n);

                if (r == -ENODATA)
                        return 0;
                if (r == -EFBIG)
                        r = print_error(c, "the line is too long");
                else if (r == 0)
                        r = classify_json(c, n > 0 ? line : "", n);
                if (r < 0)
                        return r;
        }
}

static int classify_file(Classify *c, FILE *in) {
        _cleanup_free_ char *text = NULL;
        size_t room = 0, n = 0;
        int r;

        r = read_piece(in, EOF, &text, &room, &n);
        if (r == -EFBIG)
                return print_error(c, "the file is too large");
        if (r == -ENODATA)
                return classify_one(c, "", 0);
        return r < 0 ? r : classify_one(c, text, n);
}

static int run(Classify *c) {
        _cleanup_fclose_ FILE *in = NULL;
        int r;

        if (strcmp(c->path, "-") != 0) {
                in = fopen(c->path, "re");
                if (!in) {
                        (void)fprintf(stderr, "%s: %s\n", c->path, strerror(errno));
                        return -errno;
                }
        }

        if (detector_set_count(c->set) == 0)
                (void)fprintf(stderr, "there are no rule files\n");
        r = c->batch ? classify_lines(c, in ?: stdin) : classify_file(c, in ?: stdin);
        if (fflush(stdout) != 0 || ferror(in ?: stdin))
                return -EIO;
        return r;
}

/* Needs no service: the watcher judges by the same rules. */
CommandResult command_classify(Context *context) {
        const char *rules = context_option(context, "--rules");
        char *const folders[] = {(char *)rules, NULL};
        _cleanup_(classify_done) Classify c = {
                        .agent = context_option(context, "--agent"),
                        .path = context->operands[0] ?: "-",
                        .batch = context_has(context, "--batch"),
                        .explain = context_has(context, "--explain"),
        };
        int r;

        r = rules_load(folders, on_problem, NULL, &c.set);
        if (r < 0)
                return output_failed(context, r);
        return run(&c) < 0 || c.failed ? COMMAND_FAILED : COMMAND_OK;
}
