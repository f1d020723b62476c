/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/rule-field.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define LIST_MAX 64U

void pattern_list_done(PatternList *l) {
        for (size_t i = 0; i < l->n_items; i++)
                pattern_free(l->items[i]);
        free(l->items);
        *l = (PatternList){};
}

int rule_refuse(RuleContext *c, const YamlNode *node, const char *format, ...) {
        char message[sizeof(c->reterr->message)];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);
        yaml_error_set(c->reterr, node->line, "%s", message);
        return -EBADMSG;
}

int rule_check_keys(RuleContext *c, const YamlNode *mapping, const char *const *keys) {
        if (mapping->kind != YAML_MAPPING)
                return rule_refuse(c, mapping, "keys with values are expected here");

        for (size_t i = 0; i < mapping->n_children; i++) {
                const YamlNode *child = mapping->children[i];
                bool known = false;

                for (const char *const *k = keys; *k && !known; k++)
                        known = strcmp(*k, child->key) == 0;
                if (!known)
                        return rule_refuse(c, child, "unknown key '%s'", child->key);
        }
        return 0;
}

static int get_scalar(
                RuleContext *c, const YamlNode *mapping, const char *key, const YamlNode **ret) {
        const YamlNode *node = yaml_node_get(mapping, key);

        if (node && node->kind != YAML_SCALAR)
                return rule_refuse(c, node, "'%s' must be one value", key);

        *ret = node;
        return 0;
}

int rule_get_int(RuleContext *c, const YamlNode *mapping, const char *key, int64_t min, int64_t max,
                int64_t *ret) {
        const YamlNode *node = NULL;
        int r;

        r = get_scalar(c, mapping, key, &node);
        if (r < 0 || !node)
                return r;
        if (parse_i64(node->scalar, min, max, ret) < 0)
                return rule_refuse(c, node, "'%s' must be a whole number from %lld to %lld", key,
                                (long long)min, (long long)max);
        return 0;
}

int rule_get_double(RuleContext *c, const YamlNode *mapping, const char *key, double *ret) {
        const YamlNode *node = NULL;
        double value;
        char *end;
        int r;

        r = get_scalar(c, mapping, key, &node);
        if (r < 0 || !node)
                return r;

        value = strtod(node->scalar, &end);
        if (end == node->scalar || *end != '\0' || !(value >= 0 && value <= 1))
                return rule_refuse(c, node, "'%s' must be a number from 0 to 1", key);
        *ret = value;
        return 0;
}

int rule_get_bool(RuleContext *c, const YamlNode *mapping, const char *key, bool *ret) {
        const YamlNode *node = NULL;
        int r;

        r = get_scalar(c, mapping, key, &node);
        if (r < 0 || !node)
                return r;
        if (yaml_node_get_bool(node, ret) < 0)
                return rule_refuse(c, node, "'%s' must be true or false", key);
        return 0;
}

static int check_text(RuleContext *c, const YamlNode *node, const char *key) {
        size_t n;

        if (node->kind != YAML_SCALAR)
                return rule_refuse(c, node, "'%s' must be text", key);

        n = strlen(node->scalar);
        if (n == 0 || n > RULE_TEXT_MAX)
                return rule_refuse(
                                c, node, "'%s' must have 1 to %u characters", key, RULE_TEXT_MAX);
        return 0;
}

int rule_get_text(RuleContext *c, const YamlNode *mapping, const char *key, char **ret) {
        const YamlNode *node = yaml_node_get(mapping, key);
        char *text;
        int r;

        if (!node)
                return 0;
        r = check_text(c, node, key);
        if (r < 0)
                return r;

        text = strdup(node->scalar);
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

int rule_count_pattern(RuleContext *c, const YamlNode *node) {
        if (++c->n_patterns > RULE_PATTERNS_MAX)
                return rule_refuse(c, node, "more than %u patterns in one file", RULE_PATTERNS_MAX);
        return 0;
}

int rule_compile(RuleContext *c, const YamlNode *scalar, Pattern **ret) {
        char reason[192];
        int r;

        if (scalar->kind != YAML_SCALAR || scalar->scalar[0] == '\0')
                return rule_refuse(c, scalar, "a pattern is expected here");
        r = rule_count_pattern(c, scalar);
        if (r < 0)
                return r;

        r = pattern_new(scalar->scalar, reason, sizeof(reason), ret);
        return r == -EBADMSG ? rule_refuse(c, scalar, "%s", reason) : r;
}

int rule_get_pattern(RuleContext *c, const YamlNode *mapping, const char *key, Pattern **ret) {
        const YamlNode *node = yaml_node_get(mapping, key);

        return node ? rule_compile(c, node, ret) : 0;
}

/* A single value is a list of one. What @ret points to is part of *@node. */
static int get_items(RuleContext *c, const YamlNode *const *node, const char *key,
                const YamlNode *const **ret, size_t *ret_n) {
        if ((*node)->kind == YAML_MAPPING)
                return rule_refuse(c, *node, "'%s' must be a value or a list of values", key);
        if ((*node)->kind == YAML_SEQUENCE && (*node)->n_children > LIST_MAX)
                return rule_refuse(c, *node, "'%s' has more than %u values", key, LIST_MAX);

        *ret = (*node)->kind == YAML_SCALAR ? node : (const YamlNode *const *)(*node)->children;
        *ret_n = (*node)->kind == YAML_SCALAR ? 1 : (*node)->n_children;
        return 0;
}

int rule_get_list(RuleContext *c, const YamlNode *mapping, const char *key, char ***ret) {
        _cleanup_strv_free_ char **list = NULL;
        const YamlNode *node = yaml_node_get(mapping, key);
        const YamlNode *const *items = NULL;
        size_t n = 0;
        int r;

        if (!node)
                return 0;
        r = get_items(c, &node, key, &items, &n);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++) {
                r = check_text(c, items[i], key);
                if (r < 0)
                        return r;
                r = strv_extend(&list, items[i]->scalar);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(list);
        return 0;
}

int rule_get_patterns(RuleContext *c, const YamlNode *mapping, const char *key, PatternList *ret) {
        const YamlNode *node = yaml_node_get(mapping, key);
        const YamlNode *const *items = NULL;
        size_t n = 0;
        int r;

        if (!node)
                return 0;
        r = get_items(c, &node, key, &items, &n);
        if (r < 0)
                return r;

        ret->items = calloc(MAX(n, 1U), sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                r = rule_compile(c, items[i], &ret->items[i]);
                if (r < 0)
                        return r;
                ret->n_items++;
        }
        return 0;
}
