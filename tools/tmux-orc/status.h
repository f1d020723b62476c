/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What "tmux-orc status" shows instead of the usual, by its options. */

#include "tools/tmux-orc/command.h"

/* --memory: where memory and disk go. */
CommandResult status_memory(Context *c);
/* --emergency: what is broken and nothing else; COMMAND_FAILED if anything is. */
CommandResult status_emergency(Context *c);
