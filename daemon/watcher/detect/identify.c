/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/identify.h"

#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/base/text.h"

/* Of a command line so much is looked at; and so many words may precede the script's name. */
#define LINE_MAX_BYTES 4096U
#define LAUNCHER_WORDS 4U

typedef struct Word {
        const char *s;
        size_t n;
} Word;

int identity_read(RuleContext *c, const RegionSet *regions, const YamlNode *node, Identity *ret) {
        static const char *const keys[] = {
                        "programs", "launchers", "packages", "without", "commands", "looks", NULL};
        const YamlNode *looks;
        int r;

        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;
        r = rule_get_list(c, node, "programs", &ret->programs);
        if (r < 0)
                return r;
        r = rule_get_list(c, node, "launchers", &ret->launchers);
        if (r < 0)
                return r;
        r = rule_get_list(c, node, "packages", &ret->packages);
        if (r < 0)
                return r;
        r = rule_get_patterns(c, node, "without", &ret->without);
        if (r < 0)
                return r;
        r = rule_get_patterns(c, node, "commands", &ret->commands);
        if (r < 0)
                return r;

        looks = yaml_node_get(node, "looks");
        if (!looks)
                return 0;
        r = rule_check_keys(c, looks, condition_keys);
        return r < 0 ? r : condition_read(c, regions, looks, REGION_SCREEN, &ret->looks);
}

void identity_done(Identity *i) {
        strv_free(i->programs);
        strv_free(i->launchers);
        strv_free(i->packages);
        pattern_list_done(&i->without);
        pattern_list_done(&i->commands);
        condition_free(i->looks);
        *i = (Identity){};
}

static bool next_word(const char **at, Word *ret) {
        const char *s = *at + strspn(*at, " \t");

        *ret = (Word){.s = s, .n = strcspn(s, " \t")};
        *at = s + ret->n;
        return ret->n > 0;
}

static Word base_name(Word w) {
        for (size_t i = w.n; i > 0; i--)
                if (w.s[i - 1] == '/')
                        return (Word){.s = w.s + i, .n = w.n - i};
        return w;
}

static Word without_suffix(Word w) {
        static const char *const suffixes[] = {".js", ".mjs", ".cjs", ".py", ".exe"};

        FOREACH_ELEMENT (suffix, suffixes) {
                size_t n = strlen(*suffix);

                if (w.n > n && memcmp(w.s + w.n - n, *suffix, n) == 0)
                        return (Word){.s = w.s, .n = w.n - n};
        }
        return w;
}

/* python3.11 is python. */
static Word without_version(Word w) {
        while (w.n > 1 && ((w.s[w.n - 1] >= '0' && w.s[w.n - 1] <= '9') || w.s[w.n - 1] == '.'))
                w.n--;
        return w;
}

static bool is_one_of(char *const *names, Word w) {
        for (char *const *name = names; name && *name; name++)
                if (strlen(*name) == w.n && memcmp(*name, w.s, w.n) == 0)
                        return true;
        return false;
}

static bool has_package(const Identity *i, Word w) {
        STRV_FOREACH (package, i->packages)
                if (memmem(w.s, w.n, *package, strlen(*package)))
                        return true;
        return false;
}

static bool is_script(const Identity *i, Word w) {
        return is_one_of(i->programs, without_suffix(base_name(w))) || has_package(i, w);
}

/* The first word that is no option, or one of the next that lies in the agent's package. */
static bool find_script(const Identity *i, const char *at, Word *ret) {
        bool first = true;
        Word w;

        for (unsigned k = 0; k < LAUNCHER_WORDS && next_word(&at, &w); k++) {
                if (has_package(i, w) || (first && w.s[0] != '-' && is_script(i, w))) {
                        *ret = base_name(w);
                        return true;
                }
                first = first && w.s[0] == '-';
        }
        return false;
}

static bool find_call(const Identity *i, const char *line, Word *ret) {
        const char *at = line;
        Word w, name;

        if (!next_word(&at, &w))
                return false;

        name = base_name(w);
        if (name.n > 1 && name.s[0] == '-') /* a login shell's way */
                name = (Word){.s = name.s + 1, .n = name.n - 1};

        if (is_one_of(i->programs, without_suffix(name)) || has_package(i, w)) {
                *ret = name;
                return true;
        }
        if (!is_one_of(i->launchers, name) && !is_one_of(i->launchers, without_version(name)))
                return false;
        return find_script(i, at, ret);
}

bool identity_is_process(const Identity *i, Matcher *m, const char *line, const char **ret_call) {
        size_t n = strnlen(line, LINE_MAX_BYTES);
        const char *arguments;
        Word call;

        if (!find_call(i, line, &call) || !utf8_is_valid(line, n))
                return false;

        arguments = call.s + call.n;
        for (size_t k = 0; k < i->without.n_items; k++)
                if (pattern_match(i->without.items[k], m, arguments,
                                    arguments > line + n ? 0 : n - (size_t)(arguments - line),
                                    NULL))
                        return false;

        *ret_call = call.s;
        return true;
}

bool identity_is_command(const Identity *i, Matcher *m, const char *command) {
        size_t n = strnlen(command, LINE_MAX_BYTES);

        if (!utf8_is_valid(command, n))
                return false;
        for (size_t k = 0; k < i->commands.n_items; k++)
                if (pattern_match(i->commands.items[k], m, command, n, NULL))
                        return true;
        return false;
}
