/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/bus-json.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/strv.h"

#define DEPTH_MAX 16

typedef union BasicValue {
        uint8_t y;
        int b;
        int16_t n;
        uint16_t q;
        int32_t i;
        uint32_t u;
        int64_t x;
        uint64_t t;
        double d;
        const char *s;
} BasicValue;

/* json-c makes 0.76827499999999993 of 0.768275. */
static json_object *double_to_json(double d) {
        json_object *o = json_object_new_double(d);

        if (o)
                json_object_set_serializer(
                                o, json_object_double_to_json_string, (void *)"%.12g", NULL);
        return o;
}

static json_object *basic_to_json(char type, const BasicValue *v) {
        switch (type) {
        case 'b':
                return json_object_new_boolean(v->b);
        case 'y':
                return json_object_new_int64(v->y);
        case 'n':
                return json_object_new_int64(v->n);
        case 'q':
                return json_object_new_int64(v->q);
        case 'i':
                return json_object_new_int64(v->i);
        case 'u':
                return json_object_new_int64(v->u);
        case 'x':
                return json_object_new_int64(v->x);
        case 't':
                return json_object_new_uint64(v->t);
        case 'd':
                return double_to_json(v->d);
        default:
                return json_object_new_string(v->s);
        }
}

static int read_value(sd_bus_message *m, unsigned depth, json_object **ret);

static int read_basic(sd_bus_message *m, char type, json_object **ret) {
        BasicValue v = {};
        json_object *o;
        int r;

        if (!strchr("ybnqiuxtdsog", type))
                return -EBADMSG;
        r = sd_bus_message_read_basic(m, type, &v);
        if (r < 0)
                return r;

        o = basic_to_json(type, &v);
        if (!o)
                return -ENOMEM;
        *ret = o;
        return 0;
}

/* The rest of the container that @m is in. */
static int read_values(sd_bus_message *m, unsigned depth, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        int r;

        if (!array)
                return -ENOMEM;

        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                json_object *value = NULL;

                r = read_value(m, depth, &value);
                if (r < 0)
                        return r;
                r = json_append(array, value);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(array);
        return 0;
}

static int read_entry(sd_bus_message *m, unsigned depth, json_object *dictionary) {
        _cleanup_json_ json_object *key = NULL;
        json_object *value = NULL;
        int r;

        r = read_value(m, depth, &key);
        if (r < 0)
                return r;
        r = read_value(m, depth, &value);
        if (r < 0)
                return r;
        return json_set(dictionary, json_object_get_string(key), value);
}

static int read_dictionary(sd_bus_message *m, unsigned depth, json_object **ret) {
        _cleanup_json_ json_object *dictionary = json_object_new_object();
        int r;

        if (!dictionary)
                return -ENOMEM;

        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, NULL);
                if (r < 0)
                        return r;
                r = read_entry(m, depth, dictionary);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(dictionary);
        return 0;
}

static int read_container(sd_bus_message *m, char type, const char *contents, unsigned depth,
                json_object **ret) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (depth == 0)
                return -EBADMSG;
        r = sd_bus_message_enter_container(m, type, contents);
        if (r < 0)
                return r;

        if (type == SD_BUS_TYPE_VARIANT)
                r = read_value(m, depth - 1, &o);
        else if (type == SD_BUS_TYPE_ARRAY && contents[0] == '{')
                r = read_dictionary(m, depth - 1, &o);
        else
                r = read_values(m, depth - 1, &o);
        if (r < 0)
                return r;

        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static int read_value(sd_bus_message *m, unsigned depth, json_object **ret) {
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (r == 0)
                return -EBADMSG;

        if (type == SD_BUS_TYPE_ARRAY || type == SD_BUS_TYPE_VARIANT || type == SD_BUS_TYPE_STRUCT)
                return read_container(m, type, contents, depth, ret);
        return read_basic(m, type, ret);
}

int bus_json_from_message(sd_bus_message *m, json_object **ret) {
        _cleanup_json_ json_object *values = NULL;
        int r;

        assert(m);
        assert(ret);

        r = read_values(m, DEPTH_MAX, &values);
        if (r < 0)
                return r;

        switch (json_object_array_length(values)) {
        case 0:
                *ret = NULL;
                break;
        case 1:
                *ret = json_object_get(json_object_array_get_idx(values, 0));
                break;
        default:
                *ret = TAKE_PTR(values);
                break;
        }
        return 0;
}

/* Whether a new word begins at @s[@i]. */
static bool begins_word(const char *s, size_t i) {
        if (i == 0 || !isupper((unsigned char)s[i]))
                return false;
        if (!isupper((unsigned char)s[i - 1]))
                return true;
        /* "PIDFile" is two words, "USec" one. */
        return islower((unsigned char)s[i + 1]) && strncmp(s + i - 1, "USec", 4) != 0;
}

char *bus_json_name(const char *property) {
        char *name = malloc(2 * strlen(property) + 1);
        size_t k = 0;

        if (!name)
                return NULL;
        for (size_t i = 0; property[i]; i++) {
                if (begins_word(property, i))
                        name[k++] = '_';
                name[k++] = (char)tolower((unsigned char)property[i]);
        }
        name[k] = '\0';
        return name;
}

int bus_json_rename(json_object *properties, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o)
                return -ENOMEM;
        json_object_object_foreach(properties, key, value) {
                _cleanup_free_ char *name = bus_json_name(key);

                if (!name || json_set(o, name, json_object_get(value)) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(o);
        return 0;
}

static int name_tuple(json_object *tuple, const char *names, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        const char *name = names;

        if (!o)
                return -ENOMEM;
        if (!json_object_is_type(tuple, json_type_array))
                return -EBADMSG;

        for (size_t i = 0; i < json_object_array_length(tuple) && *name; i++) {
                size_t n = strcspn(name, " ");
                _cleanup_free_ char *key = strndup(name, n);

                if (!key ||
                                json_set(o, key,
                                                json_object_get(json_object_array_get_idx(
                                                                tuple, i))) < 0)
                        return -ENOMEM;
                name += n + (name[n] == ' ');
        }
        *ret = TAKE_PTR(o);
        return 0;
}

int bus_json_name_tuples(json_object *tuples, const char *names, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();

        if (!array)
                return -ENOMEM;
        if (!json_object_is_type(tuples, json_type_array))
                return -EBADMSG;

        for (size_t i = 0; i < json_object_array_length(tuples); i++) {
                json_object *row = NULL;
                int r = name_tuple(json_object_array_get_idx(tuples, i), names, &row);

                if (r < 0)
                        return r;
                r = json_append(array, row);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}
