/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/watcher/tmux/unix-sockets.h"

static void only_those_that_listen_at_a_path_are_found(void **state) {
        static const char text[] =
                        "Num       RefCount Protocol Flags    Type St Inode Path\n"
                        "0000000000000000: 00000002 00000000 00010000 0001 01 11 /tmp/tmux-0/a b\n"
                        "0000000000000000: 00000003 00000000 00000000 0001 03 12 /tmp/connected\n"
                        "0000000000000000: 00000002 00000000 00010000 0001 01 13 @abstract\n"
                        "0000000000000000: 00000002 00000000 00010000 0001 01 14\n"
                        "0000000000000000: 00000002 00000000 00010000 0001 01 15 relative\n"
                        "nonsense\n"
                        "0000000000000000: 00000002 00000000 00010000 0001 01 x /tmp/no-inode\n"
                        "0000000000000000: 00000002 00000000 00010000 0001 01 16 /tmp/cut";
        static const struct {
                uint64_t inode;
                const char *path;
        } rows[] = {
                        {11, "/tmp/tmux-0/a b"},
                        {12, NULL},
                        {13, NULL},
                        {14, NULL},
                        {15, "relative"},
                        {16, "/tmp/cut"},
                        {17, NULL},
        };
        _cleanup_(unix_sockets_freep) UnixSockets *sockets = NULL;

        assert_int_equal(unix_sockets_parse(text, strlen(text), &sockets), 0);
        FOREACH_ELEMENT (row, rows) {
                const char *path = unix_sockets_find(sockets, row->inode);

                if (row->path)
                        assert_string_equal(path, row->path);
                else
                        assert_null(path);
        }
}

static void the_kernels_own_table_is_read(void **state) {
        _cleanup_(unix_sockets_freep) UnixSockets *sockets = NULL;

        assert_int_equal(unix_sockets_read(&sockets), 0);
        assert_null(unix_sockets_find(sockets, 0));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(only_those_that_listen_at_a_path_are_found),
                        cmocka_unit_test(the_kernels_own_table_is_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
