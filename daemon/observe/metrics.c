/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/metrics-private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/text.h"

typedef struct Family {
        MetricSeries *series;
        unsigned n;
} Family;

struct Metrics {
        Family families[_METRIC_MAX];
        MetricsCollector collect;
        void *userdata;
};

static void series_free(MetricSeries *s) {
        for (size_t i = 0; i < METRIC_LABELS_MAX; i++)
                free(s->values[i]);
        histogram_free(s->histogram);
        recent_free(s->recent);
        free(s);
}

static void family_clear(Family *f) {
        MetricSeries *s;

        while ((s = f->series)) {
                LL_DELETE(f->series, s);
                series_free(s);
        }
        f->n = 0;
}

int metrics_new(Metrics **ret) {
        assert(ret);

        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

Metrics *metrics_free(Metrics *m) {
        if (!m)
                return NULL;

        FOREACH_ELEMENT (f, m->families)
                family_clear(f);
        free(m);
        return NULL;
}

static bool has_values(const MetricSeries *s, const char *const values[METRIC_LABELS_MAX]) {
        for (size_t i = 0; i < METRIC_LABELS_MAX; i++)
                if (s->values[i] && strcmp(s->values[i], values[i]) != 0)
                        return false;

        return true;
}

static MetricSeries *find(const Family *f, const char *const values[METRIC_LABELS_MAX]) {
        MetricSeries *s;

        LL_FOREACH (f->series, s)
                if (has_values(s, values))
                        return s;

        return NULL;
}

static MetricSeries *series_new(
                const MetricSpec *spec, const char *const values[METRIC_LABELS_MAX]) {
        MetricSeries *s = calloc(1, sizeof(*s));
        bool whole = s;

        if (!s)
                return NULL;

        s->spec = spec;
        for (size_t i = 0; i < metric_spec_n_labels(spec); i++) {
                s->values[i] = text_clean(values[i], strlen(values[i]), METRIC_VALUE_MAX);
                whole = whole && s->values[i];
        }
        if (spec->type == METRIC_TYPE_HISTOGRAM)
                whole = whole &&
                                histogram_new(spec->bounds_usec, metric_spec_n_bounds(spec),
                                                &s->histogram) >= 0 &&
                                recent_new(&s->recent) >= 0;
        if (!whole) {
                series_free(s);
                return NULL;
        }

        return s;
}

MetricSeries *metrics_obtain(Metrics *m, MetricId id, const char *first, const char *second) {
        static const char *const others[METRIC_LABELS_MAX] = {METRIC_OTHER, METRIC_OTHER};
        const char *values[METRIC_LABELS_MAX] = {first, second};
        const MetricSpec *spec = &metric_table[id];
        Family *f = &m->families[id];
        MetricSeries *s;

        for (size_t i = 0; i < METRIC_LABELS_MAX; i++)
                assert(!spec->labels[i] == !values[i]);

        s = find(f, values);
        if (s)
                return s;

        if (f->n >= MAX(spec->series_max, 1U)) {
                memcpy(values, others, sizeof(values));
                s = find(f, values);
                if (s)
                        return s;
        }

        s = series_new(spec, values);
        if (!s)
                return NULL;
        LL_APPEND(f->series, s);
        f->n++;
        return s;
}

void metrics_add(Metrics *m, MetricId id, const char *first, const char *second, double n) {
        MetricSeries *s = metrics_obtain(m, id, first, second);

        assert(metric_table[id].type != METRIC_TYPE_HISTOGRAM);

        if (s)
                s->value += n;
}

void metrics_set(Metrics *m, MetricId id, const char *first, const char *second, double value) {
        MetricSeries *s = metrics_obtain(m, id, first, second);

        assert(metric_table[id].type != METRIC_TYPE_HISTOGRAM);

        if (s)
                s->value = s->before + value;
}

void metrics_observe(
                Metrics *m, MetricId id, const char *first, const char *second, uint64_t usec) {
        MetricSeries *s = metrics_obtain(m, id, first, second);

        assert(metric_table[id].type == METRIC_TYPE_HISTOGRAM);

        if (!s)
                return;
        histogram_add(s->histogram, usec);
        recent_add(s->recent, usec);
}

void metrics_turn(Metrics *m, uint64_t now_usec, uint64_t window_usec) {
        MetricSeries *s;

        FOREACH_ELEMENT (f, m->families)
                LL_FOREACH (f->series, s)
                        if (s->recent)
                                recent_turn(s->recent, now_usec, window_usec);
}

void metrics_clear(Metrics *m, MetricId id) {
        family_clear(&m->families[id]);
}

void metrics_set_collector(Metrics *m, MetricsCollector collect, void *userdata) {
        m->collect = collect;
        m->userdata = userdata;
}

void metrics_collect(Metrics *m) {
        if (m->collect)
                m->collect(m->userdata, m);
}

const MetricSeries *metrics_find(
                const Metrics *m, MetricId id, const char *first, const char *second) {
        const char *values[METRIC_LABELS_MAX] = {first, second};

        return find(&m->families[id], values);
}

const MetricSeries *metrics_first(const Metrics *m, MetricId id) {
        return m->families[id].series;
}

double metrics_sum(const Metrics *m, MetricId id) {
        const MetricSeries *s;
        double sum = 0;

        LL_FOREACH (m->families[id].series, s)
                sum += s->value;

        return sum;
}
