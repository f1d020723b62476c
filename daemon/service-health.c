/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/agents/health-status.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/service.h"

/* A question to a watcher, on behalf of a health check. */
typedef struct Check {
        HealthAnswer answer;
        void *userdata;
        WatchersQuestion *question;
} Check;

static int look_from_json(json_object *result, HealthLook *ret) {
        const char *state = json_get_string(result, "state");
        const char *hash = json_get_string(result, "hash");

        *ret = (HealthLook){
                        .alive = json_get_bool(result, "alive", false),
                        .state = agent_state_from_string(state),
                        .hash = hash ?: "",
        };
        return ret->state < 0 ? -EBADMSG : 0;
}

static void on_checked(void *userdata, int error, json_object *result) {
        Check check = *(Check *)userdata;
        HealthLook look;

        free(userdata);
        if (error >= 0)
                error = look_from_json(result, &look);

        check.answer(check.userdata, error, error < 0 ? NULL : &look);
}

static int ask(void *userdata, const char *agent_id, HealthAnswer answer, void *answer_userdata,
                void **ret_question) {
        _cleanup_free_ Check *check = NULL;
        Service *s = userdata;
        const Agent *a = registry_find_agent(s->registry, agent_id);
        int r;

        if (!a)
                return -ENXIO;

        check = calloc(1, sizeof(*check));
        if (!check)
                return -ENOMEM;

        check->answer = answer;
        check->userdata = answer_userdata;
        r = watchers_ask_check(s->watchers, a, on_checked, check, &check->question);
        if (r < 0)
                return r;

        *ret_question = TAKE_PTR(check);
        return 0;
}

static void drop(void *userdata, void *question) {
        Check *check = question;

        watchers_question_drop(check->question);
        free(check);
}

static HealthLimits limits_of(const Config *config) {
        return (HealthLimits){
                        .concurrency = (unsigned)config->health.concurrency,
                        .timeout_usec = config->health.timeout_usec,
        };
}

/* What was kept of an agent is no news any more. */
static void forget(Service *s, const Agent *a) {
        _cleanup_free_ char *prefix = NULL;

        health_status_forget(s->cache, a->id);
        if (asprintf(&prefix, "%s ", a->id) < 0) {
                prefix = NULL;
                (void)cache_clear(s->cache, CACHE_PANE_CONTENT);
                return;
        }

        (void)cache_invalidate_prefix(s->cache, CACHE_PANE_CONTENT, prefix);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        forget(userdata, a);
}

static void on_agent_removed(void *userdata, const Agent *a) {
        forget(userdata, a);
}

static const RegistryObserver observer = {
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

int service_health_start(Service *s) {
        HealthAsker asker = {.ask = ask, .drop = drop, .userdata = s};
        HealthLimits limits = limits_of(&s->config.config);
        int r;

        r = registry_add_observer(s->registry, &observer, s);
        if (r < 0)
                return r;

        return health_checks_new(s->event, s->cache, &asker, &limits, &s->health);
}

void service_health_reload(Service *s) {
        HealthLimits limits = limits_of(&s->config.config);

        health_checks_set_limits(s->health, &limits);
}

void service_health_stop(Service *s) {
        s->health = health_checks_free(s->health);
        if (s->registry)
                registry_remove_observer(s->registry, s);
}
