/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/history-sampler.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/observe/metrics-export.h"

#define SERIES_BYTES_MAX 200U

typedef struct Counter {
        char *series;
        double value;
        UT_hash_handle hh;
} Counter;

struct HistorySampler {
        Counter *counters;
        History *history; /* borrowed, from begin() on */
        uint64_t time_usec;
        unsigned n;
};

int history_sampler_new(HistorySampler **ret) {
        assert(ret);

        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

HistorySampler *history_sampler_free(HistorySampler *s) {
        Counter *c, *next;

        if (!s)
                return NULL;

        HASH_ITER (hh, s->counters, c, next) {
                HASH_DEL(s->counters, c);
                free(c->series);
                free(c);
        }
        free(s);
        return NULL;
}

void history_sampler_begin(HistorySampler *s, History *history, uint64_t now_usec) {
        assert(s && history);

        s->history = history;
        s->time_usec = now_usec / HISTORY_SAMPLE_USEC * HISTORY_SAMPLE_USEC;
        s->n = 0;
}

void history_sampler_gauge(HistorySampler *s, const char *series, double value) {
        HistorySample sample = {.series = series, .value = value};

        assert(s && s->history);

        if (s->n++ < SAMPLER_SERIES_MAX)
                history_sample(s->history, s->time_usec, &sample);
}

/* Added to zero, where a counter begins: also after a restart of ours. */
static Counter *find_counter(HistorySampler *s, const char *series) {
        Counter *c;

        HASH_FIND_STR(s->counters, series, c);
        if (c || HASH_COUNT(s->counters) >= SAMPLER_SERIES_MAX)
                return c;

        c = calloc(1, sizeof(*c));
        if (!c)
                return NULL;
        c->series = strdup(series);
        if (!c->series) {
                free(c);
                return NULL;
        }
        HASH_ADD_KEYPTR(hh, s->counters, c->series, strlen(c->series), c);
        return c;
}

void history_sampler_counter(HistorySampler *s, const char *series, double value) {
        Counter *c;
        double added;

        assert(s);

        c = find_counter(s, series);
        if (!c)
                return;

        /* One that shrinks began anew. */
        added = value >= c->value ? value - c->value : value;
        c->value = value;
        if (added > 0)
                history_sampler_gauge(s, series, added);
}

static bool is_counter(const MetricSample *sample) {
        return sample->spec->type != METRIC_TYPE_GAUGE;
}

static int take(void *userdata, const MetricSample *sample) {
        HistorySampler *s = userdata;
        char series[SERIES_BYTES_MAX];
        size_t n;

        n = (size_t)snprintf(series, sizeof(series), "%s%s", sample->spec->name, sample->suffix);
        for (size_t i = 0; i < sample->n_labels && n < sizeof(series); i++)
                n += (size_t)snprintf(series + n, sizeof(series) - n, ":%s", sample->values[i]);
        if (n >= sizeof(series))
                return 0;

        if (is_counter(sample))
                history_sampler_counter(s, series, sample->value);
        else
                history_sampler_gauge(s, series, sample->value);
        return 0;
}

void history_sampler_take(HistorySampler *s, Metrics *metrics) {
        assert(s && metrics);

        metrics_collect(metrics);
        for (MetricId id = 0; id < _METRIC_MAX; id++)
                (void)metrics_visit(metrics, id, take, s);
}
