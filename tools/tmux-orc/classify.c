/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/classify.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/data-dir.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/watcher/detect/detector.h"
#include "daemon/watcher/detect/verdict-json.h"
#include "tools/tmux-orc/screen-file.h"

typedef struct Classify {
        const char *agent;
        const char *path;
        char **folders; /* those of --rules */
        bool batch, explain;
        DetectorSet *set;
        bool failed; /* some line was bad */
} Classify;

static void classify_done(Classify *c) {
        strv_free(c->folders);
        detector_set_free(c->set);
}

static int help(void) {
        (void)puts("tmux-orc classify [OPTION…] [FILE|-]\n\n"
                   "Says which agent a saved screen shows and what it is doing. FILE is plain "
                   "text, as\n"
                   "'tmux capture-pane -p' prints it, or a JSON object with 'screen' and what else "
                   "was\n"
                   "seen: pane_title, pane_current_command, process_tree, alternate_on, "
                   "pane_in_mode,\n"
                   "pane_dead, pane_dead_status, agent.\n\n"
                   "  --agent TYPE  the agent is known to be this one\n"
                   "  --batch       one JSON object per line in, one per line out\n"
                   "  --explain     print the evidence too\n"
                   "  --rules DIR   rule files that replace others of their name (repeatable)\n"
                   "  --json        accepted: the output is always JSON\n"
                   "  --help        this text");
        return 0;
}

static int on_option(Classify *c, int option) {
        switch (option) {
        case 'a':
                c->agent = optarg;
                return 0;
        case 'b':
                c->batch = true;
                return 0;
        case 'e':
                c->explain = true;
                return 0;
        case 'r':
                return strv_extend(&c->folders, optarg);
        case 'j':
                return 0;
        default:
                return -EINVAL;
        }
}

static int parse_arguments(Classify *c, int argc, char **argv, bool *ret_help) {
        static const struct option options[] = {
                        {"agent", required_argument, NULL, 'a'},
                        {"batch", no_argument, NULL, 'b'},
                        {"explain", no_argument, NULL, 'e'},
                        {"json", no_argument, NULL, 'j'},
                        {"rules", required_argument, NULL, 'r'},
                        {"help", no_argument, NULL, 'h'},
                        {},
        };
        int option, r;

        optind = 0; /* glibc: from the beginning, main has read its own options with it */
        while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
                if (option == 'h') {
                        *ret_help = true;
                        return 0;
                }
                r = on_option(c, option);
                if (r < 0)
                        return r;
        }

        c->path = argv[optind] ?: "-";
        if (argv[optind] && argv[optind + 1]) {
                (void)fprintf(stderr, "classify takes one file\n");
                return -EINVAL;
        }
        return 0;
}

static void on_problem(void *userdata, const char *path, unsigned line, const char *message) {
        if (line > 0)
                (void)fprintf(stderr, "%s:%u: %s\n", path, line, message);
        else
                (void)fprintf(stderr, "%s: %s\n", path, message);
}

static int add_folder(char ***folders, const char *base, const char *below) {
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", base, below) < 0)
                return -ENOMEM;
        return strv_extend(folders, path);
}

static int add_user_folder(char ***folders) {
        const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

        if (!text_is_empty(config))
                return add_folder(folders, config, "tmux-orchestrator/detectors");
        if (!text_is_empty(home))
                return add_folder(folders, home, ".config/tmux-orchestrator/detectors");
        return 0;
}

static int load_rules(Classify *c) {
        _cleanup_strv_free_ char **folders = NULL;
        _cleanup_free_ char *data = NULL;
        int r;

        r = data_dir_find(&data);
        if (r < 0)
                return r;
        r = add_folder(&folders, data, "detectors");
        if (r < 0)
                return r;
        r = strv_extend(&folders, "/etc/tmux-orchestrator/detectors");
        if (r < 0)
                return r;
        r = add_user_folder(&folders);
        if (r < 0)
                return r;
        STRV_FOREACH (folder, c->folders) {
                r = strv_extend(&folders, *folder);
                if (r < 0)
                        return r;
        }

        r = detector_set_load(folders, on_problem, NULL, &c->set);
        if (r == 0 && detector_set_count(c->set) == 0)
                (void)fprintf(stderr, "no rule files in %s/detectors\n", data);
        return r;
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

        r = load_rules(c);
        if (r < 0)
                return r;
        r = c->batch ? classify_lines(c, in ?: stdin) : classify_file(c, in ?: stdin);
        if (fflush(stdout) != 0 || ferror(in ?: stdin))
                return -EIO;
        return r;
}

int classify_main(int argc, char **argv) {
        _cleanup_(classify_done) Classify c = {};
        bool wants_help = false;

        if (parse_arguments(&c, argc, argv, &wants_help) < 0)
                return 2;
        if (wants_help)
                return help();
        return run(&c) < 0 || c.failed ? 1 : 0;
}
