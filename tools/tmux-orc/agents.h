/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Agents, as a client sees them
 *
 * Rows are JSON objects with the properties of the Agent interface, named as JSON has them, "path",
 * and "in_state_usec", the time since the last change. The columns and looks of agents are here, so
 * that every command shows them alike.
 */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"
#include "tools/tmux-orc/table.h"

/* All agents, in order of server and place in tmux. */
CommandResult agents_fetch(Context *c, json_object **ret);
/* The servers, in the same way. */
CommandResult servers_fetch(Context *c, json_object **ret);

/* The row that @name means; tells the candidates if there are several. Borrowed from @rows. */
CommandResult agents_pick(const Context *c, json_object *rows, const char *name, json_object **ret);
/* Both at once; the row is the caller's. */
CommandResult agents_fetch_one(Context *c, const char *name, json_object **ret);

/*
 * The rows that @name may mean, borrowed in a new array: by id, by "%12", by
 * "session:window.pane", else by the beginning of an id. Pure. -ENOMEM.
 */
int agents_match(json_object *rows, const char *name, json_object **ret);

/* What a human is needed for: 0 most, then upwards; INT_MAX: not at all. Pure. */
int agents_need(json_object *row);
/* By need, and of equal need by who waits longest: whoever asked first is answered first. Pure. */
int agents_compare_need(json_object *a, json_object *b);

/* Objects of GetManagedObjects() that have @interface, as rows. Pure. */
int agents_rows(json_object *objects, const char *interface, uint64_t now_usec, json_object **ret);

/* For lists. */
extern const Column agents_columns[];

/* Cells: "waiting: permission", "idle, fresh", and the look of a state by its name. */
char *agents_cell_state(json_object *row, const char *key);
Style agents_style_state(json_object *row, const char *key);
Style agents_style_of(const char *state);
Style agents_style_dim(json_object *row, const char *key);
/* A sign of one column that tells states apart without colours. */
const char *agents_sign(const char *state);
/* "rate_limited" is "rate limited" for people. */
const char *agents_state_words(const char *state);
