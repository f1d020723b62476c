/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/setting-value.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define TEXT_MAX_BYTES 4096U
#define LIST_MAX 1000U
#define DIGITS "0123456789"
#define DIGITS_MAX 18U
#define NUMBER_TEXT_MAX 64U

void *setting_field(const Setting *s, Config *config) {
        return (char *)config + s->offset;
}

const void *setting_field_const(const Setting *s, const Config *config) {
        return (const char *)config + s->offset;
}

void setting_clear(const Setting *s, Config *config) {
        char **text = setting_field(s, config);
        char ***list = setting_field(s, config);

        if (s->type == SETTING_TEXT) {
                free(*text);
                *text = NULL;
        } else if (s->type == SETTING_LIST)
                *list = strv_free(*list);
}

/* Digits, perhaps with a fraction; @ret_end is where they end. strtod() alone takes far more. */
static int parse_decimal(const char *text, double *ret, const char **ret_end) {
        size_t n = strspn(text, DIGITS);

        if (n == 0 || n > DIGITS_MAX)
                return -EINVAL;

        if (text[n] == '.') {
                size_t fraction = strspn(text + n + 1, DIGITS);

                if (fraction == 0 || fraction > DIGITS_MAX)
                        return -EINVAL;
                n += 1 + fraction;
        }

        *ret = strtod(text, NULL);
        *ret_end = text + n;
        return 0;
}

static int unit_seconds(const char *unit, double *ret) {
        static const struct {
                const char *name;
                double seconds;
        } units[] = {
                        {"", 1},
                        {"ms", 0.001},
                        {"s", 1},
                        {"sec", 1},
                        {"m", 60},
                        {"min", 60},
                        {"h", 3600},
                        {"d", 86400},
                        {"w", 604800},
        };

        FOREACH_ELEMENT (u, units)
                if (strcmp(u->name, unit) == 0) {
                        *ret = u->seconds;
                        return 0;
                }
        return -EINVAL;
}

static int set_bool(const Setting *s, Config *config, const char *text) {
        static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
        bool *field = setting_field(s, config);

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(words[i], text) == 0) {
                        *field = i % 2 == 1;
                        return 0;
                }
        return -EINVAL;
}

static int set_count(const Setting *s, Config *config, const char *text) {
        uint64_t *field = setting_field(s, config);

        return parse_u64(text, (uint64_t)s->min, (uint64_t)s->max, field) < 0 ? -EINVAL : 0;
}

static int set_duration(const Setting *s, Config *config, const char *text) {
        uint64_t *field = setting_field(s, config);
        double value, unit;
        const char *end;

        if (parse_decimal(text, &value, &end) < 0 || unit_seconds(end, &unit) < 0)
                return -EINVAL;

        value *= unit;
        if ((value < s->min && !(s->or_zero && value <= 0)) || value > s->max)
                return -EINVAL;

        *field = (uint64_t)llround(value * USEC_PER_SEC);
        return 0;
}

static int set_number(const Setting *s, Config *config, const char *text) {
        double *field = setting_field(s, config);
        double value;
        const char *end;

        if (parse_decimal(text, &value, &end) < 0 || *end != '\0' || value < s->min ||
                        value > s->max)
                return -EINVAL;

        *field = value;
        return 0;
}

static bool is_printable(const char *text) {
        size_t n = strlen(text);
        _cleanup_free_ char *clean = text_clean(text, n, n);

        return clean && strcmp(clean, text) == 0;
}

static bool is_valid_text(const Setting *s, const char *text) {
        return strlen(text) <= TEXT_MAX_BYTES && is_printable(text) &&
                        (!s->is_valid || s->is_valid(text));
}

static int set_text(const Setting *s, Config *config, const char *text) {
        _cleanup_free_ char *copy = strdup(text);
        char **field = setting_field(s, config);

        if (!copy)
                return -ENOMEM;
        if (s->drop_suffix && text_ends_with(copy, s->drop_suffix))
                copy[strlen(copy) - strlen(s->drop_suffix)] = '\0';
        if (!is_valid_text(s, copy))
                return -EINVAL;

        free(*field);
        *field = TAKE_PTR(copy);
        return 0;
}

static int set_choice(const Setting *s, Config *config, const char *text) {
        const char **field = setting_field(s, config);

        for (const SettingChoice *c = s->choices; c->word; c++)
                if (strcasecmp(c->word, text) == 0) {
                        *field = c->means ?: c->word;
                        return 0;
                }
        return -EINVAL;
}

static int list_add(const Setting *s, char ***list, const char *item) {
        if (strv_length(*list) >= LIST_MAX || !is_valid_text(s, item))
                return -EINVAL;
        return strv_contains(*list, item) ? 0 : strv_extend(list, item);
}

static void list_replace(const Setting *s, Config *config, char ***list) {
        char ***field = setting_field(s, config);

        strv_free(*field);
        *field = TAKE_PTR(*list);
}

/* Items with commas between them, as the environment has them; nothing at all is the empty list. */
static int set_list(const Setting *s, Config *config, const char *text) {
        _cleanup_strv_free_ char **list = NULL;
        _cleanup_free_ char *copy = strdup(text);
        char *rest = copy, *item;
        int r;

        if (!copy)
                return -ENOMEM;

        while (text[0] != '\0' && (item = strsep(&rest, ","))) {
                r = list_add(s, &list, item);
                if (r < 0)
                        return r;
        }

        list_replace(s, config, &list);
        return 0;
}

int setting_set_text(const Setting *s, Config *config, const char *text) {
        static int (*const set[])(const Setting *, Config *, const char *) = {
                        [SETTING_BOOL] = set_bool,
                        [SETTING_COUNT] = set_count,
                        [SETTING_DURATION] = set_duration,
                        [SETTING_NUMBER] = set_number,
                        [SETTING_TEXT] = set_text,
                        [SETTING_CHOICE] = set_choice,
                        [SETTING_LIST] = set_list,
        };

        assert(s->type < ELEMENTSOF(set));
        return set[s->type](s, config, text);
}

int setting_set_list(const Setting *s, Config *config, char *const *items) {
        _cleanup_strv_free_ char **list = NULL;
        int r;

        if (s->type != SETTING_LIST)
                return -EINVAL;

        for (; items && *items; items++) {
                r = list_add(s, &list, *items);
                if (r < 0)
                        return r;
        }

        list_replace(s, config, &list);
        return 0;
}

int setting_copy(const Setting *s, Config *to, const Config *from) {
        const void *source = setting_field_const(s, from);

        switch (s->type) {
        case SETTING_TEXT:
                return setting_set_text(s, to, *(const char *const *)source);
        case SETTING_LIST:
                return setting_set_list(s, to, *(char *const *const *)source);
        case SETTING_CHOICE:
                *(const char **)setting_field(s, to) = *(const char *const *)source;
                break;
        case SETTING_BOOL:
                *(bool *)setting_field(s, to) = *(const bool *)source;
                break;
        case SETTING_NUMBER:
                *(double *)setting_field(s, to) = *(const double *)source;
                break;
        case SETTING_COUNT:
        case SETTING_DURATION:
                *(uint64_t *)setting_field(s, to) = *(const uint64_t *)source;
                break;
        }
        return 0;
}

void setting_number_to_text(double value, char *ret, size_t n_ret) {
        int n = snprintf(ret, n_ret, "%.6f", value);

        if (n <= 0 || (size_t)n >= n_ret || !strchr(ret, '.'))
                return;
        while (ret[n - 1] == '0')
                n--;
        ret[ret[n - 1] == '.' ? n - 1 : n] = '\0';
}

/* Values have no control characters: these two are all that YAML wants escaped. */
static void write_quoted(const char *text, FILE *out) {
        (void)fputc('"', out);
        for (; *text; text++) {
                if (*text == '"' || *text == '\\')
                        (void)fputc('\\', out);
                (void)fputc(*text, out);
        }
        (void)fputc('"', out);
}

static void write_list(char *const *list, FILE *out) {
        (void)fputc('[', out);
        for (size_t i = 0; list && list[i]; i++) {
                if (i > 0)
                        (void)fputs(", ", out);
                write_quoted(list[i], out);
        }
        (void)fputc(']', out);
}

static void write_number(double value, FILE *out) {
        char text[NUMBER_TEXT_MAX];

        setting_number_to_text(value, text, sizeof(text));
        (void)fputs(text, out);
}

void setting_write(const Setting *s, const Config *config, FILE *out) {
        const void *field = setting_field_const(s, config);

        switch (s->type) {
        case SETTING_BOOL:
                (void)fputs(*(const bool *)field ? "true" : "false", out);
                break;
        case SETTING_COUNT:
                (void)fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)field);
                break;
        case SETTING_DURATION:
                write_number((double)*(const uint64_t *)field / USEC_PER_SEC, out);
                break;
        case SETTING_NUMBER:
                write_number(*(const double *)field, out);
                break;
        case SETTING_TEXT:
        case SETTING_CHOICE:
                write_quoted(*(const char *const *)field, out);
                break;
        case SETTING_LIST:
                write_list(*(char *const *const *)field, out);
                break;
        }
}

static int set_sequence(const Setting *s, Config *config, const YamlNode *node) {
        _cleanup_strv_free_ char **list = NULL;
        int r;

        for (size_t i = 0; i < node->n_children; i++) {
                const YamlNode *item = node->children[i];

                if (item->kind != YAML_SCALAR || yaml_node_is_null(item))
                        return -EINVAL;
                r = list_add(s, &list, item->scalar);
                if (r < 0)
                        return r;
        }

        list_replace(s, config, &list);
        return 0;
}

/* In YAML "3" in quotes is a text, not a number. */
static bool may_be_quoted(const Setting *s) {
        return s->type == SETTING_TEXT || s->type == SETTING_CHOICE || s->type == SETTING_DURATION;
}

int setting_set_node(const Setting *s, Config *config, const YamlNode *node) {
        if (s->type == SETTING_LIST)
                return node->kind == YAML_SEQUENCE ? set_sequence(s, config, node) : -EINVAL;

        if (node->kind != YAML_SCALAR || yaml_node_is_null(node) ||
                        (node->quoted && !may_be_quoted(s)))
                return -EINVAL;

        return setting_set_text(s, config, node->scalar);
}

static void describe_choices(const Setting *s, char *ret, size_t n_ret) {
        size_t n = (size_t)snprintf(ret, n_ret, "one of");

        for (const SettingChoice *c = s->choices; c->word && n < n_ret; c++)
                if (!c->means)
                        n += (size_t)snprintf(ret + n, n_ret - n, "%s %s",
                                        c == s->choices ? "" : ",", c->word);
}

void setting_describe_allowed(const Setting *s, char *ret, size_t n_ret) {
        switch (s->type) {
        case SETTING_BOOL:
                (void)snprintf(ret, n_ret, "true or false");
                break;
        case SETTING_COUNT:
                (void)snprintf(ret, n_ret, "a whole number from %.0f to %.0f", s->min, s->max);
                break;
        case SETTING_DURATION:
                (void)snprintf(ret, n_ret, "%sa time from %.10g to %.10g seconds",
                                s->or_zero ? "0, or " : "", s->min, s->max);
                break;
        case SETTING_NUMBER:
                (void)snprintf(ret, n_ret, "a number from %.10g to %.10g", s->min, s->max);
                break;
        case SETTING_TEXT:
                (void)snprintf(ret, n_ret, "%s", s->form);
                break;
        case SETTING_CHOICE:
                describe_choices(s, ret, n_ret);
                break;
        case SETTING_LIST:
                (void)snprintf(ret, n_ret, "a list, each item %s", s->form);
                break;
        }
}
