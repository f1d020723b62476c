/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How tmux servers are shown; their rows come from servers_fetch(). */

#include "tools/tmux-orc/table.h"

extern const Column servers_columns[];
Style servers_style_of(const char *liveness);
