/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * json-c, with ownership and types that can be relied on
 *
 * The getters give a value of the right type or the fallback: they never convert. The setters take
 * the place of the many lines that json-c needs, and fail only when memory is out.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

static inline void json_object_putp(json_object **o) {
        if (*o)
                (void)json_object_put(*o);
}
#define _cleanup_json_ _cleanup_(json_object_putp)

/* Strict, UTF-8 only, at most @depth levels, all of @text. -EBADMSG for anything else. */
int json_parse(const char *text, size_t n_text, unsigned depth, json_object **ret);

/* Borrowed; NULL if @o is not an object or has no such member. */
json_object *json_get(const json_object *o, const char *key);
/* The member if it has just that type, else NULL. */
json_object *json_get_typed(const json_object *o, const char *key, enum json_type type);

/* NULL if there is no such string, or if it has a NUL in it. */
const char *json_get_string(const json_object *o, const char *key);
int64_t json_get_int(const json_object *o, const char *key, int64_t fallback);
uint64_t json_get_u64(const json_object *o, const char *key, uint64_t fallback);
double json_get_double(const json_object *o, const char *key, double fallback);
bool json_get_bool(const json_object *o, const char *key, bool fallback);

/* NULL strings are left out. Return -ENOMEM. */
int json_set_string(json_object *o, const char *key, const char *value);
int json_set_u64(json_object *o, const char *key, uint64_t value);
int json_set_int(json_object *o, const char *key, int64_t value);
int json_set_double(json_object *o, const char *key, double value);
int json_set_bool(json_object *o, const char *key, bool value);
/* Takes @value over, also when it fails; -ENOMEM if @value is NULL. */
int json_set(json_object *o, const char *key, json_object *value);
int json_append(json_object *array, json_object *value);
/*
 * Gives @read each of the first @max of a list. -EBADMSG: it is no list, or @read failed for one of
 * them, which is left out.
 */
int json_read_list(const json_object *list, size_t max,
                int (*read)(void *userdata, json_object *item), void *userdata);
int json_append_string(json_object *array, const char *value);
