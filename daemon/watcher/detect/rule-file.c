/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/rule-file.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/strv.h"

#define PRIORITY_MAX 1000
#define PRIORITY_DEFAULT 500
#define WEIGHT_DEFAULT 0.8

/* What a rule is read with. */
typedef struct Reader {
        RuleContext context;
        RuleFile *file;
} Reader;

RuleFile *rule_file_free(RuleFile *f) {
        if (!f)
                return NULL;

        for (size_t i = 0; i < f->n_rules; i++) {
                Rule *rule = &f->rules[i];

                free(rule->id);
                condition_free(rule->condition);
                pattern_free(rule->reset);
                free(rule->min_version);
                free(rule->max_version);
        }
        free(f->rules);
        free(f->name);
        free(f->title);
        identity_done(&f->identity);
        pattern_free(f->version);
        act_rules_done(&f->act);
        region_set_free(f->regions);
        free(f);
        return NULL;
}

static EvidenceSource source_of(RegionBase base) {
        switch (base) {
        case REGION_TITLE:
                return EVIDENCE_TITLE;
        case REGION_COMMAND:
        case REGION_PROCESS:
        case REGION_PROCESSES:
                return EVIDENCE_PROCESS;
        case REGION_SCREEN:
        case _REGION_BASE_MAX:
        default:
                return EVIDENCE_SCREEN;
        }
}

static int read_source(RuleContext *c, const YamlNode *node, Rule *rule) {
        const char *word = yaml_node_get_scalar(node, "source");

        if (!word)
                return 0;
        if (strcmp(word, "title") == 0)
                rule->source = EVIDENCE_TITLE;
        else if (strcmp(word, "screen") == 0)
                rule->source = EVIDENCE_SCREEN;
        else if (strcmp(word, "process") == 0)
                rule->source = EVIDENCE_PROCESS;
        else
                return rule_refuse(c, node, "'source' is title, screen or process");
        return 0;
}

static int read_words(RuleContext *c, const YamlNode *node, Rule *rule) {
        const char *word = yaml_node_get_scalar(node, "state");

        rule->state = word ? agent_state_from_string(word) : AGENT_UNKNOWN;
        if ((int)rule->state < 0)
                return rule_refuse(c, node, "there is no state '%s'", word);

        word = yaml_node_get_scalar(node, "attention");
        rule->attention = word ? attention_from_string(word) : ATTENTION_NONE;
        if ((int)rule->attention < 0)
                return rule_refuse(c, node, "there is no attention '%s'", word);
        if (rule->attention != ATTENTION_NONE && rule->state != AGENT_WAITING)
                return rule_refuse(c, node, "'attention' belongs to the state waiting");

        word = yaml_node_get_scalar(node, "process");
        if (word && strcmp(word, "gone") != 0 && strcmp(word, "running") != 0)
                return rule_refuse(c, node, "'process' is running or gone");
        rule->moment = word && strcmp(word, "gone") == 0 ? RULE_GONE : RULE_RUNNING;
        return 0;
}

static int read_attributes(RuleContext *c, const YamlNode *node, Rule *rule) {
        _cleanup_strv_free_ char **attributes = NULL, **only = NULL;
        int r;

        r = rule_get_list(c, node, "attributes", &attributes);
        if (r < 0)
                return r;
        STRV_FOREACH (word, attributes) {
                int bit = attribute_from_string(*word);

                if (bit < 0)
                        return rule_refuse(c, node, "there is no attribute '%s'", *word);
                if (bit & (ATTRIBUTE_LOW_MEMORY | ATTRIBUTE_OOM_KILLED))
                        return rule_refuse(c, node, "'%s' cannot be told from a screen", *word);
                rule->attributes |= (unsigned)bit;
        }

        r = rule_get_list(c, node, "only", &only);
        if (r < 0)
                return r;
        STRV_FOREACH (word, only) {
                int state = agent_state_from_string(*word);

                if (state < 0)
                        return rule_refuse(c, node, "there is no state '%s'", *word);
                rule->only |= 1U << state;
        }
        return 0;
}

static int read_numbers(RuleContext *c, const YamlNode *node, Rule *rule) {
        int64_t priority = PRIORITY_DEFAULT;
        int r;

        rule->weight = WEIGHT_DEFAULT;
        r = rule_get_int(c, node, "priority", 0, PRIORITY_MAX, &priority);
        if (r < 0)
                return r;
        rule->priority = (int)priority;

        r = rule_get_double(c, node, "weight", &rule->weight);
        if (r < 0)
                return r;
        r = rule_get_bool(c, node, "keep_state", &rule->keep_state);
        if (r < 0)
                return r;
        r = rule_get_text(c, node, "min_version", &rule->min_version);
        if (r < 0)
                return r;
        return rule_get_text(c, node, "max_version", &rule->max_version);
}

static int read_region(Reader *reader, const YamlNode *node, unsigned *ret) {
        const char *name = yaml_node_get_scalar(node, "region") ?: "screen";
        int r = region_find(reader->file->regions, name);

        if (r < 0)
                return rule_refuse(&reader->context, node, "unknown region '%s'", name);
        *ret = (unsigned)r;
        return 0;
}

static int read_id(Reader *reader, const YamlNode *node, Rule *rule) {
        RuleContext *c = &reader->context;
        int r;

        r = rule_get_text(c, node, "id", &rule->id);
        if (r < 0)
                return r;
        if (!rule->id)
                return rule_refuse(c, node, "a rule needs an 'id'");

        /* The rule that is being read is the last one. */
        for (size_t i = 0; i + 1 < reader->file->n_rules; i++)
                if (strcmp(reader->file->rules[i].id, rule->id) == 0)
                        return rule_refuse(c, node, "a second rule '%s'", rule->id);
        return 0;
}

static int check_rule(RuleContext *c, const YamlNode *node, const Rule *rule) {
        if (!rule->condition)
                return rule_refuse(c, node, "the rule '%s' has no condition", rule->id);
        if (rule->state == AGENT_UNKNOWN && rule->attributes == 0 && !rule->keep_state)
                return rule_refuse(c, node,
                                "the rule '%s' has neither 'state' nor 'attributes' nor "
                                "'keep_state'",
                                rule->id);
        if (rule->reset && rule->state != AGENT_RATE_LIMITED)
                return rule_refuse(c, node, "'reset' belongs to the state rate_limited");
        return 0;
}

static int read_rule(Reader *reader, const YamlNode *node, Rule *rule) {
        static const char *const keys[] = {"id", "state", "attention", "attributes", "only",
                        "priority", "weight", "source", "region", "process", "keep_state", "reset",
                        "min_version", "max_version", "comment", "all", "any", "not", "contains",
                        "regex", "flow", "line", "lines", "cursor", "pane", NULL};
        RuleContext *c = &reader->context;
        int r;

        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;
        r = read_id(reader, node, rule);
        if (r < 0)
                return r;
        r = read_words(c, node, rule);
        if (r < 0)
                return r;
        r = read_attributes(c, node, rule);
        if (r < 0)
                return r;
        r = read_numbers(c, node, rule);
        if (r < 0)
                return r;
        r = read_region(reader, node, &rule->region);
        if (r < 0)
                return r;
        rule->source = source_of(region_base(reader->file->regions, rule->region));
        r = read_source(c, node, rule);
        if (r < 0)
                return r;
        r = rule_get_pattern(c, node, "reset", &rule->reset);
        if (r < 0)
                return r;
        r = condition_read(c, reader->file->regions, node, rule->region, &rule->condition);
        return r < 0 ? r : check_rule(c, node, rule);
}

/* Stable: of two rules of one priority the one that is written first goes first. */
static void sort_rules(RuleFile *f) {
        for (size_t i = 1; i < f->n_rules; i++) {
                Rule rule = f->rules[i];
                size_t k = i;

                for (; k > 0 && f->rules[k - 1].priority < rule.priority; k--)
                        f->rules[k] = f->rules[k - 1];
                f->rules[k] = rule;
        }
}

static int read_rules(Reader *reader, const YamlNode *node) {
        RuleFile *f = reader->file;

        if (!node)
                return 0;
        if (node->kind != YAML_SEQUENCE)
                return rule_refuse(&reader->context, node, "'rules' must be a list");
        if (node->n_children > RULES_MAX)
                return rule_refuse(&reader->context, node, "more than %u rules", RULES_MAX);

        f->rules = calloc(MAX(node->n_children, 1U), sizeof(*f->rules));
        if (!f->rules)
                return -ENOMEM;
        for (size_t i = 0; i < node->n_children; i++) {
                int r;

                f->n_rules++;
                r = read_rule(reader, node->children[i], &f->rules[i]);
                if (r < 0)
                        return r;
        }
        sort_rules(f);
        return 0;
}

static int read_version(Reader *reader, const YamlNode *node) {
        static const char *const keys[] = {"region", "regex", NULL};
        RuleContext *c = &reader->context;
        int r;

        if (!node)
                return 0;
        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;
        r = read_region(reader, node, &reader->file->version_region);
        if (r < 0)
                return r;
        r = rule_get_pattern(c, node, "regex", &reader->file->version);
        if (r < 0)
                return r;
        return reader->file->version ? 0 : rule_refuse(c, node, "'version' needs a 'regex'");
}

static bool is_name(const char *s) {
        return s[0] != '\0' && strlen(s) <= 32 &&
                        strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(s) &&
                        strcmp(s, "none") != 0;
}

static int read_head(Reader *reader, const YamlNode *root) {
        static const char *const keys[] = {"name", "title", "description", "versions", "agent",
                        "regions", "identify", "version", "rules", "act", NULL};
        RuleContext *c = &reader->context;
        RuleFile *f = reader->file;
        int r;

        r = rule_check_keys(c, root, keys);
        if (r < 0)
                return r;
        r = rule_get_text(c, root, "name", &f->name);
        if (r < 0)
                return r;
        if (!f->name || !is_name(f->name))
                return rule_refuse(c, yaml_node_get(root, "name") ?: root,
                                "'name' must be a word of small letters, digits and '-'");
        r = rule_get_text(c, root, "title", &f->title);
        if (r < 0)
                return r;
        f->is_agent = true;
        return rule_get_bool(c, root, "agent", &f->is_agent);
}

static int read_file(Reader *reader, const YamlNode *root) {
        RuleContext *c = &reader->context;
        const YamlNode *identify = yaml_node_get(root, "identify");
        RuleFile *f = reader->file;
        int r;

        r = read_head(reader, root);
        if (r < 0)
                return r;
        r = region_set_read(c, yaml_node_get(root, "regions"), &f->regions);
        if (r < 0)
                return r;
        if (!identify)
                return rule_refuse(c, root, "'identify' is missing");
        r = identity_read(c, f->regions, identify, &f->identity);
        if (r < 0)
                return r;
        r = read_version(reader, yaml_node_get(root, "version"));
        if (r < 0)
                return r;
        r = read_rules(reader, yaml_node_get(root, "rules"));
        return r < 0 ? r : act_rules_read(c, f->regions, yaml_node_get(root, "act"), &f->act);
}

int rule_file_read(const YamlNode *root, RuleFile **ret, YamlError *reterr) {
        _cleanup_(rule_file_freep) RuleFile *f = calloc(1, sizeof(*f));
        YamlError unheard = {};
        Reader reader = {.context.reterr = reterr ?: &unheard, .file = f};
        int r;

        if (!f)
                return -ENOMEM;
        r = read_file(&reader, root);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

int rule_file_parse(const char *text, size_t n_text, RuleFile **ret, YamlError *reterr) {
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        int r;

        r = yaml_parse(text, n_text, &root, reterr);
        return r < 0 ? r : rule_file_read(root, ret, reterr);
}
