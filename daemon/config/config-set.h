/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Settings one by one
 *
 * Changes single settings of a configuration, and lays the changed ones of one over another. Which
 * settings were changed is in their sources, as with all others.
 */

#include "daemon/config/config.h"

/* All built-in values, and no source but that. */
int config_set_defaults(Config *config);

/*
 * @value may be of the setting's type, or a text as a file or the environment has it. -ENXIO: there
 * is no such setting; -EBADMSG: it does not take this value, @problems says what it takes.
 */
int config_set(Config *config, const char *key, const ConfigValue *value, ConfigProblems *problems);

/* As the environment has it: items of lists with commas between them. NULL: no memory. */
char *config_value_to_text(const ConfigValue *value);

/* Back to the built-in value. -ENXIO. */
int config_unset(Config *config, const char *key);

/* What is configured in @from replaces what @to has. */
int config_overlay(Config *to, const Config *from);

/* The configured settings as a YAML document; "" if there are none. Free the result. */
int config_write(const Config *config, char **ret);
