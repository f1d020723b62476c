/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/cleanup.h"
#include "daemon/watcher/detect/ending.h"

static void traces_tell_a_clean_end_from_a_crash(void **state) {
        static const struct {
                Ending e;
                AgentState expected;
        } rows[] = {
                        {{.has_status = true}, AGENT_EXITED},
                        {{.has_status = true, .status = 1}, AGENT_CRASHED},
                        {{.has_status = true, .signal = 9}, AGENT_CRASHED},
                        /* The status of a shell that reports a signal: what it left decides. */
                        {{.has_status = true,
                                         .status = 143,
                                         .had_title = true,
                                         .title_is_cleared = true},
                                        AGENT_EXITED},
                        {{.has_status = true,
                                         .status = 143,
                                         .had_title = true,
                                         .title_is_kept = true},
                                        AGENT_CRASHED},
                        {{.has_status = true, .status = 130, .was_working = true}, AGENT_CRASHED},
                        {{.said_goodbye = true, .was_working = true}, AGENT_EXITED},
                        {{.said_goodbye = true, .has_status = true, .status = 1}, AGENT_CRASHED},
                        {{.had_alternate = true,
                                         .has_alternate = true,
                                         .had_title = true,
                                         .title_is_cleared = true},
                                        AGENT_CRASHED},
                        {{.had_title = true, .title_is_kept = true, .seen = AGENT_EXITED},
                                        AGENT_CRASHED},
                        {{.had_alternate = true, .seen = AGENT_UNKNOWN}, AGENT_EXITED},
                        {{.had_title = true, .title_is_cleared = true}, AGENT_EXITED},
                        {{.had_title = true, .title_is_cleared = true, .was_working = true},
                                        AGENT_EXITED},
                        {{.seen = AGENT_EXITED}, AGENT_EXITED},
                        {{.seen = AGENT_EXITED, .was_working = true}, AGENT_CRASHED},
                        {{.seen = AGENT_UNKNOWN}, AGENT_CRASHED},
                        {{.seen = AGENT_IDLE}, AGENT_CRASHED},
                        {{.oom = OOM_SURELY, .said_goodbye = true}, AGENT_CRASHED},
                        {{.oom = OOM_PROBABLY, .had_title = true, .title_is_cleared = true},
                                        AGENT_CRASHED},
        };

        FOREACH_ELEMENT (row, rows) {
                const char *why = NULL;

                assert_int_equal(ending_judge(&row->e, &why), row->expected);
                assert_non_null(why);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(traces_tell_a_clean_end_from_a_crash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
