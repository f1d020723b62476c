/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/config/settings-table.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

static int append_list(sd_bus_message *reply, char *const *list) {
        int r;

        r = sd_bus_message_open_container(reply, 'v', "as");
        if (r < 0)
                return r;
        r = sd_bus_message_append_strv(reply, (char **)list);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(reply);
}

static int append_value(sd_bus_message *reply, const ConfigValue *v) {
        switch (v->type) {
        case CONFIG_VALUE_BOOL:
                return sd_bus_message_append(reply, "v", "b", (int)v->boolean);
        case CONFIG_VALUE_INT:
                return sd_bus_message_append(reply, "v", "x", v->integer);
        case CONFIG_VALUE_DOUBLE:
                return sd_bus_message_append(reply, "v", "d", v->number);
        case CONFIG_VALUE_STRING:
                return sd_bus_message_append(reply, "v", "s", v->string);
        case CONFIG_VALUE_LIST:
                return append_list(reply, v->list);
        }

        return -EINVAL;
}

int bus_manager_get_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusExports *e = userdata;
        ConfigValue value;
        const char *key;
        int r;

        r = bus_read_word(m, "key", &key, reterr);
        if (r < 0)
                return r;

        r = config_get(e->parts.config, key, &value);
        if (r == -ENXIO)
                return sd_bus_error_setf(reterr, BUS_ERROR_NO_SUCH_SETTING,
                                "%s: there is no such setting", key);
        if (r < 0)
                return bus_error_set_core(reterr, r, key);

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = append_value(reply, &value);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static const char *unit_of(const char *key) {
        const Setting *s = settings_find(key);

        if (s && s->type == SETTING_DURATION)
                return "s";

        return s && s->unit ? s->unit : "";
}

static int append_setting(sd_bus_message *reply, const Config *config, const char *key) {
        _cleanup_free_ char *source = config_source_describe(config, key);
        ConfigValue value;
        int r;

        if (!source)
                return -ENOMEM;

        r = config_get(config, key, &value);
        if (r < 0)
                return r;

        r = sd_bus_message_open_container(reply, 'r', "svss");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", key);
        if (r < 0)
                return r;
        r = append_value(reply, &value);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "ss", unit_of(key), source);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(reply);
}

static int fill_settings(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const char *key = NULL;
        int r;

        while ((key = config_next_key(key))) {
                r = append_setting(reply, e->parts.config, key);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(svss)", fill_settings, userdata);
}
