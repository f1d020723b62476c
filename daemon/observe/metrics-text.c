/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/metrics-text.h"

#include <math.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "daemon/observe/metrics-export.h"

const char *metric_number_to_text(double value, char buffer[static METRIC_NUMBER_MAX]) {
        if (isnan(value))
                return strcpy(buffer, "NaN");
        if (isinf(value))
                return strcpy(buffer, value > 0 ? "+Inf" : "-Inf");

        /* We never call setlocale(), so the point is a point. */
        for (int digits = 6; digits <= 17; digits++) {
                (void)snprintf(buffer, METRIC_NUMBER_MAX, "%.*g", digits, value);
                if (strtod(buffer, NULL) == value)
                        break;
        }

        return buffer;
}

static void write_escaped(FILE *f, const char *s) {
        for (; *s; s++) {
                if (*s == '\\' || *s == '"')
                        (void)fputc('\\', f);
                (void)fputc(*s, f);
        }
}

static int write_sample(void *userdata, const MetricSample *sample) {
        char number[METRIC_NUMBER_MAX];
        FILE *f = userdata;

        (void)fprintf(f, METRIC_PREFIX "%s%s", sample->spec->name, sample->suffix);
        for (size_t i = 0; i < sample->n_labels; i++) {
                (void)fprintf(f, "%s%s=\"", i == 0 ? "{" : ",", sample->labels[i]);
                write_escaped(f, sample->values[i]);
                (void)fputc('"', f);
        }
        (void)fprintf(f, "%s %s\n", sample->n_labels > 0 ? "}" : "",
                        metric_number_to_text(sample->value, number));
        return 0;
}

/* What comes before the samples. A name that belies its type is one that others rely on. */
static void write_head(FILE *f, const MetricSpec *spec, bool openmetrics) {
        const char *type = metric_type_to_string(spec->type);
        bool is_counter = spec->type == METRIC_TYPE_COUNTER;
        bool is_total = text_ends_with(spec->name, "_total");
        int n = (int)strlen(spec->name);

        if (is_counter != is_total)
                type = openmetrics ? "unknown" : "untyped";
        else if (openmetrics && is_counter)
                n -= (int)strlen("_total");

        (void)fprintf(f, "# HELP " METRIC_PREFIX "%.*s %s\n", n, spec->name, spec->help);
        (void)fprintf(f, "# TYPE " METRIC_PREFIX "%.*s %s\n", n, spec->name, type);
        if (openmetrics && spec->unit)
                (void)fprintf(f, "# UNIT " METRIC_PREFIX "%.*s %s\n", n, spec->name, spec->unit);
}

int metrics_write_text(const Metrics *m, bool openmetrics, FILE *f) {
        for (MetricId id = 0; id < _METRIC_MAX; id++) {
                if (!metrics_first(m, id))
                        continue;
                write_head(f, &metric_table[id], openmetrics);
                (void)metrics_visit(m, id, write_sample, f);
        }
        if (openmetrics)
                (void)fputs("# EOF\n", f);

        return 0;
}

static int append_sample(void *userdata, const MetricSample *sample) {
        _cleanup_json_ json_object *o = json_object_new_object(),
                                   *labels = json_object_new_object();
        json_object *samples = userdata;

        if (!o || !labels)
                return -ENOMEM;

        for (size_t i = 0; i < sample->n_labels; i++)
                if (json_set_string(labels, sample->labels[i], sample->values[i]) < 0)
                        return -ENOMEM;
        if (sample->suffix[0] && json_set_string(o, "suffix", sample->suffix) < 0)
                return -ENOMEM;
        if (json_set(o, "labels", TAKE_PTR(labels)) < 0 ||
                        json_set_double(o, "value", sample->value) < 0)
                return -ENOMEM;

        return json_append(samples, TAKE_PTR(o));
}

static int add_percentiles_of(json_object *o, const MetricSeries *s) {
        static const double percents[] = {50, 95, 99};
        static const char *const keys[] = {"p50_usec", "p95_usec", "p99_usec"};
        uint64_t values[ELEMENTSOF(percents)];

        if (recent_percentiles(s->recent, percents, ELEMENTSOF(percents), values) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (json_set_u64(o, keys[i], values[i]) < 0)
                        return -ENOMEM;

        return 0;
}

static int add_labelled(json_object *list, const MetricSeries *s) {
        json_object *o = json_object_new_object();

        if (json_append(list, o) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < METRIC_LABELS_MAX && s->values[i]; i++)
                if (json_set_string(o, s->spec->labels[i], s->values[i]) < 0)
                        return -ENOMEM;

        return add_percentiles_of(o, s);
}

/* What text formats leave to a query: of the metric, or of each of its series. */
static int add_percentiles(json_object *o, const MetricSeries *s) {
        json_object *list;

        if (!s->recent)
                return 0;
        if (!s->values[0])
                return add_percentiles_of(o, s);

        list = json_object_new_array();
        if (json_set(o, "percentiles", list) < 0)
                return -ENOMEM;
        for (; s; s = s->next)
                if (add_labelled(list, s) < 0)
                        return -ENOMEM;
        return 0;
}

static int metric_to_json(const Metrics *m, MetricId id, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object(),
                                   *samples = json_object_new_array();
        const MetricSpec *spec = &metric_table[id];
        char name[METRIC_VALUE_MAX];
        int r;

        if (!o || !samples)
                return -ENOMEM;

        (void)snprintf(name, sizeof(name), METRIC_PREFIX "%s", spec->name);
        r = metrics_visit(m, id, append_sample, samples);
        if (r < 0)
                return r;
        if (json_set_string(o, "name", name) < 0 ||
                        json_set_string(o, "type", metric_type_to_string(spec->type)) < 0 ||
                        json_set_string(o, "unit", spec->unit) < 0 ||
                        json_set_string(o, "help", spec->help) < 0 ||
                        add_percentiles(o, metrics_first(m, id)) < 0 ||
                        json_set(o, "samples", TAKE_PTR(samples)) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}

int metrics_write_json(const Metrics *m, FILE *f) {
        _cleanup_json_ json_object *all = json_object_new_array();

        if (!all)
                return -ENOMEM;

        for (MetricId id = 0; id < _METRIC_MAX; id++) {
                json_object *o = NULL;
                int r;

                if (!metrics_first(m, id))
                        continue;
                r = metric_to_json(m, id, &o);
                if (r < 0)
                        return r;
                if (json_append(all, o) < 0)
                        return -ENOMEM;
        }

        (void)fputs(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN), f);
        return 0;
}
