/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/cleanup.h"
#include "tools/http/host.h"

static void only_our_names_are_answered(void **state) {
        static const struct {
                const char *header;
                bool allowed;
        } rows[] = {
                        {"localhost", true},
                        {"LocalHost:8080", true},
                        {"127.0.0.1", true},
                        {"127.0.0.1:65535", true},
                        {"[::1]", true},
                        {"[::1]:8080", true},
                        {"mine.example", true},
                        {"mine.example:1", true},
                        {NULL, false},
                        {"", false},
                        {":8080", false},
                        {"localhost:", false},
                        {"localhost:0", false},
                        {"localhost:65536", false},
                        {"localhost:80 ", false},
                        {"localhost:80:80", false},
                        {"localhost.", false},
                        {" localhost", false},
                        {"localhost.evil.example", false},
                        {"127.0.0.1.evil.example", false},
                        {"127.0.0.2", false},
                        {"[::1", false},
                        {"[::1]x", false},
                        {"[::1]x:80", false},
                        {"[::2]", false},
                        {"mine.example.", false},
                        {"user@localhost", false},
        };
        char mine[] = "mine.example";
        char *const allowed[] = {mine, NULL};

        FOREACH_ELEMENT (row, rows)
                if (host_is_allowed(row->header, allowed) != row->allowed)
                        fail_msg("'%s' is %s", row->header, row->allowed ? "refused" : "allowed");
}

static void without_a_list_only_this_machine_is_ours(void **state) {
        assert_true(host_is_allowed("localhost", NULL));
        assert_false(host_is_allowed("mine.example", NULL));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(only_our_names_are_answered),
                        cmocka_unit_test(without_a_list_only_this_machine_is_ours),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
