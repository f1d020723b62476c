/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config-document.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/config/config-source.h"
#include "daemon/config/setting-value.h"
#include "daemon/config/settings-table.h"

#define NEAR_MAX 128U

typedef struct Document {
        Config *config;
        const char *path;
        ConfigProblems *problems;
        const YamlNode **seen; /* per row of the table: where this document sets it */
        char **seen_as;        /* and under which of its names */
} Document;

static int read_mapping(Document *d, const YamlNode *mapping, const char *prefix);

static int refuse_value(Document *d, const Setting *s, const YamlNode *node, const char *key) {
        char allowed[SETTING_ALLOWED_MAX];

        setting_describe_allowed(s, allowed, sizeof(allowed));

        if (node->kind != YAML_SCALAR)
                return config_problems_add(d->problems, CONFIG_ERROR, d->path, node->key_line, key,
                                "must be %s, not a %s", allowed,
                                node->kind == YAML_SEQUENCE ? "list" : "section");
        if (yaml_node_is_null(node))
                return config_problems_add(d->problems, CONFIG_ERROR, d->path, node->key_line, key,
                                "has no value; it must be %s", allowed);

        return config_problems_add(d->problems, CONFIG_ERROR, d->path, node->key_line, key,
                        "must be %s, not %s%.60s%s", allowed, node->quoted ? "\"" : "'",
                        node->scalar, node->quoted ? "\"" : "'");
}

/* The other form of the document has another name for it: both at once contradict each other. */
static int refuse_twin(Document *d, size_t row, const YamlNode *node, const char *key) {
        return config_problems_add(d->problems, CONFIG_ERROR, d->path, node->key_line, key,
                        "is another name of '%s', which is given on line %u", d->seen_as[row],
                        d->seen[row]->key_line);
}

static int read_setting(Document *d, const Setting *s, const YamlNode *node, const char *key) {
        size_t row = (size_t)(s - settings_table);
        int r;

        if (d->seen[row])
                return refuse_twin(d, row, node, key);

        d->seen[row] = node;
        d->seen_as[row] = strdup(key);
        if (!d->seen_as[row])
                return -ENOMEM;

        r = setting_set_node(s, d->config, node);
        if (r == -EINVAL)
                return refuse_value(d, s, node, key);
        if (r < 0)
                return r;

        if (s->no_effect) {
                r = config_problems_add(d->problems, CONFIG_NOTE, d->path, node->key_line, key,
                                "accepted, has no effect: %s", s->no_effect);
                if (r < 0)
                        return r;
        }
        return config_source_set(d->config, row, CONFIG_SOURCE_FILE, d->path, node->key_line);
}

static int warn_unknown(Document *d, const YamlNode *node, const char *key) {
        char near[NEAR_MAX];

        /* Looking for what is near costs more than the rest: not for what nobody will see. */
        if (config_problems_full(d->problems))
                return 0;
        if (settings_find_near(key, near, sizeof(near)))
                return config_problems_add(d->problems, CONFIG_WARNING, d->path, node->key_line,
                                key, "unknown, ignored; did you mean '%s'?", near);
        return config_problems_add(d->problems, CONFIG_WARNING, d->path, node->key_line, key,
                        "unknown, ignored");
}

static int read_section(Document *d, const YamlNode *node, const char *key) {
        if (node->kind == YAML_MAPPING)
                return read_mapping(d, node, key);

        /* A section in which everything is commented out. */
        if (yaml_node_is_null(node))
                return 0;

        return config_problems_add(d->problems, CONFIG_ERROR, d->path, node->key_line, key,
                        "must be a section with keys of its own");
}

/* Goes down into known sections only, so the depth is that of the table. */
static int read_mapping(Document *d, const YamlNode *mapping, const char *prefix) {
        int r;

        for (size_t i = 0; i < mapping->n_children; i++) {
                const YamlNode *node = mapping->children[i];
                _cleanup_free_ char *key = NULL;
                const Setting *s;

                if (asprintf(&key, "%s%s%s", prefix, *prefix ? "." : "", node->key) < 0)
                        return -ENOMEM;

                s = settings_find(key);
                if (s)
                        r = read_setting(d, s, node, key);
                else if (settings_is_section(key))
                        r = read_section(d, node, key);
                else
                        r = warn_unknown(d, node, key);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void document_done(Document *d) {
        for (size_t i = 0; d->seen_as && i < settings_count; i++)
                free(d->seen_as[i]);
        free(d->seen_as);
        free(d->seen);
}

int config_document_apply(
                Config *config, const YamlNode *root, const char *path, ConfigProblems *problems) {
        _cleanup_(document_done)
                        Document d = {.config = config, .path = path, .problems = problems};

        assert(config && root && path && problems);

        if (root->kind != YAML_MAPPING)
                return config_problems_add(problems, CONFIG_ERROR, path, root->line, "",
                                "must be a mapping of keys to values");

        d.seen = calloc(settings_count, sizeof(*d.seen));
        d.seen_as = calloc(settings_count, sizeof(*d.seen_as));
        if (!d.seen || !d.seen_as)
                return -ENOMEM;

        return read_mapping(&d, root, "");
}
