/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What reading and changing the running configuration share. */

#include "daemon/running-config.h"

/* All layers. @kept: what is kept, or will be; NULL: nothing. So with @environment and @overlay. */
int running_config_read(const RunningConfig *rc, const char *kept, char *const *environment,
                const Config *overlay, Config *ret, ConfigProblems *problems);
/* *ret is NULL if nothing is kept. -EBADMSG: it cannot be read, @problems has it. */
int running_config_read_kept(const RunningConfig *rc, char **ret, ConfigProblems *problems);
