/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/json.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/text.h"

DEFINE_CLEANUP(json_tokener *, json_tokener_free)

/*
 * json-c, strict as it is, takes NaN and keys in single quotes, and stops at a NUL. None of that is
 * made of the characters that JSON has outside of strings.
 */
static bool is_made_of_json(const char *text, size_t n_text) {
        bool known[UCHAR_MAX + 1] = {};
        bool in_string = false;

        if (n_text == 0 || memchr(text, '\0', n_text))
                return false;

        for (const char *c = " \t\r\n{}[]:,+-.0123456789Eaeflnrstu"; *c; c++)
                known[(unsigned char)*c] = true;
        for (size_t i = 0; i < n_text; i++) {
                if (text[i] == '"')
                        in_string = !in_string;
                else if (in_string && text[i] == '\\')
                        i++;
                else if (!in_string && !known[(unsigned char)text[i]])
                        return false;
        }
        return true;
}

int json_parse(const char *text, size_t n_text, unsigned depth, json_object **ret) {
        _cleanup_(json_tokener_freep) json_tokener *tokener = NULL;
        _cleanup_json_ json_object *o = NULL;

        assert(ret);

        if (n_text > INT_MAX || !utf8_is_valid(text, n_text) || !is_made_of_json(text, n_text))
                return -EBADMSG;

        tokener = json_tokener_new_ex((int)depth);
        if (!tokener)
                return -ENOMEM;
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);

        o = json_tokener_parse_ex(tokener, text, (int)n_text);
        /* A bare number is complete only once something follows it. */
        if (json_tokener_get_error(tokener) == json_tokener_continue)
                o = json_tokener_parse_ex(tokener, " ", 1);
        if (json_tokener_get_error(tokener) != json_tokener_success)
                return -EBADMSG;

        *ret = TAKE_PTR(o);
        return 0;
}

json_object *json_get(const json_object *o, const char *key) {
        json_object *value;

        if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &value))
                return NULL;
        return value;
}

json_object *json_get_typed(const json_object *o, const char *key, enum json_type type) {
        json_object *value = json_get(o, key);

        return json_object_is_type(value, type) ? value : NULL;
}

const char *json_get_string(const json_object *o, const char *key) {
        json_object *value = json_get_typed(o, key, json_type_string);
        const char *s;

        if (!value)
                return NULL;

        s = json_object_get_string(value);
        return strlen(s) == (size_t)json_object_get_string_len(value) ? s : NULL;
}

int64_t json_get_int(const json_object *o, const char *key, int64_t fallback) {
        json_object *value = json_get_typed(o, key, json_type_int);

        return value ? json_object_get_int64(value) : fallback;
}

uint64_t json_get_u64(const json_object *o, const char *key, uint64_t fallback) {
        json_object *value = json_get_typed(o, key, json_type_int);

        /* json-c makes 0 of what is negative. */
        if (!value || json_object_get_int64(value) < 0)
                return fallback;
        return json_object_get_uint64(value);
}

double json_get_double(const json_object *o, const char *key, double fallback) {
        json_object *value = json_get(o, key);

        if (!json_object_is_type(value, json_type_double) &&
                        !json_object_is_type(value, json_type_int))
                return fallback;
        return json_object_get_double(value);
}

bool json_get_bool(const json_object *o, const char *key, bool fallback) {
        json_object *value = json_get_typed(o, key, json_type_boolean);

        return value ? json_object_get_boolean(value) : fallback;
}

int json_set(json_object *o, const char *key, json_object *value) {
        if (!value)
                return -ENOMEM;
        if (json_object_object_add(o, key, value) < 0) {
                (void)json_object_put(value);
                return -ENOMEM;
        }
        return 0;
}

int json_set_string(json_object *o, const char *key, const char *value) {
        return value ? json_set(o, key, json_object_new_string(value)) : 0;
}

int json_set_u64(json_object *o, const char *key, uint64_t value) {
        return json_set(o, key, json_object_new_uint64(value));
}

int json_set_int(json_object *o, const char *key, int64_t value) {
        return json_set(o, key, json_object_new_int64(value));
}

int json_set_double(json_object *o, const char *key, double value) {
        return json_set(o, key, json_object_new_double(value));
}

int json_set_bool(json_object *o, const char *key, bool value) {
        return json_set(o, key, json_object_new_boolean(value));
}

int json_append(json_object *array, json_object *value) {
        if (!value)
                return -ENOMEM;
        if (json_object_array_add(array, value) < 0) {
                (void)json_object_put(value);
                return -ENOMEM;
        }
        return 0;
}

int json_append_string(json_object *array, const char *value) {
        return json_append(array, json_object_new_string(value));
}

int json_read_list(const json_object *list, size_t max,
                int (*read)(void *userdata, json_object *item), void *userdata) {
        int result = json_object_is_type(list, json_type_array) ? 0 : -EBADMSG;
        size_t n = result < 0 ? 0 : MIN(json_object_array_length(list), max);

        for (size_t i = 0; i < n; i++)
                if (read(userdata, json_object_array_get_idx(list, i)) < 0)
                        result = -EBADMSG;
        return result;
}
