/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The words of 'config' that change settings of the running service. */

#include "tools/tmux-orc/command.h"

CommandResult config_change_set(Context *c);
CommandResult config_change_reset(Context *c);
CommandResult config_change_versions(Context *c);
CommandResult config_change_roll_back(Context *c);

/* config-backup.c: settings and plugins as a file, and back. */
CommandResult config_backup(Context *c);
CommandResult config_restore(Context *c);
