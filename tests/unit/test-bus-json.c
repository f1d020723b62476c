/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"

/* Messages need a bus that could carry them; this one is never spoken on. */
static sd_bus *bus;

static int setup(void **state) {
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 || sd_bus_new(&bus) < 0 ||
                        sd_bus_set_fd(bus, fds[0], fds[0]) < 0 || sd_bus_start(bus) < 0)
                return -1;
        return close(fds[1]);
}

static int teardown(void **state) {
        bus = sd_bus_close_unref(bus);
        return 0;
}

static sd_bus_message *new_message(void) {
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_signal(bus, &m, "/x", "x.y", "Z") >= 0);
        return m;
}

static void seal(sd_bus_message *m) {
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        assert_true(sd_bus_message_rewind(m, true) >= 0);
}

static void expect(sd_bus_message *m, const char *expected) {
        _cleanup_json_ json_object *o = NULL;

        seal(m);
        assert_int_equal(bus_json_from_message(m, &o), 0);
        assert_string_equal(
                        json_object_to_json_string_ext(
                                        o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
                        expected);
}

static void every_kind_of_value_has_its_json(void **state) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();

        assert_true(sd_bus_message_append(m, "sbyqiutdo(su)a{sv}as", "a", 1, 7, 9, -3, 4000000000U,
                                    UINT64_C(18000000000000000000), 0.5, "/p", "in", 2U, 2, "One",
                                    "i", -1, "Two", "as", 1, "x", 0) >= 0);
        expect(m,
                        "[\"a\",true,7,9,-3,4000000000,18000000000000000000,0.5,\"/p\",[\"in\",2],"
                        "{\"One\":-1,\"Two\":[\"x\"]},[]]");
}

static void one_value_is_itself_and_none_is_null(void **state) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *one = new_message(), *none = new_message();

        assert_true(sd_bus_message_append(one, "a{su}", 1, "idle", 3U) >= 0);
        expect(one, "{\"idle\":3}");
        expect(none, "null");
}

static void a_value_nested_too_deep_is_refused(void **state) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();
        _cleanup_json_ json_object *o = NULL;

        for (int i = 0; i < 20; i++)
                assert_true(sd_bus_message_open_container(m, 'v', i < 19 ? "v" : "s") >= 0);
        assert_true(sd_bus_message_append(m, "s", "deep") >= 0);
        for (int i = 0; i < 20; i++)
                assert_true(sd_bus_message_close_container(m) >= 0);
        seal(m);
        assert_int_equal(bus_json_from_message(m, &o), -EBADMSG);
        assert_null(o);
}

static void properties_get_names_as_json_has_them(void **state) {
        static const char *const rows[][2] = {
                        {"Id", "id"},
                        {"StateSince", "state_since"},
                        {"OwnerUID", "owner_uid"},
                        {"PID", "pid"},
                        {"PIDFile", "pid_file"},
                        {"LastCycleUSec", "last_cycle_usec"},
                        {"LookUSec", "look_usec"},
                        {"USec", "usec"},
                        {"", ""},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_free_ char *name = bus_json_name((*row)[0]);

                assert_string_equal(name, (*row)[1]);
        }
}

static void tuples_get_the_names_that_they_are_given(void **state) {
        _cleanup_json_ json_object *in = json_tokener_parse("[[\"a\",1,true],[\"b\",2]]");
        _cleanup_json_ json_object *bad = json_tokener_parse("[3]");
        _cleanup_json_ json_object *out = NULL;

        assert_int_equal(bus_json_name_tuples(in, "id n", &out), 0);
        assert_string_equal(json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN),
                        "[{\"id\":\"a\",\"n\":1},{\"id\":\"b\",\"n\":2}]");
        assert_int_equal(bus_json_name_tuples(bad, "id", &out), -EBADMSG);
        assert_int_equal(bus_json_name_tuples(NULL, "id", &out), -EBADMSG);
}

static void errors_of_the_bus_have_their_exit_status(void **state) {
        static const struct {
                const char *name;
                CommandResult result;
        } rows[] = {
                        {"org.freedesktop.DBus.Error.ServiceUnknown", COMMAND_UNREACHABLE},
                        {"org.freedesktop.DBus.Error.NoReply", COMMAND_UNREACHABLE},
                        {"org.freedesktop.DBus.Error.Spawn.ChildExited", COMMAND_UNREACHABLE},
                        {"org.freedesktop.systemd1.NoSuchUnit", COMMAND_UNREACHABLE},
                        {"System.Error.ECONNRESET", COMMAND_UNREACHABLE},
                        {"org.freedesktop.DBus.Error.AccessDenied", COMMAND_DENIED},
                        {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
                                        COMMAND_DENIED},
                        {"org.tmuxorc.Monitor1.Error.NoSuchAgent", COMMAND_FAILED},
                        {"org.tmuxorc.Monitor1.Error.Timeout", COMMAND_FAILED},
                        {"com.example.Anything", COMMAND_FAILED},
        };
        const Context c = {.quiet = true};

        FOREACH_ELEMENT (row, rows) {
                sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(row->name, "words of the service");

                assert_int_equal(bus_failed(&c, &error, -EIO), row->result);
        }
        assert_int_equal(bus_failed(&c, NULL, -EIO), COMMAND_FAILED);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(every_kind_of_value_has_its_json),
                        cmocka_unit_test(one_value_is_itself_and_none_is_null),
                        cmocka_unit_test(a_value_nested_too_deep_is_refused),
                        cmocka_unit_test(properties_get_names_as_json_has_them),
                        cmocka_unit_test(tuples_get_the_names_that_they_are_given),
                        cmocka_unit_test(errors_of_the_bus_have_their_exit_status),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
