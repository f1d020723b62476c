/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Look benchmark
 *
 *   look-benchmark PANES [--compare]
 *
 * Measures what it costs on this machine to look at so many panes, and with --compare what it costs
 * to run a tmux for each of them instead, in the same rounds. Prints one object of JSON. For
 * `tmux-orc benchmark`, which shows it.
 */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "daemon/bench/stage.h"
#include "daemon/bench/ways.h"

#define WAYS_MAX 16U
#define ROUNDS 5U
#define OURS_PER_ROUND 10U
#define FULL_PER_ROUND 4U
#define FORKS_PER_ROUND 1U
#define TIMES_MAX (ROUNDS * OURS_PER_ROUND)
/* Until nothing is new to us any more: the second of the last change is over. */
#define SETTLE_USEC (10 * USEC_PER_SEC)
#define SETTLED_LOOKS 20U
/* Every tenth pane, in the second half. */
#define REDRAWN_STEP 10U

/* One way, all rounds together. */
typedef struct Result {
        bool wanted;
        unsigned count; /* in each round */
        double usec[TIMES_MAX];
        unsigned n;
        WayCost cost;
} Result;

typedef struct Benchmark {
        Ways *ways;
        unsigned panes;
        bool compare;
        Result results[WAYS_MAX];
} Benchmark;

static void plan(Benchmark *b) {
        char name[WAY_NAME_MAX];

        for (size_t i = 0; i < WAYS_MAX && ways_name(i, name); i++) {
                bool full = text_starts_with(name, "full-"), ours = ways_is_ours(i);

                b->results[i] = (Result){
                                .wanted = (ours || b->compare) && !text_starts_with(name, "floor-"),
                                .count = full          ? FULL_PER_ROUND
                                                : ours ? OURS_PER_ROUND
                                                       : FORKS_PER_ROUND,
                };
        }
}

static int settle(Benchmark *b) {
        uint64_t end = now_monotonic() + SETTLE_USEC;
        double usec[1];
        size_t way;
        int r;

        r = ways_find("look-source", &way);
        for (unsigned still = 0; r >= 0 && still < SETTLED_LOOKS && now_monotonic() < end;) {
                WayCost cost;

                r = ways_measure(b->ways, way, 1, usec, &cost);
                still = r >= 0 && cost.captured == 0 ? still + 1 : 0;
        }
        return r;
}

/* By turns: what else happens on the machine happens to all. */
static int measure(Benchmark *b) {
        for (unsigned round = 0; round < ROUNDS; round++)
                for (size_t i = 0; i < WAYS_MAX; i++) {
                        Result *w = &b->results[i];
                        WayCost cost;
                        int r;

                        if (!w->wanted)
                                continue;
                        r = ways_measure(b->ways, i, w->count, w->usec + w->n, &cost);
                        if (r < 0)
                                return r;
                        w->n += w->count;
                        w->cost.own_usec += cost.own_usec;
                        w->cost.server_usec += cost.server_usec;
                        w->cost.captured += cost.captured;
                }
        return 0;
}

static int compare_doubles(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double percentile(const Result *w, unsigned p) {
        return w->usec[MIN(w->n - 1, w->n * p / 100)] / USEC_PER_SEC;
}

static int add_result(json_object *list, const char *name, Result *w, double redrawn) {
        json_object *o = json_object_new_object();
        double sum = 0;
        int r;

        qsort(w->usec, w->n, sizeof(w->usec[0]), compare_doubles);
        for (unsigned i = 0; i < w->n; i++)
                sum += w->usec[i];
        r = json_append(list, o);
        if (r >= 0)
                r = json_set_string(o, "way", name);
        if (r >= 0)
                r = json_set_double(o, "redrawn", redrawn);
        if (r >= 0)
                r = json_set_u64(o, "times", w->n);
        if (r >= 0)
                r = json_set_double(o, "p50_seconds", percentile(w, 50));
        if (r >= 0)
                r = json_set_double(o, "p99_seconds", percentile(w, 99));
        if (r >= 0)
                r = json_set_double(o, "per_second", USEC_PER_SEC * w->n / sum);
        if (r >= 0)
                r = json_set_double(o, "own_cpu_seconds",
                                (double)w->cost.own_usec / w->n / USEC_PER_SEC);
        if (r >= 0)
                r = json_set_double(
                                o, "tmux_cpu_seconds", w->cost.server_usec / w->n / USEC_PER_SEC);
        if (r >= 0)
                r = json_set_double(o, "captured", (double)w->cost.captured / w->n);
        return r;
}

/* The program in the pane knows that signal. */
static double redraw_some(Benchmark *b) {
        const struct timespec until_all_do = {.tv_sec = 1};
        size_t n = ways_count_panes(b->ways), redrawn = 0;

        for (size_t i = 0; i < n; i += REDRAWN_STEP)
                redrawn += kill(ways_pane_pid(b->ways, i), SIGUSR2) == 0;
        ways_set_redrawn(b->ways, redrawn);
        (void)nanosleep(&until_all_do, NULL);
        return (double)redrawn / (double)n;
}

static int measure_and_add(Benchmark *b, json_object *list, double redrawn) {
        char name[WAY_NAME_MAX];
        int r;

        plan(b);
        r = measure(b);
        for (size_t i = 0; i < WAYS_MAX && r >= 0 && ways_name(i, name); i++)
                if (b->results[i].wanted)
                        r = add_result(list, name, &b->results[i], redrawn);
        return r;
}

/* The largest of this process, with all that it did. */
static uint64_t resident_bytes(void) {
        struct rusage u;

        (void)getrusage(RUSAGE_SELF, &u);
        return (uint64_t)u.ru_maxrss * 1024;
}

static int run(Benchmark *b, json_object *o) {
        json_object *list = json_object_new_array();
        int r;

        r = json_set(o, "ways", list);
        if (r >= 0)
                r = json_set_u64(o, "panes", ways_count_panes(b->ways));
        if (r >= 0)
                r = json_set_u64(o, "columns", STAGE_COLUMNS);
        if (r >= 0)
                r = json_set_u64(o, "lines", STAGE_LINES);
        if (r >= 0)
                r = json_set_string(o, "tmux", ways_tmux_version(b->ways));
        if (r >= 0)
                r = settle(b);
        if (r >= 0)
                r = measure_and_add(b, list, 0);
        if (r >= 0)
                r = measure_and_add(b, list, redraw_some(b));
        return r >= 0 ? json_set_u64(o, "resident_bytes", resident_bytes()) : r;
}

static int find_pane(char ret[static PATH_MAX + 8]) {
        ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - 1);

        if (n < 0)
                return -errno;
        (void)memcpy(ret + n, "-pane", sizeof("-pane"));
        return access(ret, X_OK) == 0 ? 0 : -errno;
}

static int go(Benchmark *b) {
        _cleanup_json_ json_object *o = json_object_new_object();
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(stage_freep) Stage *stage = NULL;
        char pane[PATH_MAX + 8];
        int r;

        if (!o)
                return -ENOMEM;
        r = find_pane(pane);
        if (r >= 0)
                r = sd_event_new(&event);
        if (r >= 0)
                r = stage_new(event, pane, b->panes, &stage);
        if (r >= 0)
                r = ways_open(stage_socket(stage), &b->ways);
        if (r >= 0)
                r = run(b, o);
        b->ways = ways_free(b->ways);
        if (r >= 0)
                (void)puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
        return r;
}

int main(int argc, char *argv[]) {
        static Benchmark b;
        uint64_t panes;
        int r;

        b.compare = argc == 3 && strcmp(argv[2], "--compare") == 0;
        if ((argc != 2 && !b.compare) || parse_u64(argv[1], 1, STAGE_PANES_MAX, &panes) < 0) {
                (void)fprintf(stderr, "usage: %s PANES [--compare]\n", argv[0]);
                return 2;
        }
        b.panes = (unsigned)panes;

        r = go(&b);
        if (r >= 0)
                return EXIT_SUCCESS;
        (void)fprintf(stderr, "%s\n", r == -ENOENT ? "there is no tmux" : strerror(-r));
        return EXIT_FAILURE;
}
