/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/act-rules.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define ENTER_DELAY_MSEC 120

static const char *const answer_kinds[_ACT_ANSWER_KIND_MAX] = {
                [ACT_APPROVE] = "approve",
                [ACT_DENY] = "deny",
                [ACT_LEAVE] = "leave",
};

ActAnswerKind act_answer_kind_from_string(const char *s) {
        for (ActAnswerKind k = 0; k < _ACT_ANSWER_KIND_MAX; k++)
                if (strcmp(answer_kinds[k], s) == 0)
                        return k;
        return _ACT_ANSWER_KIND_INVALID;
}

/* Few, so that a rule file cannot do anything with a program but answer it. */
static bool is_key(const char *s) {
        static const char *const names[] = {"Enter", "Escape", "Up", "Down", "Left", "Right", "Tab",
                        "Space", "BSpace", "C-c"};

        FOREACH_ELEMENT (name, names)
                if (strcmp(*name, s) == 0)
                        return true;
        return strlen(s) == 1 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789") == 1;
}

static int read_keys(RuleContext *c, const YamlNode *node, ActAnswer *a) {
        int r;

        r = rule_get_list(c, node, "keys", &a->keys);
        if (r < 0)
                return r;
        if (!a->keys || strv_length(a->keys) > ACT_KEYS_MAX)
                return rule_refuse(c, node, "'keys' must be 1 to %u keys", ACT_KEYS_MAX);
        STRV_FOREACH (key, a->keys)
                if (!is_key(*key))
                        return rule_refuse(c, node,
                                        "'%s' is no key: a small letter, a digit, or Enter, "
                                        "Escape, Up, Down, Left, Right, Tab, Space, BSpace, C-c",
                                        *key);
        return 0;
}

/* A condition with a region of its own, in the part that bears this key. */
static int read_when(RuleContext *c, const RegionSet *regions, const YamlNode *mapping,
                const char *key, Condition **ret) {
        static const char *const keys[] = {"region", "all", "any", "not", "contains", "regex",
                        "flow", "line", "lines", "cursor", "pane", NULL};
        const YamlNode *node = yaml_node_get(mapping, key);
        int r, region;

        if (!node)
                return 0;
        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;
        region = region_find(regions, yaml_node_get_scalar(node, "region") ?: "screen");
        if (region < 0)
                return rule_refuse(c, node, "unknown region '%s'",
                                yaml_node_get_scalar(node, "region"));
        r = condition_read(c, regions, node, (unsigned)region, ret);
        if (r >= 0 && !*ret)
                return rule_refuse(c, node, "'%s' has no condition", key);
        return r;
}

/* A menu of a limit is no dialog that waits for something. */
static int read_attention(RuleContext *c, const YamlNode *node, ActAnswer *a) {
        const char *word = yaml_node_get_scalar(node, "attention");

        if (a->kind == ACT_LEAVE)
                return word ? rule_refuse(c, node, "'leave' has no attention") : 0;
        a->attention = word ? attention_from_string(word) : ATTENTION_PERMISSION;
        if ((int)a->attention < 0 || a->attention == ATTENTION_NONE)
                return rule_refuse(c, node, "there is no attention '%s'", word);
        return 0;
}

static int read_answer(
                RuleContext *c, const RegionSet *regions, const YamlNode *node, ActAnswer *a) {
        static const char *const keys[] = {"answer", "attention", "keys", "when", NULL};
        const char *word;
        int r;

        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;
        word = yaml_node_get_scalar(node, "answer");
        a->kind = word ? act_answer_kind_from_string(word) : _ACT_ANSWER_KIND_INVALID;
        if ((int)a->kind < 0)
                return rule_refuse(c, node, "'answer' is approve, deny or leave");
        r = read_attention(c, node, a);
        if (r < 0)
                return r;
        r = read_keys(c, node, a);
        if (r >= 0)
                r = read_when(c, regions, node, "when", &a->when);
        if (r >= 0 && a->kind == ACT_LEAVE && !a->when)
                return rule_refuse(c, node, "'leave' needs a 'when': not every limit opens a menu");
        return r;
}

static int read_answers(
                RuleContext *c, const RegionSet *regions, const YamlNode *node, ActRules *a) {
        if (!node)
                return 0;
        if (node->kind != YAML_SEQUENCE || node->n_children > ACT_ANSWERS_MAX)
                return rule_refuse(
                                c, node, "'answers' must be a list of at most %u", ACT_ANSWERS_MAX);

        for (size_t i = 0; i < node->n_children; i++) {
                int r;

                a->n_answers++;
                r = read_answer(c, regions, node->children[i], &a->answers[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What a shell takes as it stands, so that nothing has to be quoted. */
static bool is_plain_word(const char *s) {
        return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=") ==
                        strlen(s);
}

static int read_command(RuleContext *c, const YamlNode *node, const char *key, char ***ret) {
        int r;

        r = rule_get_list(c, node, key, ret);
        if (r < 0 || !*ret)
                return r;
        if (strv_length(*ret) > ACT_WORDS_MAX)
                return rule_refuse(c, node, "'%s' has more than %u words", key, ACT_WORDS_MAX);
        STRV_FOREACH (word, *ret)
                if (strcmp(*word, "{session}") != 0 && !is_plain_word(*word))
                        return rule_refuse(c, node, "'%s' is no plain word of a command", *word);
        return 0;
}

static int read_resume(RuleContext *c, const YamlNode *node, ActRules *a) {
        int r;

        r = read_command(c, node, "resume", &a->resume);
        if (r < 0)
                return r;
        if (a->resume && !strv_contains(a->resume, "{session}"))
                return rule_refuse(c, node, "'resume' needs the word {session}");
        r = read_command(c, node, "resume_last", &a->resume_last);
        if (r < 0)
                return r;
        r = rule_get_pattern(c, node, "session", &a->session);
        if (r < 0)
                return r;
        r = rule_get_text(c, node, "session_file", &a->session_file);
        if (r < 0)
                return r;
        if (a->session_file &&
                        (!text_starts_with(a->session_file, "~/") ||
                                        strstr(a->session_file, "/../")))
                return rule_refuse(c, node, "'session_file' must begin with ~/");
        r = rule_get_text(c, node, "session_key", &a->session_key);
        if (r < 0)
                return r;
        r = rule_get_text(c, node, "session_hook", &a->session_hook);
        return r < 0 ? r : rule_get_pattern(c, node, "hook_service", &a->hook_service);
}

static int read_prompt(
                RuleContext *c, const RegionSet *regions, const YamlNode *node, ActRules *a) {
        int64_t delay = ENTER_DELAY_MSEC;
        int r;

        r = read_when(c, regions, node, "prompt", &a->prompt);
        if (r < 0)
                return r;
        r = read_when(c, regions, node, "submit", &a->submit);
        if (r < 0)
                return r;
        r = rule_get_pattern(c, node, "command", &a->command);
        if (r < 0)
                return r;
        r = rule_get_text(c, node, "go_on", &a->go_on);
        if (r < 0)
                return r;
        r = rule_get_int(c, node, "enter_delay_ms", 0, ACT_DELAY_MSEC_MAX, &delay);
        a->enter_delay_msec = (unsigned)delay;
        return r;
}

int act_rules_read(RuleContext *c, const RegionSet *regions, const YamlNode *node, ActRules *ret) {
        static const char *const keys[] = {"prompt", "submit", "command", "go_on", "enter_delay_ms",
                        "answers", "resume", "resume_last", "session", "session_file",
                        "session_key", "session_hook", "hook_service", NULL};
        int r;

        if (!node)
                return 0;
        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;
        r = read_prompt(c, regions, node, ret);
        if (r < 0)
                return r;
        r = read_answers(c, regions, yaml_node_get(node, "answers"), ret);
        return r < 0 ? r : read_resume(c, node, ret);
}

void act_rules_done(ActRules *a) {
        condition_free(a->prompt);
        condition_free(a->submit);
        pattern_free(a->command);
        free(a->go_on);
        for (size_t i = 0; i < a->n_answers; i++) {
                strv_free(a->answers[i].keys);
                condition_free(a->answers[i].when);
        }
        strv_free(a->resume);
        strv_free(a->resume_last);
        pattern_free(a->session);
        free(a->session_file);
        free(a->session_key);
        free(a->session_hook);
        pattern_free(a->hook_service);
        *a = (ActRules){};
}
