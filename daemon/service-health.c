/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

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

int service_health_start(Service *s) {
        HealthAsker asker = {.ask = ask, .drop = drop, .userdata = s};
        HealthLimits limits = limits_of(&s->config.config);

        return health_checks_new(s->event, s->cache, &asker, &limits, &s->health);
}

void service_health_reload(Service *s) {
        HealthLimits limits = limits_of(&s->config.config);

        health_checks_set_limits(s->health, &limits);
}

void service_health_stop(Service *s) {
        s->health = health_checks_free(s->health);
}
