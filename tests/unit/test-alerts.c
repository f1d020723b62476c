/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/observe/alerts-save.h"

#define STEP_USEC SIGNALS_NOTE_USEC
#define STEP_SECONDS ((double)STEP_USEC / (double)USEC_PER_SEC)
#define REALTIME_USEC (1000 * USEC_PER_DAY)

/* A service whose numbers are those that the test wants, and its clock. */
typedef struct World {
        Alerts *alerts;
        Metrics *metrics;
        uint64_t now_usec;
        unsigned raised, cleared;
        char last[128]; /* the text of the last that was told */
        const char *id; /* only this one counts; NULL: any */
} World;

static void tell(World *w, const Alert *a, unsigned *n) {
        char text[ALERT_TEXT_MAX];

        if (w->id && strcmp(w->id, a->id) != 0)
                return;
        (*n)++;
        (void)snprintf(w->last, sizeof(w->last), "%s", alert_text(a, text));
}

static void on_raised(void *userdata, const Alert *a) {
        World *w = userdata;

        tell(w, a, &w->raised);
}

static void on_cleared(void *userdata, const Alert *a) {
        World *w = userdata;

        tell(w, a, &w->cleared);
}

static const AlertsObserver observer = {.raised = on_raised, .cleared = on_cleared};

static int setup(void **state) {
        World *w = calloc(1, sizeof(*w));

        assert_int_equal(alerts_new(&w->alerts), 0);
        assert_int_equal(metrics_new(&w->metrics), 0);
        assert_int_equal(alerts_add_observer(w->alerts, &observer, w), 0);
        metrics_set(w->metrics, METRIC_AGENTS_TOTAL, NULL, NULL, 5);
        w->now_usec = USEC_PER_HOUR;
        *state = w;
        return 0;
}

static int teardown(void **state) {
        World *w = *state;

        alerts_free(w->alerts);
        metrics_free(w->metrics);
        free(w);
        return 0;
}

static void observe_cycles(World *w, unsigned n, double seconds) {
        for (unsigned i = 0; i < n; i++)
                metrics_observe(w->metrics, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL,
                                (uint64_t)(seconds * (double)USEC_PER_SEC));
}

static void add(World *w, MetricId id, const char *label, double n) {
        metrics_add(w->metrics, id, label, NULL, n);
}

static void set(World *w, MetricId id, const char *label, double value) {
        metrics_set(w->metrics, id, label, NULL, value);
}

/* Makes the numbers of one step such that the signal has this value. */
static void feed(World *w, SignalId id, double value) {
        switch (id) {
        case SIGNAL_CYCLE_SECONDS:
                observe_cycles(w, 3, value);
                break;
        case SIGNAL_CYCLE_FAILURES:
                add(w, METRIC_CYCLE_FAILURES, NULL, 100 * value);
                observe_cycles(w, (unsigned)(100 * (1 - value)), 0.001);
                break;
        case SIGNAL_MEMORY:
                set(w, METRIC_SELF_RESIDENT_BYTES, NULL, value);
                break;
        case SIGNAL_CPU:
                add(w, METRIC_SELF_CPU_SECONDS, NULL, value * STEP_SECONDS);
                break;
        case SIGNAL_COST:
                set(w, METRIC_COST_BUDGET_USED, NULL, value);
                break;
        case SIGNAL_LOAD_SECONDS:
                set(w, METRIC_COMPONENT_LOAD_SECONDS, "cache", value);
                break;
        case SIGNAL_STATE_FILE:
                set(w, METRIC_STATE_FILE_BYTES, NULL, value);
                break;
        case SIGNAL_ERRORS:
                add(w, METRIC_ERRORS, "bus", value / 120 * STEP_SECONDS);
                add(w, METRIC_ERRORS, "cache", value / 120 * STEP_SECONDS);
                break;
        case SIGNAL_POOL:
                set(w, METRIC_POOL_UTILIZATION, NULL, value);
                break;
        case SIGNAL_CACHE:
                add(w, METRIC_CACHE_HITS, "config", 100 * value);
                add(w, METRIC_CACHE_MISSES, "config", 100 * (1 - value));
                break;
        case SIGNAL_DETECTION_ERRORS:
                add(w, METRIC_AGENT_DETECTION_ERRORS, NULL, value * STEP_SECONDS);
                break;
        case SIGNAL_STRATEGY:
                set(w, METRIC_STRATEGIES_FAILING, NULL, value);
                break;
        case SIGNAL_GIVEN_UP:
                set(w, METRIC_AGENTS_GIVEN_UP, NULL, value);
                break;
        case SIGNAL_UP:
                set(w, METRIC_COMPONENT_UP, "cache", value);
                break;
        case _SIGNAL_MAX:
        default:
                fail();
        }
}

static void step(World *w, SignalId id, double value) {
        feed(w, id, value);
        w->now_usec += STEP_USEC;
        alerts_evaluate(w->alerts, w->metrics, w->now_usec, REALTIME_USEC + w->now_usec);
}

/* Steps until the count is there, at most so long; how long it took. */
static uint64_t step_until(World *w, SignalId id, double value, const unsigned *n, uint64_t max) {
        uint64_t began = w->now_usec;

        while (*n == 0 && w->now_usec - began < max)
                step(w, id, value);
        return w->now_usec - began;
}

static void assert_between(const char *id, uint64_t took, uint64_t min, uint64_t max) {
        if (took < min || took > max)
                fail_msg("%s after %g s, not %g to %g", id, (double)took / 1e6, (double)min / 1e6,
                                (double)max / 1e6);
}

static void every_alert_is_raised_and_cleared(void **state) {
        for (size_t i = 0; i < alert_n_rules; i++) {
                const AlertRule *rule = &alert_rules[i];
                const SignalSpec *spec = &signal_table[rule->signal];
                double limit = alert_rule_limit(rule, 5);
                double calm = rule->below ? 1 : limit / 2;
                double alarming = rule->below ? limit / 2 : limit * 1.6;
                bool has_label = spec->kind == SIGNAL_VALUE &&
                                metric_table[spec->over.metric].labels[0] != NULL;
                char id[64];
                World *w;

                setup(state);
                w = *state;
                (void)snprintf(id, sizeof(id), "%s.%s%s", rule->name,
                                alert_severity_to_string(rule->severity),
                                has_label ? ".cache" : "");
                w->id = id;
                (void)step_until(w, rule->signal, calm, &w->raised, 20 * USEC_PER_MINUTE);
                assert_int_equal(w->raised, 0);

                /* Growth is seen once enough of the window has it. */
                assert_between(id, step_until(w, rule->signal, alarming, &w->raised, USEC_PER_HOUR),
                                rule->hold_usec, rule->hold_usec + SIGNAL_WINDOW_USEC);
                assert_int_equal(w->raised, 1);
                assert_int_equal(alerts_find(w->alerts, id) != NULL, rule->severity != ALERT_INFO);
                assert_between(id, step_until(w, rule->signal, calm, &w->cleared, USEC_PER_HOUR),
                                ALERT_KEEP_USEC, ALERT_KEEP_USEC + SIGNAL_WINDOW_USEC + STEP_USEC);
                assert_int_equal(w->cleared, 1);
                assert_null(alerts_find(w->alerts, id));
                teardown(state);
        }
        setup(state);
}

/* As it was agreed; a limit that is another one by accident is seen here. */
static void limits_are_what_they_should_be(void **state) {
        static const struct {
                const char *name;
                double info, warning, critical; /* 0: there is none */
        } rows[] = {
                        {"CyclesFail", 0, 0.01, 0.02},
                        {"MemoryHigh", 100e6, 150e6, 200e6},
                        {"CpuHigh", 0.1, 0.2, 0.3},
                        {"ComponentLoadSlow", 5, 10, 15},
                        {"StateFileLarge", 10e6, 20e6, 50e6},
                        {"ErrorsMany", 0, 5, 0},
                        {"PoolBusy", 0, 0.8, 0.9},
                        {"CacheHitRateLow", 0, 0.7, 0.6},
                        {"DetectionErrors", 0, 0.1, 0},
        };

        FOREACH_ELEMENT (row, rows) {
                const double wanted[] = {row->info, row->warning, row->critical};
                double found[_ALERT_SEVERITY_MAX] = {};

                for (size_t i = 0; i < alert_n_rules; i++)
                        if (strcmp(alert_rules[i].name, row->name) == 0)
                                found[alert_rules[i].severity] = alert_rules[i].limit;
                for (AlertSeverity s = 0; s < _ALERT_SEVERITY_MAX; s++)
                        assert_true(found[s] == wanted[s]);
        }
}

static void limits_of_cycles_follow_the_agents(void **state) {
        static const struct {
                double agents, info, warning, critical;
        } rows[] = {
                        {0, 0.02, 0.03, 0.05},
                        {1, 0.02, 0.03, 0.05},
                        {10, 0.02, 0.03, 0.05},
                        {11, 0.04, 0.06, 0.1},
                        {25, 0.04, 0.06, 0.1},
                        {26, 0.08, 0.12, 0.2},
                        {51, 0.16, 0.25, 0.4},
                        {101, 0.35, 0.5, 0.75},
                        {200, 0.35, 0.5, 0.75},
                        {201, 0.7, 1, 1.5},
                        {100000, 2.8, 4, 6},
        };

        FOREACH_ELEMENT (row, rows) {
                const double wanted[] = {row->info, row->warning, row->critical};

                for (AlertSeverity s = 0; s < _ALERT_SEVERITY_MAX; s++) {
                        AlertRule rule = {.severity = s, .by_agents = true};

                        assert_true(alert_rule_limit(&rule, row->agents) == wanted[s]);
                }
        }
}

static void what_flickers_is_one_alert(void **state) {
        World *w = *state;

        w->id = "MemoryHigh.critical";
        for (unsigned i = 0; i < 200; i++)
                step(w, SIGNAL_MEMORY, i % 2 == 0 ? 300e6 : 1e6);
        assert_int_equal(w->raised, 1);
        assert_int_equal(w->cleared, 0);
}

static void a_warning_waits_until_it_held_without_a_break(void **state) {
        World *w = *state;

        w->id = "MemoryHigh.warning";
        for (unsigned i = 1; i <= 500; i++)
                step(w, SIGNAL_MEMORY, i % 80 == 0 ? 1e6 : 160e6); /* every 13 minutes */
        assert_int_equal(w->raised, 0);
}

static void a_cache_that_is_hardly_asked_is_not_alarming(void **state) {
        World *w = *state;

        for (unsigned i = 0; i < 90; i++) {
                add(w, METRIC_CACHE_MISSES, "config", 3);
                w->now_usec += STEP_USEC;
                alerts_evaluate(w->alerts, w->metrics, w->now_usec, 1);
        }
        assert_int_equal(w->raised, 0);
}

static void it_is_told_in_words(void **state) {
        static const struct {
                SignalId signal;
                double value;
                const char *text;
        } rows[] = {
                        {SIGNAL_CYCLE_SECONDS, 0.063, "cycles take 63 ms, more than 50 ms"},
                        {SIGNAL_MEMORY, 300e6,
                                        "the daemon holds 300 MB of memory, more than 200 MB"},
                        {SIGNAL_POOL, 0.95, "95 % of the pool is in use, more than 90 %"},
                        {SIGNAL_UP, 0, "cache is down"},
                        {SIGNAL_LOAD_SECONDS, 20, "cache took 20 s to start, more than 15 s"},
        };

        FOREACH_ELEMENT (row, rows) {
                World *w;

                teardown(state);
                setup(state);
                w = *state;
                for (unsigned i = 0; i < 12; i++)
                        step(w, row->signal, row->value);
                assert_string_equal(w->last, row->text);
        }
}

static void the_past_is_bounded_and_begins_with_the_last(void **state) {
        World *w = *state;
        size_t n = 0;

        for (unsigned i = 0; i < ALERTS_HISTORY_MAX + 10; i++) {
                unsigned before = w->cleared;

                step(w, SIGNAL_POOL, 0.95);
                while (w->cleared == before)
                        step(w, SIGNAL_POOL, 0.1);
        }
        while (alerts_past(w->alerts, n))
                n++;
        assert_int_equal(n, ALERTS_HISTORY_MAX);
        assert_int_equal(alerts_past(w->alerts, 0)->until_usec, REALTIME_USEC + w->now_usec);
        assert_true(alerts_past(w->alerts, 0)->since_usec > alerts_past(w->alerts, 1)->until_usec);
}

static void what_was_outlives_a_restart(void **state) {
        World *w = *state;
        _cleanup_(alerts_freep) Alerts *next = NULL;
        _cleanup_json_ json_object *saved = NULL;
        uint64_t end = REALTIME_USEC + USEC_PER_DAY;
        const Alert *a;
        char text[ALERT_TEXT_MAX];

        step(w, SIGNAL_POOL, 0.95);
        while (w->cleared == 0)
                step(w, SIGNAL_POOL, 0.1);
        step(w, SIGNAL_MEMORY, 250e6); /* critical, and an info */
        assert_int_equal(alerts_save(w->alerts, end, &saved), 0);

        assert_int_equal(alerts_new(&next), 0);
        assert_int_equal(alerts_restore(next, saved), 0);
        assert_null(alerts_next(next, NULL));
        /* What was raised counts as over when we went. */
        a = alerts_past(next, 0);
        assert_string_equal(a->id, "MemoryHigh.critical");
        assert_int_equal(a->until_usec, end);
        a = alerts_past(next, 1);
        assert_string_equal(a->id, "PoolBusy.critical");
        assert_int_equal(a->until_usec, alerts_past(w->alerts, 0)->until_usec);
        assert_non_null(strstr(alert_text(a, text), "95 %"));
        assert_null(alerts_past(next, 2));
        assert_int_equal(alerts_restore(next, NULL), 0);
}

static void infos_are_counted_and_not_listed(void **state) {
        World *w = *state;

        step(w, SIGNAL_MEMORY, 120e6);
        assert_int_equal(w->raised, 1);
        assert_int_equal(alerts_count(w->alerts, ALERT_INFO), 1);
        assert_null(alerts_next(w->alerts, NULL));
}

static void each_component_has_an_alert_of_its_own(void **state) {
        World *w = *state;

        set(w, METRIC_COMPONENT_UP, "bus", 0);
        for (unsigned i = 0; i < 7; i++)
                step(w, SIGNAL_UP, 0);
        assert_int_equal(w->raised, 2);
        assert_string_equal(alert_component(alerts_find(w->alerts, "ComponentDown.critical.bus")),
                        "bus");
        assert_non_null(alerts_find(w->alerts, "ComponentDown.critical.cache"));
}

static void note_finding(void *userdata, const Alert *finding) {
        char *text = userdata;

        (void)sprintf(text + strlen(text), "%s %s\n", alert_component(finding),
                        alert_severity_to_string(finding->rule->severity));
}

static void a_check_judges_what_is_so_now(void **state) {
        char text[256] = "";
        World *w = *state;

        step(w, SIGNAL_MEMORY, 160e6);
        step(w, SIGNAL_POOL, 0.85);
        alerts_judge(w->alerts, w->metrics, CHECKUP_RESOURCES, note_finding, text);
        assert_string_equal(text, "metrics info\nmetrics warning\n");
        text[0] = '\0';
        alerts_judge(w->alerts, w->metrics, CHECKUP_PERFORMANCE, note_finding, text);
        assert_string_equal(text, "tmux_pool warning\n");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_teardown(every_alert_is_raised_and_cleared, teardown),
                        T(limits_are_what_they_should_be),
                        T(limits_of_cycles_follow_the_agents),
                        T(what_flickers_is_one_alert),
                        T(a_warning_waits_until_it_held_without_a_break),
                        T(a_cache_that_is_hardly_asked_is_not_alarming),
                        T(it_is_told_in_words),
                        T(the_past_is_bounded_and_begins_with_the_last),
                        T(what_was_outlives_a_restart),
                        T(infos_are_counted_and_not_listed),
                        T(each_component_has_an_alert_of_its_own),
                        T(a_check_judges_what_is_so_now),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
