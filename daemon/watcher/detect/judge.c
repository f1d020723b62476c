/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/judge.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/watcher/detect/judge-private.h"
#include "daemon/watcher/detect/version.h"

/* Of a pane's command lines so many are looked at, parents first. */
#define PROCESSES_MAX 64U

#define IDENTITY_WEIGHT 0.95
#define LOOKS_WEIGHT 0.6

void judge_done(Judge *j) {
        for (unsigned i = 0; i < _REGION_BASE_MAX; i++)
                if (j->has_view[i])
                        text_view_done(&j->views[i]);
        matcher_free(j->matcher);
}

static int see(Judge *j, RegionBase base, const char *text, size_t n) {
        int r;

        if (j->has_view[base] || !text)
                return 0;

        r = text_view_init(&j->views[base], text, n);
        if (r < 0)
                return r;
        j->has_view[base] = true;
        return 0;
}

static int see_text(Judge *j, RegionBase base, const char *text) {
        return see(j, base, text, text ? strlen(text) : 0);
}

static int see_processes(Judge *j) {
        _cleanup_free_ char *text = NULL;
        _cleanup_fclose_ FILE *f = NULL;
        size_t n;

        f = open_memstream(&text, &n);
        if (!f)
                return -ENOMEM;
        for (unsigned i = 0; i < PROCESSES_MAX && j->o->processes[i]; i++)
                (void)fprintf(f, "%s\n", j->o->processes[i]);
        if (fflush(f) != 0)
                return -ENOMEM;

        return see(j, REGION_PROCESSES, text, n);
}

static int see_all(Judge *j) {
        const Observation *o = j->o;
        int r;

        r = see(j, REGION_SCREEN, o->screen, o->n_screen);
        if (r < 0)
                return r;
        r = see_text(j, REGION_TITLE, o->title);
        if (r < 0)
                return r;
        r = see_text(j, REGION_COMMAND, o->command);
        if (r < 0)
                return r;
        return o->processes ? see_processes(j) : 0;
}

static bool processes_are_known(const Observation *o) {
        return o->processes && o->processes[0];
}

static Evidence *add_evidence(Judge *j, const Rule *rule, const ConditionQuote *quote) {
        _cleanup_free_ char *clean = NULL;
        Verdict *v = &j->verdict;
        Evidence *e;

        if (v->n_evidence >= EVIDENCE_MAX)
                return NULL;

        clean = text_clean(quote->text ?: "", quote->n, sizeof(e->quote) - 1);
        j->held[v->n_evidence] = rule;
        e = &v->evidence[v->n_evidence++];
        *e = (Evidence){.state = AGENT_UNKNOWN};
        (void)snprintf(e->quote, sizeof(e->quote), "%s", clean ?: "");
        return e;
}

static void add_identity(Judge *j, const char *call) {
        const ConditionQuote quote = {.text = call, .n = call ? strlen(call) : 0};
        Evidence *e = add_evidence(j, NULL, &quote);

        if (!e)
                return;
        e->source = call ? EVIDENCE_PROCESS : EVIDENCE_SCREEN;
        e->rule = "identity";
        e->weight = call ? IDENTITY_WEIGHT : LOOKS_WEIGHT;
}

/* A new candidate: other regions, nothing known of them yet, and no evidence so far. */
int judge_take_file(Judge *j, const RuleFile *file, const char *call) {
        int r;

        j->file = file;
        j->winner = j->overlay = NULL;
        j->verdict.n_evidence = 0;
        j->verdict.version[0] = '\0';
        if (j->has_view[REGION_PROCESS])
                text_view_done(&j->views[REGION_PROCESS]);
        j->has_view[REGION_PROCESS] = false;

        r = see_all(j);
        if (r < 0)
                return r;
        r = see_text(j, REGION_PROCESS, call);
        if (r < 0)
                return r;

        j->scope = (RegionScope){.set = file->regions, .matcher = j->matcher};
        for (unsigned i = 0; i < _REGION_BASE_MAX; i++)
                j->scope.views[i] = j->has_view[i] ? &j->views[i] : NULL;
        return 0;
}

static void read_version(Judge *j) {
        Verdict *v = &j->verdict;
        PatternMatch match;
        TextSpan span;
        const char *text;
        size_t n;

        if (!j->file->version || !region_get(&j->scope, j->file->version_region, &span))
                return;

        text = text_span_flow(&span, &n);
        if (!pattern_match(j->file->version, j->matcher, text, n, &match))
                return;
        n = MIN(match.group_end - match.group_start, sizeof(v->version) - 1);
        memcpy(v->version, text + match.group_start, n);
        v->version[n] = '\0';
}

static bool rule_is_asked(const Judge *j, const Rule *rule) {
        const char *version = j->verdict.version;

        if ((rule->moment == RULE_GONE) != j->gone)
                return false;
        if (version[0] == '\0')
                return true;
        return (!rule->min_version || version_compare(version, rule->min_version) >= 0) &&
                        (!rule->max_version || version_compare(version, rule->max_version) <= 0);
}

static void hear(Judge *j, const Rule *rule, const ConditionQuote *quote) {
        Evidence *e = add_evidence(j, rule, quote);

        if (e) {
                e->source = rule->source;
                e->rule = rule->id;
                e->state = rule->state;
                e->attention = rule->attention;
                e->weight = rule->weight;
        }

        if (rule->keep_state && !j->overlay && !j->winner)
                j->overlay = rule;
        else if (rule->state != AGENT_UNKNOWN && !j->winner)
                j->winner = rule;
}

static void ask_rules(Judge *j) {
        for (size_t i = 0; i < j->file->n_rules; i++) {
                const Rule *rule = &j->file->rules[i];
                ConditionQuote quote = {};

                if (rule_is_asked(j, rule) &&
                                condition_holds(rule->condition, &j->scope, j->o, &quote))
                        hear(j, rule, &quote);
        }
}

static bool looks_right(Judge *j) {
        return j->file->identity.looks &&
                        condition_holds(j->file->identity.looks, &j->scope, j->o, NULL);
}

/*
 * What bears the agent's name must also speak or look like it: a link of that name to another
 * program does not.
 */
static int try_process(Judge *j, const RuleFile *file, const char *call, bool *ret) {
        int r;

        r = judge_take_file(j, file, call);
        if (r < 0)
                return r;

        add_identity(j, call);
        read_version(j);
        ask_rules(j);
        *ret = j->winner || j->overlay || looks_right(j);
        return 0;
}

static bool may_be(const Observation *o, const RuleFile *file, bool agents) {
        return file->is_agent == agents && (!o->agent || strcmp(o->agent, file->name) == 0);
}

static int find_by_process(Judge *j, RuleFile *const *files, size_t n_files, bool agents) {
        const Observation *o = j->o;
        const char *call;
        bool found = false;
        int r;

        for (unsigned i = 0; i < PROCESSES_MAX && o->processes[i]; i++)
                for (size_t k = 0; k < n_files; k++) {
                        if (!may_be(o, files[k], agents) ||
                                        !identity_is_process(&files[k]->identity, j->matcher,
                                                        o->processes[i], &call))
                                continue;
                        r = try_process(j, files[k], call, &found);
                        if (found)
                                j->verdict.process = (int)i;
                        if (r < 0 || found)
                                return r;
                }
        j->file = NULL;
        return 0;
}

/* Without a look at the processes the screen must convince alone: both look and speak. */
static int find_by_looks(Judge *j, RuleFile *const *files, size_t n_files) {
        const Observation *o = j->o;
        int r;

        for (size_t k = 0; k < n_files; k++) {
                const RuleFile *file = files[k];

                if (!may_be(o, file, true) ||
                                (o->command &&
                                                !identity_is_command(&file->identity, j->matcher,
                                                                o->command)))
                        continue;
                r = judge_take_file(j, file, NULL);
                if (r < 0)
                        return r;
                if (!o->agent && !looks_right(j))
                        continue;

                add_identity(j, NULL);
                read_version(j);
                ask_rules(j);
                if (o->agent || j->winner || j->overlay)
                        return 0;
        }
        j->file = NULL;
        return 0;
}

/* An agent that was here, says who asks; what it left on the screen may tell how it went. */
static int find_gone(Judge *j, RuleFile *const *files, size_t n_files) {
        for (size_t k = 0; k < n_files; k++)
                if (j->o->agent && may_be(j->o, files[k], true)) {
                        int r = judge_take_file(j, files[k], NULL);

                        if (r < 0)
                                return r;
                        j->gone = true;
                        ask_rules(j);
                        return 0;
                }
        return 0;
}

static int find_file(Judge *j, RuleFile *const *files, size_t n_files) {
        const Observation *o = j->o;
        int r = 0;

        if (!o->dead && !processes_are_known(o))
                return find_by_looks(j, files, n_files);

        if (!o->dead)
                r = find_by_process(j, files, n_files, true);
        if (r < 0 || j->file)
                return r;

        r = find_gone(j, files, n_files);
        if (r < 0 || j->file || o->dead)
                return r;
        return find_by_process(j, files, n_files, false);
}

int judge_observation(RuleFile *const *files, size_t n_files, const Observation *o, Verdict *ret) {
        _cleanup_(judge_done) Judge j = {
                        .o = o,
                        .verdict = {.process = -1, .state = AGENT_UNKNOWN, .rule = ""},
        };
        int r;

        r = matcher_new(&j.matcher);
        if (r < 0)
                return r;
        r = find_file(&j, files, n_files);
        if (r < 0)
                return r;
        if (!j.file)
                j.verdict.n_evidence = 0;

        judge_conclude(&j);
        *ret = j.verdict;
        return 0;
}
