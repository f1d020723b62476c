/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/region.h"

#include <errno.h>
#include <string.h>

#define LINES_LIMIT 500

typedef struct RegionSpec {
        char *name;
        unsigned of;
        Pattern *from, *after; /* the last line that matches, with or without it */
        Pattern *until;        /* the first line that matches ends it */
        Pattern *before;       /* the last line that matches ends it */
        Pattern *match;        /* the lines that the last match touches; may span several */
        unsigned bottom, top;  /* 0: all; lines with something on them */
        bool optional;         /* a mark that is not there cuts nothing */
} RegionSpec;

struct RegionSet {
        RegionSpec specs[REGIONS_MAX];
        unsigned n_specs;
};

static const char *const base_names[_REGION_BASE_MAX] = {
                [REGION_TITLE] = "title",
                [REGION_COMMAND] = "command",
                [REGION_PROCESS] = "process",
                [REGION_PROCESSES] = "processes",
                [REGION_SCREEN] = "screen",
};

RegionSet *region_set_free(RegionSet *set) {
        if (!set)
                return NULL;

        for (unsigned i = 0; i < set->n_specs; i++) {
                free(set->specs[i].name);
                pattern_free(set->specs[i].from);
                pattern_free(set->specs[i].after);
                pattern_free(set->specs[i].until);
                pattern_free(set->specs[i].before);
                pattern_free(set->specs[i].match);
        }
        free(set);
        return NULL;
}

int region_find(const RegionSet *set, const char *name) {
        for (unsigned i = 0; i < set->n_specs; i++)
                if (strcmp(set->specs[i].name, name) == 0)
                        return (int)i;
        return -ENXIO;
}

RegionBase region_base(const RegionSet *set, unsigned region) {
        while (region >= _REGION_BASE_MAX)
                region = set->specs[region].of;
        return (RegionBase)region;
}

static int read_marks(RuleContext *c, const YamlNode *node, RegionSpec *spec) {
        const struct {
                const char *key;
                Pattern **ret;
        } marks[] = {
                        {"from", &spec->from},
                        {"after", &spec->after},
                        {"until", &spec->until},
                        {"before", &spec->before},
                        {"match", &spec->match},
        };

        FOREACH_ELEMENT (mark, marks) {
                int r = rule_get_pattern(c, node, mark->key, mark->ret);
                if (r < 0)
                        return r;
        }
        if (spec->from && spec->after)
                return rule_refuse(c, node, "'from' and 'after' exclude each other");
        if (spec->until && spec->before)
                return rule_refuse(c, node, "'until' and 'before' exclude each other");
        return 0;
}

static int read_spec(RuleContext *c, const RegionSet *set, const YamlNode *node, RegionSpec *spec) {
        static const char *const keys[] = {"of", "from", "after", "until", "before", "match",
                        "bottom", "top", "optional", NULL};
        int64_t bottom = 0, top = 0;
        const char *of;
        int r;

        r = rule_check_keys(c, node, keys);
        if (r < 0)
                return r;

        of = yaml_node_get_scalar(node, "of") ?: "screen";
        r = region_find(set, of);
        if (r < 0)
                return rule_refuse(
                                c, node, "'of' names the region '%s', which is not known yet", of);
        spec->of = (unsigned)r;

        r = rule_get_int(c, node, "bottom", 1, LINES_LIMIT, &bottom);
        if (r < 0)
                return r;
        r = rule_get_int(c, node, "top", 1, LINES_LIMIT, &top);
        if (r < 0)
                return r;
        spec->bottom = (unsigned)bottom;
        spec->top = (unsigned)top;

        r = rule_get_bool(c, node, "optional", &spec->optional);
        return r < 0 ? r : read_marks(c, node, spec);
}

static int add_spec(RegionSet *set, const char *name, RegionSpec **ret) {
        RegionSpec *spec = &set->specs[set->n_specs];

        spec->name = strdup(name);
        if (!spec->name)
                return -ENOMEM;
        set->n_specs++;
        *ret = spec;
        return 0;
}

static int read_region(RuleContext *c, RegionSet *set, const YamlNode *node) {
        RegionSpec *spec;
        int r;

        if (set->n_specs >= REGIONS_MAX)
                return rule_refuse(c, node, "more than %u regions in one file",
                                REGIONS_MAX - _REGION_BASE_MAX);
        if (region_find(set, node->key) >= 0)
                return rule_refuse(c, node, "the region '%s' is built in", node->key);

        r = add_spec(set, node->key, &spec);
        return r < 0 ? r : read_spec(c, set, node, spec);
}

int region_set_read(RuleContext *c, const YamlNode *node, RegionSet **ret) {
        _cleanup_(region_set_freep) RegionSet *set = calloc(1, sizeof(*set));
        RegionSpec *spec;
        int r;

        if (!set)
                return -ENOMEM;
        for (unsigned i = 0; i < _REGION_BASE_MAX; i++) {
                r = add_spec(set, base_names[i], &spec);
                if (r < 0)
                        return r;
        }

        if (node && node->kind != YAML_MAPPING)
                return rule_refuse(c, node, "'regions' must be names with definitions");
        for (size_t i = 0; node && i < node->n_children; i++) {
                r = read_region(c, set, node->children[i]);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(set);
        return 0;
}

static bool line_matches(const RegionScope *scope, const TextView *v, size_t i, const Pattern *p) {
        const TextLine *line = &v->lines[i];

        return pattern_match(p, scope->matcher, v->bytes + line->start, line->n, NULL);
}

static bool find_last(const RegionScope *scope, const TextSpan *s, const Pattern *p, size_t *ret) {
        for (size_t i = s->end; i > s->first; i--)
                if (line_matches(scope, s->view, i - 1, p)) {
                        *ret = i - 1;
                        return true;
                }
        return false;
}

static bool find_first(const RegionScope *scope, const TextSpan *s, const Pattern *p, size_t *ret) {
        for (size_t i = s->first; i < s->end; i++)
                if (line_matches(scope, s->view, i, p)) {
                        *ret = i;
                        return true;
                }
        return false;
}

static bool cut_beginning(const RegionScope *scope, const RegionSpec *spec, TextSpan *s) {
        const Pattern *p = spec->from ?: spec->after;
        size_t at;

        if (!p)
                return true;
        if (!find_last(scope, s, p, &at))
                return spec->optional;

        s->first = spec->from ? at : at + 1;
        return true;
}

static bool cut_end(const RegionScope *scope, const RegionSpec *spec, TextSpan *s) {
        size_t at;

        if (!spec->until && !spec->before)
                return true;
        if (spec->until ? !find_first(scope, s, spec->until, &at)
                        : !find_last(scope, s, spec->before, &at))
                return spec->optional;

        s->end = at;
        return true;
}

/* The line in which a byte of the view lies. */
static size_t line_of(const TextSpan *s, size_t at) {
        size_t i = s->first;

        while (i + 1 < s->end && s->view->lines[i + 1].start <= at)
                i++;
        return i;
}

static bool cut_match(const RegionScope *scope, const RegionSpec *spec, TextSpan *s) {
        TextSpan rest = *s, found = {};
        PatternMatch match;

        if (!spec->match)
                return true;

        while (rest.first < rest.end) {
                size_t n, start = s->view->lines[rest.first].start;
                const char *text = text_span_bytes(&rest, &n);

                if (!pattern_match(spec->match, scope->matcher, text, n, &match))
                        break;
                found = (TextSpan){
                                .view = s->view,
                                .first = line_of(&rest, start + match.start),
                                .end = line_of(&rest, start + match.end) + 1,
                };
                rest.first = found.end;
        }

        if (found.view)
                *s = found;
        return found.view || spec->optional;
}

static void cut_lines(const RegionSpec *spec, TextSpan *s) {
        const TextLine *lines = s->view->lines;
        unsigned n = 0;

        if (spec->bottom > 0)
                for (size_t i = s->end; i > s->first; i--)
                        if (lines[i - 1].n > 0 && ++n == spec->bottom)
                                s->first = i - 1;

        n = 0;
        if (spec->top > 0)
                for (size_t i = s->first; i < s->end; i++)
                        if (lines[i].n > 0 && ++n == spec->top)
                                s->end = i + 1;
}

static bool find_region(RegionScope *scope, unsigned region, TextSpan *ret) {
        const RegionSpec *spec = &scope->set->specs[region];

        if (region < _REGION_BASE_MAX) {
                const TextView *v = scope->views[region];

                if (v)
                        *ret = (TextSpan){.view = v, .end = v->n_lines};
                return v != NULL;
        }

        if (!region_get(scope, spec->of, ret) || !cut_beginning(scope, spec, ret) ||
                        !cut_end(scope, spec, ret) || !cut_match(scope, spec, ret))
                return false;
        cut_lines(spec, ret);
        return true;
}

bool region_get(RegionScope *scope, unsigned region, TextSpan *ret) {
        enum { ASK, ABSENT, PRESENT };

        if (scope->known[region] == ASK)
                scope->known[region] = find_region(scope, region, &scope->spans[region]) ? PRESENT
                                                                                         : ABSENT;
        *ret = scope->spans[region];
        return scope->known[region] == PRESENT;
}
