/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The configuration that runs
 *
 * Reads it from its places, and again when asked to; what cannot be used is refused as a whole, and
 * the one before goes on.
 */

#include "daemon/config/config.h"
#include "daemon/options.h"

typedef struct RunningConfig {
        const Options *options; /* borrowed */
        Config config;
        char *error; /* why the last reading was refused; NULL: it was not */
        unsigned reloads;
        unsigned refusals;
} RunningConfig;

/* A configuration with an error does not keep it from starting: the built-in values run then. */
int running_config_init(RunningConfig *rc, const Options *options);
void running_config_done(RunningConfig *rc);

/* -EBADMSG: refused, see @error. */
int running_config_reload(RunningConfig *rc);
