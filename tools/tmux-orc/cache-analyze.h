/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tools/tmux-orc/command.h"

/* How the cache did, and what could be set differently. */
CommandResult cache_analyze(Context *c);
