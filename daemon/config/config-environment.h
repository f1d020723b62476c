/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The settings that environment variables name, laid over a configuration. */

#include "daemon/config/config.h"

/* @environment ends with NULL. An empty variable is as good as none. Returns -ENOMEM only. */
int config_environment_apply(Config *config, char *const *environment, ConfigProblems *problems);
