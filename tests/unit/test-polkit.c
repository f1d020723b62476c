/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The authorizer between three parties on a real bus: a service that asks before it acts, a caller
 * without rights, and an authority of the test's that answers when and what it is told to.
 */

#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "polkit/polkit-authorizer.h"
#include "tests/unit/private-bus.h"

#define SERVICE "org.tmuxorc.Test"
#define NOBODY 65534
#define ASKED_MAX 64U

extern char **environ;

typedef struct Fixture {
        PrivateBus bus;
        sd_event *event;
        sd_bus *service, *authority, *caller;
        PolkitAuthorizer polkit;
        uid_t owner;
        unsigned n_acts; /* how often it was done */
        bool twice;      /* it asks for two things */

        sd_bus_message *asked[ASKED_MAX]; /* of the authority, not answered yet */
        unsigned n_asked;
        char canceled[64];
        char result[64]; /* of the last call: "" or the name of its error; "none" until then */
} Fixture;

static int method_act(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Fixture *f = userdata;
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;
        r = authorize_about(&f->polkit.authorizer, m, AUTHORIZE_VIEW_SCREEN, f->owner, "agent",
                        name, reterr);
        if (r != 0)
                return r;
        if (f->twice) {
                r = authorize(&f->polkit.authorizer, m, AUTHORIZE_CONFIGURE, (uid_t)-1, reterr);
                if (r != 0)
                        return r;
        }

        f->n_acts++;
        return sd_bus_reply_method_return(m, NULL);
}

static int method_check(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Fixture *f = userdata;

        assert_true(f->n_asked < ASKED_MAX);
        f->asked[f->n_asked++] = sd_bus_message_ref(m);
        return 1;
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Fixture *f = userdata;
        const char *id;

        assert_true(sd_bus_message_read(m, "s", &id) >= 0);
        (void)snprintf(f->canceled, sizeof(f->canceled), "%s", id);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable service_vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_METHOD("Act", "s", "", method_act, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_VTABLE_END,
};

static const sd_bus_vtable authority_vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", method_check,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("CancelCheckAuthorization", "s", "", method_cancel,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_VTABLE_END,
};

static void start_authority(Fixture *f) {
        f->authority = private_bus_connect(&f->bus, f->event);
        assert_true(sd_bus_add_object_vtable(f->authority, NULL,
                                    "/org/freedesktop/PolicyKit1/Authority",
                                    "org.freedesktop.PolicyKit1.Authority", authority_vtable,
                                    f) >= 0);
        assert_true(sd_bus_request_name(f->authority, "org.freedesktop.PolicyKit1", 0) >= 0);
}

/* Somebody who may nothing by itself; where we are not root, we are that. */
static void connect_caller(Fixture *f) {
        if (geteuid() == 0)
                assert_int_equal(seteuid(NOBODY), 0);
        f->caller = private_bus_connect(&f->bus, f->event);
        assert_int_equal(seteuid(getuid()), 0);
}

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        *state = f;
        f->owner = 4711;
        assert_true(sd_event_new(&f->event) >= 0);
        private_bus_start(&f->bus);
        polkit_authorizer_init(&f->polkit);
        f->service = private_bus_connect(&f->bus, f->event);
        assert_true(sd_bus_add_object_vtable(f->service, NULL, "/", SERVICE, service_vtable, f) >=
                        0);
        assert_true(sd_bus_request_name(f->service, SERVICE, 0) >= 0);
        start_authority(f);
        connect_caller(f);
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        f->polkit.authorizer.forget(&f->polkit.authorizer, f->service);
        assert_null(f->polkit.queries);
        for (unsigned i = 0; i < f->n_asked; i++)
                sd_bus_message_unref(f->asked[i]);
        sd_bus_flush_close_unref(f->caller);
        sd_bus_flush_close_unref(f->authority);
        sd_bus_flush_close_unref(f->service);
        sd_event_unref(f->event);
        private_bus_stop(&f->bus);
        free(f);
        return 0;
}

static int on_result(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        Fixture *f = userdata;
        const char *dot = e ? strrchr(e->name, '.') : NULL;

        (void)snprintf(f->result, sizeof(f->result), "%s", dot ? dot + 1 : "");
        return 0;
}

static void act(Fixture *f, const char *name, bool interactive) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        (void)strcpy(f->result, "none");
        assert_true(sd_bus_message_new_method_call(f->caller, &m, SERVICE, "/", SERVICE, "Act") >=
                        0);
        assert_true(sd_bus_message_append(m, "s", name) >= 0);
        assert_true(sd_bus_message_set_allow_interactive_authorization(m, interactive) >= 0);
        assert_true(sd_bus_call_async(f->caller, NULL, m, on_result, f, 0) >= 0);
}

typedef bool (*Condition)(const Fixture *f);

static bool is_answered(const Fixture *f) {
        return strcmp(f->result, "none") != 0;
}

static bool is_asked(const Fixture *f) {
        return f->n_asked > 0;
}

static bool is_canceled(const Fixture *f) {
        return f->canceled[0] != '\0';
}

static bool is_quiet(const Fixture *f) {
        return !f->polkit.queries;
}

static void turn_until(Fixture *f, Condition condition) {
        uint64_t end = now_monotonic() + 10 * USEC_PER_SEC;

        while (!condition(f)) {
                assert_true(now_monotonic() < end);
                assert_true(sd_event_run(f->event, 50 * USEC_PER_MSEC) >= 0);
        }
}

/* The authority answers what it was asked first. */
static void answer(Fixture *f, bool yes, bool challenge) {
        turn_until(f, is_asked);
        assert_true(sd_bus_reply_method_return(
                                    f->asked[0], "(bba{ss})", (int)yes, (int)challenge, 0) >= 0);
        sd_bus_message_unref(f->asked[0]);
        memmove(f->asked, f->asked + 1, sizeof(f->asked) - sizeof(f->asked[0]));
        f->n_asked--;
}

static const char *result_of(Fixture *f) {
        turn_until(f, is_answered);
        return f->result;
}

static void a_yes_lets_it_be_done_once(void **state) {
        Fixture *f = *state;

        act(f, "a", false);
        answer(f, true, false);
        assert_string_equal(result_of(f), "");
        assert_int_equal(f->n_acts, 1);
        turn_until(f, is_quiet);
}

static void a_no_is_a_no(void **state) {
        Fixture *f = *state;

        act(f, "a", false);
        answer(f, false, false);
        assert_string_equal(result_of(f), "AccessDenied");
        act(f, "a", false);
        answer(f, false, true);
        assert_string_equal(result_of(f), "InteractiveAuthorizationRequired");
        assert_int_equal(f->n_acts, 0);
        turn_until(f, is_quiet);
}

static void the_authority_is_told_who_and_what_it_is_about(void **state) {
        const char *kind, *key, *bus_name, *action, *what, *which, *uid_key, *uid, *cancellation;
        Fixture *f = *state;
        uint32_t flags;

        act(f, "1000-default-7", true);
        turn_until(f, is_asked);
        assert_true(sd_bus_message_read(f->asked[0], "(sa{sv})sa{ss}us", &kind, 1, &key, "s",
                                    &bus_name, &action, 2, &what, &which, &uid_key, &uid, &flags,
                                    &cancellation) >= 0);
        assert_string_equal(kind, "system-bus-name");
        assert_string_equal(action, "org.tmuxorc.monitor1.view-screen");
        assert_string_equal(what, "agent");
        assert_string_equal(which, "1000-default-7");
        assert_string_equal(uid_key, "owner-uid");
        assert_string_equal(uid, "4711");
        assert_int_equal(flags, 1);
        answer(f, true, false);
        assert_string_equal(result_of(f), "");
}

static void two_things_are_asked_one_after_the_other(void **state) {
        Fixture *f = *state;

        f->twice = true;
        act(f, "a", false);
        answer(f, true, false);
        answer(f, true, false);
        assert_string_equal(result_of(f), "");
        assert_int_equal(f->n_acts, 1);
        act(f, "a", false);
        answer(f, true, false);
        answer(f, false, false);
        assert_string_equal(result_of(f), "AccessDenied");
        assert_int_equal(f->n_acts, 1);
        turn_until(f, is_quiet);
}

static void nobody_waits_for_the_answer_to_another(void **state) {
        Fixture *f = *state;

        act(f, "slow", true);
        turn_until(f, is_asked);
        assert_string_equal(f->result, "none");
        /* the authority thinks about it, for ever */
        sd_bus_message_unref(f->asked[--f->n_asked]);
        act(f, "quick", true);
        answer(f, true, false);
        assert_string_equal(result_of(f), "");
        assert_int_equal(f->n_acts, 1);
}

static void a_caller_who_leaves_takes_the_question_along(void **state) {
        Fixture *f = *state;

        act(f, "a", true);
        turn_until(f, is_asked);
        f->caller = sd_bus_close_unref(f->caller);
        turn_until(f, is_canceled);
        turn_until(f, is_quiet);
        assert_true(strncmp(f->canceled, "tmux-orchestrator-", 18) == 0);
        answer(f, true, false);
        assert_true(sd_event_run(f->event, 200 * USEC_PER_MSEC) >= 0);
        assert_int_equal(f->n_acts, 0);
}

static void without_an_authority_the_answer_is_no(void **state) {
        Fixture *f = *state;

        f->authority = sd_bus_flush_close_unref(f->authority);
        act(f, "a", true);
        assert_string_equal(result_of(f), "AccessDenied");
        assert_int_equal(f->n_acts, 0);
}

static void one_caller_may_not_keep_too_many_waiting(void **state) {
        Fixture *f = *state;

        for (unsigned i = 0; i < POLKIT_WAITING_PER_CALLER; i++)
                act(f, "a", true);
        act(f, "one too many", true);
        assert_string_equal(result_of(f), "LimitsExceeded");
}

static void an_end_of_the_connection_leaves_nothing_behind(void **state) {
        Fixture *f = *state;

        act(f, "a", true);
        turn_until(f, is_asked);
        f->polkit.authorizer.forget(&f->polkit.authorizer, f->service);
        assert_null(f->polkit.queries);
        answer(f, true, false);
        assert_true(sd_event_run(f->event, 200 * USEC_PER_MSEC) >= 0);
        assert_int_equal(f->n_acts, 0);
}

static void every_action_has_a_name_for_polkit(void **state) {
        for (AuthorizeAction a = 0; a < _AUTHORIZE_ACTION_MAX; a++) {
                assert_non_null(polkit_action_of(a));
                assert_non_null(authorize_action_describe(a));
        }
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        with_fixture(a_yes_lets_it_be_done_once),
                        with_fixture(a_no_is_a_no),
                        with_fixture(the_authority_is_told_who_and_what_it_is_about),
                        with_fixture(two_things_are_asked_one_after_the_other),
                        with_fixture(nobody_waits_for_the_answer_to_another),
                        with_fixture(a_caller_who_leaves_takes_the_question_along),
                        with_fixture(without_an_authority_the_answer_is_no),
                        with_fixture(one_caller_may_not_keep_too_many_waiting),
                        with_fixture(an_end_of_the_connection_leaves_nothing_behind),
                        cmocka_unit_test(every_action_has_a_name_for_polkit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
