/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/cgroup.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/cgroup-fixture.h"

static void the_path_is_that_of_version_2(void **state) {
        static const struct {
                const char *text, *path;
                int r;
        } rows[] = {
                        {"0::/\n", "/", 0},
                        {"0::/user.slice/a.scope\n", "/user.slice/a.scope", 0},
                        {"4:memory:/x\n0::/y\n", "/y", 0},
                        {"0::/ends without a newline", "/ends without a newline", 0},
                        {"4:memory:/x\n1:name=systemd:/y\n", NULL, -ENOENT},
                        {"", NULL, -ENOENT},
                        {"10::/x\n", NULL, -ENOENT},
                        {"0::/a.scope (deleted)\n", NULL, -ENOENT},
                        {"0::/../../init.scope\n", NULL, -ENOENT},
                        {"0::/a/..\n", NULL, -ENOENT},
                        {"0::/..\n", NULL, -ENOENT},
                        {"0::/a/..b/c..\n", "/a/..b/c..", 0},
                        {"0::a\n", NULL, -EBADMSG},
                        {"0::\n", NULL, -EBADMSG},
        };

        FOREACH_ELEMENT (row, rows) {
                char path[CGROUP_PATH_MAX];

                assert_int_equal(cgroup_parse_path(row->text, path), row->r);
                if (row->path)
                        assert_string_equal(path, row->path);
        }
}

static void a_long_path_is_refused_and_not_cut(void **state) {
        char text[CGROUP_PATH_MAX + 64] = "0::/", path[CGROUP_PATH_MAX];

        memset(text + 4, 'a', CGROUP_PATH_MAX - 2);
        assert_int_equal(cgroup_parse_path(text, path), 0);
        strcat(text, "a");
        assert_int_equal(cgroup_parse_path(text, path), -EBADMSG);
}

static void the_mount_is_that_of_the_whole_tree(void **state) {
        static const struct {
                const char *text, *mount;
        } rows[] = {
                        {"24 1 0:22 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n",
                                        "/sys/fs/cgroup"},
                        {"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n24 1 0:22 / /a rw - cgroup2 c rw\n",
                                        "/a"},
                        {"24 1 0:22 / /a\\040b\\134c rw - cgroup2 c rw\n", "/a b\\c"},
                        /* A part of it, bound somewhere: whose paths that has is not known. */
                        {"24 1 0:22 /docker/1 /a rw - cgroup2 c rw\n", NULL},
                        {"24 1 0:22 /docker/1 /a rw - cgroup2 c rw\n25 1 0:22 / /b rw - cgroup2 "
                         "c\n",
                                        "/b"},
                        {"24 1 0:22 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", NULL},
                        {"24 1 0:22 / /a rw - fuse.cgroup2 c rw\n", NULL},
                        {"24 1 - cgroup2 c rw\n", NULL},
                        {"24 1 0:22 / /a\\9 rw - cgroup2 c rw\n", NULL},
                        {"24 1 0:22 / relative rw - cgroup2 c rw\n", NULL},
                        {"", NULL},
        };

        FOREACH_ELEMENT (row, rows) {
                char mount[CGROUP_PATH_MAX];

                assert_int_equal(cgroup_parse_mount(row->text, mount), row->mount ? 0 : -ENOENT);
                if (row->mount)
                        assert_string_equal(mount, row->mount);
        }
}

static void numbers_are_read_as_the_kernel_writes_them(void **state) {
        static const char *const wrong[] = {"", "\n", "-1\n", "1 \n", "0x1\n", "maximum\n",
                        "18446744073709551616\n", "000000000000000000001\n"};
        uint64_t n = 7;

        FOREACH_ELEMENT (text, wrong)
                assert_int_equal(cgroup_parse_number(*text, &n), -EBADMSG);
        assert_int_equal(n, 7);
        assert_int_equal(cgroup_parse_number("4096\n", &n), 0);
        assert_int_equal(n, 4096);
        assert_int_equal(cgroup_parse_number("max\n", &n), 0);
        assert_true(n == CGROUP_NO_LIMIT);
}

static void events_need_all_that_is_asked_for(void **state) {
        static const char *const wrong[] = {"", "high 1\noom 2\n", "high 1\noom 2\noom_kill x\n",
                        "high 1\nxoom 2\noom_kill 3\n"};
        CgroupEvents e = {.oom = 9};

        FOREACH_ELEMENT (text, wrong)
                assert_int_equal(cgroup_parse_events(*text, &e), -EBADMSG);
        assert_int_equal(e.oom, 9);
        assert_int_equal(
                        cgroup_parse_events("low 0\nhigh 1\nmax 9\noom 2\noom_kill 3\nnew 1\n", &e),
                        0);
        assert_int_equal(e.high, 1);
        assert_int_equal(e.oom, 2);
        assert_int_equal(e.oom_kill, 3);
}

static void what_is_in_tmpfs_cannot_be_had_back(void **state) {
        uint64_t n = 0;

        assert_int_equal(cgroup_parse_cache("anon 9\nfile 100\nshmem 30\nslab_reclaimable 5\n", &n),
                        0);
        assert_int_equal(n, 75);
        assert_int_equal(cgroup_parse_cache("file 10\nshmem 30\nslab_reclaimable 5\n", &n), 0);
        assert_int_equal(n, 5);
        assert_int_equal(cgroup_parse_cache("file 10\nslab_reclaimable 5\n", &n), -EBADMSG);
}

static void pressure_is_a_share(void **state) {
        static const char *const wrong[] = {"", "full avg10=1.00 ", "some avg10=", "some avg10=1",
                        "some avg10=-1.00 ", "some avg10=101.00 ", "some avg10=1.000 ",
                        "some avg10=nan "};
        double share = -3;

        FOREACH_ELEMENT (text, wrong)
                assert_int_equal(cgroup_parse_pressure(*text, &share), -EBADMSG);
        assert_true(share < 0);
        assert_int_equal(cgroup_parse_pressure(
                                         "some avg10=12.34 avg60=0.00\nfull avg10=9.00\n", &share),
                        0);
        assert_true(share > 0.1233 && share < 0.1235);
}

static void a_group_is_found_and_read(void **state) {
        _cleanup_(fake_cgroups_done) FakeCgroups f;
        _cleanup_(cgroup_freep) Cgroup *g = NULL;
        _cleanup_close_ int mount = -1;
        char path[CGROUP_PATH_MAX];
        CgroupMemory m;

        fake_cgroups_init(&f);
        fake_cgroups_process(&f, 7, "/a.scope");
        fake_cgroups_write(&f, "/a.scope", "memory.max", "1000\n");
        fake_cgroups_write(&f, "/a.scope", "memory.current", "900\n");

        assert_int_equal(cgroup_mount_open(f.proc, &mount), 0);
        assert_int_equal(cgroup_of_process(f.proc, 7, path), 0);
        assert_string_equal(path, "/a.scope");
        assert_int_equal(cgroup_of_process(f.proc, 8, path), -ESRCH);
        assert_int_equal(cgroup_open(mount, path, &g), 0);
        assert_string_equal(cgroup_name(g), "a.scope");

        assert_int_equal(cgroup_read(g, &m), 0);
        assert_int_equal(m.current, 900);
        assert_int_equal(m.max, 1000);
        assert_true(m.high == CGROUP_NO_LIMIT);
        assert_int_equal(m.cache, 75);
        assert_true(m.pressure < 0.001 && m.pressure >= 0);
        assert_int_equal(m.events.oom_kill, 0);
}

static void what_cannot_be_read_is_not_made_up(void **state) {
        _cleanup_(fake_cgroups_done) FakeCgroups f;
        _cleanup_(cgroup_freep) Cgroup *g = NULL;
        _cleanup_close_ int mount = -1;
        CgroupMemory m;

        fake_cgroups_init(&f);
        fake_cgroups_group(&f, "/a.scope");
        assert_int_equal(cgroup_mount_open(f.proc, &mount), 0);
        assert_int_equal(cgroup_open(mount, "/b.scope", &g), -ENOENT);
        assert_int_equal(cgroup_open(mount, "/a.scope", &g), 0);

        fake_cgroups_write(&f, "/a.scope", "memory.pressure", NULL);
        assert_int_equal(cgroup_read(g, &m), 0);
        assert_true(m.pressure < 0);
        fake_cgroups_write(&f, "/a.scope", "memory.max", "many\n");
        assert_int_equal(cgroup_read(g, &m), -EBADMSG);
        fake_cgroups_write(&f, "/a.scope", "memory.max", NULL); /* as of the root */
        assert_int_equal(cgroup_read(g, &m), 0);
        assert_true(m.max == CGROUP_NO_LIMIT);
        fake_cgroups_fill(&f, "/a.scope", "memory.events", 100000);
        assert_int_equal(cgroup_read(g, &m), -EBADMSG);
}

static void without_version_2_there_is_nothing(void **state) {
        _cleanup_(fake_cgroups_done) FakeCgroups f;
        int mount = -7;

        fake_cgroups_init(&f);
        fake_cgroups_mountinfo(&f, "24 1 0:22 / /sys/fs/cgroup/memory rw - cgroup c rw,memory\n");
        assert_int_equal(cgroup_mount_open(f.proc, &mount), -ENOENT);
        assert_int_equal(cgroup_mount_open("/nowhere", &mount), -ENOENT);
        assert_int_equal(mount, -7);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(the_path_is_that_of_version_2),
                        cmocka_unit_test(a_long_path_is_refused_and_not_cut),
                        cmocka_unit_test(the_mount_is_that_of_the_whole_tree),
                        cmocka_unit_test(numbers_are_read_as_the_kernel_writes_them),
                        cmocka_unit_test(events_need_all_that_is_asked_for),
                        cmocka_unit_test(what_is_in_tmpfs_cannot_be_had_back),
                        cmocka_unit_test(pressure_is_a_share),
                        cmocka_unit_test(a_group_is_found_and_read),
                        cmocka_unit_test(what_cannot_be_read_is_not_made_up),
                        cmocka_unit_test(without_version_2_there_is_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
