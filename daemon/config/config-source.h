/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where values come from: one entry per row of the table of settings. */

#include "daemon/config/config.h"

int config_sources_new(ConfigSource **ret);
ConfigSource *config_sources_free(ConfigSource *sources);

int config_source_set(
                Config *config, size_t row, ConfigSourceKind kind, const char *name, unsigned line);
