/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/look.h"

#define COMPOSER \
        "\n› {cursor}Ask Codex to do anything\n\n  gpt-5-codex default · {cwd}\n" \
        "  ← for agents · ? for shortcuts"
#define BUSY_TITLE "{spin} {dir}"

const Look look_codex = {
                .name = "codex",
                .processes =
                                (const LookProcess[]){
                                                {"node",
                                                                (const char *const[]){"node",
                                                                                "codex", NULL}},
                                                {"codex", (const char *const[]){"codex", NULL}},
                                                {},
                                },
                .alternate = true,
                .spin = (const char *const[]){"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏",
                                NULL},
                .spin_msec = 100,
                .wink = (const char *const[]){"!", ".", NULL},
                .wink_msec = 1000,
                .banner = "",
                .prompt = "\n› {prompt}\n\n",
                .done = "\n• That is done.\n\n  Worked for {secs}s\n\n",
                .goodbye = "To continue this session, run codex resume "
                           "01a1fb33-8cf4-7692-8f5c-28dfa4210af3\n",
                .scenes =
                                {
                                                [SCENE_TRUST] =
                                                                {
                                                                                .screen = "  "
                                                                                          "Folder "
                                                                                          "access\n"
                                                                                          "  "
                                                                                          "{cwd}"
                                                                                          "\n\n"
                                                                                          "  Trust "
                                                                                          "this "
                                                                                          "folder? "
                                                                                          "Codex "
                                                                                          "can "
                                                                                          "read, "
                                                                                          "edit, "
                                                                                          "and run "
                                                                                          "files "
                                                                                          "here."
                                                                                          "\n\n"
                                                                                          "› 1. "
                                                                                          "Trust "
                                                                                          "and "
                                                                                          "continue"
                                                                                          "\n"
                                                                                          "  2. "
                                                                                          "Back to "
                                                                                          "Agent "
                                                                                          "Command "
                                                                                          "Center\n"
                                                                                          "\n"
                                                                                          "  enter "
                                                                                          "continue"
                                                                                          " · esc "
                                                                                          "back",
                                                                },
                                                [SCENE_LOGIN] =
                                                                {
                                                                                .screen = "  "
                                                                                          "Welcome "
                                                                                          "to "
                                                                                          "Codex\n"
                                                                                          "\n"
                                                                                          "> 1. "
                                                                                          "Sign in "
                                                                                          "with "
                                                                                          "ChatGPT"
                                                                                          "\n"
                                                                                          "  2. "
                                                                                          "Provide "
                                                                                          "your "
                                                                                          "own API "
                                                                                          "key\n\n"
                                                                                          "  Press "
                                                                                          "enter "
                                                                                          "to "
                                                                                          "continu"
                                                                                          "e",
                                                                },
                                                [SCENE_IDLE] = {.title = "{dir}",
                                                                .screen = COMPOSER},
                                                [SCENE_DRAFT] =
                                                                {
                                                                                .title = "{dir}",
                                                                                .screen = "\n› "
                                                                                          "{draft}{"
                                                                                          "cursor}"
                                                                                          "\n\n"
                                                                                          "  "
                                                                                          "gpt-5-"
                                                                                          "codex "
                                                                                          "default "
                                                                                          "· "
                                                                                          "{cwd}\n",
                                                                },
                                                [SCENE_WORK] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "\n• "
                                                                                          "Working "
                                                                                          "({secs}"
                                                                                          "s • esc "
                                                                                          "to "
                                                                                          "interrup"
                                                                                          "t)"
                                                                                          "\n"
                                                                                          "\n" COMPOSER,
                                                                },
                                                [SCENE_TOOL] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "\n• "
                                                                                          "Running "
                                                                                          "make "
                                                                                          "test\n\n"
                                                                                          "• "
                                                                                          "Working "
                                                                                          "({secs}"
                                                                                          "s • esc "
                                                                                          "to "
                                                                                          "interrup"
                                                                                          "t)"
                                                                                          "\n"
                                                                                          "\n" COMPOSER,
                                                                },
                                                [SCENE_STREAM] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "\n• The "
                                                                                          "parser "
                                                                                          "reads a "
                                                                                          "line, "
                                                                                          "and "
                                                                                          "{tokens}"
                                                                                          " "
                                                                                          "words "
                                                                                          "of it\n"
                                                                                          "  are "
                                                                                          "explaine"
                                                                                          "d "
                                                                                          "here."
                                                                                          "\n"
                                                                                          "\n" COMPOSER,
                                                                },
                                                [SCENE_PERMISSION] =
                                                                {
                                                                                .title = "[ {wink} "
                                                                                         "] Action "
                                                                                         "Required "
                                                                                         "| {dir}",
                                                                                .screen = "\n  "
                                                                                          "Would "
                                                                                          "you "
                                                                                          "like to "
                                                                                          "run the "
                                                                                          "followin"
                                                                                          "g "
                                                                                          "command?"
                                                                                          "\n\n"
                                                                                          "  "
                                                                                          "Environm"
                                                                                          "ent: "
                                                                                          "local\n"
                                                                                          "\n"
                                                                                          "  $ "
                                                                                          "make "
                                                                                          "test\n\n"
                                                                                          "\n"
                                                                                          "› 1. "
                                                                                          "Yes, "
                                                                                          "proceed "
                                                                                          "(y)\n"
                                                                                          "  2. "
                                                                                          "Yes, "
                                                                                          "and "
                                                                                          "don't "
                                                                                          "ask "
                                                                                          "again "
                                                                                          "for "
                                                                                          "commands"
                                                                                          " that "
                                                                                          "start "
                                                                                          "with "
                                                                                          "`make` "
                                                                                          "(p)\n"
                                                                                          "  3. "
                                                                                          "No, and "
                                                                                          "tell "
                                                                                          "Codex "
                                                                                          "what to "
                                                                                          "do "
                                                                                          "differen"
                                                                                          "tly "
                                                                                          "(esc)"
                                                                                          "\n\n"
                                                                                          "  Press "
                                                                                          "enter "
                                                                                          "to "
                                                                                          "confirm "
                                                                                          "or esc "
                                                                                          "to "
                                                                                          "cancel",
                                                                },
                                                [SCENE_QUESTION] =
                                                                {
                                                                                .title = "[ {wink} "
                                                                                         "] Action "
                                                                                         "Required "
                                                                                         "| {dir}",
                                                                                .screen = "\n\n  "
                                                                                          "Question"
                                                                                          " 1/1 (1 "
                                                                                          "unanswer"
                                                                                          "ed)\n"
                                                                                          "  Which "
                                                                                          "format "
                                                                                          "should "
                                                                                          "the "
                                                                                          "output "
                                                                                          "have?"
                                                                                          "\n\n"
                                                                                          "  › 1. "
                                                                                          "JSON "
                                                                                          "(Recomme"
                                                                                          "nded)  "
                                                                                          "For "
                                                                                          "programs"
                                                                                          "\n"
                                                                                          "    2. "
                                                                                          "Text    "
                                                                                          "        "
                                                                                          "    For "
                                                                                          "people\n"
                                                                                          "    3. "
                                                                                          "None of "
                                                                                          "the "
                                                                                          "above   "
                                                                                          "Add "
                                                                                          "details "
                                                                                          "in "
                                                                                          "notes "
                                                                                          "(tab)"
                                                                                          "\n\n"
                                                                                          "  tab "
                                                                                          "to add "
                                                                                          "notes | "
                                                                                          "enter "
                                                                                          "to "
                                                                                          "submit "
                                                                                          "answer "
                                                                                          "| esc "
                                                                                          "to "
                                                                                          "interrup"
                                                                                          "t",
                                                                },
                                                [SCENE_PLAN] =
                                                                {
                                                                                .title = "{dir}",
                                                                                .screen = "\n• "
                                                                                          "Proposed"
                                                                                          " Plan\n"
                                                                                          "\n"
                                                                                          "  1. "
                                                                                          "Read "
                                                                                          "the "
                                                                                          "parser\n"
                                                                                          "  2. "
                                                                                          "Split "
                                                                                          "it\n\n"
                                                                                          "  "
                                                                                          "Implemen"
                                                                                          "t this "
                                                                                          "plan?"
                                                                                          "\n\n\n"
                                                                                          "› 1. "
                                                                                          "Yes, "
                                                                                          "implemen"
                                                                                          "t this "
                                                                                          "plan   "
                                                                                          "Switch "
                                                                                          "to "
                                                                                          "Default "
                                                                                          "and "
                                                                                          "start "
                                                                                          "coding\n"
                                                                                          "  2. "
                                                                                          "No, "
                                                                                          "stay in "
                                                                                          "Plan "
                                                                                          "mode    "
                                                                                          "  "
                                                                                          "Continue"
                                                                                          " plannin"
                                                                                          "g with "
                                                                                          "the "
                                                                                          "model\n"
                                                                                          "\n"
                                                                                          "  enter "
                                                                                          "select "
                                                                                          "· esc "
                                                                                          "back",
                                                                },
                                                [SCENE_LIMIT] =
                                                                {
                                                                                .title = "{dir}",
                                                                                .log = "\n■ You’ve "
                                                                                       "hit your "
                                                                                       "usage "
                                                                                       "limit. "
                                                                                       "Purchase "
                                                                                       "more "
                                                                                       "credits or "
                                                                                       "try again\n"
                                                                                       "at "
                                                                                       "{resetdate}"
                                                                                       ".\n\n",
                                                                },
                                                [SCENE_ERROR] =
                                                                {
                                                                                .title = "{dir}",
                                                                                .log = "\n■ stream "
                                                                                       "disconnecte"
                                                                                       "d before "
                                                                                       "completion:"
                                                                                       " "
                                                                                       "the "
                                                                                       "connection "
                                                                                       "was "
                                                                                       "closed\n\n",
                                                                },
                                },
};
