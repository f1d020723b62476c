/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Is there room for more agents, or more machine than is needed: indicators, and a projection. */

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/observe/report-parts.h"

#define CYCLE_UP 0.75
#define MEMORY_UP 0.80
#define CPU_UP 0.70
#define ERRORS_UP 0.02
#define CYCLE_DOWN 0.25
#define MEMORY_DOWN 0.30
#define CPU_DOWN 0.20
#define QUIET_USEC (48 * USEC_PER_HOUR)
/* Samples are missing while the service is restarted. */
#define COVERED_ENOUGH 0.9
#define AGENTS_SOUGHT_MAX 100000U

/* What the indicators look at. Below 0: not known. */
typedef struct Figures {
        double cycle_share;             /* of the target */
        double memory_share, cpu_share; /* of the machine */
        double error_rate;
        double quiet_errors; /* in the last 48 hours */
        double week_covered; /* share of a week */
        double agents;       /* mean while there were any */
        double cycle_seconds;
} Figures;

static double mean_or_unknown(const Samples *s, const char *series) {
        return samples_find(s, series) ? samples_mean(s, series) : -1;
}

static double errors_of(const Samples *s) {
        return samples_total(s, "errors_total") + samples_sum(s, "agent_detection_errors");
}

static int load_quiet(const ReportRequest *q, sqlite3 *db, Figures *f) {
        _cleanup_(samples_done) Samples s = {};
        int r;

        r = samples_load(db, q->until_usec - MIN(q->until_usec, QUIET_USEC), q->until_usec, &s);
        if (r < 0)
                return r;
        f->quiet_errors = (double)report_covered(&s) >= COVERED_ENOUGH * (double)QUIET_USEC
                        ? errors_of(&s)
                        : -1;
        return 0;
}

static int load_figures(const ReportRequest *q, sqlite3 *db, const Samples *s, Figures *ret) {
        double cycles = samples_sum(s, "cycle_duration_seconds_count");
        double agents = samples_mean(s, "agents_total");
        double cycle = report_quantile(s, "cycle_duration_seconds_bucket", 0.95);
        double target = report_cycle_target(agents);

        *ret = (Figures){
                        .cycle_share = cycles > 0 ? cycle / target : -1,
                        .memory_share = mean_or_unknown(s, "machine_memory_used"),
                        .cpu_share = mean_or_unknown(s, "machine_cpu_used"),
                        .error_rate = cycles > 0 ? errors_of(s) / cycles : -1,
                        .week_covered = (double)report_covered(s) / (7.0 * USEC_PER_DAY),
                        .agents = agents,
                        .cycle_seconds = cycle,
        };
        return load_quiet(q, db, ret);
}

/* @reached -1: it cannot be said. */
static int add_indicator(
                json_object *array, const char *what, double value, double limit, int reached) {
        json_object *o = json_object_new_object();
        int r = json_append(array, o);

        if (r >= 0)
                r = json_set_string(o, "what", what);
        if (r >= 0 && value >= 0)
                r = json_set_double(o, "value", value);
        if (r >= 0)
                r = json_set_double(o, "limit", limit);
        if (r >= 0 && reached >= 0)
                r = json_set_bool(o, "reached", reached > 0);
        return r;
}

static int above(double value, double limit) {
        return value < 0 ? -1 : value > limit;
}

static int below(double value, double limit) {
        return value < 0 ? -1 : value < limit;
}

static int add_scale_up(const Figures *f, json_object *array) {
        int r;

        r = add_indicator(array, "cycle_of_target", f->cycle_share, CYCLE_UP,
                        above(f->cycle_share, CYCLE_UP));
        if (r >= 0)
                r = add_indicator(array, "memory_used", f->memory_share, MEMORY_UP,
                                above(f->memory_share, MEMORY_UP));
        if (r >= 0)
                r = add_indicator(array, "cpu_used", f->cpu_share, CPU_UP,
                                above(f->cpu_share, CPU_UP));
        if (r >= 0)
                r = add_indicator(array, "error_rate", f->error_rate, ERRORS_UP,
                                above(f->error_rate, ERRORS_UP));
        return r;
}

static int add_scale_down(const Figures *f, json_object *array) {
        bool week = f->week_covered >= COVERED_ENOUGH;
        int r;

        r = add_indicator(array, "cycle_of_target_for_a_week", f->cycle_share, CYCLE_DOWN,
                        week ? below(f->cycle_share, CYCLE_DOWN) : -1);
        if (r >= 0)
                r = add_indicator(array, "memory_used", f->memory_share, MEMORY_DOWN,
                                below(f->memory_share, MEMORY_DOWN));
        if (r >= 0)
                r = add_indicator(array, "cpu_used", f->cpu_share, CPU_DOWN,
                                below(f->cpu_share, CPU_DOWN));
        if (r >= 0)
                r = add_indicator(array, "errors_in_48_hours", f->quiet_errors, 0,
                                f->quiet_errors < 0 ? -1 : f->quiet_errors < 1);
        return r;
}

static const char *verdict(json_object *up, json_object *down) {
        size_t n_down = 0;

        for (size_t i = 0; i < json_object_array_length(up); i++)
                if (json_get_bool(json_object_array_get_idx(up, i), "reached", false))
                        return "scale-up";
        for (size_t i = 0; i < json_object_array_length(down); i++)
                n_down += json_get_bool(json_object_array_get_idx(down, i), "reached", false);

        return n_down == json_object_array_length(down) ? "scale-down" : "keep";
}

/* Cycles grow with the agents, their target does so in steps. */
static unsigned carried_by_cycle(const Figures *f) {
        double each = f->cycle_seconds / f->agents;
        unsigned n = 0, missed = 0;

        for (unsigned i = 1; i <= AGENTS_SOUGHT_MAX && missed < 1000; i++) {
                if (each * i <= CYCLE_UP * report_cycle_target(i)) {
                        n = i;
                        missed = 0;
                } else
                        missed++;
        }
        return n;
}

/* What is free up to the limit, by what one agent needs. */
static unsigned carried_by_share(double used, double limit, double each, double agents) {
        double more = each > 0 ? (limit - used) / each : AGENTS_SOUGHT_MAX;
        double all = MAX(agents + more, 0.0);

        return (unsigned)MIN(all, (double)AGENTS_SOUGHT_MAX);
}

typedef struct Projection {
        unsigned agents;
        const char *limited_by;
} Projection;

static void limit(Projection *p, unsigned agents, const char *by) {
        if (agents < p->agents)
                *p = (Projection){agents, by};
}

static int add_projection(
                const ReportRequest *q, const Figures *f, const Samples *s, json_object *o) {
        double seconds = (double)report_covered(s) / USEC_PER_SEC;
        double cpu_each, memory_each, memory = samples_mean(s, "machine_memory_bytes");
        Projection p = {AGENTS_SOUGHT_MAX, "nothing that was measured"};
        int r;

        if (f->agents <= 0 || seconds <= 0)
                return 0;

        cpu_each = (samples_sum(s, "watching_seconds_total")) / seconds / f->agents;
        memory_each = samples_mean(s, "self_resident_bytes") / f->agents;
        if (f->cycle_seconds > 0)
                limit(&p, carried_by_cycle(f), "cycle");
        if (f->cpu_share >= 0)
                limit(&p,
                                carried_by_share(f->cpu_share, CPU_UP, cpu_each / q->processors,
                                                f->agents),
                                "cpu");
        if (f->memory_share >= 0 && memory > 0)
                limit(&p,
                                carried_by_share(f->memory_share, MEMORY_UP, memory_each / memory,
                                                f->agents),
                                "memory");
        limit(&p, q->agents_max, "limits.agents_per_user");

        r = json_set_u64(o, "agents", p.agents);
        if (r >= 0)
                r = json_set_string(o, "limited_by", p.limited_by);
        if (r >= 0)
                r = json_set_double(o, "agents_mean", f->agents);
        if (r >= 0)
                r = json_set_double(o, "cycle_p95_seconds", f->cycle_seconds);
        if (r >= 0)
                r = json_set_double(o, "cycle_seconds_each", f->cycle_seconds / f->agents);
        if (r >= 0)
                r = json_set_double(o, "cpu_percent_each", 100 * cpu_each);
        if (r >= 0)
                r = json_set_double(o, "memory_bytes_each", memory_each);
        return r;
}

int report_add_capacity(const ReportRequest *q, sqlite3 *db, const Samples *s, json_object *o) {
        json_object *up = json_object_new_array(), *down = json_object_new_array();
        json_object *projection = json_object_new_object();
        Figures f;
        int r;

        assert(q && db && s && o);

        r = json_set(o, "scale_up", up);
        if (r >= 0)
                r = json_set(o, "scale_down", down);
        if (r >= 0)
                r = json_set(o, "projection", projection);
        if (r >= 0)
                r = load_figures(q, db, s, &f);
        if (r >= 0)
                r = add_scale_up(&f, up);
        if (r >= 0)
                r = add_scale_down(&f, down);
        if (r >= 0)
                r = json_set_string(o, "verdict", verdict(up, down));
        if (r >= 0)
                r = json_set_u64(o, "covered_usec", report_covered(s));
        return r >= 0 ? add_projection(q, &f, s, projection) : r;
}
