/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/plan/crew.h"
#include "daemon/service.h"

static bool is_strategy(const Plugin *p) {
        return p->manifest && p->manifest->kind == PLUGIN_STRATEGY;
}

static int find(void *userdata, const char *name) {
        const Service *s = userdata;
        const Plugin *p = plugins_find(s->plugins, name);

        if (!p || !is_strategy(p))
                return -ENXIO;
        return p->status == PLUGIN_DISABLED ? -ERFKILL : 0;
}

static const char *next(void *userdata, const char *previous) {
        const Service *s = userdata;
        const Plugin *p = previous ? plugins_find(s->plugins, previous) : NULL;

        do
                p = plugins_next(s->plugins, p);
        while (p && (!is_strategy(p) || p->status == PLUGIN_DISABLED));
        return p ? p->name : NULL;
}

static int ask(void *userdata, const char *name, json_object *round, uint64_t timeout_usec,
                StrategyAnswer answer, void *answer_userdata, StrategyQuestion **ret) {
        Service *s = userdata;

        return plugins_plan(s->plugins, name, round, timeout_usec, answer, answer_userdata,
                        (PluginsPlan **)ret);
}

static void drop(void *userdata, StrategyQuestion *question) {
        plugins_plan_drop((PluginsPlan *)question);
}

static const StrategySource source = {
                .find = find,
                .next = next,
                .ask = ask,
                .drop = drop,
};

void service_strategy_note_health(const Planner *p) {
        const char *name = planner_name(p), *error = planner_error(p);
        const LogField *fields =
                        LOG_FIELDS({LOG_FIELD_STRATEGY, name}, {LOG_FIELD_COMPONENT, "strategy"});

        if (error)
                log_full(LOG_WARNING, MESSAGE_STRATEGY_FAILED, fields,
                                "strategy %s fails, its agents are polled: %s", name, error);
        else
                log_full(LOG_NOTICE, MESSAGE_STRATEGY_BACK, fields, "strategy %s plans again",
                                name);
}

void service_strategy_start(Service *s) {
        cycle_set_source(s->cycle, &source, s);
}

char *service_strategy_configured(const Service *s) {
        const typeof(s->config.config.monitoring) *m = &s->config.config.monitoring;
        char *text = NULL;

        if (asprintf(&text, "%s %d %g", m->strategy, m->async.enabled, m->async.rollout) < 0)
                return NULL;
        for (char *const *class = m->strategies; class && *class; class ++) {
                char *more = NULL;
                int r = asprintf(&more, "%s %s", text, *class);

                free(text);
                if (r < 0)
                        return NULL;
                text = more;
        }
        return text;
}

void service_strategy_reload(Service *s) {
        const Config *config = &s->config.config;
        const char *name = config_strategy(config);
        /* Without asynchronous strategies polling has everybody. */
        bool async = config->monitoring.async.enabled;
        char *const *classes = async ? config->monitoring.strategies : NULL;
        double rollout = async ? config->monitoring.async.rollout : 1;
        int r;

        cycle_set_concurrency(s->cycle, (unsigned)config->monitoring.tmux_pool.max_connections);
        r = cycle_set_crew(s->cycle, name, rollout, classes);
        s->strategy_missing = r < 0;
        if (r >= 0)
                return;
        log_full(LOG_WARNING, MESSAGE_STRATEGY_FAILED, LOG_FIELDS({LOG_FIELD_STRATEGY, name}),
                        "strategy '%s' cannot be used, so it is %s: %s", name, CREW_POLLING,
                        r == -ENXIO ? "there is no plugin of that name that is one"
                                        : r == -ERFKILL ? "its plugin is disabled"
                                                        : strerror(-r));
        (void)cycle_set_crew(s->cycle, CREW_POLLING, 1, NULL);
}
