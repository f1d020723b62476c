/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config-set.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/config/config-source.h"
#include "daemon/config/setting-value.h"

#define NUMBER_TEXT_MAX 64U
#define SHOWN_MAX 61U

static size_t row_of(const Setting *s) {
        return (size_t)(s - settings_table);
}

int config_set_defaults(Config *config) {
        int r;

        r = config_sources_new(&config->sources);
        if (r < 0)
                return r;

        for (const Setting *s = settings_table; s < settings_table + settings_count; s++) {
                r = setting_set_text(s, config, s->fallback);
                assert(r != -EINVAL); /* the table contradicts itself */
                if (r < 0)
                        return r;
        }
        return 0;
}

static char *list_to_text(char *const *list) {
        char *text = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&text, &n);

        if (!out)
                return NULL;
        for (size_t i = 0; list && list[i]; i++)
                (void)fprintf(out, "%s%s", i > 0 ? "," : "", list[i]);
        return fclose(out) == 0 ? text : NULL;
}

char *config_value_to_text(const ConfigValue *v) {
        char buffer[NUMBER_TEXT_MAX];

        switch (v->type) {
        case CONFIG_VALUE_BOOL:
                return strdup(v->boolean ? "true" : "false");
        case CONFIG_VALUE_INT:
                (void)snprintf(buffer, sizeof(buffer), "%" PRId64, v->integer);
                return strdup(buffer);
        case CONFIG_VALUE_DOUBLE:
                setting_number_to_text(v->number, buffer, sizeof(buffer));
                return strdup(buffer);
        case CONFIG_VALUE_STRING:
                return strdup(v->string);
        case CONFIG_VALUE_LIST:
                break;
        }

        return list_to_text(v->list);
}

static int refuse(const Setting *s, const char *key, const char *text, ConfigProblems *problems) {
        char allowed[SETTING_ALLOWED_MAX];
        int r;

        setting_describe_allowed(s, allowed, sizeof(allowed));
        r = config_problems_add(problems, CONFIG_ERROR, "", 0, key, "must be %s, not '%.*s'",
                        allowed, (int)SHOWN_MAX, text);
        return r < 0 ? r : -EBADMSG;
}

int config_set(Config *config, const char *key, const ConfigValue *value,
                ConfigProblems *problems) {
        const Setting *s = settings_find(key);
        _cleanup_free_ char *text = NULL;
        int r;

        assert(config && value && problems);

        if (!s)
                return -ENXIO;

        text = config_value_to_text(value);
        if (!text)
                return -ENOMEM;
        if (value->type == CONFIG_VALUE_LIST)
                r = setting_set_list(s, config, value->list);
        else
                r = setting_set_text(s, config, text);
        if (r == -EINVAL)
                return refuse(s, key, text, problems);
        if (r < 0)
                return r;

        return config_source_set(config, row_of(s), CONFIG_SOURCE_RUN_TIME, "", 0);
}

int config_unset(Config *config, const char *key) {
        const Setting *s = settings_find(key);
        int r;

        assert(config);

        if (!s)
                return -ENXIO;

        r = setting_set_text(s, config, s->fallback);
        if (r < 0)
                return r;
        return config_source_set(config, row_of(s), CONFIG_SOURCE_DEFAULT, "", 0);
}

int config_overlay(Config *to, const Config *from) {
        assert(to && from);

        for (const Setting *s = settings_table; s < settings_table + settings_count; s++) {
                const ConfigSource *source = &from->sources[row_of(s)];
                int r;

                if (source->kind == CONFIG_SOURCE_DEFAULT)
                        continue;
                r = setting_copy(s, to, from);
                if (r >= 0)
                        r = config_source_set(to, row_of(s), source->kind, source->name ?: "",
                                        source->line);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Opens the sections that @key has and @previous has not; returns the depth of @key. */
static unsigned open_sections(FILE *out, const char *previous, const char *key) {
        unsigned depth = 0;

        for (const char *dot = strchr(key, '.'), *name = key; dot;
                        name = dot + 1, dot = strchr(name, '.')) {
                if (strncmp(previous, key, (size_t)(dot - key) + 1) != 0)
                        (void)fprintf(out, "%*s%.*s:\n", (int)(2 * depth), "", (int)(dot - name),
                                        name);
                depth++;
        }
        return depth;
}

int config_write(const Config *config, char **ret) {
        _cleanup_free_ char *text = NULL;
        const char *previous = "";
        size_t n = 0;
        FILE *out;

        assert(config && ret);

        out = open_memstream(&text, &n);
        if (!out)
                return -ENOMEM;

        for (const Setting *s = settings_table; s < settings_table + settings_count; s++) {
                const char *dot = strrchr(s->key, '.');
                unsigned depth;

                if (config->sources[row_of(s)].kind == CONFIG_SOURCE_DEFAULT)
                        continue;
                depth = open_sections(out, previous, s->key);
                (void)fprintf(out, "%*s%s: ", (int)(2 * depth), "", dot ? dot + 1 : s->key);
                setting_write(s, config, out);
                (void)fputc('\n', out);
                previous = s->key;
        }

        if (fclose(out) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}
