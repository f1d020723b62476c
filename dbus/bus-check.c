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
