/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "dbus/senders.h"
#include "tests/unit/private-bus.h"

#define SERVICE "org.example.Senders"
#define NOBODY 65534

typedef struct Fixture {
        PrivateBus bus;
        sd_event *event;
        sd_bus *service;
        Senders *senders;
        sd_bus_message *last; /* that the service got */
        unsigned n_got, n_left;
        SenderWatch *watch;
} Fixture;

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Fixture *f = userdata;

        sd_bus_message_unref(f->last);
        f->last = sd_bus_message_ref(m);
        f->n_got++;
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_METHOD("Act", "", "", on_call, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_VTABLE_END,
};

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        *state = f;
        assert_true(sd_event_new(&f->event) >= 0);
        private_bus_start(&f->bus);
        f->service = private_bus_connect(&f->bus, f->event);
        assert_true(sd_bus_add_object_vtable(f->service, NULL, "/", SERVICE, vtable, f) >= 0);
        assert_true(sd_bus_request_name(f->service, SERVICE, 0) >= 0);
        assert_int_equal(senders_new(&f->senders), 0);
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        sender_watch_drop(f->watch);
        senders_free(f->senders);
        sd_bus_message_unref(f->last);
        sd_bus_flush_close_unref(f->service);
        sd_event_unref(f->event);
        private_bus_stop(&f->bus);
        free(f);
        return 0;
}

static void turn_until(Fixture *f, const unsigned *counter, unsigned wanted) {
        uint64_t end = now_monotonic() + 20 * USEC_PER_SEC;

        while (*counter < wanted) {
                assert_true(now_monotonic() < end);
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        }
}

static void act(Fixture *f, sd_bus *caller) {
        unsigned wanted = f->n_got + 1;

        assert_true(sd_bus_call_method_async(caller, NULL, SERVICE, "/", SERVICE, "Act", NULL, NULL,
                                    "") >= 0);
        turn_until(f, &f->n_got, wanted);
}

static void on_left(void *userdata) {
        Fixture *f = userdata;

        f->n_left++;
        f->watch = sender_watch_drop(f->watch);
}

static uid_t uid_of(Fixture *f) {
        uid_t uid = (uid_t)-1;

        assert_int_equal(senders_get_uid(f->senders, f->last, &uid), 0);
        return uid;
}

static void each_is_who_the_bus_says(void **state) {
        Fixture *f = *state;
        bool root = geteuid() == 0;
        sd_bus *mine = private_bus_connect(&f->bus, f->event), *other;

        if (root)
                assert_int_equal(seteuid(NOBODY), 0);
        other = private_bus_connect(&f->bus, f->event);
        assert_int_equal(seteuid(getuid()), 0);

        for (unsigned i = 0; i < 3; i++) {
                act(f, mine);
                assert_int_equal(uid_of(f), getuid());
                assert_int_equal(senders_get_pid(f->senders, f->last), getpid());
                act(f, other);
                assert_int_equal(uid_of(f), root ? NOBODY : getuid());
        }
        sd_bus_flush_close_unref(other);
        sd_bus_flush_close_unref(mine);
}

/* A remembered answer is given though the bus could not be asked any more. */
static void the_bus_is_asked_once(void **state) {
        Fixture *f = *state;
        sd_bus *caller = private_bus_connect(&f->bus, f->event);
        uid_t uid;
        pid_t pid;

        act(f, caller);
        assert_int_equal(uid_of(f), getuid());
        sd_bus_flush_close_unref(caller);
        while (sender_ask(f->last, &uid, &pid) >= 0)
                assert_true(sd_event_run(f->event, 10 * USEC_PER_MSEC) >= 0);
        assert_int_equal(uid_of(f), getuid());
}

static void who_leaves_is_told_of(void **state) {
        Fixture *f = *state;
        sd_bus *caller = private_bus_connect(&f->bus, f->event);

        act(f, caller);
        assert_int_equal(senders_watch(f->senders, f->last, on_left, f, &f->watch), 0);
        assert_non_null(f->watch);
        sd_bus_flush_close_unref(caller);
        turn_until(f, &f->n_left, 1);
        assert_null(f->watch);
}

static void the_oldest_is_forgotten_unless_it_is_waited_for(void **state) {
        Fixture *f = *state;
        sd_bus *caller = private_bus_connect(&f->bus, f->event);

        act(f, caller);
        assert_int_equal(senders_watch(f->senders, f->last, on_left, f, &f->watch), 0);
        for (unsigned i = 0; i < SENDERS_MAX + 8; i++) {
                sd_bus *one = private_bus_connect(&f->bus, f->event);

                act(f, one);
                assert_int_equal(uid_of(f), getuid());
                sd_bus_flush_close_unref(one);
        }
        assert_int_equal(f->n_left, 0);
        sd_bus_flush_close_unref(caller);
        turn_until(f, &f->n_left, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(each_is_who_the_bus_says, setup, teardown),
                        cmocka_unit_test_setup_teardown(the_bus_is_asked_once, setup, teardown),
                        cmocka_unit_test_setup_teardown(who_leaves_is_told_of, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        the_oldest_is_forgotten_unless_it_is_waited_for, setup,
                                        teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
