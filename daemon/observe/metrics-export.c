/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/metrics-export.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/observe/metrics-text.h"

MetricsFormat metrics_format_from_string(const char *s) {
        static const char *const names[_METRICS_FORMAT_MAX] = {
                        [METRICS_PROMETHEUS] = "prometheus",
                        [METRICS_OPENMETRICS] = "openmetrics",
                        [METRICS_JSON] = "json",
        };

        for (MetricsFormat f = 0; f < _METRICS_FORMAT_MAX; f++)
                if (s && strcmp(names[f], s) == 0)
                        return f;

        return _METRICS_FORMAT_INVALID;
}

static MetricSample sample_of(const MetricSeries *s) {
        MetricSample sample = {.spec = s->spec, .suffix = "", .value = s->value};

        for (size_t i = 0; i < METRIC_LABELS_MAX && s->values[i]; i++) {
                sample.labels[i] = s->spec->labels[i];
                sample.values[i] = s->values[i];
                sample.n_labels++;
        }

        return sample;
}

static int visit_histogram(const MetricSeries *s, MetricVisitor visit, void *userdata) {
        MetricSample plain = sample_of(s), bucket = plain;
        char bound[METRIC_NUMBER_MAX];
        int r;

        bucket.suffix = "_bucket";
        bucket.labels[bucket.n_labels] = "le";
        bucket.values[bucket.n_labels] = bound;
        bucket.n_labels++;

        for (size_t i = 0; i <= histogram_n_bounds(s->histogram); i++) {
                bool last = i == histogram_n_bounds(s->histogram);
                double usec = last ? 0 : (double)histogram_bound(s->histogram, i);

                bucket.value = (double)(last ? histogram_count(s->histogram)
                                             : histogram_count_at_bound(s->histogram, i));
                if (last)
                        bucket.values[bucket.n_labels - 1] = "+Inf";
                else
                        (void)metric_number_to_text(usec / (double)USEC_PER_SEC, bound);
                r = visit(userdata, &bucket);
                if (r < 0)
                        return r;
        }

        plain.suffix = "_sum";
        plain.value = (double)histogram_sum(s->histogram) / (double)USEC_PER_SEC;
        r = visit(userdata, &plain);
        if (r < 0)
                return r;
        plain.suffix = "_count";
        plain.value = (double)histogram_count(s->histogram);
        return visit(userdata, &plain);
}

int metrics_visit(const Metrics *m, MetricId id, MetricVisitor visit, void *userdata) {
        for (const MetricSeries *s = metrics_first(m, id); s; s = s->next) {
                MetricSample sample = sample_of(s);
                int r;

                r = s->histogram ? visit_histogram(s, visit, userdata) : visit(userdata, &sample);
                if (r < 0)
                        return r;
        }

        return 0;
}

int metrics_export(Metrics *m, MetricsFormat format, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        FILE *f;
        int r;

        assert(m);
        assert(ret);

        f = open_memstream(&text, &n_text);
        if (!f)
                return -errno;

        metrics_collect(m);
        r = format == METRICS_JSON ? metrics_write_json(m, f)
                                   : metrics_write_text(m, format == METRICS_OPENMETRICS, f);
        if (fclose(f) != 0 && r >= 0)
                r = -ENOMEM;
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}
