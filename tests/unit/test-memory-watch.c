/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/memory/memory-watch.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/cgroup-fixture.h"

#define AGENT 100
#define SERVER 50
#define SCOPE "/tmux-orc-run-x-100.scope"

typedef struct Scene {
        FakeCgroups groups;
        MemorySource source;
        sd_event *event;
        MemoryWatch *watch;
        unsigned told, urgent;
} Scene;

static void on_changed(void *userdata, bool urgent) {
        Scene *s = userdata;

        s->told++;
        s->urgent += urgent;
}

static void scene_init(Scene *s, const char *group, const char *server_group) {
        *s = (Scene){};
        fake_cgroups_init(&s->groups);
        fake_cgroups_process(&s->groups, AGENT, group);
        fake_cgroups_process(&s->groups, SERVER, server_group);
        memory_source_init(&s->source, s->groups.proc);
        assert_true(s->source.mount_fd >= 0);
        s->source.limits = (MemoryLimits){.used = 0.8, .pressure = 0.2};
        assert_true(sd_event_new(&s->event) >= 0);
}

static void scene_start(Scene *s) {
        assert_int_equal(memory_watch_new(s->event, &s->source, AGENT, SERVER, on_changed, s,
                                         &s->watch),
                        0);
}

static void scene_done(Scene *s) {
        memory_watch_free(s->watch);
        sd_event_unref(s->event);
        memory_source_done(&s->source);
        fake_cgroups_done(&s->groups);
}

static void run_until_urgent(Scene *s) {
        uint64_t start = now_monotonic();
        unsigned before = s->urgent;

        while (s->urgent == before && now_monotonic() - start < 20 * USEC_PER_SEC)
                assert_true(sd_event_run(s->event, 100 * USEC_PER_MSEC) >= 0);
        assert_int_not_equal(s->urgent, before);
}

static void a_group_is_its_own_unless_the_server_is_in_it(void **state) {
        static const struct {
                const char *agent, *server, *group;
                MemoryScope scope;
        } rows[] = {
                        {SCOPE, "/session-1.scope", SCOPE, MEMORY_OWN},
                        {"/session-1.scope", "/session-1.scope", "/session-1.scope", MEMORY_SHARED},
                        {"/", "/session-1.scope", "/", MEMORY_SHARED},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_(scene_done) Scene s;
                MemoryFigures figures;

                scene_init(&s, row->agent, row->server);
                scene_start(&s);
                figures = memory_watch_figures(s.watch);
                assert_int_equal(figures.scope, row->scope);
                assert_string_equal(figures.group, row->group);
                assert_int_equal(figures.bytes, row->scope == MEMORY_OWN ? 4096 : 0);
        }
}

static void where_the_server_is_cannot_be_seen_nothing_is_its_own(void **state) {
        _cleanup_(scene_done) Scene s;

        scene_init(&s, SCOPE, "/session-1.scope");
        assert_int_equal(memory_watch_new(s.event, &s.source, AGENT, 51, on_changed, &s, &s.watch),
                        0);
        assert_int_equal(memory_watch_figures(s.watch).scope, MEMORY_SHARED);
}

static void without_a_memory_controller_nothing_is_known(void **state) {
        _cleanup_(scene_done) Scene s;
        MemoryFigures figures;

        scene_init(&s, SCOPE, "/session-1.scope");
        fake_cgroups_write(&s.groups, SCOPE, "memory.events", NULL);
        scene_start(&s);
        figures = memory_watch_figures(s.watch);
        assert_int_equal(figures.scope, MEMORY_UNKNOWN);
        assert_string_equal(figures.group, "");
        assert_true(figures.pressure < 0);
        assert_int_equal(figures.max, 0);
}

/* The kernel wakes us by a change of memory.events; else four seconds would pass. */
static void want_is_told_at_once_with_what_to_do(void **state) {
        _cleanup_(scene_done) Scene s;
        MemoryFigures figures;

        scene_init(&s, SCOPE, "/session-1.scope");
        fake_cgroups_write(&s.groups, SCOPE, "memory.max", "67108864\n");
        scene_start(&s);
        assert_false(memory_watch_figures(s.watch).low);

        fake_cgroups_write(&s.groups, SCOPE, "memory.current", "63000000\n");
        fake_cgroups_write(&s.groups, SCOPE, "memory.events", "high 0\nmax 4\noom 0\noom_kill 0\n");
        for (unsigned i = 0; i < 10; i++)
                assert_true(sd_event_run(s.event, 0) >= 0);
        assert_int_equal(s.urgent, 1);
        figures = memory_watch_figures(s.watch);
        assert_true(figures.low);
        assert_int_equal(figures.bytes, 63000000);
        assert_int_equal(figures.max, 67108864);
        assert_string_equal(figures.advice,
                        "give it more: systemctl set-property tmux-orc-run-x-100.scope "
                        "MemoryMax=128M");
}

static void an_oom_kill_is_seen_in_the_groups_last_words(void **state) {
        _cleanup_(scene_done) Scene s;
        _cleanup_free_ char *reason = NULL, *advice = NULL;

        scene_init(&s, SCOPE, "/session-1.scope");
        fake_cgroups_write(&s.groups, SCOPE, "memory.max", "67108864\n");
        scene_start(&s);
        /* The loop has not run since: the end is told first. */
        fake_cgroups_write(&s.groups, SCOPE, "memory.events", "high 0\nmax 9\noom 1\noom_kill 1\n");
        assert_int_equal(memory_watch_end(s.watch, true, SIGKILL, &reason, &advice), OOM_SURELY);
        assert_string_equal(reason,
                        "was OOM-killed: it reached 64M, the limit of tmux-orc-run-x-100.scope");
        assert_string_equal(advice, "give it more: tmux-orc run --memory-max=128M");
}

static void another_end_is_none_of_it(void **state) {
        _cleanup_(scene_done) Scene s;
        _cleanup_free_ char *reason = NULL, *advice = NULL;

        scene_init(&s, SCOPE, "/session-1.scope");
        scene_start(&s);
        assert_int_equal(memory_watch_end(s.watch, true, SIGKILL, &reason, &advice), OOM_NO);
        assert_null(reason);
        assert_null(advice);
}

static void it_is_followed_into_another_group(void **state) {
        _cleanup_(scene_done) Scene s;

        scene_init(&s, "/session-1.scope", "/session-1.scope");
        scene_start(&s);
        fake_cgroups_process(&s.groups, AGENT, SCOPE);
        run_until_urgent(&s);
        assert_int_equal(memory_watch_figures(s.watch).scope, MEMORY_OWN);
        assert_string_equal(memory_watch_figures(s.watch).group, SCOPE);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_group_is_its_own_unless_the_server_is_in_it),
                        cmocka_unit_test(where_the_server_is_cannot_be_seen_nothing_is_its_own),
                        cmocka_unit_test(without_a_memory_controller_nothing_is_known),
                        cmocka_unit_test(want_is_told_at_once_with_what_to_do),
                        cmocka_unit_test(an_oom_kill_is_seen_in_the_groups_last_words),
                        cmocka_unit_test(another_end_is_none_of_it),
                        cmocka_unit_test(it_is_followed_into_another_group),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
