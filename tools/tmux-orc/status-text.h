/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Numbers of agents by state, in few words: "2 waiting · 5 working"
 *
 * @counts is AgentCounts as JSON. Those that need a human come first; states that nobody is in are
 * left out. Pure; NULL only when memory is out.
 */

#include <json-c/json.h>

#include "tools/tmux-orc/terminal.h"

char *status_text_plain(json_object *counts);
/* With #[fg=…] for tmux's status line. */
char *status_text_tmux(json_object *counts);
/* With the signs of states and, where @t has colours, those. */
char *status_text_terminal(json_object *counts, const Terminal *t);
/* The state that counts most of those that are there; "none" if there is none. */
const char *status_text_worst(json_object *counts);
