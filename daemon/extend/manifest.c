/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/manifest.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/extend/manifest-value.h"

#define MIB (1024ULL * 1024ULL)
#define TEXT_MAX_BYTES 1024U
#define WORD_MAX_BYTES 64U

static const char *const kinds[] = {"strategy", "tool", "notifier", "exporter", NULL};
static const char *const protocols[] = {"json-rpc", "mcp", NULL};
static const char *const profiles[] = {"strict", "network", NULL};
static const char *const policies[] = {"restart", "stop", NULL};

const char *plugin_kind_to_string(PluginKind kind) {
        return kind >= 0 && kind < _PLUGIN_KIND_MAX ? kinds[kind] : NULL;
}

bool manifest_name_is_valid(const char *name) {
        size_t n = name ? strlen(name) : 0;

        return n > 0 && n <= MANIFEST_NAME_MAX && name[0] >= 'a' && name[0] <= 'z' &&
                        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

Manifest *manifest_ref(Manifest *m) {
        m->n_ref++;
        return m;
}

Manifest *manifest_unref(Manifest *m) {
        if (!m || --m->n_ref > 0)
                return NULL;

        free(m->name);
        free(m->version);
        free(m->category);
        free(m->description);
        strv_free(m->tags);
        free(m->payload);
        strv_free(m->program);
        free(m->tool);
        if (m->input_schema)
                (void)json_object_put(m->input_schema);
        if (m->output_schema)
                (void)json_object_put(m->output_schema);
        if (m->settings)
                (void)json_object_put(m->settings);
        schema_free(m->input);
        schema_free(m->output);
        free(m);
        return NULL;
}

#define refuse(node, ...) \
        (yaml_error_set(reterr, (node)->key ? (node)->key_line : (node)->line, __VA_ARGS__), \
                        -EBADMSG)

typedef int Read(const YamlNode *node, Manifest *m, YamlError *reterr);

static int read_name(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int r = manifest_read_text(node, WORD_MAX_BYTES, &m->name, reterr);

        if (r >= 0 && !manifest_name_is_valid(m->name))
                return refuse(node,
                                "'name' begins with a lower-case letter and goes on with "
                                "those, digits, '-' and '_'");
        return r;
}

static int read_version(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_text(node, WORD_MAX_BYTES, &m->version, reterr);
}

static int read_kind(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int word, r = manifest_read_word(node, kinds, &word, reterr);

        if (r >= 0)
                m->kind = (PluginKind)word;
        return r;
}

static int read_api(const YamlNode *node, Manifest *m, YamlError *reterr) {
        uint64_t api;
        int r = manifest_read_count(node, 1, MANIFEST_API, &api, reterr);

        if (r >= 0)
                m->api = (unsigned)api;
        return r;
}

static int read_category(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_text(node, WORD_MAX_BYTES, &m->category, reterr);
}

static int read_description(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_text(node, TEXT_MAX_BYTES, &m->description, reterr);
}

static int read_tags(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_list(node, WORD_MAX_BYTES, &m->tags, reterr);
}

/* In the manifest's own folder, whose owner is looked at. */
static int read_payload(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int r = manifest_read_text(node, WORD_MAX_BYTES, &m->payload, reterr);

        if (r >= 0 && (strchr(m->payload, '/') || m->payload[0] == '.'))
                return refuse(node, "'payload' is the name of a file beside the manifest");
        return r;
}

static int read_program(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int r = manifest_read_list(node, TEXT_MAX_BYTES, &m->program, reterr);

        if (r < 0)
                return r;
        if (!m->program)
                return refuse(node, "'program' names a file");
        if (m->program[0][0] != '/' && (strchr(m->program[0], '/') || m->program[0][0] == '.'))
                return refuse(node,
                                "'program' begins with the name of a file beside the manifest, "
                                "or with an absolute path");
        return 0;
}

static int read_protocol(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int word, r = manifest_read_word(node, protocols, &word, reterr);

        if (r >= 0)
                m->protocol = (PluginProtocol)word;
        return r;
}

static int read_tool(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_text(node, 2 * WORD_MAX_BYTES, &m->tool, reterr);
}

static int read_requires_auth(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_bool(node, &m->requires_auth, reterr);
}

static int read_estimated_time(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_time(node, 0, USEC_PER_HOUR, &m->estimated_usec, reterr);
}

static int read_timeout(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_time(
                        node, USEC_PER_MSEC, 10 * USEC_PER_MINUTE, &m->timeout_usec, reterr);
}

static int read_rate_limit(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_rate(node, &m->rate_calls, &m->rate_usec, reterr);
}

static int read_cache_ttl(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_time(node, 0, 7 * USEC_PER_DAY, &m->cache_ttl_usec, reterr);
}

static int read_concurrency(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_count(node, 1, 64, &m->concurrency, reterr);
}

static int read_schema(
                const YamlNode *node, json_object **ret_json, Schema **ret, YamlError *reterr) {
        _cleanup_free_ char *reason = NULL;
        int r;

        r = manifest_read_json(node, ret_json, reterr);
        if (r < 0)
                return r;
        r = schema_new(*ret_json, ret, &reason);
        if (r == -EBADMSG)
                return refuse(node, "'%s' is no JSON Schema: %s", node->key, reason ?: "");
        return r;
}

static int read_input_schema(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return read_schema(node, &m->input_schema, &m->input, reterr);
}

static int read_output_schema(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return read_schema(node, &m->output_schema, &m->output, reterr);
}

static int read_settings(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_json(node, &m->settings, reterr);
}

static int read_profile(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int word, r = manifest_read_word(node, profiles, &word, reterr);

        if (r >= 0)
                m->network = word == 1;
        return r;
}

static int read_on_failure(const YamlNode *node, Manifest *m, YamlError *reterr) {
        int word, r = manifest_read_word(node, policies, &word, reterr);

        if (r >= 0)
                m->failure = (PluginFailurePolicy)word;
        return r;
}

static int read_memory(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_size(node, MIB, 4096 * MIB, &m->memory_bytes, reterr);
}

static int read_cpu(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_count(node, 1, 100, &m->cpu_percent, reterr);
}

static int read_tasks(const YamlNode *node, Manifest *m, YamlError *reterr) {
        return manifest_read_count(node, 1, 512, &m->tasks, reterr);
}

typedef struct Row {
        const char *key;
        Read *read;
        bool required;
} Row;

static int read_rows(const YamlNode *node, const Row *rows, Manifest *m, YamlError *reterr);

static const Row limits[] = {
                {"memory", read_memory},
                {"cpu", read_cpu},
                {"tasks", read_tasks},
                {},
};

static int read_limits(const YamlNode *node, Manifest *m, YamlError *reterr) {
        if (node->kind != YAML_MAPPING)
                return refuse(node, "'limits' is a mapping of memory, cpu and tasks");
        return read_rows(node, limits, m, reterr);
}

/* The whole language; docs/plugins.md has a line for each. */
static const Row rows[] = {
                {"name", read_name, true},
                {"version", read_version, true},
                {"kind", read_kind, true},
                {"api", read_api, true},
                {"category", read_category},
                {"description", read_description, true},
                {"tags", read_tags},
                {"payload", read_payload},
                {"program", read_program},
                {"protocol", read_protocol},
                {"tool", read_tool},
                {"requires_auth", read_requires_auth},
                {"estimated_time", read_estimated_time},
                {"timeout", read_timeout},
                {"rate_limit", read_rate_limit},
                {"cache_ttl", read_cache_ttl},
                {"concurrency", read_concurrency},
                {"input_schema", read_input_schema},
                {"output_schema", read_output_schema},
                {"settings", read_settings},
                {"profile", read_profile},
                {"limits", read_limits},
                {"on_failure", read_on_failure},
                {},
};

static const Row *find_row(const Row *table, const char *key) {
        for (const Row *row = table; row->key; row++)
                if (strcmp(row->key, key) == 0)
                        return row;
        return NULL;
}

static int read_rows(const YamlNode *node, const Row *table, Manifest *m, YamlError *reterr) {
        for (size_t i = 0; i < node->n_children; i++) {
                const YamlNode *child = node->children[i];
                const Row *row = find_row(table, child->key);
                int r;

                if (!row)
                        return refuse(child, "there is no key '%.64s' in a manifest", child->key);
                r = row->read(child, m, reterr);
                if (r < 0)
                        return r;
        }

        for (const Row *row = table; row->key; row++)
                if (row->required && !yaml_node_get(node, row->key))
                        return refuse(node, "'%s' is missing", row->key);
        return 0;
}

static int check_whole(const YamlNode *node, Manifest *m, YamlError *reterr) {
        bool is_program = manifest_is_program(m);

        if (is_program == (m->payload[0] != '\0'))
                return refuse(node,
                                "it needs 'payload', a shared object, or 'program', "
                                "and not both");
        if (!is_program && m->protocol != PLUGIN_PROTOCOL_OURS)
                return refuse(node, "a shared object has no 'protocol'");
        if (m->protocol == PLUGIN_PROTOCOL_MCP && m->kind == PLUGIN_STRATEGY)
                return refuse(node, "an MCP server cannot be a strategy");
        if (m->tool[0] != '\0' && m->protocol != PLUGIN_PROTOCOL_MCP)
                return refuse(node, "'tool' belongs to 'protocol: mcp'");

        /* A program brings its own run time with it. */
        if (m->memory_bytes == 0)
                m->memory_bytes = is_program ? 256 * MIB : 32 * MIB;
        return 0;
}

static int make_empty(Manifest *m) {
        *m = (Manifest){
                        .n_ref = 1,
                        .requires_auth = true,
                        .timeout_usec = 5 * USEC_PER_SEC,
                        .concurrency = 4,
                        .cpu_percent = 50,
                        .tasks = 32,
        };

        m->category = strdup("");
        m->payload = strdup("");
        m->tool = strdup("");
        return m->category && m->payload && m->tool ? 0 : -ENOMEM;
}

int manifest_parse(const char *text, size_t n_text, Manifest **ret, YamlError *reterr) {
        _cleanup_(yaml_node_freep) YamlNode *node = NULL;
        _cleanup_(manifest_unrefp) Manifest *m = NULL;
        int r;

        assert(text && ret && reterr);

        r = yaml_parse(text, n_text, &node, reterr);
        if (r < 0)
                return r;
        if (node->kind != YAML_MAPPING)
                return refuse(node, "a manifest is a mapping");

        m = malloc(sizeof(*m));
        if (!m)
                return -ENOMEM;
        r = make_empty(m);
        if (r >= 0)
                r = read_rows(node, rows, m, reterr);
        if (r >= 0)
                r = check_whole(node, m, reterr);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}
