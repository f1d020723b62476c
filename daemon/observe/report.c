/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/report.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/observe/report-parts.h"

static const struct {
        const char *name;
        uint64_t span_usec;
} kinds[_REPORT_KIND_MAX] = {
                [REPORT_DAILY] = {"daily", USEC_PER_DAY},
                [REPORT_WEEKLY] = {"weekly", 7 * USEC_PER_DAY},
                [REPORT_MONTHLY] = {"monthly", 30 * USEC_PER_DAY},
                [REPORT_PERFORMANCE] = {"performance", USEC_PER_DAY},
                [REPORT_BASELINE] = {"baseline", USEC_PER_DAY},
                [REPORT_CAPACITY] = {"capacity", 7 * USEC_PER_DAY},
                [REPORT_CACHE] = {"cache", USEC_PER_DAY},
};

const char *report_kind_to_string(ReportKind kind) {
        assert(kind >= 0 && kind < _REPORT_KIND_MAX);
        return kinds[kind].name;
}

ReportKind report_kind_from_string(const char *s) {
        for (ReportKind i = 0; s && i < _REPORT_KIND_MAX; i++)
                if (strcmp(kinds[i].name, s) == 0)
                        return i;
        return _REPORT_KIND_INVALID;
}

uint64_t report_kind_span(ReportKind kind) {
        assert(kind >= 0 && kind < _REPORT_KIND_MAX);
        return kinds[kind].span_usec;
}

void report_request_done(ReportRequest *r) {
        if (r->components)
                (void)json_object_put(r->components);
        if (r->plugins)
                (void)json_object_put(r->plugins);
        *r = (ReportRequest){};
}

/* Sets the member unless the part could not be made; what is not there is left out. */
static int set_part(json_object *o, const char *key, int r, json_object *part) {
        if (r == -ENODATA)
                return 0;
        return r >= 0 ? json_set(o, key, part) : r;
}

static int add_performance(const ReportRequest *q, sqlite3 *db, const Samples *s, json_object *o) {
        json_object *performance = NULL, *part = NULL;
        int r;

        r = report_performance(s, &performance);
        r = set_part(o, "performance", r, performance);
        if (r < 0)
                return r;

        r = report_compare(db, performance, &part);
        return set_part(o, "against_baseline", r, part);
}

static int add_service(const ReportRequest *q, const Samples *s, json_object *o) {
        json_object *part = NULL;
        int r;

        r = report_components(s, q->components, &part);
        r = set_part(o, "components", r, part);
        if (r >= 0) {
                r = report_plugins(s, q->plugins, &part);
                r = set_part(o, "plugins", r, part);
        }
        if (r >= 0) {
                r = report_cache(s, &part);
                r = set_part(o, "cache", r, part);
        }
        return r;
}

static int add_cache(const Samples *s, json_object *o) {
        json_object *part = NULL;
        int r;

        r = report_cache(s, &part);
        r = set_part(o, "cache", r, part);
        if (r >= 0) {
                r = report_cache_advice(s, &part);
                r = set_part(o, "advice", r, part);
        }
        return r;
}

static int add_parts(const ReportRequest *q, sqlite3 *db, const Samples *s, json_object *o) {
        json_object *part = NULL;
        int r;

        switch (q->kind) {
        case REPORT_DAILY:
        case REPORT_WEEKLY:
        case REPORT_MONTHLY:
                r = report_add_agents(q, db, o);
                if (r >= 0)
                        r = add_performance(q, db, s, o);
                return r >= 0 ? add_service(q, s, o) : r;
        case REPORT_PERFORMANCE:
                return add_performance(q, db, s, o);
        case REPORT_BASELINE:
                r = report_baseline(db, &part);
                return set_part(o, "baseline", r, part);
        case REPORT_CAPACITY:
                return report_add_capacity(q, db, s, o);
        case REPORT_CACHE:
                return add_cache(s, o);
        case _REPORT_KIND_MAX:
        case _REPORT_KIND_INVALID:
                break;
        }

        return -EINVAL;
}

int report_make(const ReportRequest *q, HistoryFile *f, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        _cleanup_(samples_done) Samples s = {};
        int r;

        assert(q && f && f->db && ret);

        if (!o)
                return -ENOMEM;
        if (q->since_usec >= q->until_usec)
                return -EINVAL;

        r = samples_load(f->db, q->since_usec, q->until_usec, &s);
        if (r >= 0)
                r = json_set_string(o, "kind", report_kind_to_string(q->kind));
        if (r >= 0)
                r = json_set_u64(o, "since_usec", q->since_usec);
        if (r >= 0)
                r = json_set_u64(o, "until_usec", q->until_usec);
        if (r >= 0)
                r = add_parts(q, f->db, &s, o);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}

/* The file is open for reading, in the middle of that. */
static int keep_baseline(HistoryFile *f, uint64_t now_usec, json_object *performance) {
        const char *text = json_object_to_json_string_ext(performance, JSON_C_TO_STRING_PLAIN);
        int r;

        r = sql_exec(f->db, "COMMIT; PRAGMA query_only = OFF");
        if (r >= 0)
                r = sql_run(f->db, "INSERT INTO baseline(time, report) VALUES(?1, ?2)", "us",
                                now_usec, text);
        return r;
}

int report_make_baseline(const ReportRequest *q, HistoryFile *f, json_object **ret) {
        _cleanup_json_ json_object *performance = NULL;
        _cleanup_(samples_done) Samples s = {};
        int r;

        assert(q && f && f->db && ret);

        r = samples_load(f->db, q->since_usec, q->until_usec, &s);
        if (r >= 0)
                r = report_performance(&s, &performance);
        if (r >= 0 && json_get_u64(performance, "cycles", 0) == 0)
                r = -ENODATA;
        if (r >= 0)
                r = keep_baseline(f, q->now_usec, performance);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(performance);
        return 0;
}
