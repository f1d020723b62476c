/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * History driver
 *
 *   history-driver write PATH AGENTS     changes states for ever, by the history itself, and prints
 *                                        "N" whenever the first N episodes are in the file for sure
 *   history-driver fill PATH N DAYS      writes N episodes that end now, and samples for the days
 *   history-driver report PATH KIND      prints the report, and on standard error the seconds it
 * took history-driver upkeep PATH BYTES     until the file is as small as that, and prints the
 * seconds
 */

#include <inttypes.h>
#include <string.h>

#include "daemon/agents/registry.h"
#include "daemon/base/clock.h"
#include "daemon/observe/history.h"
#include "daemon/observe/report.h"

#define AGENTS_OF_FILL 200U
#define BATCH 5000U
/* As many as a service with some agents has. */
#define SERIES 150U

static void __attribute__((noreturn)) die(const char *what, int r) {
        (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(EXIT_FAILURE);
}

static void check(const char *what, int r) {
        if (r < 0)
                die(what, r);
}

static HistoryEpisode episode_of(unsigned agent, unsigned n, char name[static 32]) {
        static const AgentState states[] = {AGENT_WORKING, AGENT_WAITING, AGENT_IDLE, AGENT_WORKING,
                        AGENT_RATE_LIMITED, AGENT_WORKING, AGENT_ERROR};
        static const char *const types[] = {"claude", "codex", "gemini"};
        AgentState state = states[n % ELEMENTSOF(states)];

        (void)snprintf(name, 32, "1000-default-%u", agent);
        return (HistoryEpisode){
                        .agent = name,
                        .type = types[agent % ELEMENTSOF(types)],
                        .uid = 1000 + agent % 2,
                        .state = state,
                        .attention = state == AGENT_WAITING ? ATTENTION_PERMISSION : ATTENTION_NONE,
                        .rule = "a-rule-of-usual-length",
        };
}

/* Write */

typedef struct Writing {
        History *history;
        unsigned agents;
        uint64_t n, told;
        int error;
} Writing;

/* Once for each that is another, with what had to be forgotten. */
static void tell_error(Writing *w) {
        HistoryState state = history_state(w->history);

        if (state.error == w->error)
                return;
        w->error = state.error;
        (void)fprintf(stderr, "%s, %" PRIu64 " forgotten\n",
                        state.error < 0 ? strerror(-state.error) : "written", state.forgotten);
}

static int on_turn(sd_event_source *source, uint64_t usec, void *userdata) {
        Writing *w = userdata;
        uint64_t written = history_state(w->history).written;

        for (unsigned i = 0; i < w->agents; i++, w->n++) {
                char name[32];
                HistoryEpisode e = episode_of(i, (unsigned)(w->n / w->agents), name);

                e.since_usec = now_realtime();
                history_begin(w->history, &e);
        }
        if (written > w->told) {
                (void)printf("%" PRIu64 "\n", written);
                (void)fflush(stdout);
                w->told = written;
        }
        tell_error(w);
        (void)sd_event_source_set_time_relative(source, 10 * USEC_PER_MSEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static const HistorySettings settings = {
                .limits = {.raw_usec = USEC_PER_HOUR,
                                .episodes_usec = 90 * USEC_PER_DAY,
                                .max_episodes = 100000000,
                                .max_bytes = UINT64_C(1) << 34},
                .backup_usec = USEC_PER_MINUTE,
};

static int write_for_ever(const char *path, unsigned agents) {
        static const HistoryEvents events = {};
        Writing w = {.agents = agents};
        sd_event *event;

        check("event", sd_event_default(&event));
        check(path, history_new(event, path, &settings, &events, NULL, &w.history));
        check("timer", sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, 0, 0, on_turn, &w));
        check("loop", sd_event_loop(event));
        return EXIT_SUCCESS;
}

/* Fill */

static void commit(HistoryFile *f, HistoryBatch *b) {
        b->now_usec = now_realtime();
        check("write", history_batch_write(f, b));
        history_batch_done(b);
}

static void fill_episodes(HistoryFile *f, unsigned n, uint64_t since_usec, uint64_t until_usec) {
        _cleanup_(history_batch_done) HistoryBatch b = {};

        for (unsigned i = 0; i < n; i++) {
                char name[32];
                HistoryEpisode e = episode_of(i % AGENTS_OF_FILL, i / AGENTS_OF_FILL, name);

                e.since_usec = since_usec + (until_usec - since_usec) / n * i;
                check("begin", history_batch_begin(&b, &e));
                if (b.n_entries == BATCH)
                        commit(f, &b);
        }
        commit(f, &b);
}

/* By the hour, as they are after some days. */
static void fill_samples(HistoryFile *f, uint64_t since_usec, uint64_t until_usec) {
        _cleanup_(history_batch_done) HistoryBatch b = {};

        for (uint64_t t = since_usec; t < until_usec; t += USEC_PER_HOUR) {
                for (unsigned i = 0; i < SERIES; i++) {
                        char series[48];
                        HistorySample s = {series, 1};

                        (void)snprintf(series, sizeof(series),
                                        i == 0 ? "agents_total" : "errors_total:series-%u", i);
                        check("sample", history_batch_sample(&b, t, &s));
                }
                commit(f, &b);
        }
        check("upkeep", history_upkeep(f, &settings.limits, until_usec, since_usec, true));
}

static int fill(const char *path, unsigned n, unsigned days) {
        uint64_t until = now_realtime(), since = until - days * USEC_PER_DAY;
        HistoryMishap mishap;
        HistoryFile f;

        check(path, history_file_open(path, &f, &mishap));
        fill_episodes(&f, n, since, until);
        fill_samples(&f, since, until);
        check("checkpoint", sql_exec(f.db, "PRAGMA wal_checkpoint(TRUNCATE)"));
        history_file_close(&f);
        return EXIT_SUCCESS;
}

/* Report */

static int report(const char *path, const char *kind) {
        uint64_t start = now_monotonic();
        _cleanup_(history_file_close) HistoryFile f = {};
        ReportRequest q = {
                        .kind = report_kind_from_string(kind),
                        .until_usec = now_realtime(),
                        .uid = UID_INVALID,
                        .now_usec = now_realtime(),
                        .agents_max = 1000,
                        .processors = 1,
        };
        json_object *o = NULL;

        check(kind, q.kind);
        q.since_usec = q.until_usec - report_kind_span(q.kind);
        check(path, history_file_open_to_read(path, &f));
        check("report", report_make(&q, &f, &o));
        (void)puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
        (void)json_object_put(o);
        (void)fprintf(stderr, "%.3f\n", (double)(now_monotonic() - start) / USEC_PER_SEC);
        return EXIT_SUCCESS;
}

static int upkeep(const char *path, uint64_t max_bytes) {
        HistoryLimits limits = settings.limits;
        uint64_t start = now_monotonic();
        HistoryMishap mishap;
        HistoryFile f;

        limits.max_bytes = max_bytes;
        check(path, history_file_open(path, &f, &mishap));
        for (unsigned i = 0; i < 100; i++)
                check("upkeep", history_upkeep(&f, &limits, now_realtime(), UINT64_MAX, true));
        check("checkpoint", sql_exec(f.db, "PRAGMA wal_checkpoint(TRUNCATE)"));
        history_file_close(&f);
        (void)printf("%.3f\n", (double)(now_monotonic() - start) / USEC_PER_SEC);
        return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        const char *word = argc > 3 ? argv[1] : "";

        if (strcmp(word, "write") == 0)
                return write_for_ever(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
        if (strcmp(word, "fill") == 0 && argc > 4)
                return fill(argv[2], (unsigned)strtoul(argv[3], NULL, 10),
                                (unsigned)strtoul(argv[4], NULL, 10));
        if (strcmp(word, "report") == 0)
                return report(argv[2], argv[3]);
        if (strcmp(word, "upkeep") == 0)
                return upkeep(argv[2], strtoull(argv[3], NULL, 10));

        (void)fprintf(stderr, "usage: %s write|fill|report|upkeep PATH …\n", argv[0]);
        return 2;
}
