/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Dialects
 *
 * Plugins speak JSON-RPC in one of two ways: ours, and that of the Model Context Protocol. What
 * differs is written here and nowhere else: names of methods, and the form of what they take and
 * give. Pure.
 */

#include <json-c/json.h>

#include "daemon/extend/manifest.h"

/* The request that begins a conversation; a new reference. */
int dialect_initialize(const Manifest *m, const char **ret_method, json_object **ret_params);
/* What the plugin answers to it. -EPROTO and a sentence if it is another one than the manifest's.
 */
int dialect_take_initialized(const Manifest *m, json_object *result, char **reterr);
/* The notification that follows; NULL: there is none. */
const char *dialect_initialized(const Manifest *m);

/* @input: a reference is taken. */
int dialect_execute(const Manifest *m, json_object *input, uint64_t timeout_usec,
                const char **ret_method, json_object **ret_params);
/*
 * The output in @result, which may be JSON's null: a new reference. -EREMOTEIO and a sentence if
 * it says that it failed; -EPROTO if it has no output at all.
 */
int dialect_take_output(const Manifest *m, json_object *result, json_object **ret, char **reterr);

/* The request by which one is known to live that did not answer what was cancelled; NULL: it should
 * have answered. */
const char *dialect_sign_of_life(const Manifest *m);
int dialect_cancel(
                const Manifest *m, unsigned id, const char **ret_method, json_object **ret_params);
