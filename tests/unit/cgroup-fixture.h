/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A made-up /proc and a made-up tree of control groups in a folder of its own. */

#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"

typedef struct FakeCgroups {
        char folder[64];
        char proc[80];
} FakeCgroups;

static inline FILE *fake_open(const char *path) {
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        return f;
}

static inline void fake_cgroups_mountinfo(const FakeCgroups *f, const char *text) {
        char path[160];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/self/mountinfo", f->proc);
        file = fake_open(path);
        (void)fputs(text, file);
        (void)fclose(file);
}

static inline void fake_cgroups_init(FakeCgroups *f) {
        char path[160], mount[256];

        (void)strcpy(f->folder, "/tmp/cgroups-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void)snprintf(f->proc, sizeof(f->proc), "%s/proc", f->folder);
        assert_int_equal(mkdir(f->proc, 0700), 0);
        (void)snprintf(path, sizeof(path), "%s/self", f->proc);
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(path, sizeof(path), "%s/groups", f->folder);
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(mount, sizeof(mount), "24 1 0:22 / %s rw - cgroup2 cgroup2 rw\n", path);
        fake_cgroups_mountinfo(f, mount);
}

static inline void fake_cgroups_done(FakeCgroups *f) {
        char command[128];

        (void)snprintf(command, sizeof(command), "rm -r '%s'", f->folder);
        assert_int_equal(system(command), 0);
}

/* In place, as the kernel does it; NULL: it is not there. */
static inline void fake_cgroups_write(
                const FakeCgroups *f, const char *group, const char *name, const char *text) {
        char path[256];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/groups%s/%s", f->folder, group, name);
        if (!text) {
                assert_int_equal(unlink(path), 0);
                return;
        }
        file = fake_open(path);
        (void)fputs(text, file);
        (void)fclose(file);
}

static inline void fake_cgroups_fill(
                const FakeCgroups *f, const char *group, const char *name, size_t n) {
        _cleanup_free_ char *text = malloc(n + 1);

        assert_non_null(text);
        memset(text, 'x', n);
        text[n] = '\0';
        fake_cgroups_write(f, group, name, text);
}

static inline void fake_cgroups_group(const FakeCgroups *f, const char *group) {
        static const char *const files[][2] = {
                        {"memory.current", "4096\n"},
                        {"memory.high", "max\n"},
                        {"memory.max", "max\n"},
                        {"memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n"},
                        {"memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"},
                        {"memory.stat", "anon 9\nfile 100\nshmem 30\nslab_reclaimable 5\n"},
        };
        char path[192];

        (void)snprintf(path, sizeof(path), "%s/groups%s", f->folder, group);
        (void)mkdir(path, 0700);
        FOREACH_ELEMENT (file, files)
                fake_cgroups_write(f, group, (*file)[0], (*file)[1]);
}

/* A process in a group, which is made if need be. */
static inline void fake_cgroups_process(const FakeCgroups *f, int pid, const char *group) {
        char path[192];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/groups%s/memory.current", f->folder, group);
        if (access(path, F_OK) < 0)
                fake_cgroups_group(f, group);
        (void)snprintf(path, sizeof(path), "%s/%d", f->proc, pid);
        (void)mkdir(path, 0700);
        (void)snprintf(path, sizeof(path), "%s/%d/cgroup", f->proc, pid);
        file = fake_open(path);
        (void)fprintf(file, "0::%s\n", group);
        (void)fclose(file);
}
