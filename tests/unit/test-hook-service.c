/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "daemon/watcher/hook-service.h"
#include "tests/unit/child.h"

#define STARTS_ONE_BELOW "; sleep 100 & echo $!; wait"

static void expect(const char *script, bool is_above) {
        _cleanup_(pattern_freep) Pattern *service = NULL;
        char line[32];
        pid_t pid, below;

        assert_int_equal(pattern_new("(?:^|/)codex app-server(?: |$)", NULL, 0, &service), 0);
        pid = child_start(script, line, sizeof(line));
        below = (pid_t)atoi(line);
        assert_true(below > 0);
        assert_int_equal(hook_service_is_above(below, service), is_above);
        assert_int_equal(hook_service_is_above(pid, service), is_above);
        (void)kill(below, SIGKILL);
        child_stop(pid);
}

static void a_service_is_found_above_what_it_runs(void **state) {
        expect(": /usr/bin/codex app-server --listen" STARTS_ONE_BELOW, true);
        expect(": /usr/bin/codex --listen" STARTS_ONE_BELOW, false);
}

static void nobody_is_above_a_process_that_is_gone(void **state) {
        _cleanup_(pattern_freep) Pattern *service = NULL;

        assert_int_equal(pattern_new("app-server", NULL, 0, &service), 0);
        assert_false(hook_service_is_above(1 << 22 | 1, service));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_service_is_found_above_what_it_runs),
                        cmocka_unit_test(nobody_is_above_a_process_that_is_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
