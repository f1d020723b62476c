/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/*
 * Where what must outlive us is kept: $STATE_DIRECTORY (systemd's), else for a @user
 * $XDG_STATE_HOME/tmux-orchestrator or ~/.local/state/tmux-orchestrator, else
 * /var/lib/tmux-orchestrator. It is made if it is not there. -ENXIO: a user without a home.
 */
int state_dir_find(bool user, char **ret);
