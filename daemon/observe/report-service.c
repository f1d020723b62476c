/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service's own parts: components, plugins, the cache. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/observe/report-parts.h"

/* As the alerts have it. */
#define HIT_RATE_LOW 0.7
#define QUESTIONS_MIN 100

static double labelled(const Samples *s, const char *metric, const char *label) {
        char series[256];

        (void)snprintf(series, sizeof(series), "%s:%s", metric, label);
        return samples_sum(s, series);
}

/* The live rows by their name, copied so that they can be added to. */
static json_object *find_live(json_object *live, const char *key, const char *name) {
        for (size_t i = 0; live && i < json_object_array_length(live); i++) {
                json_object *row = json_object_array_get_idx(live, i);
                const char *text = json_get_string(row, key);

                if (text && strcmp(text, name) == 0)
                        return row;
        }
        return NULL;
}

static int add_component(
                const Samples *s, const SampleSum *health, json_object *live, json_object *array) {
        const char *name = sample_label(health);
        json_object *row = json_object_new_object(), *now = find_live(live, "component", name);
        int r = json_append(array, row);

        if (r >= 0)
                r = json_set_string(row, "component", name);
        if (r >= 0)
                r = json_set_string(row, "health", json_get_string(now, "health"));
        if (r >= 0)
                r = json_set_double(row, "reliability",
                                health->n > 0 ? health->sum / (double)health->n : 0);
        if (r >= 0)
                r = json_set_double(row, "worst", health->min);
        if (r >= 0)
                r = json_set_u64(row, "errors", (uint64_t)labelled(s, "errors_total", name));
        if (r >= 0 && now)
                r = json_set_u64(row, "restarts", json_get_u64(now, "restarts", 0));
        return r;
}

int report_components(const Samples *s, json_object *live, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        const SampleSum *health = NULL;

        if (!array)
                return -ENOMEM;
        while ((health = samples_next(s, "component_health", health))) {
                int r = add_component(s, health, live, array);

                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}

/* "name:result" are the two labels of an execution. */
static int add_executions(const Samples *s, const char *name, json_object *row) {
        size_t n = strlen(name);
        const SampleSum *sum = NULL;
        double all = 0, failed = 0;
        int r;

        while ((sum = samples_next(s, "plugin_executions_total", sum))) {
                const char *label = sample_label(sum);

                if (strncmp(label, name, n) != 0 || label[n] != ':')
                        continue;
                all += sum->sum;
                failed += strcmp(label + n + 1, "ok") == 0 ? 0 : sum->sum;
        }
        r = json_set_u64(row, "executions", (uint64_t)all);
        return r >= 0 ? json_set_u64(row, "failures", (uint64_t)failed) : r;
}

int report_plugins(const Samples *s, json_object *live, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();

        if (!array)
                return -ENOMEM;
        for (size_t i = 0; live && i < json_object_array_length(live); i++) {
                json_object *row = json_object_get(json_object_array_get_idx(live, i));
                const char *name = json_get_string(row, "plugin") ?: "";
                int r = json_append(array, row);

                if (r >= 0)
                        r = add_executions(s, name, row);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}

static int add_layer(const Samples *s, const char *layer, json_object *array) {
        double hits = labelled(s, "cache_hits_total", layer);
        double misses = labelled(s, "cache_misses_total", layer);
        char series[256];
        json_object *o = json_object_new_object();
        int r = json_append(array, o);

        (void)snprintf(series, sizeof(series), "cache_entries:%s", layer);
        if (r >= 0)
                r = json_set_string(o, "layer", layer);
        if (r >= 0)
                r = json_set_u64(o, "hits", (uint64_t)hits);
        if (r >= 0)
                r = json_set_u64(o, "misses", (uint64_t)misses);
        if (r >= 0 && hits + misses > 0)
                r = json_set_double(o, "hit_rate", hits / (hits + misses));
        if (r >= 0)
                r = json_set_u64(o, "evictions",
                                (uint64_t)labelled(s, "cache_evictions_total", layer));
        if (r >= 0)
                r = json_set_double(o, "entries_mean", samples_mean(s, series));
        if (r >= 0)
                r = json_set_u64(o, "entries_max", (uint64_t)samples_max(s, series));
        return r;
}

int report_cache(const Samples *s, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        const SampleSum *entries = NULL;

        if (!array)
                return -ENOMEM;
        while ((entries = samples_next(s, "cache_entries", entries))) {
                int r = add_layer(s, sample_label(entries), array);

                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}

static int append_text(json_object *array, const char *text) {
        return json_append_string(array, text);
}

static int advise(const Samples *s, const char *layer, json_object *array) {
        double hits = labelled(s, "cache_hits_total", layer);
        double all = hits + labelled(s, "cache_misses_total", layer);
        double evictions = labelled(s, "cache_evictions_total", layer);
        char text[256];
        int r = 0;

        if (all >= QUESTIONS_MIN && hits / all < HIT_RATE_LOW) {
                (void)snprintf(text, sizeof(text),
                                "%s: %.0f %% of %.0f questions were answered, less than %.0f %%: a "
                                "longer time to live would answer more",
                                layer, 100 * hits / all, all, 100 * HIT_RATE_LOW);
                r = append_text(array, text);
        }
        if (r >= 0 && all >= QUESTIONS_MIN && evictions > all / 10) {
                (void)snprintf(text, sizeof(text),
                                "%s: %.0f entries went to make room, for %.0f questions: "
                                "monitoring.cache.max_entries or max_bytes is low",
                                layer, evictions, all);
                r = append_text(array, text);
        }
        return r;
}

int report_cache_advice(const Samples *s, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        const SampleSum *entries = NULL;

        if (!array)
                return -ENOMEM;
        while ((entries = samples_next(s, "cache_entries", entries))) {
                int r = advise(s, sample_label(entries), array);

                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}
