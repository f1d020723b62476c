/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The configuration that runs
 *
 * Reads it from its places, and again when asked to; changes single settings, and keeps them where
 * that is wanted. What cannot be used is refused as a whole, and the one before goes on.
 */

#include "daemon/config/config.h"
#include "daemon/config/kept-config.h"
#include "daemon/options.h"

typedef struct RunningConfig {
        const Options *options; /* borrowed */
        Config config;
        Config set;  /* at run time, for the time being: stronger than all else */
        char *state; /* the folder that settings are kept in; NULL: there is none */
        char *error; /* why the last reading was refused; NULL: it was not */
        unsigned reloads;
        unsigned refusals;
} RunningConfig;

/* A configuration with an error does not keep it from starting: the built-in values run then. */
int running_config_init(RunningConfig *rc, const Options *options);
void running_config_done(RunningConfig *rc);

/* -EBADMSG: refused, see @error. */
int running_config_reload(RunningConfig *rc);

/*
 * Changes. All of these change either everything that they say, or nothing; then @reterr may have a
 * sentence that names what is wrong. -ENXIO: there is no such setting; -EBADMSG: refused;
 * -EOPNOTSUPP: there is no place to keep it in; or what writing says. @who is for the version.
 */

/* @keep: also when the service starts again. */
int running_config_set(RunningConfig *rc, const char *key, const ConfigValue *value, bool keep,
                const char *who, char **reterr);
/* Forgets what was set at run time: kept or not, the other layers say it again. */
int running_config_reset(RunningConfig *rc, const char *key, const char *who, char **reterr);
/* What was kept as @version; 0: the one before the last. -ENOENT: there is no such version. */
int running_config_roll_back(RunningConfig *rc, unsigned version, const char *who, char **reterr);
/* What files say and what is kept, as one document: all that a restart would begin with, but for
 * the environment. -EBADMSG: some file is wrong. */
int running_config_export(const RunningConfig *rc, char **ret);
/* All that is to be kept from now on, as a document. */
int running_config_replace(RunningConfig *rc, const char *yaml, const char *what, char **reterr);
