/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>

#include "daemon/agents/snapshot.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tests/unit/reports.h"

#define AGENT_ID "1000-default-1"

typedef struct Fixture {
        Registry *before, *after;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        assert_int_equal(registry_new(NULL, &f->before), 0);
        assert_int_equal(registry_new(NULL, &f->after), 0);
        assert_int_equal(report_server(f->before, LIVENESS_ALIVE, 100, ""), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        registry_free(f->before);
        registry_free(f->after);
        free(f);
        return 0;
}

static int carry_over(Fixture *f) {
        _cleanup_json_ json_object *o = NULL, *read = NULL;
        const char *text;

        assert_int_equal(snapshot_take(f->before, &o), 0);
        text = json_object_to_json_string(o);
        assert_int_equal(json_parse(text, strlen(text), 8, &read), 0);
        return snapshot_restore(f->after, read);
}

static void a_history_is_carried_over(void **state) {
        Fixture *f = *state;
        const Agent *a;

        assert_int_equal(report_agent(f->before, "%1", AGENT_IDLE, 1000), 0);
        assert_int_equal(report_agent(f->before, "%1", AGENT_WORKING, 5000), 0);
        assert_int_equal(report_agent(f->before, "%1", AGENT_CRASHED, 6000), 0);
        assert_int_equal(carry_over(f), 0);

        a = registry_find_agent(f->after, AGENT_ID);
        assert_non_null(a);
        assert_int_equal(a->last.state, AGENT_CRASHED);
        assert_int_equal(a->since_usec, 6000);
        assert_int_equal(a->in_state_usec[AGENT_IDLE], 4000);
        assert_int_equal(a->in_state_usec[AGENT_WORKING], 1000);
        assert_int_equal(a->failures, 1);
        assert_string_equal(a->last.title, "a title");
        assert_string_equal(a->target, "work:1.1");
}

static void nobody_is_said_to_live_until_a_watcher_says_so(void **state) {
        Fixture *f = *state;
        const Agent *a;

        assert_int_equal(report_agent(f->before, "%1", AGENT_WAITING, 1000), 0);
        assert_int_equal(carry_over(f), 0);
        a = registry_find_agent(f->after, AGENT_ID);
        assert_non_null(a);
        assert_int_equal(a->server->last.liveness, LIVENESS_UNKNOWN);
        assert_string_equal(a->server->last.reason, "no watcher is connected");

        assert_int_equal(report_server(f->after, LIVENESS_ALIVE, 100, ""), 0);
        assert_int_equal(report_agent(f->after, "%1", AGENT_WAITING, 9000), 0);
        a = registry_find_agent(f->after, AGENT_ID);
        assert_int_equal(a->server->last.liveness, LIVENESS_ALIVE);
        assert_int_equal(a->since_usec, 1000);
}

static void another_server_at_the_same_socket_is_told_apart(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->before, "%1", AGENT_WAITING, 1000), 0);
        assert_int_equal(carry_over(f), 0);
        assert_int_equal(report_server(f->after, LIVENESS_ALIVE, 101, ""), 0);
        assert_null(registry_find_agent(f->after, AGENT_ID));
}

static void what_a_dead_server_took_along_is_carried_over(void **state) {
        Fixture *f = *state;
        const Server *s;

        assert_int_equal(report_agent(f->before, "%1", AGENT_WORKING, 1000), 0);
        assert_int_equal(report_server(f->before, LIVENESS_ABSENT, 0, "killed"), 0);
        assert_int_equal(carry_over(f), 0);

        s = registry_find_server(f->after, "1000-default");
        assert_non_null(s);
        assert_int_equal(s->last.liveness, LIVENESS_ABSENT);
        assert_string_equal(s->last.reason, "killed");
        assert_non_null(s->lost);
        assert_string_equal(s->lost[0], "claude in work:1.1 was working");
        assert_non_null(registry_find_agent(f->after, AGENT_ID));
}

static void nothing_lasts_since_the_future(void **state) {
        static const char text[] =
                        "{\"format\":1,\"servers\":[{\"uid\":1000,\"since_usec\":1e18,\"report\":{"
                        "\"socket\":\"/tmp/s\",\"liveness\":\"absent\",\"reason\":\"x\","
                        "\"version\":\"\",\"pid\":0,\"start_usec\":0,\"panes\":0,\"look_usec\":0},"
                        "\"lost\":[],\"agents\":[]}]}";
        _cleanup_json_ json_object *o = NULL;
        Fixture *f = *state;
        const Server *s;

        assert_int_equal(json_parse(text, strlen(text), 8, &o), 0);
        assert_int_equal(snapshot_restore(f->after, o), 0);
        s = registry_next_server(f->after, NULL);
        assert_true(s->since_usec <= now_realtime());
}

static void a_snapshot_without_sense_is_refused(void **state) {
        static const char *const bad[] = {
                        "{}",
                        "{\"format\":2,\"servers\":[]}",
                        "{\"format\":1,\"servers\":{}}",
                        "{\"format\":1,\"servers\":[1]}",
                        "{\"format\":1,\"servers\":[{\"uid\":-1}]}",
                        "{\"format\":1,\"servers\":[{\"uid\":4294967295}]}",
                        "{\"format\":1,\"servers\":[{\"uid\":1,\"report\":{\"socket\":\"x\"}}]}",
        };
        Fixture *f = *state;

        FOREACH_ELEMENT (text, bad) {
                _cleanup_json_ json_object *o = NULL;

                assert_int_equal(json_parse(*text, strlen(*text), 8, &o), 0);
                assert_int_equal(snapshot_restore(f->after, o), -EBADMSG);
                assert_null(registry_next_server(f->after, NULL));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(a_history_is_carried_over, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        nobody_is_said_to_live_until_a_watcher_says_so, setup,
                                        teardown),
                        cmocka_unit_test_setup_teardown(
                                        another_server_at_the_same_socket_is_told_apart, setup,
                                        teardown),
                        cmocka_unit_test_setup_teardown(
                                        what_a_dead_server_took_along_is_carried_over, setup,
                                        teardown),
                        cmocka_unit_test_setup_teardown(
                                        nothing_lasts_since_the_future, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_snapshot_without_sense_is_refused, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
