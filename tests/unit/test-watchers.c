/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/link/watchers.h"
#include "daemon/wire/rpc-peer.h"

static const char server_alive[] =
                "{\"socket\":\"/tmp/"
                "s\",\"liveness\":\"alive\",\"reason\":\"\",\"version\":\"3.3a\","
                "\"pid\":7,\"start_usec\":1,\"panes\":2,\"look_usec\":3}";
static const char agent_text[] =
                "{\"socket\":\"/tmp/s\",\"pane\":\"%12\",\"type\":\"claude\",\"version\":\"2.1\","
                "\"state\":\"idle\",\"attention\":\"none\",\"attributes\":[],\"reset_usec\":0,"
                "\"rule\":\"r\",\"confidence\":0.5,\"since_usec\":1,\"activity_usec\":2,"
                "\"session\":\"s\","
                "\"window\":\"w\",\"window_index\":0,\"pane_index\":0,\"command\":\"c\",\"title\":"
                "\"t\","
                "\"pid\":99}";

/* The daemon's side as it is, and in the place of watcher programs: peers of our own. */
typedef struct Fixture {
        char folder[32];
        char path[64];
        sd_event *event;
        Registry *registry;
        Watchers *watchers;
        RpcPeer *watcher, *second;
        unsigned n_answers, n_closed, n_asked;
        int error;
        int64_t taken; /* what the welcome said; -1: nothing */
        char *screen;
} Fixture;

static void on_request(void *userdata, RpcPeer *peer, json_object *id, const char *method,
                json_object *params) {
        Fixture *f = userdata;
        json_object *result = json_object_new_object();

        f->n_asked++;
        assert_string_equal(json_get_string(params, "pane") ?: "%12", "%12");
        assert_int_equal(json_set_string(result, "screen", "hello"), 0);
        assert_int_equal(json_set_int(result, "agents", 3), 0);
        assert_int_equal(rpc_peer_reply(peer, id, result), 0);
}

static void on_notification(
                void *userdata, RpcPeer *peer, const char *method, json_object *params) {}

static void on_closed(void *userdata, RpcPeer *peer, int error) {
        Fixture *f = userdata;

        f->n_closed++;
}

static const RpcHandler handler = {on_request, on_notification, on_closed};

static void on_answer(void *userdata, int error, json_object *result) {
        Fixture *f = userdata;

        f->n_answers++;
        f->error = error;
        free(f->screen);
        f->screen = error == 0 ? strdup(json_get_string(result, "screen")) : NULL;
}

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        (void)strcpy(f->folder, "/tmp/test-watchers-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void)snprintf(f->path, sizeof(f->path), "%s/watch", f->folder);
        assert_int_equal(sd_event_new(&f->event), 0);
        assert_int_equal(registry_new(NULL, &f->registry), 0);
        assert_int_equal(watchers_new(f->event, f->registry, &f->watchers), 0);
        assert_int_equal(watchers_listen(f->watchers, f->path), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        rpc_peer_free(f->watcher);
        rpc_peer_free(f->second);
        watchers_free(f->watchers);
        registry_free(f->registry);
        sd_event_unref(f->event);
        assert_int_equal(rmdir(f->folder), 0); /* the socket is gone with its maker */
        free(f->screen);
        free(f);
        return 0;
}

static RpcPeer *connect_watcher(Fixture *f) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        RpcPeer *peer;

        (void)strcpy(address.sun_path, f->path);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(rpc_peer_new(f->event, fd, &handler, f, &peer), 0);
        return peer;
}

static void turn_until(Fixture *f, const unsigned *counter, unsigned wanted) {
        uint64_t end = now_monotonic() + 5 * USEC_PER_SEC;

        while (*counter < wanted) {
                assert_true(now_monotonic() < end);
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        }
}

static void on_hello(void *userdata, int error, json_object *result) {
        Fixture *f = userdata;

        f->n_answers++;
        f->error = error;
        f->taken = error == 0 ? json_get_int(result, "taken", -1) : -1;
}

static int say_hello_as(Fixture *f, RpcPeer *peer, int protocol, const char *life) {
        json_object *params = json_object_new_object();

        assert_int_equal(json_set_int(params, "protocol", protocol), 0);
        assert_int_equal(json_set_string(params, "life", life), 0);
        assert_int_equal(rpc_peer_call(peer, "hello", params, 5 * USEC_PER_SEC, on_hello, f, NULL),
                        0);
        turn_until(f, &f->n_answers, f->n_answers + 1);
        return f->error;
}

static int say_hello(Fixture *f, RpcPeer *peer, int protocol) {
        return say_hello_as(f, peer, protocol, NULL);
}

static void report(RpcPeer *peer, const char *method, const char *text) {
        assert_int_equal(rpc_peer_notify(peer, method, text ? json_tokener_parse(text) : NULL), 0);
}

/* Everything sent before has been handled when a question sent after it is answered. */
static void settle(Fixture *f, RpcPeer *peer) {
        assert_int_equal(rpc_peer_call(peer, "ping", NULL, 5 * USEC_PER_SEC, on_hello, f, NULL), 0);
        turn_until(f, &f->n_answers, f->n_answers + 1);
        assert_int_equal(f->error, -EOPNOTSUPP);
}

static void begin(Fixture *f) {
        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello(f, f->watcher, 1), 0);
        report(f->watcher, "server", server_alive);
        report(f->watcher, "agent", agent_text);
        report(f->watcher, "ready", NULL);
        settle(f, f->watcher);
}

static void what_a_watcher_reports_counts_for_its_user(void **state) {
        Fixture *f = *state;
        const Agent *a;

        begin(f);
        assert_int_equal(watchers_count(f->watchers), 1);
        assert_int_equal(registry_find_by_pane(f->registry, getuid(), "%12", &a), 0);
        assert_int_equal(a->last.state, AGENT_IDLE);
        assert_int_equal(a->server->uid, getuid());
}

static void a_user_has_one_watcher_at_a_time(void **state) {
        Fixture *f = *state;

        begin(f);
        f->second = connect_watcher(f);
        assert_int_equal(say_hello(f, f->second, 1), -EBUSY);
        assert_int_equal(watchers_count(f->watchers), 1);
}

static void another_protocol_is_refused(void **state) {
        Fixture *f = *state;

        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello(f, f->watcher, 2), -EPROTONOSUPPORT);
        assert_int_equal(watchers_count(f->watchers), 0);
}

static void a_report_before_hello_ends_the_connection(void **state) {
        Fixture *f = *state;

        f->watcher = connect_watcher(f);
        report(f->watcher, "server", server_alive);
        turn_until(f, &f->n_closed, 1);
        assert_null(registry_next_server(f->registry, NULL));
}

static void reports_that_lie_without_end_cost_the_connection(void **state) {
        Fixture *f = *state;

        begin(f);
        for (unsigned i = 0; i < 100; i++)
                report(f->watcher, "agent", "{\"socket\":\"/etc\"}");
        turn_until(f, &f->n_closed, 1);
        assert_int_equal(registry_count_agents(f->registry), 1);
}

static void without_its_watcher_a_server_is_unknown_not_absent(void **state) {
        Fixture *f = *state;
        const Server *s;
        uint64_t end = now_monotonic() + 5 * USEC_PER_SEC;

        begin(f);
        f->watcher = rpc_peer_free(f->watcher);
        s = registry_next_server(f->registry, NULL);
        while (s->last.liveness != LIVENESS_UNKNOWN) {
                assert_true(now_monotonic() < end);
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
                s = registry_next_server(f->registry, NULL);
        }
        assert_int_equal(registry_count_agents(f->registry), 1);
}

static void what_the_next_watcher_does_not_find_is_taken_back(void **state) {
        Fixture *f = *state;

        begin(f);
        f->watcher = rpc_peer_free(f->watcher);
        assert_true(sd_event_run(f->event, USEC_PER_SEC) >= 0);
        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello(f, f->watcher, 1), 0);
        report(f->watcher, "server", server_alive);
        report(f->watcher, "ready", NULL);
        settle(f, f->watcher);
        assert_int_equal(registry_count_agents(f->registry), 0);
        assert_int_equal(registry_next_server(f->registry, NULL)->last.liveness, LIVENESS_ALIVE);
}

static void a_crashed_agent_outlives_its_watcher_but_not_its_pane(void **state) {
        Fixture *f = *state;
        _cleanup_json_ json_object *crashed = json_tokener_parse(agent_text);

        begin(f);
        assert_int_equal(json_set_string(crashed, "state", "crashed"), 0);
        report(f->watcher, "agent", json_object_to_json_string(crashed));
        settle(f, f->watcher);
        f->watcher = rpc_peer_free(f->watcher);
        assert_true(sd_event_run(f->event, USEC_PER_SEC) >= 0);

        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello(f, f->watcher, 1), 0);
        report(f->watcher, "server", server_alive);
        report(f->watcher, "ready", NULL);
        settle(f, f->watcher);
        assert_int_equal(registry_count_state(f->registry, AGENT_CRASHED), 1);

        report(f->watcher, "agent-gone", "{\"socket\":\"/tmp/s\",\"pane\":\"%12\"}");
        settle(f, f->watcher);
        assert_int_equal(registry_count_agents(f->registry), 0);
}

static void an_agent_does_not_start_twice_with_one_process(void **state) {
        Fixture *f = *state;
        _cleanup_json_ json_object *starting = json_tokener_parse(agent_text);
        const Agent *a;

        begin(f);
        assert_int_equal(json_set_string(starting, "state", "starting"), 0);
        report(f->watcher, "agent", json_object_to_json_string(starting));
        settle(f, f->watcher);
        a = registry_next_agent(f->registry, NULL);
        assert_int_equal(a->last.state, AGENT_IDLE);

        assert_int_equal(json_set_int(starting, "pid", a->last.pid + 1), 0);
        report(f->watcher, "agent", json_object_to_json_string(starting));
        settle(f, f->watcher);
        assert_int_equal(registry_next_agent(f->registry, NULL)->last.state, AGENT_STARTING);
}

static void who_is_not_made_out_yet_is_what_it_was(void **state) {
        Fixture *f = *state;
        _cleanup_json_ json_object *unknown = json_tokener_parse(agent_text);

        begin(f);
        f->watcher = rpc_peer_free(f->watcher);
        while (watchers_count(f->watchers) > 0)
                assert_true(sd_event_run(f->event, USEC_PER_SEC) >= 0);
        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello(f, f->watcher, 1), 0);
        report(f->watcher, "server", server_alive);
        assert_int_equal(json_set_string(unknown, "state", "unknown"), 0);
        report(f->watcher, "agent", json_object_to_json_string(unknown));
        settle(f, f->watcher);
        assert_int_equal(registry_next_agent(f->registry, NULL)->last.state, AGENT_IDLE);

        report(f->watcher, "ready", NULL);
        report(f->watcher, "agent", json_object_to_json_string(unknown));
        settle(f, f->watcher);
        assert_int_equal(registry_next_agent(f->registry, NULL)->last.state, AGENT_UNKNOWN);
}

static void report_change(Fixture *f, unsigned number, const char *state) {
        _cleanup_json_ json_object *agent = json_tokener_parse(agent_text);

        assert_int_equal(json_set_int(agent, "number", number), 0);
        assert_int_equal(json_set_string(agent, "state", state), 0);
        report(f->watcher, "agent", json_object_to_json_string(agent));
        settle(f, f->watcher);
}

static AgentState state_now(Fixture *f) {
        return registry_next_agent(f->registry, NULL)->last.state;
}

static void come_again(Fixture *f, const char *life) {
        f->watcher = rpc_peer_free(f->watcher);
        while (watchers_count(f->watchers) > 0)
                assert_true(sd_event_run(f->event, USEC_PER_SEC) >= 0);
        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello_as(f, f->watcher, 1, life), 0);
}

static void who_comes_back_hears_how_far_it_was_heard(void **state) {
        Fixture *f = *state;

        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello_as(f, f->watcher, 1, "first"), 0);
        assert_int_equal(f->taken, -1);
        report(f->watcher, "server", server_alive);
        report_change(f, 1, "idle");
        report_change(f, 2, "working");
        come_again(f, "first");
        assert_int_equal(f->taken, 2);

        report_change(f, 2, "idle"); /* told already */
        assert_int_equal(state_now(f), AGENT_WORKING);
        report_change(f, 3, "idle");
        assert_int_equal(state_now(f), AGENT_IDLE);

        come_again(f, "second");
        assert_int_equal(f->taken, -1);
        report_change(f, 1, "working");
        assert_int_equal(state_now(f), AGENT_WORKING);
}

static void how_far_it_was_heard_outlives_a_restart(void **state) {
        Fixture *f = *state;
        _cleanup_json_ json_object *saved = NULL;
        _cleanup_free_ char *text = NULL;

        f->watcher = connect_watcher(f);
        assert_int_equal(say_hello_as(f, f->watcher, 1, "first"), 0);
        report(f->watcher, "server", server_alive);
        report_change(f, 7, "idle");
        assert_int_equal(watchers_save(f->watchers, &saved), 0);
        text = strdup(json_object_to_json_string(saved));

        watchers_free(f->watchers);
        assert_int_equal(watchers_new(f->event, f->registry, &f->watchers), 0);
        json_object_put(saved);
        saved = json_tokener_parse(text);
        watchers_restore(f->watchers, saved);
        watchers_restore(f->watchers, NULL);
        assert_int_equal(watchers_listen(f->watchers, f->path), 0);
        come_again(f, "first");
        assert_int_equal(f->taken, 7);
}

static void a_screen_is_asked_of_the_watcher(void **state) {
        Fixture *f = *state;
        WatchersQuestion *q;
        const Agent *a;

        begin(f);
        a = registry_next_agent(f->registry, NULL);
        assert_int_equal(watchers_ask_screen(f->watchers, a, 10, on_answer, f, &q), 0);
        turn_until(f, &f->n_answers, f->n_answers + 1);
        assert_int_equal(f->error, 0);
        assert_string_equal(f->screen, "hello");
}

static void a_question_dies_with_the_watcher(void **state) {
        Fixture *f = *state;
        WatchersQuestion *q;
        const Agent *a;

        begin(f);
        a = registry_next_agent(f->registry, NULL);
        assert_int_equal(watchers_ask_screen(f->watchers, a, 10, on_answer, f, &q), 0);
        f->watcher = rpc_peer_free(f->watcher);
        turn_until(f, &f->n_answers, f->n_answers + 1);
        assert_int_equal(f->error, -ECONNRESET);
        assert_int_equal(watchers_ask_look(f->watchers, on_answer, f, &q), -ENOTCONN);
}

static void a_dropped_question_is_not_answered(void **state) {
        Fixture *f = *state;
        WatchersQuestion *q;
        unsigned n;

        begin(f);
        n = f->n_answers;
        assert_int_equal(watchers_ask_look(f->watchers, on_answer, f, &q), 0);
        watchers_question_drop(q);
        turn_until(f, &f->n_asked, 1);
        settle(f, f->watcher);
        assert_int_equal(f->n_answers, n + 1);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        with_fixture(what_a_watcher_reports_counts_for_its_user),
                        with_fixture(a_user_has_one_watcher_at_a_time),
                        with_fixture(another_protocol_is_refused),
                        with_fixture(a_report_before_hello_ends_the_connection),
                        with_fixture(reports_that_lie_without_end_cost_the_connection),
                        with_fixture(without_its_watcher_a_server_is_unknown_not_absent),
                        with_fixture(what_the_next_watcher_does_not_find_is_taken_back),
                        with_fixture(a_crashed_agent_outlives_its_watcher_but_not_its_pane),
                        with_fixture(an_agent_does_not_start_twice_with_one_process),
                        with_fixture(who_is_not_made_out_yet_is_what_it_was),
                        with_fixture(who_comes_back_hears_how_far_it_was_heard),
                        with_fixture(how_far_it_was_heard_outlives_a_restart),
                        with_fixture(a_screen_is_asked_of_the_watcher),
                        with_fixture(a_question_dies_with_the_watcher),
                        with_fixture(a_dropped_question_is_not_answered),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
