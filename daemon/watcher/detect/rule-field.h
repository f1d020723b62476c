/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Fields of rule files
 *
 * Reads the values of a mapping with errors that name line and key, and counts what one file may
 * have. Knows YAML and the words of the rule language, not what the keys are for.
 */

#include <stdint.h>

#include "daemon/base/yaml-node.h"
#include "daemon/watcher/detect/pattern.h"

/* Per file. */
#define RULE_PATTERNS_MAX 400U
#define RULE_TEXT_MAX 256U

typedef struct RuleContext {
        YamlError *reterr;
        unsigned n_patterns; /* of every kind, contains included */
} RuleContext;

typedef struct PatternList {
        Pattern **items;
        size_t n_items;
} PatternList;
void pattern_list_done(PatternList *l);

/* Fills the error and returns -EBADMSG. */
int rule_refuse(RuleContext *c, const YamlNode *node, const char *format, ...) _printf_(3, 4);

/* @keys ends with NULL. */
int rule_check_keys(RuleContext *c, const YamlNode *mapping, const char *const *keys);

/* What is not given leaves @ret as it is. */
int rule_get_int(RuleContext *c, const YamlNode *mapping, const char *key, int64_t min, int64_t max,
                int64_t *ret);
int rule_get_double(RuleContext *c, const YamlNode *mapping, const char *key, double *ret);
int rule_get_bool(RuleContext *c, const YamlNode *mapping, const char *key, bool *ret);
int rule_get_text(RuleContext *c, const YamlNode *mapping, const char *key, char **ret);
int rule_get_pattern(RuleContext *c, const YamlNode *mapping, const char *key, Pattern **ret);

/* One word or a list of words. */
int rule_get_list(RuleContext *c, const YamlNode *mapping, const char *key, char ***ret);
int rule_get_patterns(RuleContext *c, const YamlNode *mapping, const char *key, PatternList *ret);

/* Counts one pattern; -EBADMSG if there are too many. */
int rule_count_pattern(RuleContext *c, const YamlNode *node);
int rule_compile(RuleContext *c, const YamlNode *scalar, Pattern **ret);
