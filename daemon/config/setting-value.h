/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The value of one setting
 *
 * Turns text into the typed field of a row of the table, or says what would be allowed. Knows
 * neither files nor layers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "daemon/base/yaml-node.h"
#include "daemon/config/config.h"
#include "daemon/config/settings-table.h"

#define SETTING_ALLOWED_MAX 256U

void *setting_field(const Setting *s, Config *config);
const void *setting_field_const(const Setting *s, const Config *config);

/* Frees what the field owns. */
void setting_clear(const Setting *s, Config *config);

/* Replace the field; it stays as it was on -EINVAL (not a value of this setting) and -ENOMEM. */
int setting_set_text(const Setting *s, Config *config, const char *text);
int setting_set_node(const Setting *s, Config *config, const YamlNode *node);
int setting_set_list(const Setting *s, Config *config, char *const *items);

int setting_copy(const Setting *s, Config *to, const Config *from);

/* The value as YAML has it on one line. */
void setting_write(const Setting *s, const Config *config, FILE *out);
/* Without an exponent and without zeros at the end. */
void setting_number_to_text(double value, char *ret, size_t n_ret);

/* "a whole number from 1 to 20" */
void setting_describe_allowed(const Setting *s, char *ret, size_t n_ret);
