/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"

#define SUFFIX "_strategy"

typedef struct StrategyOptions {
        double rollout;
        bool has_rollout;
        int persist;
} StrategyOptions;

static int read_rollout(sd_bus_message *m, StrategyOptions *o, sd_bus_error *reterr) {
        int r;

        r = sd_bus_message_read(m, "v", "d", &o->rollout);
        if (r < 0)
                return r;
        if (!(o->rollout >= 0 && o->rollout <= 1))
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "'rollout' is a share of the agents, from 0 to 1");
        o->has_rollout = true;
        return 1;
}

static int read_option(sd_bus_message *m, const char *key, void *userdata, sd_bus_error *reterr) {
        StrategyOptions *o = userdata;

        if (strcmp(key, "rollout") == 0)
                return read_rollout(m, o, reterr);
        if (strcmp(key, "persist") == 0)
                return sd_bus_message_read(m, "v", "b", &o->persist);
        return 0;
}

static int set_strategy(
                BusExports *e, const char *name, const StrategyOptions *o, sd_bus_error *reterr) {
        int r;

        if (!e->parts.config->monitoring.async.enabled && strcmp(name, "polling") != 0)
                return sd_bus_error_setf(reterr, BUS_ERROR_DISABLED,
                                "%s: strategies other than polling are switched off by "
                                "monitoring.async.enabled",
                                name);
        r = cycle_set_strategy(e->parts.cycle, name, o->rollout);
        if (r == -ENXIO)
                return sd_bus_error_setf(reterr, BUS_ERROR_NO_SUCH_STRATEGY,
                                "%s: there is no such strategy", name);
        if (r == -ERFKILL)
                return sd_bus_error_setf(
                                reterr, BUS_ERROR_DISABLED, "%s: its plugin is disabled", name);
        return r < 0 ? bus_error_set_core(reterr, r, name) : 0;
}

static int keep(BusExports *e, uid_t caller, const char *key, const ConfigValue *value,
                sd_bus_error *reterr) {
        _cleanup_free_ char *message = NULL;
        int r;

        r = e->parts.actions->set_config(e->parts.userdata, key, value, true, caller, &message);
        return r < 0 ? bus_manager_refuse_setting(r, key, message, reterr) : 0;
}

/* It is in effect already; now also when the service starts again. */
static int keep_strategy(sd_bus_message *m, BusExports *e, const char *name,
                const StrategyOptions *o, sd_bus_error *reterr) {
        const ConfigValue strategy = {.type = CONFIG_VALUE_STRING, .string = name};
        const ConfigValue rollout = {.type = CONFIG_VALUE_DOUBLE, .number = o->rollout};
        uid_t caller = bus_manager_caller_of(e, m);
        int r = 0;

        if (o->has_rollout)
                r = keep(e, caller, "monitoring.async.rollout", &rollout, reterr);
        if (r >= 0)
                r = keep(e, caller, "monitoring.strategy", &strategy, reterr);
        return r;
}

static int authorize_strategy(sd_bus_message *m, BusExports *e, const char *name,
                const StrategyOptions *o, sd_bus_error *reterr) {
        int r;

        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID,
                        "strategy", name, reterr);
        if (r != 0 || !o->persist)
                return r;
        return authorize_about(e->parts.authorizer, m, AUTHORIZE_CONFIGURE, UID_INVALID, "key",
                        "monitoring.strategy", reterr);
}

int bus_manager_set_strategy(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *name = NULL;
        BusExports *e = userdata;
        StrategyOptions options = {.rollout = cycle_get_rollout(e->parts.cycle)};
        const char *given;
        int r;

        r = bus_read_word(m, "name", &given, reterr);
        if (r < 0)
                return r;
        /* As in the configuration. */
        name = text_ends_with(given, SUFFIX) ? strndup(given, strlen(given) - strlen(SUFFIX))
                                             : strdup(given);
        if (!name)
                return -ENOMEM;
        r = bus_read_options(m, read_option, &options, reterr);
        if (r < 0)
                return r;

        r = authorize_strategy(m, e, name, &options, reterr);
        if (r != 0)
                return r;

        r = set_strategy(e, name, &options, reterr);
        if (r >= 0 && options.persist)
                r = keep_strategy(m, e, name, &options, reterr);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}
