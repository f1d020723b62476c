/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stage
 *
 * A private tmux server full of panes that look like agents' and draw nothing by themselves. No
 * watcher takes it for a user's, and it ends with us.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

#define STAGE_PANES_MAX 1000U
#define STAGE_COLUMNS 200U
#define STAGE_LINES 50U

typedef struct Stage Stage;

/* @pane: the program that its panes run. -ENOENT: there is no tmux. -ETIME: it does not begin. */
int stage_new(sd_event *event, const char *pane, unsigned panes, Stage **ret);
Stage *stage_free(Stage *stage);
DEFINE_CLEANUP(Stage *, stage_free)

const char *stage_socket(const Stage *stage);
