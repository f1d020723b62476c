/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-check.h"

#include <string.h>

#include "dbus/bus-error.h"

#define WORD_MAX 64U

int bus_check_length(const char *value, size_t max, const char *name, sd_bus_error *reterr) {
        if (strlen(value) <= max)
                return 0;

        return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                        "'%s' is longer than %zu bytes", name, max);
}

int bus_check_word(const char *value, const char *name, sd_bus_error *reterr) {
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789-_.:/";
        size_t n = strspn(value, allowed);

        if (n >= 1 && n <= WORD_MAX && value[n] == '\0')
                return 0;

        return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                        "'%s' must be a word of 1 to %u letters, digits and -_.:/", name, WORD_MAX);
}

int bus_read_word(sd_bus_message *m, const char *name, const char **ret, sd_bus_error *reterr) {
        int r = sd_bus_message_read(m, "s", ret);

        return r < 0 ? r : bus_check_word(*ret, name, reterr);
}

static int read_option(
                sd_bus_message *m, BusReadOption read, void *userdata, sd_bus_error *reterr) {
        const char *key;
        int r;

        r = sd_bus_message_read(m, "s", &key);
        if (r < 0)
                return r;
        r = read(m, key, userdata, reterr);
        if (r == 0)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "there is no option '%.64s'", key);

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int bus_read_options(sd_bus_message *m, BusReadOption read, void *userdata, sd_bus_error *reterr) {
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_option(m, read, userdata, reterr);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}
