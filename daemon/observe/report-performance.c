/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/observe/alert-table.h"
#include "daemon/observe/history.h"
#include "daemon/observe/report-parts.h"

#define BASELINE_BYTES_MAX 65536U
#define BASELINE_DEPTH 8U

uint64_t report_covered(const Samples *s) {
        const SampleSum *agents = samples_find(s, "agents_total");

        return agents ? agents->n * HISTORY_SAMPLE_USEC : 0;
}

/* Where the alerts begin to say something. */
double report_cycle_target(double agents) {
        const CycleLimits *row = cycle_limits;

        while (row < &cycle_limits[cycle_n_limits - 1] && agents > row->agents)
                row++;
        return row->limits[ALERT_INFO];
}

typedef struct Bucket {
        double bound, count;
} Bucket;

static int by_bound(const void *a, const void *b) {
        const Bucket *left = a, *right = b;

        return left->bound < right->bound ? -1 : left->bound > right->bound;
}

/* Their counts hold those of the lower ones. */
static size_t load_buckets(const Samples *s, const char *metric, Bucket *buckets, size_t max) {
        const SampleSum *sum = NULL;
        size_t n = 0;

        while (n < max && (sum = samples_next(s, metric, sum))) {
                char *end;
                double bound = strtod(sample_label(sum), &end);

                if (*end == '\0')
                        buckets[n++] = (Bucket){bound, sum->sum};
        }
        qsort(buckets, n, sizeof(*buckets), by_bound);
        return n;
}

double report_quantile(const Samples *s, const char *metric, double share) {
        Bucket buckets[32];
        size_t n = load_buckets(s, metric, buckets, ELEMENTSOF(buckets));
        double wanted, below = 0, from = 0;

        if (n == 0)
                return 0;

        wanted = share * buckets[n - 1].count;
        for (size_t i = 0; i < n; i++) {
                double inside = buckets[i].count - below;

                /* In the last one, which has no end, nothing can be said but where it begins. */
                if (buckets[i].count >= wanted && inside > 0)
                        return __builtin_isinf(buckets[i].bound) ? from
                                                                 : from +
                                                        (buckets[i].bound - from) *
                                                                        (wanted - below) / inside;
                below = buckets[i].count;
                from = buckets[i].bound;
        }
        return from;
}

static int add_cycle(const Samples *s, json_object *o) {
        double count = samples_sum(s, "cycle_duration_seconds_count");
        double agents = samples_max(s, "agents_total");
        int r;

        r = json_set_u64(o, "cycles", (uint64_t)count);
        if (r < 0 || count < 1)
                return r;

        r = json_set_double(o, "cycle_mean_seconds",
                        samples_sum(s, "cycle_duration_seconds_sum") / count);
        if (r >= 0)
                r = json_set_double(o, "cycle_p50_seconds",
                                report_quantile(s, "cycle_duration_seconds_bucket", 0.50));
        if (r >= 0)
                r = json_set_double(o, "cycle_p95_seconds",
                                report_quantile(s, "cycle_duration_seconds_bucket", 0.95));
        if (r >= 0)
                r = json_set_double(o, "cycle_p99_seconds",
                                report_quantile(s, "cycle_duration_seconds_bucket", 0.99));
        if (r >= 0)
                r = json_set_double(o, "cycle_target_seconds", report_cycle_target(agents));
        return r;
}

static int add_needs(const Samples *s, json_object *o) {
        double seconds = (double)report_covered(s) / USEC_PER_SEC;
        int r = 0;

        if (seconds <= 0)
                return 0;

        r = json_set_double(
                        o, "cpu_percent", 100 * samples_sum(s, "self_cpu_seconds_total") / seconds);
        if (r >= 0)
                r = json_set_double(o, "watching_percent",
                                100 * samples_sum(s, "watching_seconds_total") / seconds);
        if (r >= 0)
                r = json_set_double(o, "memory_mean_bytes", samples_mean(s, "self_resident_bytes"));
        if (r >= 0)
                r = json_set_double(o, "memory_max_bytes", samples_max(s, "self_resident_bytes"));
        if (r >= 0)
                r = json_set_double(o, "agents_mean", samples_mean(s, "agents_total"));
        if (r >= 0)
                r = json_set_double(o, "agents_max", samples_max(s, "agents_total"));
        return r;
}

int report_performance(const Samples *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        assert(s && ret);

        if (!o)
                return -ENOMEM;
        r = json_set_u64(o, "covered_usec", report_covered(s));
        if (r >= 0)
                r = add_cycle(s, o);
        if (r >= 0)
                r = add_needs(s, o);
        if (r >= 0)
                r = json_set_u64(o, "errors", (uint64_t)samples_total(s, "errors_total"));
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

int report_baseline(sqlite3 *db, json_object **ret) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        _cleanup_json_ json_object *o = NULL;
        const char *text;
        int r;

        r = sql_prepare(db, &s, "SELECT report, time FROM baseline ORDER BY id DESC LIMIT 1", NULL);
        if (r >= 0)
                r = sql_step(s);
        if (r <= 0)
                return r < 0 ? r : -ENODATA;

        text = sql_column_text(s, 0);
        r = strlen(text) > BASELINE_BYTES_MAX ? -EUCLEAN
                                              : json_parse(text, strlen(text), BASELINE_DEPTH, &o);
        if (r < 0 || !json_object_is_type(o, json_type_object))
                return r == -ENOMEM ? r : -EUCLEAN;
        r = json_set_u64(o, "taken_usec", sql_column_u64(s, 1));
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

/* What is compared, and whether more of it is worse. */
static const char *const compared[] = {"cycle_p50_seconds", "cycle_p95_seconds",
                "cycle_p99_seconds", "cpu_percent", "watching_percent", "memory_mean_bytes"};

static int compare_one(json_object *now, json_object *then, const char *key, json_object *array) {
        double before = json_get_double(then, key, 0), after = json_get_double(now, key, 0);
        json_object *o;
        int r;

        if (before <= 0 || after <= 0)
                return 0;

        o = json_object_new_object();
        r = json_append(array, o);
        if (r >= 0)
                r = json_set_string(o, "what", key);
        if (r >= 0)
                r = json_set_double(o, "baseline", before);
        if (r >= 0)
                r = json_set_double(o, "now", after);
        if (r >= 0)
                r = json_set_double(o, "change", after / before - 1);
        return r;
}

int report_compare(sqlite3 *db, json_object *performance, json_object **ret) {
        _cleanup_json_ json_object *then = NULL, *array = json_object_new_array();
        int r;

        assert(db && performance && ret);

        if (!array)
                return -ENOMEM;
        r = report_baseline(db, &then);
        for (size_t i = 0; i < ELEMENTSOF(compared) && r >= 0; i++)
                r = compare_one(performance, then, compared[i], array);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(array);
        return 0;
}
