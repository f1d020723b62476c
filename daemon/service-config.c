/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/service.h"

#define WHO_MAX 32U

static void describe_caller(uid_t caller, char *ret, size_t n_ret) {
        if (caller == UID_INVALID)
                (void)snprintf(ret, n_ret, "by the service");
        else
                (void)snprintf(ret, n_ret, "by user id %u", (unsigned)caller);
}

/* A strategy that was chosen stays, unless another one is configured now. */
static void adopt(Service *s, const char *old_strategy) {
        _cleanup_free_ char *strategy = service_strategy_configured(s);

        service_plugins_reload(s);
        service_apply_config(s);
        if (!old_strategy || !strategy || strcmp(old_strategy, strategy) != 0)
                service_strategy_reload(s);
        bus_service_config_changed(s->bus);
        if (s->components)
                components_check(s->components);
}

/* @did: "set monitoring.cycle_interval". In effect by now, or refused. */
static int tell(Service *s, int r, uid_t caller, const char *did, const char *reason) {
        char who[WHO_MAX], uid[WHO_MAX];

        describe_caller(caller, who, sizeof(who));
        (void)snprintf(uid, sizeof(uid), "%u", (unsigned)caller);
        log_full(r < 0 ? LOG_WARNING : LOG_NOTICE, MESSAGE_CONFIG_CHANGED,
                        LOG_FIELDS({LOG_FIELD_COMPONENT, "config"}, {LOG_FIELD_ACTION, did},
                                        {LOG_FIELD_CALLER_UID, caller == UID_INVALID ? NULL : uid},
                                        {LOG_FIELD_RESULT, r < 0 ? "refused" : "done"}),
                        "%s %s: %s", did, who,
                        r >= 0                   ? "done"
                                        : reason ? reason
                                                 : strerror(-r));
        return r;
}

int service_set_config(Service *s, const char *key, const ConfigValue *value, bool persist,
                uid_t caller, char **reterr) {
        _cleanup_free_ char *did = NULL, *old = service_strategy_configured(s);
        char who[WHO_MAX];
        int r;

        assert(s && key && value && reterr);

        describe_caller(caller, who, sizeof(who));
        r = running_config_set(&s->config, key, value, persist, who, reterr);
        if (r >= 0)
                adopt(s, old);
        if (asprintf(&did, "set %s%s", key, persist ? " for good" : "") < 0)
                did = NULL;
        return tell(s, r, caller, did ?: "set", *reterr);
}

int service_keep_setting(
                Service *s, const char *key, const char *value, uid_t caller, char **reterr) {
        ConfigValue v = {.type = CONFIG_VALUE_STRING, .string = value};

        return service_set_config(s, key, &v, true, caller, reterr);
}

int service_reset_config(Service *s, const char *key, uid_t caller, char **reterr) {
        _cleanup_free_ char *did = NULL, *old = service_strategy_configured(s);
        char who[WHO_MAX];
        int r;

        assert(s && key && reterr);

        describe_caller(caller, who, sizeof(who));
        r = running_config_reset(&s->config, key, who, reterr);
        if (r >= 0)
                adopt(s, old);
        if (asprintf(&did, "reset %s", key) < 0)
                did = NULL;
        return tell(s, r, caller, did ?: "reset", *reterr);
}

int service_import_config(Service *s, const char *yaml, uid_t caller, char **reterr) {
        _cleanup_free_ char *old = service_strategy_configured(s), *what = NULL;
        char who[WHO_MAX];
        int r;

        assert(s && yaml && reterr);

        describe_caller(caller, who, sizeof(who));
        if (asprintf(&what, "restored a backup, %s", who) < 0) {
                what = NULL;
                return -ENOMEM;
        }
        r = running_config_replace(&s->config, yaml, what, reterr);
        if (r >= 0)
                adopt(s, old);
        return tell(s, r, caller, "restore a backup", *reterr);
}

int service_roll_back_config(Service *s, unsigned version, uid_t caller, char **reterr) {
        _cleanup_free_ char *old = service_strategy_configured(s);
        char who[WHO_MAX];
        int r;

        assert(s && reterr);

        describe_caller(caller, who, sizeof(who));
        r = running_config_roll_back(&s->config, version, who, reterr);
        if (r >= 0)
                adopt(s, old);
        return tell(s, r, caller, "roll the configuration back", *reterr);
}
