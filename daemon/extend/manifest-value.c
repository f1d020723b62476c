/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/manifest-value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define LIST_MAX 64U
#define ITEM_MAX 512U
#define DIGITS_MAX 15U

#define refuse(node, ...) \
        (yaml_error_set(reterr, (node)->key ? (node)->key_line : (node)->line, __VA_ARGS__), \
                        -EBADMSG)

static const char *name_of(const YamlNode *node) {
        return node->key ?: "an item";
}

static bool is_plain_text(const char *text) {
        for (const char *c = text; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        return false;
        return true;
}

int manifest_read_text(const YamlNode *node, size_t max, char **ret, YamlError *reterr) {
        char *copy;

        if (node->kind != YAML_SCALAR || node->scalar[0] == '\0')
                return refuse(node, "'%s' is a text", name_of(node));
        if (strlen(node->scalar) > max || !is_plain_text(node->scalar))
                return refuse(node, "'%s' is one line of at most %zu bytes", name_of(node), max);

        copy = strdup(node->scalar);
        if (!copy)
                return -ENOMEM;
        free(*ret);
        *ret = copy;
        return 0;
}

int manifest_read_list(const YamlNode *node, size_t max, char ***ret, YamlError *reterr) {
        _cleanup_strv_free_ char **list = NULL;
        int r;

        if (node->kind != YAML_SEQUENCE || node->n_children > LIST_MAX)
                return refuse(node, "'%s' is a list of at most %u texts", name_of(node), LIST_MAX);

        for (size_t i = 0; i < node->n_children; i++) {
                _cleanup_free_ char *item = NULL;

                r = manifest_read_text(node->children[i], max, &item, reterr);
                if (r < 0)
                        return r;
                r = strv_extend(&list, item);
                if (r < 0)
                        return r;
        }

        strv_free(*ret);
        *ret = TAKE_PTR(list);
        return 0;
}

int manifest_read_bool(const YamlNode *node, bool *ret, YamlError *reterr) {
        if (node->kind != YAML_SCALAR || yaml_node_get_bool(node, ret) < 0)
                return refuse(node, "'%s' is true or false", name_of(node));
        return 0;
}

int manifest_read_count(const YamlNode *node, uint64_t min, uint64_t max, uint64_t *ret,
                YamlError *reterr) {
        if (node->kind != YAML_SCALAR || parse_u64(node->scalar, min, max, ret) < 0)
                return refuse(node, "'%s' is a number from %llu to %llu", name_of(node),
                                (unsigned long long)min, (unsigned long long)max);
        return 0;
}

typedef struct Unit {
        const char *name;
        double factor;
} Unit;

/* "2.5" and what it is of; @units end with a NULL name. */
static int read_quantity(const char *text, const Unit *units, double *ret) {
        size_t n = strspn(text, "0123456789");
        char number[2 * DIGITS_MAX + 2] = {};

        if (n == 0)
                return -EINVAL;
        if (text[n] == '.' && strspn(text + n + 1, "0123456789") > 0)
                n += 1 + strspn(text + n + 1, "0123456789");
        if (n > DIGITS_MAX)
                return -EINVAL;

        memcpy(number, text, n);
        for (const Unit *u = units; u->name; u++)
                if (strcmp(u->name, text + n) == 0) {
                        *ret = strtod(number, NULL) * u->factor;
                        return 0;
                }
        return -EINVAL;
}

static const Unit times[] = {{"us", 1}, {"ms", 1e3}, {"", 1e6}, {"s", 1e6}, {"m", 60e6},
                {"min", 60e6}, {"h", 3600e6}, {"d", 86400e6}, {}};

int manifest_read_time(const YamlNode *node, uint64_t min, uint64_t max, uint64_t *ret,
                YamlError *reterr) {
        double value;

        if (node->kind != YAML_SCALAR || read_quantity(node->scalar, times, &value) < 0 ||
                        value < (double)min || value > (double)max)
                return refuse(node, "'%s' is a time such as 250ms or 5s, from %g to %g seconds",
                                name_of(node), (double)min / 1e6, (double)max / 1e6);
        *ret = (uint64_t)llround(value);
        return 0;
}

int manifest_read_size(const YamlNode *node, uint64_t min, uint64_t max, uint64_t *ret,
                YamlError *reterr) {
        static const Unit units[] = {{"", 1}, {"K", 1024.0}, {"M", 1048576.0}, {"G", 1073741824.0},
                        {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {}};
        double value;

        if (node->kind != YAML_SCALAR || read_quantity(node->scalar, units, &value) < 0 ||
                        value < (double)min || value > (double)max)
                return refuse(node, "'%s' is a size such as 64M, from %lluM to %lluM",
                                name_of(node), (unsigned long long)min >> 20,
                                (unsigned long long)max >> 20);
        *ret = (uint64_t)llround(value);
        return 0;
}

int manifest_read_rate(
                const YamlNode *node, uint64_t *ret_calls, uint64_t *ret_usec, YamlError *reterr) {
        const char *slash = node->kind == YAML_SCALAR ? strchr(node->scalar, '/') : NULL;
        _cleanup_free_ char *calls =
                        slash ? strndup(node->scalar, (size_t)(slash - node->scalar)) : NULL;
        double value;

        if (slash && !calls)
                return -ENOMEM;
        if (slash && parse_u64(calls, 1, 1000000, ret_calls) >= 0) {
                _cleanup_free_ char *unit = NULL;

                if (asprintf(&unit, "1%s", slash + 1) < 0) {
                        unit = NULL;
                        return -ENOMEM;
                }
                if (slash[1] != '\0' && read_quantity(unit, times, &value) >= 0) {
                        *ret_usec = (uint64_t)value;
                        return 0;
                }
        }

        return refuse(node, "'%s' is a number of calls and a time, such as 60/m", name_of(node));
}

int manifest_read_word(
                const YamlNode *node, const char *const *words, int *ret, YamlError *reterr) {
        char all[160] = "";

        for (int i = 0; words[i]; i++) {
                size_t n = strlen(all);

                if (node->kind == YAML_SCALAR && strcmp(words[i], node->scalar) == 0) {
                        *ret = i;
                        return 0;
                }
                (void)snprintf(all + n, sizeof(all) - n, "%s%s", i > 0 ? ", " : "", words[i]);
        }
        return refuse(node, "'%s' is one of: %s", name_of(node), all);
}

/* A number or a word as JSON knows them, else text. */
static int scalar_to_json(const YamlNode *node, json_object **ret) {
        json_object *o = NULL;

        if (!node->quoted && yaml_node_is_null(node)) {
                *ret = NULL;
                return 0;
        }
        if (node->quoted || json_parse(node->scalar, strlen(node->scalar), 1, &o) < 0 || !o) {
                o = json_object_new_string(node->scalar);
                if (!o)
                        return -ENOMEM;
        }

        *ret = o;
        return 0;
}

static int to_json(const YamlNode *node, json_object **ret) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (node->kind == YAML_SCALAR)
                return scalar_to_json(node, ret);

        o = node->kind == YAML_MAPPING ? json_object_new_object() : json_object_new_array();
        if (!o)
                return -ENOMEM;
        for (size_t i = 0; i < node->n_children; i++) {
                const YamlNode *child = node->children[i];
                json_object *value = NULL;

                r = to_json(child, &value);
                if (r < 0)
                        return r;
                /* NULL is a JSON null here. */
                r = node->kind == YAML_MAPPING ? json_object_object_add(o, child->key, value)
                                               : json_object_array_add(o, value);
                if (r < 0) {
                        json_object_putp(&value);
                        return -ENOMEM;
                }
        }

        *ret = TAKE_PTR(o);
        return 0;
}

int manifest_read_json(const YamlNode *node, json_object **ret, YamlError *reterr) {
        json_object *o;
        int r;

        if (node->kind != YAML_MAPPING)
                return refuse(node, "'%s' is a mapping", name_of(node));

        r = to_json(node, &o);
        if (r < 0)
                return r;
        if (*ret)
                (void)json_object_put(*ret);
        *ret = o;
        return 0;
}
