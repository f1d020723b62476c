/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/judge-private.h"

/* The agent's command line from its name on. */
static const char *call_of(const Judge *j, const Verdict *v) {
        const char *call = NULL;

        if (v->process >= 0 && j->o->processes)
                (void)identity_is_process(
                                &j->file->identity, j->matcher, j->o->processes[v->process], &call);
        return call;
}

static bool holds(Judge *j, const Condition *condition) {
        return condition && condition_holds(condition, &j->scope, j->o, NULL);
}

static bool fits(const ActAnswer *a, const Verdict *v) {
        if (a->kind == ACT_LEAVE)
                return v->state == AGENT_RATE_LIMITED;
        return v->state == AGENT_WAITING && a->attention == v->attention;
}

static void find_answers(Judge *j, const ActRules *act, const Verdict *v, ActWays *ret) {
        for (size_t i = 0; i < act->n_answers; i++) {
                const ActAnswer *a = &act->answers[i];

                if (fits(a, v) && !ret->answers[a->kind] && (!a->when || holds(j, a->when)))
                        ret->answers[a->kind] = a;
        }
}

int judge_ways(const RuleFile *file, const Observation *o, const Verdict *v, ActWays *ret) {
        _cleanup_(judge_done) Judge j = {.o = o, .file = file};
        int r;

        *ret = (ActWays){};
        r = matcher_new(&j.matcher);
        if (r < 0)
                return r;
        r = judge_take_file(&j, file, call_of(&j, v));
        if (r < 0)
                return r;

        ret->rules = &file->act;
        ret->prompt = holds(&j, file->act.prompt);
        ret->submit = holds(&j, file->act.submit);
        find_answers(&j, &file->act, v, ret);
        return 0;
}
