/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/config-check.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/base/strv.h"
#include "daemon/base/yaml-node.h"
#include "daemon/config/config-files.h"
#include "daemon/config/config.h"
#include "tools/tmux-orc/terminal.h"

static int read_input(char **ret, size_t *ret_n) {
        _cleanup_free_ char *text = malloc(YAML_SIZE_MAX + 2);
        size_t n;

        if (!text)
                return -ENOMEM;
        n = fread(text, 1, YAML_SIZE_MAX + 1, stdin);
        if (ferror(stdin))
                return -EIO;
        if (n > YAML_SIZE_MAX)
                return -EFBIG;
        text[n] = '\0';
        *ret_n = n;
        *ret = TAKE_PTR(text);
        return 0;
}

/* One file by itself. */
static int check_file(const char *name, ConfigProblems *problems, bool *ret_valid) {
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r;

        r = strcmp(name, "-") == 0 ? read_input(&text, &n)
                                   : read_regular_file(name, YAML_SIZE_MAX, &text, &n);
        if (r < 0)
                return r;

        r = config_validate_text(text, n, problems);
        if (r < 0 && r != -EBADMSG)
                return r;
        *ret_valid = r == 0;
        return 0;
}

/* What the service would read, one over the other. */
static int check_all(bool user, ConfigProblems *problems, char ***ret_files, bool *ret_valid) {
        ConfigPlaces places = {
                        .user = user,
                        .home = getenv("HOME"),
                        .xdg_config_home = getenv("XDG_CONFIG_HOME"),
        };
        _cleanup_(config_done) Config config = {};
        int r;

        r = config_files_find(&places, ret_files, problems);
        if (r >= 0)
                r = config_load(*ret_files, NULL, &config, problems);
        if (r < 0 && r != -EBADMSG)
                return r;
        *ret_valid = r >= 0;
        return 0;
}

static int problem_to_json(const ConfigProblem *p, const char *name, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "severity", config_severity_to_string(p->severity)) < 0 ||
                        json_set_string(o, "path", p->path[0] || !name ? p->path : name) < 0 ||
                        json_set_u64(o, "line", p->line) < 0 ||
                        json_set_string(o, "key", p->key) < 0 ||
                        json_set_string(o, "message", p->message) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(o);
        return 0;
}

static int verdict_to_json(bool valid, const char *name, char **files,
                const ConfigProblems *problems, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *array = json_object_new_array(), *paths = json_object_new_array();

        if (!o || json_set_bool(o, "valid", valid) < 0 || json_set(o, "files", paths) < 0 ||
                        json_set(o, "problems", array) < 0)
                return -ENOMEM;
        if (name && json_append_string(paths, name) < 0)
                return -ENOMEM;
        STRV_FOREACH (file, files)
                if (json_append_string(paths, *file) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < problems->n_items; i++) {
                json_object *problem;

                if (problem_to_json(&problems->items[i], name, &problem) < 0 ||
                                json_append(array, problem) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(o);
        return 0;
}

int config_check(const char *name, bool user, json_object **ret) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        _cleanup_strv_free_ char **files = NULL;
        bool valid = false;
        int r;

        r = name ? check_file(name, &problems, &valid) : check_all(user, &problems, &files, &valid);
        return r < 0 ? r : verdict_to_json(valid, name, files, &problems, ret);
}

static int print_problem(FILE *out, json_object *problem) {
        static const char *const keys[] = {"path", "severity", "key", "message"};
        _cleanup_strv_free_ char **parts = NULL;

        FOREACH_ELEMENT (key, keys) {
                _cleanup_free_ char *text = terminal_text(json_get_string(problem, *key) ?: "");

                if (!text || strv_extend(&parts, text) < 0)
                        return -ENOMEM;
        }
        (void)fprintf(out, "%s:%llu: %s: %s%s%s\n", parts[0],
                        (unsigned long long)json_get_u64(problem, "line", 0), parts[1], parts[2],
                        parts[2][0] ? ": " : "", parts[3]);
        return 0;
}

int config_check_print(FILE *out, json_object *verdict, bool quiet) {
        json_object *problems = json_get(verdict, "problems"), *files = json_get(verdict, "files");

        for (size_t i = 0; i < json_object_array_length(problems); i++) {
                int r = print_problem(out, json_object_array_get_idx(problems, i));

                if (r < 0)
                        return r;
        }

        if (quiet)
                return 0;
        if (json_object_array_length(files) == 0)
                (void)fputs("There is no configuration file; the defaults hold.\n", out);
        else if (json_get_bool(verdict, "valid", false))
                (void)fputs("The configuration is valid.\n", out);
        return 0;
}
