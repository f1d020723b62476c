/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/hook-event.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"

/* One kind of event. Rows of one event are tried in order; the last one has no condition. */
typedef struct HookRow {
        const char *source;
        const char *event;
        const char *key; /* member of the payload, "a.b" within another; NULL: always */
        const char *value;
        HookEvent means;
} HookRow;

#define SAYS(s, a, r) \
        { .meaning = HOOK_STATE, .state = (s), .attention = (a), .rule = (r) }
#define WORKING(r) SAYS(AGENT_WORKING, ATTENTION_NONE, r)
#define IDLE(r) SAYS(AGENT_IDLE, ATTENTION_NONE, r)
#define WAITING(a, r) SAYS(AGENT_WAITING, a, r)
#define HINT(s, r) \
        { .meaning = HOOK_HINT, .state = (s), .rule = (r) }
#define BEGIN(r) \
        { .meaning = HOOK_BEGIN, .state = AGENT_UNKNOWN, .rule = (r) }
#define END(r) \
        { .meaning = HOOK_END, .state = AGENT_EXITED, .rule = (r) }
#define NOTHING(r) \
        { .meaning = HOOK_NOTHING, .state = AGENT_UNKNOWN, .rule = (r) }

static const HookRow rows[] = {
                /* It begins also after /clear and when it compacts, so that is not yet idle. */
                {"claude", "SessionStart", NULL, NULL, BEGIN("hook.claude.SessionStart")},
                {"claude", "UserPromptSubmit", NULL, NULL, WORKING("hook.claude.UserPromptSubmit")},
                {"claude", "PreToolUse", "tool_name", "AskUserQuestion",
                                WAITING(ATTENTION_QUESTION, "hook.claude.PreToolUse.question")},
                {"claude", "PreToolUse", NULL, NULL, WORKING("hook.claude.PreToolUse")},
                {"claude", "PostToolUse", NULL, NULL, WORKING("hook.claude.PostToolUse")},
                {"claude", "PermissionRequest", "tool_name", "ExitPlanMode",
                                WAITING(ATTENTION_PLAN, "hook.claude.PermissionRequest.plan")},
                {"claude", "PermissionRequest", "tool_name", "AskUserQuestion",
                                WAITING(ATTENTION_QUESTION,
                                                "hook.claude.PermissionRequest.question")},
                {"claude", "PermissionRequest", NULL, NULL,
                                WAITING(ATTENTION_PERMISSION, "hook.claude.PermissionRequest")},
                /* Seconds late: the dialog may be answered by then. */
                {"claude", "Notification", "notification_type", "permission_prompt",
                                HINT(AGENT_WAITING, "hook.claude.Notification.permission")},
                {"claude", "Notification", "notification_type", "idle_prompt",
                                HINT(AGENT_IDLE, "hook.claude.Notification.idle")},
                {"claude", "Notification", NULL, NULL, NOTHING("hook.claude.Notification")},
                {"claude", "Stop", NULL, NULL, IDLE("hook.claude.Stop")},
                {"claude", "StopFailure", "error", "rate_limit",
                                SAYS(AGENT_RATE_LIMITED, ATTENTION_NONE,
                                                "hook.claude.StopFailure.rate_limit")},
                {"claude", "StopFailure", NULL, NULL,
                                SAYS(AGENT_ERROR, ATTENTION_NONE, "hook.claude.StopFailure")},
                {"claude", "SubagentStop", NULL, NULL, NOTHING("hook.claude.SubagentStop")},
                {"claude", "PreCompact", NULL, NULL, WORKING("hook.claude.PreCompact")},
                {"claude", "SessionEnd", "reason", "clear",
                                NOTHING("hook.claude.SessionEnd.clear")},
                {"claude", "SessionEnd", "reason", "resume",
                                NOTHING("hook.claude.SessionEnd.resume")},
                {"claude", "SessionEnd", NULL, NULL, END("hook.claude.SessionEnd")},

                /* Comes for the hidden thread that invents a title as well, in the middle of a
                   turn. */
                {"codex", "agent-turn-complete", NULL, NULL,
                                HINT(AGENT_IDLE, "hook.codex.agent-turn-complete")},
                {"codex", "SessionStart", NULL, NULL, BEGIN("hook.codex.SessionStart")},
                {"codex", "UserPromptSubmit", NULL, NULL, WORKING("hook.codex.UserPromptSubmit")},
                {"codex", "PreToolUse", NULL, NULL, WORKING("hook.codex.PreToolUse")},
                {"codex", "PostToolUse", NULL, NULL, WORKING("hook.codex.PostToolUse")},
                {"codex", "PermissionRequest", NULL, NULL,
                                WAITING(ATTENTION_PERMISSION, "hook.codex.PermissionRequest")},
                {"codex", "Stop", NULL, NULL, HINT(AGENT_IDLE, "hook.codex.Stop")},

                {"gemini", "SessionStart", NULL, NULL, BEGIN("hook.gemini.SessionStart")},
                {"gemini", "BeforeAgent", NULL, NULL, WORKING("hook.gemini.BeforeAgent")},
                {"gemini", "BeforeTool", NULL, NULL, WORKING("hook.gemini.BeforeTool")},
                {"gemini", "AfterTool", NULL, NULL, WORKING("hook.gemini.AfterTool")},
                {"gemini", "AfterAgent", NULL, NULL, IDLE("hook.gemini.AfterAgent")},
                {"gemini", "PreCompress", NULL, NULL, NOTHING("hook.gemini.PreCompress")},
                {"gemini", "Notification", "notification_type", "ToolPermission",
                                WAITING(ATTENTION_PERMISSION,
                                                "hook.gemini.Notification.permission")},
                {"gemini", "Notification", NULL, NULL, NOTHING("hook.gemini.Notification")},
                {"gemini", "SessionEnd", NULL, NULL, END("hook.gemini.SessionEnd")},

                {"opencode", "session.status", "properties.status.type", "busy",
                                WORKING("hook.opencode.session.status.busy")},
                /* Why it tries again, only the screen says. */
                {"opencode", "session.status", "properties.status.type", "retry",
                                NOTHING("hook.opencode.session.status.retry")},
                {"opencode", "session.status", "properties.status.type", "idle",
                                IDLE("hook.opencode.session.status.idle")},
                {"opencode", "session.idle", NULL, NULL, IDLE("hook.opencode.session.idle")},
                {"opencode", "session.error", NULL, NULL,
                                HINT(AGENT_ERROR, "hook.opencode.session.error")},
                {"opencode", "question.asked", NULL, NULL,
                                WAITING(ATTENTION_QUESTION, "hook.opencode.question.asked")},
                {"opencode", "question.replied", NULL, NULL,
                                WORKING("hook.opencode.question.replied")},
                {"opencode", "permission.asked", NULL, NULL,
                                WAITING(ATTENTION_PERMISSION, "hook.opencode.permission.asked")},
                {"opencode", "permission.replied", NULL, NULL,
                                WORKING("hook.opencode.permission.replied")},
};

/* Borrowed from @o. @path has at most three steps, as the table has it. */
static const char *get_string(const json_object *o, const char *path) {
        char step[32];

        for (;;) {
                const char *dot = strchr(path, '.');
                size_t n = dot ? (size_t)(dot - path) : strlen(path);

                assert(n < sizeof(step));
                memcpy(step, path, n);
                step[n] = '\0';
                if (!dot)
                        return json_get_string(o, step);
                o = json_get(o, step);
                path = dot + 1;
        }
}

static bool row_matches(const HookRow *row, const json_object *payload) {
        const char *value;

        if (!row->key)
                return true;
        value = get_string(payload, row->key);
        return value && strcmp(value, row->value) == 0;
}

int hook_event_parse(
                const char *source, const char *event, const json_object *payload, HookEvent *ret) {
        assert(source);
        assert(ret);

        if (text_is_empty(event))
                event = json_get_string(payload, "hook_event_name")
                                ?: json_get_string(payload, "type");
        if (!event)
                return -ENXIO;

        FOREACH_ELEMENT (row, rows)
                if (strcmp(row->source, source) == 0 && strcmp(row->event, event) == 0 &&
                                row_matches(row, payload)) {
                        *ret = row->means;
                        return 0;
                }
        return -ENXIO;
}
