/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/config/config-document.h"
#include "daemon/config/config-environment.h"
#include "daemon/config/config-set.h"
#include "daemon/config/config-source.h"
#include "daemon/config/setting-value.h"

void config_done(Config *config) {
        for (size_t i = 0; i < settings_count; i++)
                setting_clear(&settings_table[i], config);
        config_sources_free(config->sources);
        *config = (Config){};
}

static int apply_text(Config *config, const char *path, const YamlNode *root, int error,
                const YamlError *why, ConfigProblems *problems) {
        if (error == -ENOMEM)
                return error;
        if (error == -EBADMSG || error == -E2BIG)
                return config_problems_add(
                                problems, CONFIG_ERROR, path, why->line, "", "%s", why->message);
        if (error < 0)
                return config_problems_add(problems, CONFIG_ERROR, path, 0, "", "cannot read: %s",
                                error == -EBADF ? "not a regular file" : strerror(-error));

        return config_document_apply(config, root, path, problems);
}

static int apply_file(Config *config, const char *path, ConfigProblems *problems) {
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        YamlError why = {};
        int error;

        error = yaml_parse_file(path, &root, &why);
        return apply_text(config, path, root, error, &why, problems);
}

/* One time to live for all layers that have none of their own. */
static int spread_default_ttl(Config *config) {
        static const char *const keys[] = {
                        "monitoring.cache.pane_content_ttl",
                        "monitoring.cache.agent_status_ttl",
                        "monitoring.cache.session_info_ttl",
                        "monitoring.cache.config_ttl",
        };
        const ConfigSource *source = config_source(config, "monitoring.cache.default_ttl");
        int r;

        if (config->monitoring.cache.default_ttl_usec == 0)
                return 0;

        FOREACH_ELEMENT (key, keys) {
                const Setting *s = settings_find(*key);
                uint64_t *field = setting_field(s, config);

                if (config_is_configured(config, *key))
                        continue;
                *field = config->monitoring.cache.default_ttl_usec;
                r = config_source_set(config, (size_t)(s - settings_table), source->kind,
                                source->name, source->line);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int refuse_crossed_limits(const Config *config, ConfigProblems *problems) {
        static const char low[] = "monitoring.tmux_pool.min_connections";
        static const char high[] = "monitoring.tmux_pool.max_connections";
        const ConfigSource *source;

        if (config->monitoring.tmux_pool.min_connections <=
                        config->monitoring.tmux_pool.max_connections)
                return 0;

        source = config_source(config, config_is_configured(config, low) ? low : high);
        return config_problems_add(problems, CONFIG_ERROR, source->name ?: "", source->line, low,
                        "is greater than %s", high);
}

static int finish(Config *config, ConfigProblems *problems) {
        int r;

        if (problems->n_errors > 0)
                return -EBADMSG;

        r = refuse_crossed_limits(config, problems);
        if (r < 0)
                return r;
        if (problems->n_errors > 0)
                return -EBADMSG;

        return spread_default_ttl(config);
}

static int apply_document(Config *config, const char *path, const char *text, size_t n_text,
                ConfigProblems *problems) {
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        YamlError why = {};
        int error;

        error = yaml_parse(text, n_text, &root, &why);
        return apply_text(config, path, root, error, &why, problems);
}

static int apply_layers(Config *config, const ConfigLayers *layers, ConfigProblems *problems) {
        int r;

        for (char *const *file = layers->files; file && *file; file++) {
                r = apply_file(config, *file, problems);
                if (r < 0)
                        return r;
        }

        if (layers->kept_text) {
                r = apply_document(config, layers->kept_path, layers->kept_text,
                                strlen(layers->kept_text), problems);
                if (r < 0)
                        return r;
        }

        r = config_environment_apply(config, layers->environment, problems);
        if (r < 0)
                return r;

        return layers->overlay ? config_overlay(config, layers->overlay) : 0;
}

int config_load_layers(const ConfigLayers *layers, Config *ret, ConfigProblems *problems) {
        _cleanup_(config_done) Config config = {};
        int r;

        assert(layers && ret && problems);

        r = config_set_defaults(&config);
        if (r < 0)
                return r;
        r = apply_layers(&config, layers, problems);
        if (r < 0)
                return r;
        r = finish(&config, problems);
        if (r < 0)
                return r;

        *ret = config;
        config = (Config){};
        return 0;
}

int config_load(char *const *files, char *const *environment, Config *ret,
                ConfigProblems *problems) {
        ConfigLayers layers = {.files = files, .environment = environment};

        return config_load_layers(&layers, ret, problems);
}

int config_read_text(const char *text, size_t n_text, const char *path, Config *ret,
                ConfigProblems *problems) {
        _cleanup_(config_done) Config config = {};
        int r;

        assert(text && path && ret && problems);

        r = config_set_defaults(&config);
        if (r < 0)
                return r;
        r = apply_document(&config, path, text, n_text, problems);
        if (r < 0)
                return r;
        if (problems->n_errors > 0)
                return -EBADMSG;

        *ret = config;
        config = (Config){};
        return 0;
}

int config_validate_text(const char *text, size_t n_text, ConfigProblems *problems) {
        _cleanup_(config_done) Config config = {};
        int r;

        assert(problems);

        r = config_set_defaults(&config);
        if (r < 0)
                return r;
        r = apply_document(&config, "", text, n_text, problems);
        if (r < 0)
                return r;

        return finish(&config, problems);
}

int config_get(const Config *config, const char *key, ConfigValue *ret) {
        const Setting *s = settings_find(key);
        const void *field;

        assert(config && ret);

        if (!s)
                return -ENXIO;

        field = setting_field_const(s, config);
        switch (s->type) {
        case SETTING_BOOL:
                *ret = (ConfigValue){.type = CONFIG_VALUE_BOOL, .boolean = *(const bool *)field};
                break;
        case SETTING_COUNT:
                *ret = (ConfigValue){.type = CONFIG_VALUE_INT,
                                .integer = (int64_t) * (const uint64_t *)field};
                break;
        case SETTING_DURATION:
                *ret = (ConfigValue){.type = CONFIG_VALUE_DOUBLE,
                                .number = (double)*(const uint64_t *)field / USEC_PER_SEC};
                break;
        case SETTING_NUMBER:
                *ret = (ConfigValue){.type = CONFIG_VALUE_DOUBLE, .number = *(const double *)field};
                break;
        case SETTING_TEXT:
        case SETTING_CHOICE:
                *ret = (ConfigValue){
                                .type = CONFIG_VALUE_STRING, .string = *(const char *const *)field};
                break;
        case SETTING_LIST:
                *ret = (ConfigValue){
                                .type = CONFIG_VALUE_LIST, .list = *(char *const *const *)field};
                break;
        }
        return 0;
}

const char *config_next_key(const char *previous) {
        const Setting *s = previous ? settings_find(previous) : NULL;
        size_t next = s ? (size_t)(s - settings_table) + 1 : 0;

        assert(s || !previous);

        return next < settings_count ? settings_table[next].key : NULL;
}

const char *config_strategy(const Config *config) {
        return config->monitoring.async.enabled ? config->monitoring.strategy : "polling";
}

int config_parse_hours(const char *text, int *ret_from, int *ret_to) {
        unsigned from_hour, from_minute, to_hour, to_minute;
        char end;

        if (strlen(text) > strlen("00:00-00:00") ||
                        sscanf(text, "%2u:%2u-%2u:%2u%c", &from_hour, &from_minute, &to_hour,
                                        &to_minute, &end) != 4)
                return -EINVAL;
        if (from_hour > 23 || to_hour > 23 || from_minute > 59 || to_minute > 59)
                return -EINVAL;
        *ret_from = (int)(from_hour * 60 + from_minute);
        *ret_to = (int)(to_hour * 60 + to_minute);
        return 0;
}
