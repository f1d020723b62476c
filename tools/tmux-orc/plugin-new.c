/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/data-dir.h"
#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/base/write-file.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/plugin.h"

#define TEMPLATE_MAX (64U * 1024U)
#define NAME_MAX_LENGTH 64U
#define FILES_MAX 4U

/* What a kind of plugin begins as: templates, and what they become ("@" is the plugin's name). */
static const struct Start {
        const char *word;
        bool wraps; /* takes a command */
        bool is_built;
        struct {
                const char *from, *to;
        } files[FILES_MAX];
} starts[] = {
                {"c", false, true,
                                {{"plugin-templates/c.yaml.in", "plugin.yaml"},
                                                {"plugin-templates/tool.c.in", "@.c"},
                                                {"plugin-templates/Makefile.in", "Makefile"}}},
                {"strategy", false, true,
                                {{"plugin-templates/strategy.yaml.in", "plugin.yaml"},
                                                {"plugin-templates/strategy.c.in", "@.c"},
                                                {"plugin-templates/Makefile.in", "Makefile"}}},
                {"python", false, false,
                                {{"plugin-templates/python.yaml.in", "plugin.yaml"},
                                                {"plugin-templates/tool.py.in", "@.py"},
                                                {"plugin-python/lines.py", "lines.py"}}},
                {"text", true, false,
                                {{"plugin-templates/text.yaml.in", "plugin.yaml"},
                                                {"plugin-python/wrap.py", "wrap.py"},
                                                {"plugin-python/lines.py", "lines.py"}}},
                {"nagios", true, false,
                                {{"plugin-templates/nagios.yaml.in", "plugin.yaml"},
                                                {"plugin-python/wrap.py", "wrap.py"},
                                                {"plugin-python/lines.py", "lines.py"}}},
};

/* What stands for @NAME@ and so on. */
typedef struct Fill {
        const char *name;
        const char *kind;
        const char *program;
        char *command; /* a JSON array, which is YAML too */
        char *members; /* of the input */
} Fill;

static void fill_done(Fill *f) {
        free(f->command);
        free(f->members);
}

static bool name_is_valid(const char *name) {
        size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

        return name[0] >= 'a' && name[0] <= 'z' && name[n] == '\0' && n <= NAME_MAX_LENGTH;
}

static const char *value_of(const Fill *f, const char *mark, size_t n) {
        const struct {
                const char *mark, *value;
        } marks[] = {
                        {"NAME", f->name},
                        {"KIND", f->kind},
                        {"PROGRAM", f->program},
                        {"COMMAND", f->command},
                        {"MEMBERS", f->members},
        };

        FOREACH_ELEMENT (m, marks)
                if (strlen(m->mark) == n && memcmp(m->mark, mark, n) == 0)
                        return m->value;
        return NULL;
}

static void render_line(FILE *out, const Fill *f, const char *line, const char *end) {
        while (line < end) {
                const char *mark = memchr(line, '@', (size_t)(end - line));
                const char *close = mark ? memchr(mark + 1, '@', (size_t)(end - mark - 1)) : NULL;
                const char *value =
                                close ? value_of(f, mark + 1, (size_t)(close - mark - 1)) : NULL;
                const char *stop = value ? mark : mark ? mark + 1 : end;

                (void)fwrite(line, 1, (size_t)(stop - line), out);
                if (value)
                        (void)fputs(value, out);
                line = value ? close + 1 : stop;
        }
}

/* What comes out belongs to whoever asked for it: our licence stays behind. */
static int render(const Fill *f, const char *text, char **ret, size_t *ret_n) {
        FILE *out = open_memstream(ret, ret_n);

        if (!out)
                return -ENOMEM;
        for (const char *line = text; *line;) {
                const char *end = strchrnul(line, '\n');
                const char *licence = strstr(line, "SPDX-License-Identifier");

                end += *end == '\n';
                if (!licence || licence >= end)
                        render_line(out, f, line, end);
                line = end;
        }
        return fclose(out) == 0 ? 0 : -ENOMEM;
}

static CommandResult write_one(Context *c, const Fill *f, const char *folder, const char *data,
                const char *from, const char *to) {
        _cleanup_free_ char *source = NULL, *target = NULL, *text = NULL, *rendered = NULL;
        size_t n;
        int r;

        if (asprintf(&source, "%s/%s", data, from) < 0 ||
                        asprintf(&target, "%s/%s%s", folder, to[0] == '@' ? f->name : "",
                                        to[0] == '@' ? to + 1 : to) < 0)
                return output_failed(c, -ENOMEM);

        r = read_regular_file(source, TEMPLATE_MAX, &text, &n);
        if (r < 0) {
                context_error(c, "%s: %s", source, strerror(-r));
                return COMMAND_FAILED;
        }
        r = render(f, text, &rendered, &n);
        if (r >= 0)
                r = write_file_atomically(target, rendered, n, 0644);
        if (r < 0) {
                context_error(c, "%s: %s", target, strerror(-r));
                return COMMAND_FAILED;
        }
        return COMMAND_OK;
}

static CommandResult write_files(
                Context *c, const struct Start *start, const Fill *f, const char *folder) {
        _cleanup_free_ char *data = NULL;
        CommandResult result = COMMAND_OK;
        int r = data_dir_find(&data);

        if (r < 0)
                return output_failed(c, r);
        if (mkdir(folder, 0755) < 0) {
                context_error(c, "%s: %s", folder, strerror(errno));
                return COMMAND_FAILED;
        }
        for (size_t i = 0; i < FILES_MAX && start->files[i].from && result == COMMAND_OK; i++)
                result = write_one(c, f, folder, data, start->files[i].from, start->files[i].to);
        return result;
}

/* Each {member} of the command is one of the input, and required. */
static int describe_members(char **words, char **ret) {
        _cleanup_json_ json_object *seen = json_object_new_object();
        size_t n;
        FILE *out = open_memstream(ret, &n);

        if (!out || !seen)
                return -ENOMEM;
        for (char **w = words; *w; w++)
                for (const char *open = strchr(*w, '{'); open; open = strchr(open + 1, '{')) {
                        size_t length = strspn(open + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
                        char name[64];

                        if (length == 0 || length >= sizeof(name) || open[1 + length] != '}')
                                continue;
                        (void)snprintf(name, sizeof(name), "%.*s", (int)length, open + 1);
                        if (!json_get(seen, name))
                                (void)fprintf(out, "\n    %s: {type: string, maxLength: 200}",
                                                name);
                        (void)json_set_bool(seen, name, true);
                }
        if (json_object_object_length(seen) == 0)
                (void)fputs(" {}", out);
        return fclose(out) == 0 ? 0 : -ENOMEM;
}

static int describe_command(char **words, Fill *f) {
        _cleanup_json_ json_object *list = json_object_new_array();
        const char *slash = strrchr(words[0], '/');
        int r = list ? 0 : -ENOMEM;

        for (char **w = words; *w && r >= 0; w++)
                r = json_append_string(list, *w);
        if (r < 0)
                return r;
        f->program = slash ? slash + 1 : words[0];
        f->command = strdup(json_object_to_json_string_ext(
                        list, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
        return f->command ? describe_members(words, &f->members) : -ENOMEM;
}

static const struct Start *find_start(const char *word) {
        FOREACH_ELEMENT (s, starts)
                if (strcmp(s->word, word) == 0)
                        return s;
        return NULL;
}

static CommandResult choose(Context *c, const char *kind, const struct Start **ret) {
        const char *language = context_option(c, "--language");
        const char *wrap = context_option(c, "--wrap");

        if (strcmp(kind, "strategy") == 0 && (wrap || (language && strcmp(language, "c") != 0)))
                return context_usage(c, "a strategy is written in C");
        if (wrap && language)
                return context_usage(c, "what is wrapped is written already: no --language");
        *ret = find_start(wrap ?: strcmp(kind, "strategy") == 0 ? kind : language ?: "c");
        if (!*ret || (*ret)->wraps != (wrap != NULL))
                return wrap ? context_usage(c, "'%s' is not 'text' and not 'nagios'", wrap)
                            : context_usage(c, "'%s' is not 'c' and not 'python'", language);
        if (wrap && !c->operands[2])
                return context_usage(c, "--wrap needs the command after the name");
        if (!wrap && c->operands[2])
                return context_usage(c, "without --wrap there is no use for '%s'", c->operands[2]);
        return COMMAND_OK;
}

static bool kind_is_known(const char *kind) {
        static const char *const kinds[] = {"tool", "notifier", "exporter", "strategy"};

        FOREACH_ELEMENT (k, kinds)
                if (strcmp(*k, kind) == 0)
                        return true;
        return false;
}

static CommandResult say_how_to_go_on(Context *c, const struct Start *start, const char *folder) {
        _cleanup_json_ json_object *o = NULL;

        if (c->json) {
                o = json_object_new_object();
                if (!o || json_set_string(o, "folder", folder) < 0 ||
                                output_json(c->out, o, false) < 0)
                        return output_failed(c, -ENOMEM);
                return COMMAND_OK;
        }
        if (!c->quiet)
                (void)fprintf(c->out,
                                "%s holds a plugin that works; what it takes and gives is in its "
                                "plugin.yaml. To try it:\n\n"
                                "  cd %s%s && tmux-orc plugin test .\n\n"
                                "To have it used, put the folder where plugins lie "
                                "(~/.local/share/tmux-orchestrator/plugins),\n"
                                "and let 'tmux-orc plugin scan' find it.\n",
                                folder, folder, start->is_built ? " && make" : "");
        return COMMAND_OK;
}

/* Needs no service. */
CommandResult plugin_new(Context *c, const char *folder) {
        const char *kind = context_option(c, "--kind") ?: "tool";
        const char *slash = strrchr(folder, '/');
        _cleanup_(fill_done) Fill f = {.name = slash ? slash + 1 : folder, .kind = kind};
        const struct Start *start = NULL;
        CommandResult result;

        if (!name_is_valid(f.name))
                return context_usage(c,
                                "'%s' is no name of a plugin: a lower-case letter, then those, "
                                "digits, '-' and '_'",
                                f.name);
        if (!kind_is_known(kind))
                return context_usage(
                                c, "'%s' is no kind: tool, notifier, exporter or strategy", kind);
        result = choose(c, kind, &start);
        if (result != COMMAND_OK)
                return result;
        if (start->wraps && describe_command(c->operands + 2, &f) < 0)
                return output_failed(c, -ENOMEM);

        result = write_files(c, start, &f, folder);
        return result == COMMAND_OK ? say_how_to_go_on(c, start, folder) : result;
}
