/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Output
 *
 * What a command has to say is gathered first: then it is known whether a pager is wanted, and a
 * command that fails half-way leaves no half answer. Commands that go on for ever write to standard
 * output themselves.
 */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"
#include "tools/tmux-orc/table.h"

/* -ENOMEM. */
int output_open(Context *c);
/* Shows what was gathered; -errno if it could not be written. */
int output_show(Context *c);

/* The object as --json shows it; @compact: on one line. -ENOMEM. */
int output_json(FILE *out, json_object *o, bool compact);

/* The end of most commands: rows as JSON or as a table, one row as JSON or as facts. */
CommandResult output_rows(Context *c, const Column *columns, json_object *rows);
CommandResult output_facts(Context *c, const Column *columns, json_object *row);
/* Tells of memory that is out, or whatever @error is. */
CommandResult output_failed(const Context *c, int error);
