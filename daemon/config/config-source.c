/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config-source.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/config/settings-table.h"

int config_sources_new(ConfigSource **ret) {
        *ret = calloc(settings_count, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

ConfigSource *config_sources_free(ConfigSource *sources) {
        for (size_t i = 0; sources && i < settings_count; i++)
                free(sources[i].name);
        free(sources);
        return NULL;
}

int config_source_set(Config *config, size_t row, ConfigSourceKind kind, const char *name,
                unsigned line) {
        ConfigSource *source = &config->sources[row];
        char *copy;

        assert(row < settings_count);

        /* It is shown and sent to others, and a file may have any name. */
        copy = text_clean(name, strlen(name), strlen(name));
        if (!copy)
                return -ENOMEM;

        free(source->name);
        *source = (ConfigSource){.kind = kind, .name = copy, .line = line};
        return 0;
}

const ConfigSource *config_source(const Config *config, const char *key) {
        const Setting *s = settings_find(key);

        return s ? &config->sources[s - settings_table] : NULL;
}

char *config_source_describe(const Config *config, const char *key) {
        const ConfigSource *source = config_source(config, key);
        char *text = NULL;
        int n = -1;

        if (!source)
                return NULL;

        switch (source->kind) {
        case CONFIG_SOURCE_DEFAULT:
                return strdup("default");
        case CONFIG_SOURCE_FILE:
                n = asprintf(&text, "%s:%u", source->name, source->line);
                break;
        case CONFIG_SOURCE_ENVIRONMENT:
                n = asprintf(&text, "environment %s", source->name);
                break;
        case CONFIG_SOURCE_RUN_TIME:
                return strdup("set at run time");
        }
        return n < 0 ? NULL : text;
}

bool config_is_configured(const Config *config, const char *key) {
        const ConfigSource *source = config_source(config, key);

        return source && source->kind != CONFIG_SOURCE_DEFAULT;
}
