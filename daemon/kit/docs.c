/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/kit/docs.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/kit/docs-schema.h"

static const char *const formats[_DOCS_FORMAT_MAX] = {"markdown", "man", "json"};

int docs_format_from_string(const char *s) {
        for (int i = 0; i < _DOCS_FORMAT_MAX; i++)
                if (strcmp(formats[i], s) == 0)
                        return i;
        return -EINVAL;
}

static void say_time(const Page *p, const char *term, uint64_t usec, const char *otherwise) {
        if (usec == 0)
                page_item(p, term, "%s", otherwise);
        else if (usec < USEC_PER_SEC)
                page_item(p, term, "%g ms", (double)usec / USEC_PER_MSEC);
        else
                page_item(p, term, "%g s", (double)usec / USEC_PER_SEC);
}

static int say_tags(const Page *p, const Manifest *m) {
        _cleanup_free_ char *text = NULL;
        size_t n;
        FILE *out;

        if (!m->tags)
                return 0;
        out = open_memstream(&text, &n);
        if (!out)
                return -ENOMEM;
        STRV_FOREACH (tag, m->tags)
                (void)fprintf(out, "%s%s", tag == m->tags ? "" : ", ", *tag);
        if (fclose(out) != 0)
                return -ENOMEM;
        page_item(p, "tags", "%s", text);
        return 0;
}

static int say_facts(const Page *p, const Manifest *m) {
        page_section(p, "Facts");
        page_item(p, "version", "%s", m->version);
        page_item(p, "kind", "%s", plugin_kind_to_string(m->kind));
        if (m->category[0])
                page_item(p, "category", "%s", m->category);
        page_item(p, "callers", "%s",
                        m->requires_auth ? "need the polkit action execute-plugin"
                                         : "need no authorization");
        say_time(p, "usually takes", m->estimated_usec, "not said");
        say_time(p, "time-out", m->timeout_usec, "");
        if (m->rate_usec > 0)
                page_item(p, "rate limit", "%llu calls in %g s", (unsigned long long)m->rate_calls,
                                (double)m->rate_usec / USEC_PER_SEC);
        say_time(p, "answers are remembered for", m->cache_ttl_usec, "not at all");
        page_item(p, "calls side by side", "%llu", (unsigned long long)m->concurrency);
        return say_tags(p, m);
}

static void say_walls(const Page *p, const Manifest *m) {
        page_section(p, "Sandbox");
        page_item(p, "profile", "%s", m->network ? "network: it may connect to others" : "strict");
        page_item(p, "memory", "%llu MiB", (unsigned long long)m->memory_bytes >> 20);
        page_item(p, "CPU", "%llu %% of one core", (unsigned long long)m->cpu_percent);
        page_item(p, "when it fails", "%s",
                        m->failure == PLUGIN_FAILURE_STOP ? "it is left alone until it is enabled"
                                                          : "it is started again");
}

static int say_example(const Page *p, const Manifest *m) {
        json_object *list = json_get_typed(m->input_schema, "examples", json_type_array);
        size_t n = list ? json_object_array_length(list) : 0;

        if (n > 0)
                page_section(p, "Examples");
        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *line = NULL;

                if (asprintf(&line, "tmux-orc plugin execute %s '%s'", m->name,
                                    json_object_to_json_string_ext(
                                                    json_object_array_get_idx(list, i),
                                                    JSON_C_TO_STRING_PLAIN |
                                                                    JSON_C_TO_STRING_NOSLASHESCAPE)) <
                                0)
                        return -ENOMEM;
                page_code(p, line);
        }
        return 0;
}

static int write_page(const Page *p, const Manifest *m) {
        int r;

        page_title(p, m->name, m->description);
        r = say_facts(p, m);
        if (r >= 0 && m->kind != PLUGIN_STRATEGY) {
                page_section(p, "Input");
                r = docs_schema(p, m->input_schema);
                if (r >= 0)
                        r = say_example(p, m);
                page_section(p, "Output");
                if (r >= 0)
                        r = docs_schema(p, m->output_schema);
        }
        if (r >= 0 && m->settings) {
                page_section(p, "Settings");
                page_text(p, "In its manifest, and as it comes:");
                page_code(p,
                                json_object_to_json_string_ext(m->settings,
                                                JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                                JSON_C_TO_STRING_NOSLASHESCAPE));
        }
        say_walls(p, m);
        return r;
}

static int describe(const Manifest *m, json_object *o) {
        json_object *tags = json_object_new_array();
        int r = json_set(o, "tags", tags);

        STRV_FOREACH (tag, m->tags)
                if (r >= 0)
                        r = json_append_string(tags, *tag);
        if (r >= 0)
                r = json_set_string(o, "name", m->name);
        if (r >= 0)
                r = json_set_string(o, "version", m->version);
        if (r >= 0)
                r = json_set_string(o, "kind", plugin_kind_to_string(m->kind));
        if (r >= 0)
                r = json_set_string(o, "description", m->description);
        if (r >= 0)
                r = json_set_string(o, "category", m->category);
        if (r >= 0 && m->input_schema)
                r = json_set(o, "input_schema", json_object_get(m->input_schema));
        if (r >= 0 && m->output_schema)
                r = json_set(o, "output_schema", json_object_get(m->output_schema));
        return r;
}

static int write_json(FILE *out, const Manifest *m) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || describe(m, o) < 0)
                return -ENOMEM;
        (void)fprintf(out, "%s\n",
                        json_object_to_json_string_ext(o,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE));
        return 0;
}

int docs_write(FILE *out, const Manifest *m, DocsFormat format) {
        const Page p = {.out = out, .man = format == DOCS_MAN};

        return format == DOCS_JSON ? write_json(out, m) : write_page(&p, m);
}
