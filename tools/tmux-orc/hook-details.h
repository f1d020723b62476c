/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook details
 *
 * What may be told of all that an agent hands to its hook: which event it is, and of which
 * conversation.
 */

#include <json-c/json.h>
#include <stddef.h>

/* -EBADMSG: @text is no JSON. The result is an object of short strings, and may have none. */
int hook_details_extract(const char *text, size_t n_text, json_object **ret);
