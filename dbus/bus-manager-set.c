/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"

static int read_value(sd_bus_message *m, ConfigValue *ret, char ***ret_list, sd_bus_error *reterr) {
        const char *contents;
        char type;
        int r, yes;
        union {
                uint8_t y;
                int16_t n;
                uint16_t q;
                int32_t i;
                uint32_t u;
                int64_t x;
                uint64_t t;
        } number;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'v', contents);
        if (r < 0)
                return r;

        if (strcmp(contents, "as") == 0) {
                ret->type = CONFIG_VALUE_LIST;
                r = sd_bus_message_read_strv(m, ret_list);
                ret->list = *ret_list;
        } else if (strcmp(contents, "s") == 0) {
                ret->type = CONFIG_VALUE_STRING;
                r = sd_bus_message_read_basic(m, 's', &ret->string);
        } else if (strcmp(contents, "d") == 0) {
                ret->type = CONFIG_VALUE_DOUBLE;
                r = sd_bus_message_read_basic(m, 'd', &ret->number);
        } else if (strcmp(contents, "b") == 0) {
                ret->type = CONFIG_VALUE_BOOL;
                r = sd_bus_message_read_basic(m, 'b', &yes);
                ret->boolean = r >= 0 && yes;
        } else if (strlen(contents) == 1 && strchr("ynqiuxt", contents[0])) {
                ret->type = CONFIG_VALUE_INT;
                r = sd_bus_message_read_basic(m, contents[0], &number);
                ret->integer = contents[0] == 'y'    ? number.y
                                : contents[0] == 'n' ? number.n
                                : contents[0] == 'q' ? number.q
                                : contents[0] == 'i' ? number.i
                                : contents[0] == 'u' ? number.u
                                : contents[0] == 'x' ? number.x
                                                     : (int64_t)MIN(number.t, (uint64_t)INT64_MAX);
        } else
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "'value' must be a number, a string, true or false, or a list of "
                                "strings, not '%.16s'",
                                contents);
        if (r < 0)
                return r;

        return sd_bus_message_exit_container(m);
}

int bus_manager_refuse_setting(int r, const char *key, const char *message, sd_bus_error *reterr) {
        if (r == -ENXIO)
                return sd_bus_error_setf(reterr, BUS_ERROR_NO_SUCH_SETTING,
                                "%s: there is no such setting", key);
        if (r == -EBADMSG)
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_CONFIG,
                                message ?: "the configuration is refused");
        if (r == -EOPNOTSUPP)
                return sd_bus_error_set(reterr, SD_BUS_ERROR_NOT_SUPPORTED,
                                "the service has no folder to keep settings in");
        if (r == -EROFS || r == -EACCES || r == -ENOSPC || r == -EDQUOT)
                return sd_bus_error_setf(reterr, SD_BUS_ERROR_FAILED,
                                "the setting cannot be kept: %s", strerror(-r));

        return bus_error_set_core(reterr, r, key);
}

uid_t bus_manager_caller_of(const BusExports *e, sd_bus_message *m) {
        uid_t caller;

        return authorize_get_sender(e->parts.authorizer, m, &caller) < 0 ? (uid_t)-1 : caller;
}

/* NULL: what is kept for it goes. Returns what a handler should return. */
static int change_setting(BusExports *e, sd_bus_message *m, const char *key,
                const ConfigValue *value, bool persist, sd_bus_error *reterr) {
        _cleanup_free_ char *message = NULL;
        int r;

        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_CONFIGURE, UID_INVALID, "key", key,
                        reterr);
        if (r != 0)
                return r;

        r = e->parts.actions->set_config(e->parts.userdata, key, value, persist,
                        bus_manager_caller_of(e, m), &message);
        if (r < 0)
                return bus_manager_refuse_setting(r, key, message, reterr);

        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_set_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_strv_free_ char **list = NULL;
        BusExports *e = userdata;
        ConfigValue value = {};
        int r, persist;
        const char *key;

        r = bus_read_word(m, "key", &key, reterr);
        if (r < 0)
                return r;
        r = read_value(m, &value, &list, reterr);
        if (r < 0)
                return r;
        r = sd_bus_message_read(m, "b", &persist);
        if (r < 0)
                return r;

        return change_setting(e, m, key, &value, persist, reterr);
}

int bus_manager_reset_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        const char *key;
        int r;

        r = bus_read_word(m, "key", &key, reterr);
        if (r < 0)
                return r;

        return change_setting(e, m, key, NULL, true, reterr);
}

int bus_manager_roll_back_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *message = NULL;
        BusExports *e = userdata;
        uint32_t version;
        int r;

        r = sd_bus_message_read(m, "u", &version);
        if (r < 0)
                return r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_CONFIGURE, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = e->parts.actions->roll_back_config(
                        e->parts.userdata, version, bus_manager_caller_of(e, m), &message);
        if (r == -ENOENT && version == 0)
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "there is no earlier version of what was set");
        if (r == -ENOENT)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "there is no version %u of what was set", version);
        if (r < 0)
                return bus_manager_refuse_setting(r, "version", message, reterr);

        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_export_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *yaml = NULL;
        BusExports *e = userdata;
        int r;

        r = e->parts.actions->export_config(e->parts.userdata, &yaml);
        if (r < 0)
                return bus_manager_refuse_setting(r, "configuration", NULL, reterr);

        return sd_bus_reply_method_return(m, "s", yaml);
}

int bus_manager_import_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *message = NULL;
        BusExports *e = userdata;
        const char *yaml;
        int r;

        r = sd_bus_message_read(m, "s", &yaml);
        if (r < 0)
                return r;
        r = bus_check_length(yaml, BUS_YAML_MAX, "yaml", reterr);
        if (r < 0)
                return r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_CONFIGURE, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = e->parts.actions->import_config(
                        e->parts.userdata, yaml, bus_manager_caller_of(e, m), &message);
        if (r < 0)
                return bus_manager_refuse_setting(r, "configuration", message, reterr);

        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_list_config_versions(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        BusExports *e = userdata;
        int r;

        r = e->parts.actions->list_config_versions(e->parts.userdata, &versions);
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(uts)");
        for (size_t i = 0; r >= 0 && i < versions.n_items; i++) {
                const KeptVersion *v = &versions.items[i];

                r = sd_bus_message_append(
                                reply, "(uts)", (uint32_t)v->number, v->when_usec, v->what);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}
