/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/condition.h"

#include <errno.h>
#include <string.h>

typedef enum ConditionKind {
        CONDITION_ALL,
        CONDITION_ANY,
        CONDITION_NONE,
        CONDITION_CONTAINS, /* a text in the flow, letters' case aside */
        CONDITION_REGEX,    /* a pattern in the lines as they are */
        CONDITION_FLOW,     /* a pattern in the flow */
        CONDITION_LINE,     /* a pattern in one line */
        CONDITION_LINES,    /* the number of lines with something on them */
        CONDITION_CURSOR,   /* the column of the cursor, where it is known */
        CONDITION_PANE,     /* how the pane is */
        _CONDITION_KIND_MAX,
} ConditionKind;

typedef enum PaneFlag { PANE_ALTERNATE, PANE_COPY_MODE, PANE_DEAD, _PANE_FLAG_MAX } PaneFlag;

struct Condition {
        ConditionKind kind;
        unsigned region;
        Condition **children;
        size_t n_children;
        char *text;
        size_t n_text;
        size_t rare; /* the letter of it that other texts have least often */
        Pattern *pattern;
        int64_t min, max;
        PaneFlag flag;
};

/* In the order in which they are asked: what costs least goes first. */
const char *const condition_keys[] = {"pane", "cursor", "contains", "lines", "all", "any", "not",
                "line", "flow", "regex", NULL};

static const ConditionKind kinds[] = {CONDITION_PANE, CONDITION_CURSOR, CONDITION_CONTAINS,
                CONDITION_LINES, CONDITION_ALL, CONDITION_ANY, CONDITION_NONE, CONDITION_LINE,
                CONDITION_FLOW, CONDITION_REGEX};

static const char *const flag_names[_PANE_FLAG_MAX] = {"alternate", "copy-mode", "dead"};

/* Where in a file a condition is being read. */
typedef struct Reader {
        RuleContext *context;
        const RegionSet *regions;
        unsigned region, depth;
} Reader;

Condition *condition_free(Condition *condition) {
        if (!condition)
                return NULL;

        for (size_t i = 0; i < condition->n_children; i++)
                condition_free(condition->children[i]);
        free(condition->children);
        free(condition->text);
        pattern_free(condition->pattern);
        free(condition);
        return NULL;
}

static int read_mapping(const Reader *reader, const YamlNode *mapping, Condition **ret);

static int condition_new(ConditionKind kind, unsigned region, Condition **ret) {
        Condition *condition = calloc(1, sizeof(*condition));

        if (!condition)
                return -ENOMEM;
        condition->kind = kind;
        condition->region = region;
        *ret = condition;
        return 0;
}

static int adopt(Condition *parent, Condition **child) {
        Condition **longer =
                        reallocarray(parent->children, parent->n_children + 1, sizeof(*longer));

        if (!longer)
                return -ENOMEM;
        parent->children = longer;
        parent->children[parent->n_children++] = TAKE_PTR(*child);
        return 0;
}

/* A list of mappings, or one. */
static int read_children(const Reader *reader, const YamlNode *node, Condition *parent) {
        Reader below = *reader;
        const YamlNode *const *items = &node;
        size_t n = 1;

        if (++below.depth > CONDITION_DEPTH_MAX)
                return rule_refuse(reader->context, node,
                                "conditions are nested more than %u levels deep",
                                CONDITION_DEPTH_MAX);
        if (node->kind == YAML_SEQUENCE) {
                items = (const YamlNode *const *)node->children;
                n = node->n_children;
        }
        if (n == 0)
                return rule_refuse(reader->context, node, "'%s' is empty", node->key);

        for (size_t i = 0; i < n; i++) {
                _cleanup_(condition_freep) Condition *child = NULL;
                int r = read_mapping(&below, items[i], &child);

                if (r < 0)
                        return r;
                r = adopt(parent, &child);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* By how often letters are in English text and code; what is not in here is rarer. */
static size_t find_rare(const char *text) {
        static const char often[] = " etaoinsrhldcumfpgwybvk.-/,";
        size_t rare = 0, rank = SIZE_MAX;

        for (size_t i = 0; text[i]; i++) {
                const char *at = strchr(often, text[i]);
                size_t here = at ? ELEMENTSOF(often) - (size_t)(at - often) : 0;

                if (here < rank) {
                        rank = here;
                        rare = i;
                }
        }
        return rare;
}

static int read_contains(const Reader *reader, const YamlNode *scalar, Condition *condition) {
        RuleContext *c = reader->context;
        int r;

        if (scalar->kind != YAML_SCALAR || scalar->scalar[0] == '\0' ||
                        strlen(scalar->scalar) > RULE_TEXT_MAX)
                return rule_refuse(c, scalar, "a text of 1 to %u characters is expected here",
                                RULE_TEXT_MAX);
        r = rule_count_pattern(c, scalar);
        if (r < 0)
                return r;

        r = text_view_fold(scalar->scalar, &condition->text);
        if (r < 0)
                return r;
        condition->n_text = strlen(condition->text);
        condition->rare = find_rare(condition->text);
        return condition->n_text > 0 ? 0 : rule_refuse(c, scalar, "a text with words is expected");
}

static int read_limits(const Reader *reader, const YamlNode *node, Condition *condition) {
        static const char *const keys[] = {"min", "max", NULL};
        int r;

        condition->max = INT64_MAX;
        r = rule_check_keys(reader->context, node, keys);
        if (r < 0)
                return r;
        r = rule_get_int(reader->context, node, "min", 0, TEXT_VIEW_LINES_MAX, &condition->min);
        if (r < 0)
                return r;
        return rule_get_int(reader->context, node, "max", 0, TEXT_VIEW_LINES_MAX, &condition->max);
}

static int read_pane(const Reader *reader, const YamlNode *node, Condition *condition) {
        for (unsigned i = 0; i < _PANE_FLAG_MAX; i++)
                if (node->kind == YAML_SCALAR && strcmp(node->scalar, flag_names[i]) == 0) {
                        condition->flag = (PaneFlag)i;
                        return 0;
                }
        return rule_refuse(reader->context, node, "'pane' is alternate, copy-mode or dead");
}

static int read_leaf(const Reader *reader, const YamlNode *node, Condition *condition) {
        switch (condition->kind) {
        case CONDITION_CONTAINS:
                return read_contains(reader, node, condition);
        case CONDITION_REGEX:
        case CONDITION_FLOW:
        case CONDITION_LINE:
                return rule_compile(reader->context, node, &condition->pattern);
        case CONDITION_LINES:
        case CONDITION_CURSOR:
                return read_limits(reader, node, condition);
        case CONDITION_PANE:
                return read_pane(reader, node, condition);
        case CONDITION_ALL:
        case CONDITION_ANY:
        case CONDITION_NONE:
        case _CONDITION_KIND_MAX:
        default:
                return read_children(reader, node, condition);
        }
}

/* A list of texts or patterns holds if any of them does. */
static int read_any_of(
                const Reader *reader, ConditionKind kind, const YamlNode *list, Condition **ret) {
        _cleanup_(condition_freep) Condition *any = NULL;
        int r;

        if (list->n_children == 0)
                return rule_refuse(reader->context, list, "'%s' is empty", list->key);
        r = condition_new(CONDITION_ANY, reader->region, &any);
        if (r < 0)
                return r;

        for (size_t i = 0; i < list->n_children; i++) {
                _cleanup_(condition_freep) Condition *child = NULL;

                r = condition_new(kind, reader->region, &child);
                if (r < 0)
                        return r;
                r = read_leaf(reader, list->children[i], child);
                if (r < 0)
                        return r;
                r = adopt(any, &child);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(any);
        return 0;
}

static int read_one(
                const Reader *reader, ConditionKind kind, const YamlNode *node, Condition **ret) {
        _cleanup_(condition_freep) Condition *condition = NULL;
        bool has_pattern = kind == CONDITION_CONTAINS || kind == CONDITION_REGEX ||
                        kind == CONDITION_FLOW || kind == CONDITION_LINE;
        int r;

        if (has_pattern && node->kind == YAML_SEQUENCE)
                return read_any_of(reader, kind, node, ret);

        r = condition_new(kind, reader->region, &condition);
        if (r < 0)
                return r;
        r = read_leaf(reader, node, condition);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(condition);
        return 0;
}

static int read_keys(const Reader *reader, const YamlNode *mapping, Condition **ret) {
        _cleanup_(condition_freep) Condition *all = NULL;
        int r;

        r = condition_new(CONDITION_ALL, reader->region, &all);
        if (r < 0)
                return r;

        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(condition_freep) Condition *child = NULL;
                const YamlNode *node = yaml_node_get(mapping, condition_keys[i]);

                if (!node)
                        continue;
                r = read_one(reader, kinds[i], node, &child);
                if (r < 0)
                        return r;
                r = adopt(all, &child);
                if (r < 0)
                        return r;
        }

        if (all->n_children == 1) {
                *ret = TAKE_PTR(all->children[0]);
                all->n_children = 0;
        } else
                *ret = all->n_children > 0 ? TAKE_PTR(all) : NULL;
        return 0;
}

/* A mapping below a rule: conditions and perhaps a region of their own. */
static int read_mapping(const Reader *reader, const YamlNode *mapping, Condition **ret) {
        static const char *const keys[] = {"region", "all", "any", "not", "contains", "regex",
                        "flow", "line", "lines", "cursor", "pane", NULL};
        Reader here = *reader;
        const char *name;
        int r;

        r = rule_check_keys(reader->context, mapping, keys);
        if (r < 0)
                return r;

        name = yaml_node_get_scalar(mapping, "region");
        if (name) {
                r = region_find(reader->regions, name);
                if (r < 0)
                        return rule_refuse(reader->context, mapping, "unknown region '%s'", name);
                here.region = (unsigned)r;
        }

        r = read_keys(&here, mapping, ret);
        if (r < 0)
                return r;
        return *ret ? 0 : rule_refuse(reader->context, mapping, "a condition is missing here");
}

int condition_read(RuleContext *c, const RegionSet *regions, const YamlNode *mapping,
                unsigned region, Condition **ret) {
        Reader reader = {.context = c, .regions = regions, .region = region};

        return read_keys(&reader, mapping, ret);
}

static void quote_at(ConditionQuote *quote, const char *text, size_t n) {
        if (quote && quote->n == 0)
                *quote = (ConditionQuote){.text = text, .n = n};
}

/* As memmem(), which goes through all letters: memchr() for one that is rare is many times faster.
 */
static const char *find_text(const Condition *condition, const char *text, size_t n) {
        const char *end, *at;

        if (n < condition->n_text)
                return NULL;

        end = text + n - condition->n_text + condition->rare + 1;
        for (at = text + condition->rare;
                        (at = memchr(at, condition->text[condition->rare], (size_t)(end - at)));
                        at++)
                if (memcmp(at - condition->rare, condition->text, condition->n_text) == 0)
                        return at - condition->rare;
        return NULL;
}

static bool holds_contains(
                const Condition *condition, const TextSpan *span, ConditionQuote *quote) {
        size_t n, n_flow;
        const char *folded = text_span_folded(span, &n), *at;

        at = find_text(condition, folded, n);
        if (at)
                quote_at(quote, text_span_flow(span, &n_flow) + (at - folded), condition->n_text);
        return at;
}

static bool holds_pattern(const Condition *condition, const RegionScope *scope, const char *text,
                size_t n, ConditionQuote *quote) {
        PatternMatch match;

        if (!pattern_match(condition->pattern, scope->matcher, text, n, &match))
                return false;
        quote_at(quote, text + match.start, match.end - match.start);
        return true;
}

/* From the bottom: there is what is new. */
static bool holds_line(const Condition *condition, const RegionScope *scope, const TextSpan *span,
                ConditionQuote *quote) {
        for (size_t i = span->end; i > span->first; i--) {
                const TextLine *line = &span->view->lines[i - 1];

                if (line->n > 0 &&
                                holds_pattern(condition, scope, span->view->bytes + line->start,
                                                line->n, quote))
                        return true;
        }
        return false;
}

static bool holds_lines(const Condition *condition, const TextSpan *span) {
        int64_t n = 0;

        for (size_t i = span->first; i < span->end; i++)
                n += span->view->lines[i].n > 0;
        return n >= condition->min && n <= condition->max;
}

static bool holds_flag(const Condition *condition, const Observation *o) {
        const bool flags[_PANE_FLAG_MAX] = {
                        [PANE_ALTERNATE] = o->alternate_on,
                        [PANE_COPY_MODE] = o->in_mode,
                        [PANE_DEAD] = o->dead,
        };

        return flags[condition->flag];
}

static bool holds_leaf(const Condition *condition, RegionScope *scope, const Observation *o,
                ConditionQuote *quote) {
        TextSpan span;
        const char *text;
        size_t n;

        if (condition->kind == CONDITION_PANE)
                return holds_flag(condition, o);
        if (condition->kind == CONDITION_CURSOR)
                return o->cursor_x >= 0 && o->cursor_x >= condition->min &&
                                o->cursor_x <= condition->max;
        if (!region_get(scope, condition->region, &span))
                return false;

        if (condition->kind == CONDITION_CONTAINS)
                return holds_contains(condition, &span, quote);
        if (condition->kind == CONDITION_LINE)
                return holds_line(condition, scope, &span, quote);
        if (condition->kind == CONDITION_LINES)
                return holds_lines(condition, &span);

        text = condition->kind == CONDITION_FLOW ? text_span_flow(&span, &n)
                                                 : text_span_bytes(&span, &n);
        return holds_pattern(condition, scope, text, n, quote);
}

bool condition_holds(const Condition *condition, RegionScope *scope, const Observation *o,
                ConditionQuote *quote) {
        bool any = condition->kind == CONDITION_ANY;

        if (condition->kind > CONDITION_NONE)
                return holds_leaf(condition, scope, o, quote);

        for (size_t i = 0; i < condition->n_children; i++) {
                bool holds = condition_holds(condition->children[i], scope, o,
                                condition->kind == CONDITION_NONE ? NULL : quote);

                if (condition->kind == CONDITION_NONE ? holds : holds == any)
                        return any;
        }
        return !any;
}
