/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/service-history.h"
#include "daemon/service.h"

static int ask_screen(void *userdata, const Agent *agent, unsigned lines, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        Service *s = userdata;

        return watchers_ask_screen(s->watchers, agent, lines, answer, answer_userdata, ret);
}

static int ask_explain(void *userdata, const Agent *agent, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        Service *s = userdata;

        return watchers_ask_explain(s->watchers, agent, answer, answer_userdata, ret);
}

static int send_event(void *userdata, const Agent *agent, pid_t pid, const char *source,
                const char *event, json_object *details, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        Service *s = userdata;

        return watchers_send_event(s->watchers, agent, pid, source, event, details, answer,
                        answer_userdata, ret);
}

static int acknowledge(void *userdata, const Agent *agent) {
        return service_notices_acknowledge(userdata, agent);
}

static int snooze(void *userdata, const Agent *agent, uint64_t usec) {
        return service_notices_snooze(userdata, agent, usec);
}

static void drop(void *userdata, WatchersQuestion *question) {
        watchers_question_drop(question);
}

static int reload(void *userdata, char **reterr) {
        Service *s = userdata;
        int r;

        r = service_reload(s);
        if (r < 0 && s->config.error)
                *reterr = strdup(s->config.error);

        return r;
}

static int set_config(void *userdata, const char *key, const ConfigValue *value, bool persist,
                uid_t caller, char **reterr) {
        return value ? service_set_config(userdata, key, value, persist, caller, reterr)
                     : service_reset_config(userdata, key, caller, reterr);
}

static int roll_back_config(void *userdata, unsigned version, uid_t caller, char **reterr) {
        return service_roll_back_config(userdata, version, caller, reterr);
}

static int list_config_versions(void *userdata, KeptVersions *ret) {
        Service *s = userdata;

        *ret = (KeptVersions){};
        return s->config.state ? kept_config_list(s->config.state, ret) : 0;
}

static int export_config(void *userdata, char **ret) {
        Service *s = userdata;

        return running_config_export(&s->config, ret);
}

static int import_config(void *userdata, const char *yaml, uid_t caller, char **reterr) {
        return service_import_config(userdata, yaml, caller, reterr);
}

static void forget_state(void *userdata) {
        service_state_forget(userdata);
}

const BusActions service_actions = {
                .ask_screen = ask_screen,
                .ask_explain = ask_explain,
                .send_event = send_event,
                .acknowledge = acknowledge,
                .snooze = snooze,
                .drop = drop,
                .reload = reload,
                .set_config = set_config,
                .roll_back_config = roll_back_config,
                .list_config_versions = list_config_versions,
                .export_config = export_config,
                .import_config = import_config,
                .forget_state = forget_state,
                .make_report = service_history_report,
                .update_baseline = service_history_update_baseline,
                .validate_state = service_history_validate,
};
