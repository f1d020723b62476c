/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/hook-program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

static const char *const claude_events[] = {"SessionStart", "UserPromptSubmit", "PreToolUse",
                "PermissionRequest", "PostToolUse", "Notification", "PreCompact", "Stop",
                "StopFailure", "SessionEnd", NULL};

static const char *const codex_events[] = {"SessionStart", "UserPromptSubmit", "PreToolUse",
                "PermissionRequest", "PostToolUse", "Stop", NULL};

static const char *const gemini_events[] = {"SessionStart", "BeforeAgent", "BeforeTool",
                "AfterTool", "AfterAgent", "Notification", "SessionEnd", NULL};

static const char *const no_events[] = {NULL};

/* It starts one process for an event that says something, and waits for nothing. */
static const char opencode_script[] =
                "// Tells tmux-orchestrator what happens here. Made by 'tmux-orc hooks install "
                "opencode'.\n"
                "import { spawn } from \"node:child_process\";\n"
                "\n"
                "const told = new Set([\"session.status\", \"session.idle\", \"session.error\", "
                "\"question.asked\",\n"
                "    \"question.replied\", \"permission.asked\", \"permission.replied\"]);\n"
                "\n"
                "function tell(event) {\n"
                "    const p = event.properties ?? {};\n"
                "    const hook = spawn(\"tmux-orc\", [\"hook\", \"opencode\", event.type],\n"
                "        { stdio: [\"pipe\", \"ignore\", \"ignore\"] });\n"
                "    hook.on(\"error\", () => {});\n"
                "    hook.stdin.on(\"error\", () => {});\n"
                "    hook.stdin.end(JSON.stringify({ type: event.type, session_id: p.sessionID,\n"
                "        properties: { status: { type: p.status?.type } } }));\n"
                "}\n"
                "\n"
                "export const TmuxOrchestrator = async () => ({\n"
                "    event: async ({ event }) => {\n"
                "        if (told.has(event.type)) tell(event);\n"
                "    },\n"
                "});\n";

const HookProgram hook_programs[] = {
                {"claude", "CLAUDE_CONFIG_DIR", ".claude", "settings.json", claude_events, NULL,
                                NULL},
                {"codex", "CODEX_HOME", ".codex", "hooks.json", codex_events, NULL,
                                "Codex runs hooks only once you trust them: it asks at its next "
                                "start, or open /hooks in it."},
                {"gemini", NULL, ".gemini", "settings.json", gemini_events, NULL, NULL},
                {"opencode", "OPENCODE_CONFIG_DIR", ".config/opencode",
                                "plugin/tmux-orchestrator.js", no_events, opencode_script, NULL},
                {},
};

const HookProgram *hook_program_find(const char *type) {
        for (const HookProgram *p = hook_programs; p->type; p++)
                if (strcmp(p->type, type) == 0)
                        return p;
        return NULL;
}

int hook_program_path(const HookProgram *program, char **ret) {
        const char *folder = program->variable ? getenv(program->variable) : NULL;
        const char *home = getenv("HOME");
        int n;

        if (!text_is_empty(folder))
                n = asprintf(ret, "%s/%s", folder, program->file);
        else if (!text_is_empty(home))
                n = asprintf(ret, "%s/%s/%s", home, program->folder, program->file);
        else
                return -ENOENT;
        return n < 0 ? -ENOMEM : 0;
}
