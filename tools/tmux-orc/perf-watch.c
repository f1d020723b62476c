/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/perf.h"

#define PREFIX "tmux_orchestrator_"
#define BUCKETS_MAX 32
#define INTERVAL_MAX 3600.0

/* The counters at one moment. */
typedef struct Moment {
        uint64_t at_usec;
        double cycles, cycle_seconds, cpu_seconds, errors;
        double agents, resident, last;
        double bounds[BUCKETS_MAX], counts[BUCKETS_MAX];
        size_t n_buckets;
} Moment;

static void take_bucket(Moment *m, json_object *labels, double value) {
        const char *le = json_get_string(labels, "le") ?: "";

        if (m->n_buckets == BUCKETS_MAX)
                return;
        m->bounds[m->n_buckets] = strtod(le, NULL);
        m->counts[m->n_buckets++] = value;
}

static void take_sample(Moment *m, const char *name, json_object *labels, double value) {
        const struct {
                const char *name;
                double *value;
        } rows[] = {
                        {PREFIX "cycle_duration_seconds_count", &m->cycles},
                        {PREFIX "cycle_duration_seconds_sum", &m->cycle_seconds},
                        {PREFIX "self_cpu_seconds_total", &m->cpu_seconds},
                        {PREFIX "errors_total", &m->errors},
                        {PREFIX "agents_total", &m->agents},
                        {PREFIX "self_resident_bytes", &m->resident},
                        {PREFIX "cycle_duration", &m->last},
        };

        if (strcmp(name, PREFIX "cycle_duration_seconds_bucket") == 0)
                take_bucket(m, labels, value);
        FOREACH_ELEMENT (row, rows)
                if (strcmp(row->name, name) == 0)
                        *row->value += value;
}

static CommandResult look(Context *c, Moment *ret) {
        _cleanup_json_ json_object *answer = NULL;
        CommandResult result;

        result = bus_call_manager(c, "GetMetrics", &answer, NULL);
        if (result != COMMAND_OK)
                return result;

        *ret = (Moment){.at_usec = now_monotonic()};
        for (size_t i = 0; i < json_object_array_length(answer); i++) {
                json_object *row = json_object_array_get_idx(answer, i);

                take_sample(ret, json_object_get_string(json_object_array_get_idx(row, 0)),
                                json_object_array_get_idx(row, 1),
                                json_object_get_double(json_object_array_get_idx(row, 2)));
        }
        return COMMAND_OK;
}

/* As the service's reports do it: between the bounds as if all were spread evenly. */
static double quantile(const Moment *a, const Moment *b, double share) {
        double all = b->cycles - a->cycles, below = 0, from = 0;

        for (size_t i = 0; i < b->n_buckets && i < a->n_buckets; i++) {
                double count = b->counts[i] - a->counts[i];

                if (count >= share * all && count > below)
                        return isinf(b->bounds[i]) ? from
                                                   : from +
                                                        (b->bounds[i] - from) *
                                                                        (share * all - below) /
                                                                        (count - below);
                below = count;
                from = b->bounds[i];
        }
        return from;
}

static int add_cycles(json_object *o, const Moment *a, const Moment *b) {
        double cycles = b->cycles - a->cycles;
        int r;

        r = json_set_u64(o, "cycles", (uint64_t)cycles);
        if (r < 0 || cycles < 1)
                return r;
        r = json_set_double(
                        o, "cycle_mean_seconds", (b->cycle_seconds - a->cycle_seconds) / cycles);
        if (r >= 0)
                r = json_set_double(o, "cycle_p50_seconds", quantile(a, b, 0.50));
        if (r >= 0)
                r = json_set_double(o, "cycle_p95_seconds", quantile(a, b, 0.95));
        return r >= 0 ? json_set_double(o, "cycle_p99_seconds", quantile(a, b, 0.99)) : r;
}

static int difference(const Moment *a, const Moment *b, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        double seconds = (double)(b->at_usec - a->at_usec) / (double)USEC_PER_SEC;
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_u64(o, "covered_usec", b->at_usec - a->at_usec);
        if (r >= 0)
                r = add_cycles(o, a, b);
        if (r >= 0)
                r = json_set_double(o, "cpu_percent",
                                100 * (b->cpu_seconds - a->cpu_seconds) / seconds);
        if (r >= 0)
                r = json_set_double(o, "memory_mean_bytes", b->resident);
        if (r >= 0)
                r = json_set_double(o, "agents_mean", b->agents);
        if (r >= 0)
                r = json_set_u64(o, "errors", (uint64_t)(b->errors - a->errors));
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static void sleep_usec(uint64_t usec) {
        struct timespec ts = {.tv_sec = (time_t)(usec / USEC_PER_SEC),
                        .tv_nsec = (long)(usec % USEC_PER_SEC) * 1000};

        (void)nanosleep(&ts, NULL);
}

/* The target is known to the service: it says it with its report. */
static int add_target(Context *c, json_object *o) {
        _cleanup_json_ json_object *answer = NULL, *report = NULL;
        const char *text;
        double target;
        int r;

        r = bus_try(c, BUS_ROOT, BUS_INTERFACE_MANAGER, "GetReport", &answer, NULL, "stt",
                        "performance", (uint64_t)0, (uint64_t)0);
        text = r >= 0 ? json_object_get_string(answer) : NULL;
        if (!text || json_parse(text, strlen(text), 16, &report) < 0)
                return 0;
        target = json_get_double(json_get(report, "performance"), "cycle_target_seconds", -1);
        return target > 0 ? json_set_double(o, "cycle_target_seconds", target) : 0;
}

CommandResult perf_measure(Context *c, uint64_t usec, json_object **ret) {
        CommandResult result;
        Moment a, b;
        int r;

        result = look(c, &a);
        if (result != COMMAND_OK)
                return result;
        sleep_usec(usec);
        result = look(c, &b);
        if (result != COMMAND_OK)
                return result;

        r = difference(&a, &b, ret);
        if (r >= 0)
                r = add_target(c, *ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static int parse_seconds(const Context *c, const char *option, double fallback, double *ret) {
        const char *text = context_option(c, option);
        char *end;

        *ret = fallback;
        if (!text)
                return 0;
        *ret = strtod(text, &end);
        return *end != '\0' || !(*ret >= 0.1 && *ret <= INTERVAL_MAX * 24) ? -EINVAL : 0;
}

static const char *milliseconds(json_object *o, const char *key, char text[static 16]) {
        double seconds = json_get_double(o, key, -1);

        text[0] = '\0';
        if (seconds >= 0)
                (void)snprintf(text, 16, "%.1f ms", seconds * 1e3);
        return text;
}

static void print_heading(void) {
        (void)printf("%-8s  %6s  %6s  %10s  %10s  %7s  %9s  %6s\n", "TIME", "AGENTS", "CYCLES",
                        "P50", "P95", "CPU", "MEMORY", "ERRORS");
}

static void print_line(json_object *o) {
        char clock[DURATION_TEXT_MAX], p50[16], p95[16];

        (void)printf("%-8s  %6.0f  %6llu  %10s  %10s  %5.2f %%  %5.1f MiB  %6llu\n",
                        clock_to_text(now_realtime(), clock, sizeof(clock)),
                        json_get_double(o, "agents_mean", 0),
                        (unsigned long long)json_get_u64(o, "cycles", 0),
                        milliseconds(o, "cycle_p50_seconds", p50),
                        milliseconds(o, "cycle_p95_seconds", p95),
                        json_get_double(o, "cpu_percent", 0),
                        json_get_double(o, "memory_mean_bytes", 0) / 1024 / 1024,
                        (unsigned long long)json_get_u64(o, "errors", 0));
}

static CommandResult watch_once(Context *c, Moment *last, uint64_t usec) {
        _cleanup_json_ json_object *o = NULL;
        CommandResult result;
        Moment now;
        int r;

        sleep_usec(usec);
        result = look(c, &now);
        if (result != COMMAND_OK)
                return result;
        r = difference(last, &now, &o);
        if (r < 0)
                return output_failed(c, r);

        *last = now;
        if (c->json)
                r = output_json(stdout, o, true);
        else
                print_line(o);
        if (r < 0 || fflush(stdout) != 0)
                return COMMAND_FAILED;
        return COMMAND_OK;
}

CommandResult perf_watch(Context *c) {
        double interval, duration;
        CommandResult result;
        uint64_t usec, end;
        Moment last;

        if (parse_seconds(c, "--interval", 2, &interval) < 0 || interval > INTERVAL_MAX)
                return context_usage(c, "--interval is a number of seconds from 0.1 to 3600");
        if (parse_seconds(c, "--duration", 0, &duration) < 0)
                return context_usage(c, "--duration is a number of seconds from 0.1 on");

        result = look(c, &last);
        if (result == COMMAND_OK && !c->json && !c->quiet)
                print_heading();
        usec = (uint64_t)(interval * (double)USEC_PER_SEC);
        end = duration > 0 ? now_monotonic() + (uint64_t)(duration * (double)USEC_PER_SEC)
                           : UINT64_MAX;
        while (result == COMMAND_OK && now_monotonic() + usec / 2 < end)
                result = watch_once(c, &last, usec);
        return result;
}
