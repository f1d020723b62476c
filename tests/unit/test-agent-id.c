/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/agents/agent-id.h"

static void a_plain_socket_in_the_default_folder_gives_a_plain_id(void **state) {
        static const struct {
                uid_t uid;
                const char *socket;
                const char *id;
        } rows[] = {
                        {1000, "/tmp/tmux-1000/default", "1000-default"},
                        {0, "/tmp/tmux-0/work_2-b", "0-work_2-b"},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_free_ char *id = NULL;

                assert_int_equal(server_id_make(row->uid, row->socket, 0, &id), 0);
                assert_string_equal(id, row->id);
        }
}

static void everything_else_gives_an_id_that_tells_the_path(void **state) {
        static const char *const sockets[] = {
                        "/tmp/tmux-1001/default", /* another user's folder */
                        "/run/user/1000/tmux/default",
                        "/tmp/tmux-1000/sub/default",
                        "/tmp/tmux-1000/de.fault",
                        "/tmp/tmux-1000/d\303\251fault",
                        "/tmp/tmux-1000/",
                        "/tmp/tmux-1000/a-name-that-is-much-longer-than-anybody-would-ever-choose",
        };
        char *ids[ELEMENTSOF(sockets)];

        for (size_t i = 0; i < ELEMENTSOF(sockets); i++) {
                assert_int_equal(server_id_make(1000, sockets[i], 0, &ids[i]), 0);
                assert_true(strlen(ids[i]) < 72);
                assert_int_equal(strspn(ids[i], "abcdefghijklmnopqrstuvwxyz0123456789_-"),
                                strlen(ids[i]));
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(ids[i], ids[j]);
        }

        for (size_t i = 0; i < ELEMENTSOF(sockets); i++)
                free(ids[i]);
}

static void more_digits_extend_the_id(void **state) {
        _cleanup_free_ char *four = NULL, *eight = NULL;

        assert_int_equal(server_id_make(1, "/x/default", 4, &four), 0);
        assert_int_equal(server_id_make(1, "/x/default", 8, &eight), 0);

        assert_int_equal(strlen(eight), strlen(four) + 4);
        assert_memory_equal(four, eight, strlen(four));
}

static void a_pane_is_a_percent_sign_and_a_number(void **state) {
        static const struct {
                const char *pane;
                int r;
                unsigned number;
        } rows[] = {
                        {"%0", 0, 0},
                        {"%12", 0, 12},
                        {"%2147483647", 0, 2147483647},
                        {"%2147483648", -EINVAL, 0},
                        {"12", -EINVAL, 0},
                        {"%", -EINVAL, 0},
                        {"%-1", -EINVAL, 0},
                        {"%1x", -EINVAL, 0},
                        {"", -EINVAL, 0},
                        {NULL, -EINVAL, 0},
        };

        FOREACH_ELEMENT (row, rows) {
                unsigned number = 0;

                assert_int_equal(pane_number(row->pane, &number), row->r);
                assert_int_equal(number, row->number);
        }
}

static void an_agent_is_named_by_its_server_and_pane(void **state) {
        _cleanup_free_ char *id = NULL;

        assert_int_equal(agent_id_make("1000-default", "%12", &id), 0);
        assert_string_equal(id, "1000-default-12");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_plain_socket_in_the_default_folder_gives_a_plain_id),
                        cmocka_unit_test(everything_else_gives_an_id_that_tells_the_path),
                        cmocka_unit_test(more_digits_extend_the_id),
                        cmocka_unit_test(a_pane_is_a_percent_sign_and_a_number),
                        cmocka_unit_test(an_agent_is_named_by_its_server_and_pane),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
