/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The way to an agent: the tmux command that shows its pane to a human. Pure. */

#include <json-c/json.h>

/*
 * Adds "go" to the agent's @row: the command for a shell, with quotes where they are needed. @tmux
 * is the variable TMUX, NULL outside of tmux; @own_socket is what tmux takes without -S. Nothing is
 * added if the agent's server is not known.
 */
int way_add(json_object *row, json_object *servers, const char *tmux, const char *own_socket);
/* The socket that tmux takes without -S, as its environment says. */
char *way_own_socket(void);
