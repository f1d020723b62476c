/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config-problem.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/text.h"

#define KEY_SHOWN_MAX 200U
#define MESSAGE_MAX 400U

static void problem_done(ConfigProblem *p) {
        free(p->path);
        free(p->key);
        free(p->message);
}

void config_problems_done(ConfigProblems *problems) {
        for (size_t i = 0; i < problems->n_items; i++)
                problem_done(&problems->items[i]);
        free(problems->items);
        *problems = (ConfigProblems){};
}

static int make_room(ConfigProblems *problems) {
        ConfigProblem *longer;

        longer = reallocarray(problems->items, problems->n_items + 1, sizeof(*longer));
        if (!longer)
                return -ENOMEM;

        problems->items = longer;
        return 0;
}

int config_problems_add(ConfigProblems *problems, ConfigSeverity severity, const char *path,
                unsigned line, const char *key, const char *format, ...) {
        _cleanup_(problem_done) ConfigProblem p = {.severity = severity, .line = line};
        char message[MESSAGE_MAX];
        va_list ap;

        assert(problems);
        assert(path && key);

        if (severity == CONFIG_ERROR)
                problems->n_errors++;
        if (config_problems_full(problems))
                return 0;

        va_start(ap, format);
        (void)vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);

        /* Keys and values come from a file: they must not paint the terminal that shows them. */
        p.path = text_clean(path, strlen(path), strlen(path));
        p.key = text_clean(key, strlen(key), KEY_SHOWN_MAX);
        p.message = text_clean(message, strlen(message), sizeof(message));
        if (!p.path || !p.key || !p.message || make_room(problems) < 0)
                return -ENOMEM;

        problems->items[problems->n_items++] = p;
        p = (ConfigProblem){};
        return 0;
}

const char *config_severity_to_string(ConfigSeverity severity) {
        static const char *const names[_CONFIG_SEVERITY_MAX] = {
                        [CONFIG_NOTE] = "note",
                        [CONFIG_WARNING] = "warning",
                        [CONFIG_ERROR] = "error",
        };

        assert(severity >= 0 && severity < _CONFIG_SEVERITY_MAX);
        return names[severity];
}

char *config_problem_describe(const ConfigProblem *problem) {
        char line[16] = "";
        char *text;
        int n;

        if (problem->line > 0)
                (void)snprintf(line, sizeof(line), ":%u", problem->line);

        n = asprintf(&text, "%s%s%s%s: %s%s%s", problem->path, line,
                        text_is_empty(problem->path) ? "" : ": ",
                        config_severity_to_string(problem->severity), problem->key,
                        text_is_empty(problem->key) ? "" : ": ", problem->message);
        return n < 0 ? NULL : text;
}
