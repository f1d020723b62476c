/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>

#include "daemon/watcher/act/clients.h"

static const char *choose(const char *out) {
        static char name[CLIENT_NAME_MAX];
        int r = clients_choose(out, 1000, name);

        return r == -ENXIO ? "nobody" : r < 0 ? "error" : name;
}

static void the_one_that_was_used_last_is_chosen(void **state) {
        static const struct {
                const char *out, *name;
        } rows[] = {
                        {"", "nobody"},
                        {"client\t5\t1000\t0\t/dev/pts/1\n", "/dev/pts/1"},
                        {"client\t5\t1000\t0\t/dev/pts/1\nclient\t7\t1000\t0\t/dev/pts/2\n"
                         "client\t6\t1000\t0\t/dev/pts/3\n",
                                        "/dev/pts/2"},
                        /* An old tmux does not say whose it is. */
                        {"client\t5\t\t0\t/dev/pts/1\n", "/dev/pts/1"},
                        /* Nobody else's, and no program's. */
                        {"client\t9\t0\t0\t/dev/pts/9\n", "nobody"},
                        {"client\t9\t1001\t0\t/dev/pts/9\nclient\t5\t1000\t0\t/dev/pts/1\n",
                                        "/dev/pts/1"},
                        {"client\t9\t1000\t1\tclient-77\n", "nobody"},
                        /* What tmux does not say. */
                        {"client\t9\t1000\t0\t\n", "nobody"},
                        {"client\t9\t1000\t0\n", "nobody"},
                        {"client\tx\t1000\t0\t/dev/pts/1\n", "nobody"},
                        {"client\t9\t-1\t0\t/dev/pts/1\n", "nobody"},
                        {"client\t9\t1000\t0\t/dev/pts/1 ; kill-server\n", "nobody"},
                        {"no server running\n", "nobody"},
        };

        FOREACH_ELEMENT (row, rows)
                assert_string_equal(choose(row->out), row->name);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(the_one_that_was_used_last_is_chosen),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
