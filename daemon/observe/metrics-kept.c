/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/json.h"
#include "daemon/observe/metrics-private.h"

static int save_labels(const MetricSeries *s, json_object *o) {
        json_object *labels = json_object_new_array();
        int r = json_set(o, "labels", labels);

        for (size_t i = 0; r >= 0 && i < metric_spec_n_labels(s->spec); i++)
                r = json_append_string(labels, s->values[i]);
        return r;
}

static int save_series(const MetricSeries *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *histogram = NULL;
        int r = o ? json_set_string(o, "name", s->spec->name) : -ENOMEM;

        if (r >= 0)
                r = save_labels(s, o);
        if (r >= 0 && !s->histogram)
                r = json_set_double(o, "value", s->value);
        if (r >= 0 && s->histogram)
                r = histogram_save(s->histogram, &histogram);
        if (r >= 0 && histogram)
                r = json_set(o, "histogram", histogram);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

static int save_family(const Metrics *m, MetricId id, json_object *list) {
        const MetricSeries *s;
        int r = 0;

        LL_FOREACH (metrics_first(m, id), s) {
                json_object *o = NULL;

                if (r >= 0)
                        r = save_series(s, &o);
                if (r >= 0)
                        r = json_append(list, o);
        }
        return r;
}

int metrics_save(const Metrics *m, json_object **ret) {
        _cleanup_json_ json_object *list = json_object_new_array();
        int r = list ? 0 : -ENOMEM;

        assert(m && ret);

        for (MetricId id = 0; r >= 0 && id < _METRIC_MAX; id++)
                if (metric_table[id].type != METRIC_TYPE_GAUGE)
                        r = save_family(m, id, list);
        if (r >= 0)
                *ret = TAKE_PTR(list);
        return r;
}

static int find_metric(const char *name) {
        for (MetricId id = 0; name && id < _METRIC_MAX; id++)
                if (strcmp(metric_table[id].name, name) == 0)
                        return (int)id;
        return -ENOENT;
}

static int read_labels(json_object *o, const MetricSpec *spec, const char *ret[METRIC_LABELS_MAX]) {
        json_object *labels = json_get_typed(o, "labels", json_type_array);
        size_t n = metric_spec_n_labels(spec);

        if (!labels || json_object_array_length(labels) != n)
                return -EBADMSG;
        for (size_t i = 0; i < n; i++) {
                json_object *label = json_object_array_get_idx(labels, i);

                if (!json_object_is_type(label, json_type_string))
                        return -EBADMSG;
                ret[i] = json_object_get_string(label);
        }
        return 0;
}

static void restore_one(Metrics *m, json_object *o) {
        int id = find_metric(json_get_string(o, "name"));
        const char *labels[METRIC_LABELS_MAX] = {};
        double value = json_get_double(o, "value", 0);
        MetricSeries *s;

        if (id < 0 || metric_table[id].type == METRIC_TYPE_GAUGE ||
                        read_labels(o, &metric_table[id], labels) < 0 || !isfinite(value) ||
                        value < 0)
                return;
        s = metrics_obtain(m, (MetricId)id, labels[0], labels[1]);
        if (!s)
                return;
        if (s->histogram && histogram_count(s->histogram) == 0)
                (void)histogram_restore(s->histogram, json_get(o, "histogram"));
        else if (!s->histogram)
                s->before = s->value = value;
}

void metrics_restore(Metrics *m, json_object *saved) {
        size_t n = json_object_is_type(saved, json_type_array) ? json_object_array_length(saved)
                                                               : 0;

        assert(m);

        for (size_t i = 0; i < n; i++)
                restore_one(m, json_object_array_get_idx(saved, i));
}
