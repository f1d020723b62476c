/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/look.h"

#define IDLE_TITLE "✳ Tidy the parser"
#define BUSY_TITLE "{wink} Tidy the parser"
#define BUSY_BOX "{=─}\n❯ {cursor}\n{=─}\n  esc to interrupt · ← for agents"

const Look look_claude = {
                .name = "claude",
                .processes =
                                (const LookProcess[]){
                                                {"claude", (const char *const[]){"claude", NULL}},
                                                {},
                                },
                .spin = (const char *const[]){"·", "✢", "✳", "✶", "✻", "✽", NULL},
                .spin_msec = 200,
                .wink = (const char *const[]){"⠂", "⠐", NULL},
                .wink_msec = 960,
                .banner = "╭─── Claude Code v2.1.197 {=─}╮\n"
                          "│ Welcome back!{= }│\n"
                          "│ {cwd}{= }│\n"
                          "╰{=─}╯\n\n",
                .prompt = "❯ {prompt}\n\n",
                .done = "● That is done.\n\n✻ Baked for {secs}s\n\n",
                .goodbye = "\nResume this session with:\n"
                           "claude --resume 0d2c6f7e-58aa-4d0e-9a3c-4c1e2f6b7a90\n",
                .scenes =
                                {
                                                [SCENE_TRUST] =
                                                                {
                                                                                .screen = "{=─}\n"
                                                                                          " Accessi"
                                                                                          "ng "
                                                                                          "workspac"
                                                                                          "e:\n\n "
                                                                                          "{cwd}"
                                                                                          "\n\n"
                                                                                          " Quick "
                                                                                          "safety "
                                                                                          "check: "
                                                                                          "Is this "
                                                                                          "a "
                                                                                          "folder "
                                                                                          "of "
                                                                                          "yours, "
                                                                                          "or one "
                                                                                          "that "
                                                                                          "you "
                                                                                          "trust?"
                                                                                          "\n\n"
                                                                                          " ❯ 1. "
                                                                                          "Yes, I "
                                                                                          "trust "
                                                                                          "this "
                                                                                          "folder\n"
                                                                                          "   2. "
                                                                                          "No, "
                                                                                          "exit\n\n"
                                                                                          " Enter "
                                                                                          "to "
                                                                                          "confirm "
                                                                                          "· Esc "
                                                                                          "to "
                                                                                          "cancel",
                                                                },
                                                [SCENE_LOGIN] =
                                                                {
                                                                                .screen = " Claude "
                                                                                          "Code "
                                                                                          "can be "
                                                                                          "used "
                                                                                          "with "
                                                                                          "your "
                                                                                          "Claude "
                                                                                          "subscrip"
                                                                                          "tion or "
                                                                                          "by API "
                                                                                          "usage."
                                                                                          "\n\n"
                                                                                          " Select "
                                                                                          "login "
                                                                                          "method:"
                                                                                          "\n\n"
                                                                                          " ❯ 1. "
                                                                                          "Claude "
                                                                                          "account "
                                                                                          "with "
                                                                                          "subscrip"
                                                                                          "tion\n"
                                                                                          "   2. "
                                                                                          "Anthropi"
                                                                                          "c "
                                                                                          "Console "
                                                                                          "account"
                                                                                          "\n",
                                                                },
                                                [SCENE_IDLE] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .screen = "{=─}\n❯ "
                                                                                          "{cursor}"
                                                                                          "\n{=─}\n"
                                                                                          "  ? for "
                                                                                          "shortcut"
                                                                                          "s · ← "
                                                                                          "for "
                                                                                          "agents",
                                                                },
                                                [SCENE_DRAFT] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .screen = "{=─}\n❯ "
                                                                                          "{draft}{"
                                                                                          "cursor}"
                                                                                          "\n{=─}\n"
                                                                                          "  ← for "
                                                                                          "agents",
                                                                },
                                                [SCENE_WORK] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "{spin} "
                                                                                          "Ponderin"
                                                                                          "g… "
                                                                                          "({secs}"
                                                                                          "s · ↓ "
                                                                                          "{tokens}"
                                                                                          " "
                                                                                          "tokens)"
                                                                                          "\n"
                                                                                          "\n" BUSY_BOX,
                                                                },
                                                [SCENE_TOOL] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "● "
                                                                                          "Bash("
                                                                                          "make "
                                                                                          "test)\n "
                                                                                          " ⎿  "
                                                                                          "Running…"
                                                                                          "\n\n"
                                                                                          "{spin} "
                                                                                          "Testing…"
                                                                                          " ({secs}"
                                                                                          "s · ↓ "
                                                                                          "{tokens}"
                                                                                          " "
                                                                                          "tokens)"
                                                                                          "\n"
                                                                                          "\n" BUSY_BOX,
                                                                },
                                                [SCENE_STREAM] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "● The "
                                                                                          "parser "
                                                                                          "reads a "
                                                                                          "line, "
                                                                                          "and "
                                                                                          "{tokens}"
                                                                                          " "
                                                                                          "words "
                                                                                          "of it "
                                                                                          "are\n"
                                                                                          "  "
                                                                                          "explaine"
                                                                                          "d "
                                                                                          "here."
                                                                                          "\n"
                                                                                          "\n" BUSY_BOX,
                                                                },
                                                [SCENE_PERMISSION] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .screen = "● "
                                                                                          "Bash("
                                                                                          "make "
                                                                                          "test)\n "
                                                                                          " ⎿  "
                                                                                          "Waiting…"
                                                                                          "\n\n"
                                                                                          "{=─}\n"
                                                                                          " Bash "
                                                                                          "command"
                                                                                          "\n\n"
                                                                                          "   make "
                                                                                          "test\n  "
                                                                                          " Run "
                                                                                          "the "
                                                                                          "tests\n"
                                                                                          "\n"
                                                                                          " Do you "
                                                                                          "want to "
                                                                                          "proceed?"
                                                                                          "\n"
                                                                                          " ❯ 1. "
                                                                                          "Yes\n"
                                                                                          "   2. "
                                                                                          "Yes, "
                                                                                          "and "
                                                                                          "don't "
                                                                                          "ask "
                                                                                          "again "
                                                                                          "for "
                                                                                          "make "
                                                                                          "commands"
                                                                                          " in "
                                                                                          "{cwd}\n"
                                                                                          "   3. "
                                                                                          "No\n\n"
                                                                                          " Esc to "
                                                                                          "cancel "
                                                                                          "· Tab "
                                                                                          "to "
                                                                                          "amend · "
                                                                                          "ctrl+e "
                                                                                          "to "
                                                                                          "explain",
                                                                },
                                                [SCENE_QUESTION] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .screen = "{=─}\n "
                                                                                          "☐ "
                                                                                          "Format\n"
                                                                                          "\n"
                                                                                          "Which "
                                                                                          "format "
                                                                                          "should "
                                                                                          "the "
                                                                                          "output "
                                                                                          "have?"
                                                                                          "\n\n"
                                                                                          "❯ 1. "
                                                                                          "JSON\n  "
                                                                                          "   For "
                                                                                          "programs"
                                                                                          "\n"
                                                                                          "  2. "
                                                                                          "Text\n  "
                                                                                          "   For "
                                                                                          "people\n"
                                                                                          "  3. "
                                                                                          "Type "
                                                                                          "somethin"
                                                                                          "g.\n{=─}"
                                                                                          "\n"
                                                                                          "  4. "
                                                                                          "Chat "
                                                                                          "about "
                                                                                          "this\n\n"
                                                                                          "Enter "
                                                                                          "to "
                                                                                          "select "
                                                                                          "· ↑/↓ "
                                                                                          "to "
                                                                                          "navigate"
                                                                                          " · Esc "
                                                                                          "to "
                                                                                          "cancel",
                                                                },
                                                [SCENE_PLAN] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .screen = "{=─}\n "
                                                                                          "Exit "
                                                                                          "plan "
                                                                                          "mode?"
                                                                                          "\n\n"
                                                                                          "  "
                                                                                          "Claude "
                                                                                          "wants "
                                                                                          "to exit "
                                                                                          "plan "
                                                                                          "mode\n\n"
                                                                                          "  ❯ 1. "
                                                                                          "Yes\n   "
                                                                                          " 2. No",
                                                                },
                                                [SCENE_LIMIT] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .log = "  ⎿  "
                                                                                       "You've hit "
                                                                                       "your "
                                                                                       "session "
                                                                                       "limit · "
                                                                                       "resets "
                                                                                       "{reset}\n\n"
                                                                                       "✻ Baked "
                                                                                       "for 1s\n\n",
                                                                },
                                                [SCENE_ERROR] =
                                                                {
                                                                                .title = IDLE_TITLE,
                                                                                .log = "● API "
                                                                                       "Error: 529 "
                                                                                       "Overloaded."
                                                                                       " Try again "
                                                                                       "in "
                                                                                       "a "
                                                                                       "moment."
                                                                                       "\n\n✻ "
                                                                                       "Baked for "
                                                                                       "2s\n\n",
                                                                },
                                },
};
