/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Arguments from the bus
 *
 * sd-bus has seen to it that strings are UTF-8. These see to it that they are no longer than they
 * need be. Return 0, or what a handler should return.
 */

#include <systemd/sd-bus.h>

#define BUS_TEXT_MAX 1024U
#define BUS_JSON_MAX (64U * 1024U)
#define BUS_YAML_MAX (512U * 1024U)

/* @name is what the argument is called. */
int bus_check_length(const char *value, size_t max, const char *name, sd_bus_error *reterr);
/* 1 to 64 letters, digits and "-_.:/". */
int bus_check_word(const char *value, const char *name, sd_bus_error *reterr);
/* The next argument, a string that is such a word; @ret lives as long as the message. */
int bus_read_word(sd_bus_message *m, const char *name, const char **ret, sd_bus_error *reterr);

/* Reads the variant of the option @key into @userdata; 0: there is no such option. */
typedef int (*BusReadOption)(
                sd_bus_message *m, const char *key, void *userdata, sd_bus_error *reterr);

/* Options, "a{sv}". One that is not known is refused, not passed over. */
int bus_read_options(sd_bus_message *m, BusReadOption read, void *userdata, sd_bus_error *reterr);
