/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"
#include "daemon/watcher/detect/hook-event.h"

static void events_say_what_was_observed_of_them(void **state) {
        static const struct {
                const char *source, *event, *payload;
                HookMeaning meaning;
                AgentState state;
                Attention attention;
        } rows[] = {
                        {"claude", "UserPromptSubmit", "{}", HOOK_STATE, AGENT_WORKING},
                        {"claude", "", "{\"hook_event_name\":\"Stop\"}", HOOK_STATE, AGENT_IDLE},
                        {"claude", NULL, "{\"hook_event_name\":\"Stop\"}", HOOK_STATE, AGENT_IDLE},
                        {"claude", "PermissionRequest", "{\"tool_name\":\"Bash\"}", HOOK_STATE,
                                        AGENT_WAITING, ATTENTION_PERMISSION},
                        {"claude", "PermissionRequest", "{\"tool_name\":\"ExitPlanMode\"}",
                                        HOOK_STATE, AGENT_WAITING, ATTENTION_PLAN},
                        {"claude", "Notification", "{\"notification_type\":\"idle_prompt\"}",
                                        HOOK_HINT, AGENT_IDLE},
                        {"claude", "Notification", "{\"notification_type\":\"new\"}", HOOK_NOTHING,
                                        AGENT_UNKNOWN},
                        {"claude", "StopFailure", "{\"error\":\"rate_limit\"}", HOOK_STATE,
                                        AGENT_RATE_LIMITED},
                        {"claude", "StopFailure", "{\"error\":\"server_error\"}", HOOK_STATE,
                                        AGENT_ERROR},
                        {"claude", "SessionEnd", "{\"reason\":\"clear\"}", HOOK_NOTHING,
                                        AGENT_UNKNOWN},
                        {"claude", "SessionEnd", "{\"reason\":\"other\"}", HOOK_END, AGENT_EXITED},
                        {"claude", "SessionEnd", NULL, HOOK_END, AGENT_EXITED},
                        {"codex", "", "{\"type\":\"agent-turn-complete\"}", HOOK_HINT, AGENT_IDLE},
                        {"gemini", "BeforeAgent", "{}", HOOK_STATE, AGENT_WORKING},
                        {"gemini", "Notification", "{\"notification_type\":\"ToolPermission\"}",
                                        HOOK_STATE, AGENT_WAITING, ATTENTION_PERMISSION},
                        {"opencode", NULL,
                                        "{\"type\":\"session.status\",\"properties\":{\"status\":"
                                        "{\"type\":\"busy\"}}}",
                                        HOOK_STATE, AGENT_WORKING},
                        {"opencode", "session.status",
                                        "{\"properties\":{\"status\":{\"type\":\"idle\"}}}",
                                        HOOK_STATE, AGENT_IDLE},
                        {"opencode", "question.asked", NULL, HOOK_STATE, AGENT_WAITING,
                                        ATTENTION_QUESTION},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *payload = NULL;
                HookEvent e;

                if (row->payload)
                        assert_int_equal(
                                        json_parse(row->payload, strlen(row->payload), 8, &payload),
                                        0);
                assert_int_equal(hook_event_parse(row->source, row->event, payload, &e), 0);
                assert_int_equal(e.meaning, row->meaning);
                assert_int_equal(e.state, row->state);
                assert_int_equal(e.attention, row->attention);
                assert_int_equal(strncmp(e.rule, "hook.", 5), 0);
        }
}

static void what_is_not_known_says_nothing(void **state) {
        static const char *const payloads[] = {
                        "{}",
                        "[]",
                        "3",
                        "{\"type\":7}",
                        "{\"type\":\"session.status\",\"properties\":[]}",
        };
        HookEvent e;

        assert_int_equal(hook_event_parse("claude", "Nonsense", NULL, &e), -ENXIO);
        assert_int_equal(hook_event_parse("nobody", "Stop", NULL, &e), -ENXIO);
        assert_int_equal(hook_event_parse("claude", NULL, NULL, &e), -ENXIO);
        FOREACH_ELEMENT (p, payloads) {
                _cleanup_json_ json_object *payload = NULL;

                assert_int_equal(json_parse(*p, strlen(*p), 8, &payload), 0);
                assert_int_equal(hook_event_parse("opencode", NULL, payload, &e), -ENXIO);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(events_say_what_was_observed_of_them),
                        cmocka_unit_test(what_is_not_known_says_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
