/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/plugin-lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/extend/schema-example.h"

static const char *const names[_PLUGIN_SEVERITY_MAX] = {"note", "warning", "error"};

const char *plugin_severity_to_string(PluginSeverity severity) {
        return severity < _PLUGIN_SEVERITY_MAX ? names[severity] : NULL;
}

int plugin_findings_add(PluginFindings *f, PluginSeverity severity, const char *code,
                const char *format, ...) {
        PluginFinding *larger = reallocarray(f->items, f->n_items + 1, sizeof(*f->items));
        char *message;
        va_list ap;
        int r;

        if (!larger)
                return -ENOMEM;
        f->items = larger;

        va_start(ap, format);
        r = vasprintf(&message, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;

        f->items[f->n_items++] =
                        (PluginFinding){.severity = severity, .code = code, .message = message};
        return 0;
}

bool plugin_findings_have_error(const PluginFindings *f) {
        for (size_t i = 0; i < f->n_items; i++)
                if (f->items[i].severity == PLUGIN_ERROR)
                        return true;
        return false;
}

void plugin_findings_done(PluginFindings *f) {
        for (size_t i = 0; i < f->n_items; i++)
                free(f->items[i].message);
        free(f->items);
        *f = (PluginFindings){};
}

static bool can_be_met(const Schema *s) {
        _cleanup_json_ json_object *value = NULL;
        SchemaRandom random;

        schema_random_init(&random, 1);
        return schema_example_valid(s, &random, &value) != -ENODATA;
}

static int lint_schemas(const Manifest *m, PluginFindings *f) {
        int r = 0;

        if (!m->input)
                r = plugin_findings_add(f, PLUGIN_WARNING, "input-schema",
                                "there is no input_schema: whatever callers send reaches it");
        else if (!can_be_met(m->input))
                r = plugin_findings_add(f, PLUGIN_WARNING, "input-example",
                                "no input was found that fits its input_schema");
        if (r >= 0 && !m->output)
                r = plugin_findings_add(f, PLUGIN_WARNING, "output-schema",
                                "there is no output_schema: nobody knows what it answers");
        return r;
}

/* Examples are for people to copy. */
static int lint_examples(const Manifest *m, PluginFindings *f) {
        json_object *examples = json_get_typed(m->input_schema, "examples", json_type_array);
        int r = 0;

        for (size_t i = 0; examples && i < json_object_array_length(examples) && r >= 0; i++) {
                _cleanup_free_ char *why = NULL;

                if (schema_check(m->input, json_object_array_get_idx(examples, i), &why) < 0)
                        r = plugin_findings_add(f, PLUGIN_WARNING, "example",
                                        "example %zu does not fit its own input_schema: %s", i,
                                        why ?: "");
        }
        return r;
}

int plugin_lint(const Manifest *m, PluginFindings *f) {
        int r = 0;

        if (m->estimated_usec > m->timeout_usec)
                r = plugin_findings_add(f, PLUGIN_WARNING, "timeout",
                                "estimated_time is longer than timeout: it is usually given up");
        if (r >= 0 && m->network && !m->requires_auth)
                r = plugin_findings_add(f, PLUGIN_WARNING, "authorization",
                                "it has the network and requires_auth is false: every user of "
                                "this machine can have it connect");
        if (r >= 0 && m->kind != PLUGIN_STRATEGY)
                r = lint_schemas(m, f);
        if (r >= 0 && m->input)
                r = lint_examples(m, f);
        return r;
}
