/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watcher/proc/cgroup-text.h"
#include "tests/fuzz/fuzz.h"

static void check_path(const char *path, int r) {
        if (r >= 0)
                assert(path[0] == '/' && strlen(path) < CGROUP_PATH_MAX);
        else
                assert(path[0] == '?');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char path[CGROUP_PATH_MAX] = "?", mount[CGROUP_PATH_MAX] = "?";
        char *text = malloc(size + 1);
        CgroupEvents events = {};
        uint64_t number = 0, cache = 0;
        double pressure = 0;

        assert(text);
        memcpy(text, data, size);
        text[size] = '\0';

        check_path(path, cgroup_parse_path(text, path));
        if (path[0] == '/')
                assert(!strchr(path, '\n') && !strstr(path, "/../"));
        if (cgroup_parse_mount(text, mount) >= 0)
                assert(mount[0] == '/' && strlen(mount) < CGROUP_PATH_MAX);
        (void)cgroup_parse_number(text, &number);
        (void)cgroup_parse_events(text, &events);
        (void)cgroup_parse_cache(text, &cache);
        if (cgroup_parse_pressure(text, &pressure) >= 0)
                assert(pressure >= 0 && pressure <= 1);
        free(text);
        return 0;
}
