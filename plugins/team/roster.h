/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who is in the team: the list "members" of the settings, for both plugins that ask it. */

#include <json-c/json.h>

#include "tmux-orc-plugin.h"

/* Fill and free the plugin's state: the members. */
int roster_load(TmuxOrcCall *call, const char *settings, void **state);
void roster_unload(void *state);

/* The text of a member's field, or "". */
const char *roster_field(json_object *member, const char *field);

/*
 * Answers {"members": […]} with those for which @keep says so. @query is the input.
 */
int roster_answer(TmuxOrcCall *call, json_object *members, json_object *query,
                int (*keep)(json_object *member, json_object *query));
