/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/wire/rpc-peer.h"

/* Two ends on one loop: "here" asks, "there" echoes, or does what the test says. */
typedef struct Fixture {
        sd_event *event;
        RpcPeer *here, *there;
        int raw; /* instead of "there" */
        unsigned n_closed, n_answers, n_notes;
        int error;
        bool mute;         /* there: never answers */
        bool free_in_call; /* there: frees itself when asked */
} Fixture;

static void on_request(void *userdata, RpcPeer *peer, json_object *id, const char *method,
                json_object *params) {
        Fixture *f = userdata;

        if (f->free_in_call)
                f->there = rpc_peer_free(f->there);
        else if (strcmp(method, "echo") == 0 && !f->mute)
                assert_int_equal(rpc_peer_reply(peer, id, json_object_get(params)), 0);
        else if (!f->mute)
                assert_int_equal(rpc_peer_fail(peer, id, -ENXIO, NULL), 0);
}

static void on_notification(
                void *userdata, RpcPeer *peer, const char *method, json_object *params) {
        Fixture *f = userdata;

        f->n_notes++;
}

static void on_closed(void *userdata, RpcPeer *peer, int error) {
        Fixture *f = userdata;

        f->n_closed++;
        f->error = error;
}

static const RpcHandler handler = {on_request, on_notification, on_closed};

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));
        int fds[2];

        assert_int_equal(sd_event_new(&f->event), 0);
        assert_int_equal(
                        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(rpc_peer_new(f->event, fds[0], &handler, f, &f->here), 0);
        f->raw = fds[1];
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        rpc_peer_free(f->here);
        rpc_peer_free(f->there);
        close_fd(f->raw);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

static void connect_there(Fixture *f) {
        assert_int_equal(rpc_peer_new(f->event, f->raw, &handler, f, &f->there), 0);
        f->raw = -1;
}

/* Turns the loop until @counter reaches @wanted; fails after five seconds. */
static void turn_until(Fixture *f, const unsigned *counter, unsigned wanted) {
        uint64_t end = now_monotonic() + 5 * USEC_PER_SEC;

        while (*counter < wanted) {
                assert_true(now_monotonic() < end);
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        }
}

static void on_answer(void *userdata, int error, json_object *result) {
        Fixture *f = userdata;

        f->n_answers++;
        f->error = error;
        if (error == 0)
                assert_int_equal(json_get_int(result, "x", 0), 42);
}

static void call(Fixture *f, const char *method, uint64_t timeout, RpcCall **ret) {
        json_object *params = json_object_new_object();

        assert_int_equal(json_set_int(params, "x", 42), 0);
        assert_int_equal(rpc_peer_call(f->here, method, params, timeout, on_answer, f, ret), 0);
}

static void a_question_is_answered(void **state) {
        Fixture *f = *state;

        connect_there(f);
        call(f, "echo", USEC_PER_SEC, NULL);
        turn_until(f, &f->n_answers, 1);
        assert_int_equal(f->error, 0);
}

static void an_error_crosses_as_errno(void **state) {
        Fixture *f = *state;

        connect_there(f);
        call(f, "other", USEC_PER_SEC, NULL);
        turn_until(f, &f->n_answers, 1);
        assert_int_equal(f->error, -ENXIO);
}

static void a_question_without_answer_ends_at_its_deadline(void **state) {
        Fixture *f = *state;

        connect_there(f);
        f->mute = true;
        call(f, "echo", 1000, NULL);
        turn_until(f, &f->n_answers, 1);
        assert_int_equal(f->error, -ETIMEDOUT);
}

static void a_dropped_question_is_never_answered(void **state) {
        Fixture *f = *state;
        RpcCall *dropped;

        connect_there(f);
        call(f, "echo", USEC_PER_SEC, &dropped);
        call(f, "echo", USEC_PER_SEC, NULL);
        rpc_call_drop(dropped);
        turn_until(f, &f->n_answers, 1);
        assert_int_equal(sd_event_run(f->event, 0), 0);
        assert_int_equal(f->n_answers, 1);
}

static void when_the_other_end_leaves_every_question_fails_once(void **state) {
        Fixture *f = *state;

        connect_there(f);
        f->free_in_call = true;
        call(f, "echo", USEC_PER_SEC, NULL);
        call(f, "echo", USEC_PER_SEC, NULL);
        turn_until(f, &f->n_closed, 1);
        assert_int_equal(f->n_answers, 2);
}

static void freeing_a_peer_fails_its_questions(void **state) {
        Fixture *f = *state;

        connect_there(f);
        call(f, "echo", USEC_PER_SEC, NULL);
        f->here = rpc_peer_free(f->here);
        assert_int_equal(f->n_answers, 1);
        assert_int_equal(f->error, -ECONNRESET);
}

static void what_is_no_message_closes_the_connection(void **state) {
        Fixture *f = *state;

        assert_int_equal(write(f->raw, "hello\n", 6), 6);
        turn_until(f, &f->n_closed, 1);
        assert_int_equal(f->error, -EBADMSG);
}

static void a_flood_is_read_at_its_rate_and_not_lost(void **state) {
        static const char note[] = "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}\n";
        Fixture *f = *state;

        rpc_peer_set_rate(f->here, 10);
        for (unsigned i = 0; i < 15; i++)
                assert_int_equal(write(f->raw, note, strlen(note)), strlen(note));
        turn_until(f, &f->n_notes, 10);
        assert_int_equal(sd_event_run(f->event, 0), 0);
        assert_int_equal(f->n_notes, 10);
        turn_until(f, &f->n_notes, 15);
}

static void answers_are_as_many_as_questions(void **state) {
        Fixture *f = *state;

        connect_there(f);
        rpc_peer_set_rate(f->here, 10);
        for (unsigned i = 0; i < 30; i++)
                call(f, "echo", 5 * USEC_PER_SEC, NULL);
        while (f->n_answers < 30)
                assert_true(sd_event_run(f->event, 500 * USEC_PER_MSEC) > 0);
}

static void who_does_not_read_is_cut_off(void **state) {
        Fixture *f = *state;
        static char big[1 << 20];
        int r = 0;

        memset(big, 'x', sizeof(big) - 1);
        for (unsigned i = 0; i < 64 && r >= 0; i++)
                r = rpc_peer_notify(f->here, "n", json_object_new_array())
                                ?: rpc_peer_notify(f->here, big, NULL);
        assert_int_equal(r, -ENOBUFS);
        turn_until(f, &f->n_closed, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(a_question_is_answered, setup, teardown),
                        cmocka_unit_test_setup_teardown(an_error_crosses_as_errno, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_question_without_answer_ends_at_its_deadline, setup,
                                        teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_dropped_question_is_never_answered, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        when_the_other_end_leaves_every_question_fails_once, setup,
                                        teardown),
                        cmocka_unit_test_setup_teardown(
                                        freeing_a_peer_fails_its_questions, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        what_is_no_message_closes_the_connection, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_flood_is_read_at_its_rate_and_not_lost, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        answers_are_as_many_as_questions, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        who_does_not_read_is_cut_off, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
