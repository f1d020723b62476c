/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/act/policy.h"
#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/service.h"

/* A project manager that is at work is told when it is done. */
#define RETRY_USEC (10 * USEC_PER_SEC)
#define TEXT_MAX (ACT_TEXT_MAX - 256U)

/* Of the same session if there is one, else of the same server. */
static const Agent *find_manager(const Service *s, const Agent *agent) {
        const PolicyRules rules = {.pm_windows = s->config.config.acting.pm_windows};
        const Agent *a = NULL, *found = NULL;

        while ((a = registry_next_agent(s->registry, a))) {
                if (a == agent || a->server != agent->server || !policy_is_pm(&rules, a))
                        continue;
                if (strcmp(a->last.session, agent->last.session) == 0)
                        return a;
                if (!found)
                        found = a;
        }
        return found;
}

static const Agent *manager_of(const Service *s, const Episode *e) {
        const Agent *a = registry_find_agent(s->registry, e->agent);
        const PolicyRules rules = {.pm_windows = s->config.config.acting.pm_windows};

        /* Who manages is not told of others of its kind, nor of itself. */
        return a && !policy_is_pm(&rules, a) ? find_manager(s, a) : NULL;
}

static const Episode *next_pending(const Service *s, const Episode *e) {
        do
                e = notices_next(s->notices, e);
        while (e && !e->pm_pending);
        return e;
}

/* The first manager whose time has come; NULL: none. */
static const Agent *find_due(const Service *s, uint64_t now_usec) {
        uint64_t batch = s->config.config.notify.batch_usec;

        for (const Episode *e = next_pending(s, NULL); e; e = next_pending(s, e)) {
                const Agent *manager = manager_of(s, e);

                if (manager && e->told_usec + batch <= now_usec)
                        return manager;
        }
        return NULL;
}

/* Writes down which episodes are in it, so that they are not told again. */
static int compose(const Service *s, const Agent *manager, char **ret, char ***ret_episodes) {
        _cleanup_strv_free_ char **episodes = NULL;
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        FILE *f = open_memstream(&text, &n_text);
        int r = f ? 0 : -ENOMEM;

        if (f)
                (void)fputs("tmux-orchestrator: agents need somebody.", f);
        for (const Episode *e = next_pending(s, NULL); r >= 0 && e; e = next_pending(s, e)) {
                _cleanup_free_ char *line = NULL;

                if (manager_of(s, e) != manager)
                        continue;
                r = episode_describe(e, &line);
                if (r < 0 || (size_t)ftell(f) + strlen(line) > TEXT_MAX)
                        break;
                (void)fprintf(f, "\n- %s", line);
                r = strv_extend(&episodes, e->id);
        }
        if (f && fclose(f) != 0)
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(text);
        *ret_episodes = TAKE_PTR(episodes);
        return 0;
}

static void on_typed(void *userdata, int error, const ActOutcome *outcome) {
        Service *s = userdata;

        s->pm_report = NULL;
        if (error < 0 || outcome->refusal != ACT_DONE)
                s->pm_retry_usec = now_monotonic() + RETRY_USEC;
        else
                STRV_FOREACH (id, s->pm_episodes)
                        notices_set_pending(s->notices, *id, false);
        s->pm_episodes = strv_free(s->pm_episodes);
        s->state_changed = true;
}

static void report(Service *s, const Agent *manager) {
        ActCause cause = {.why = "notice", .uid = UID_INVALID};
        ActOrder order = {.kind = ACT_KIND_TEXT,
                        .enter = true,
                        .automatic = true,
                        .pid = manager->last.pid};
        int r = compose(s, manager, &order.text, &s->pm_episodes);

        if (r >= 0)
                r = acts_do(s->acts, manager, &order, &cause, on_typed, s, &s->pm_report);
        if (r >= 0)
                return;
        act_order_done(&order);
        s->pm_episodes = strv_free(s->pm_episodes);
        s->pm_retry_usec = now_monotonic() + RETRY_USEC;
}

void service_notices_tell_manager(Service *s, const Episode *e) {
        if (manager_of(s, e))
                notices_set_pending(s->notices, e->id, true);
}

void service_notices_run_manager(Service *s) {
        const Agent *manager;

        /* Another instance has the name: what is to be told is told by that one. */
        if (s->looks_on || s->pm_report || now_monotonic() < s->pm_retry_usec)
                return;
        manager = find_due(s, now_realtime());
        if (manager)
                report(s, manager);
}

void service_notices_stop_manager(Service *s) {
        acts_task_forget(s->pm_report);
        s->pm_report = NULL;
        s->pm_episodes = strv_free(s->pm_episodes);
}
