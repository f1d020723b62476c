/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/look.h"

#define TITLE "OC | Tidy the parser"
#define BOX(text) "  ┃\n  ┃  " text "\n  ┃\n  ┃  Build · Model Provider\n  ╹{=▀}\n"
#define BUSY BOX("{cursor}") "   {spin}  esc interrupt{= }tab agents  ctrl+p commands"

const Look look_opencode = {
                .name = "opencode",
                .processes =
                                (const LookProcess[]){
                                                {"opencode",
                                                                (const char *const[]){
                                                                                "opencode", NULL}},
                                                {},
                                },
                .alternate = true,
                .spin = (const char *const[]){"■⬝⬝⬝⬝⬝⬝⬝", "■■⬝⬝⬝⬝⬝⬝", "■■■⬝⬝⬝⬝⬝", "⬝■■■⬝⬝⬝⬝",
                                "⬝⬝■■■⬝⬝⬝", "⬝⬝⬝■■■⬝⬝", "⬝⬝⬝⬝■■■⬝", "⬝⬝⬝⬝⬝■■■", "⬝⬝⬝⬝⬝⬝■■",
                                "⬝⬝⬝⬝⬝⬝⬝■", "⬝⬝⬝⬝⬝⬝⬝⬝", NULL},
                .spin_msec = 100,
                .wink = (const char *const[]){"", NULL},
                .wink_msec = 1000,
                .banner = "",
                .prompt = "  ┃\n  ┃  {prompt}\n  ┃\n\n",
                .done = "     That is done.\n\n     ▣  Build · Model · {secs}s\n\n",
                .goodbye = "  Session   Tidy the parser\n"
                           "  Continue  opencode -s ses_e04bf5d89ffeKb7XbWZLNKncrg\n\n",
                .scenes =
                                {
                                                [SCENE_LOGIN] =
                                                                {
                                                                                .title = "OpenCode",
                                                                                .screen = "  "
                                                                                          "Connect "
                                                                                          "a "
                                                                                          "provider"
                                                                                          "{= "
                                                                                          "}esc\n\n"
                                                                                          "  "
                                                                                          "Search\n"
                                                                                          "\n"
                                                                                          "  "
                                                                                          "Popular"
                                                                                          "\n"
                                                                                          "  ● "
                                                                                          "OpenCode"
                                                                                          " Zen "
                                                                                          "(Recomme"
                                                                                          "nded)\n"
                                                                                          "    "
                                                                                          "Anthropi"
                                                                                          "c\n    "
                                                                                          "OpenAI"
                                                                                          "\n",
                                                                },
                                                [SCENE_IDLE] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = BOX("{cur"
                                                                                              "sor}"
                                                                                              "Ask "
                                                                                              "anyt"
                                                                                              "hing"
                                                                                              "…") "{= }tab agents  ctrl+p commands",
                                                                },
                                                [SCENE_DRAFT] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = BOX("{dra"
                                                                                              "ft}{"
                                                                                              "curs"
                                                                                              "or}") "{= }tab agents  ctrl+p commands",
                                                                },
                                                [SCENE_WORK] = {.title = TITLE, .screen = BUSY},
                                                [SCENE_TOOL] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = "  ┃\n  "
                                                                                          "┃  $ "
                                                                                          "make "
                                                                                          "test\n  "
                                                                                          "┃\n"
                                                                                          "  ┃  "
                                                                                          "running "
                                                                                          "test "
                                                                                          "{tokens}"
                                                                                          "\n  "
                                                                                          "┃\n"
                                                                                          "\n" BUSY,
                                                                },
                                                [SCENE_STREAM] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = "     "
                                                                                          "The "
                                                                                          "parser "
                                                                                          "reads a "
                                                                                          "line, "
                                                                                          "and "
                                                                                          "{tokens}"
                                                                                          " words "
                                                                                          "of it "
                                                                                          "are "
                                                                                          "explaine"
                                                                                          "d.\n\n"
                                                                                          "     ▣  "
                                                                                          "Build · "
                                                                                          "Model\n"
                                                                                          "\n" BUSY,
                                                                },
                                                [SCENE_PERMISSION] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = "  ┃\n  "
                                                                                          "┃  △ "
                                                                                          "Permissi"
                                                                                          "on "
                                                                                          "required"
                                                                                          "\n"
                                                                                          "  ┃    "
                                                                                          "# Shell "
                                                                                          "command"
                                                                                          "\n  ┃\n"
                                                                                          "  ┃  $ "
                                                                                          "make "
                                                                                          "test\n  "
                                                                                          "┃\n  ┃\n"
                                                                                          "  ┃   "
                                                                                          "Allow "
                                                                                          "once   "
                                                                                          "Allow "
                                                                                          "always  "
                                                                                          " "
                                                                                          "Reject{="
                                                                                          " }⇆ "
                                                                                          "select  "
                                                                                          "enter "
                                                                                          "confirm"
                                                                                          "\n  ┃",
                                                                },
                                                [SCENE_QUESTION] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = "  ┃\n"
                                                                                          "  ┃  "
                                                                                          "Which "
                                                                                          "format "
                                                                                          "should "
                                                                                          "the "
                                                                                          "output "
                                                                                          "have?\n "
                                                                                          " ┃\n"
                                                                                          "  ┃  1. "
                                                                                          "JSON\n  "
                                                                                          "┃     "
                                                                                          "For "
                                                                                          "programs"
                                                                                          "\n"
                                                                                          "  ┃  2. "
                                                                                          "Text\n  "
                                                                                          "┃     "
                                                                                          "For "
                                                                                          "people\n"
                                                                                          "  ┃  3. "
                                                                                          "Type "
                                                                                          "your "
                                                                                          "own "
                                                                                          "answer\n"
                                                                                          "  ┃\n"
                                                                                          "  ┃  ↑↓ "
                                                                                          "select  "
                                                                                          "enter "
                                                                                          "submit  "
                                                                                          "esc "
                                                                                          "dismiss"
                                                                                          "\n  ┃",
                                                                },
                                                [SCENE_PLAN] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = "  ┃\n"
                                                                                          "  ┃  "
                                                                                          "The "
                                                                                          "plan is "
                                                                                          "complete"
                                                                                          ". "
                                                                                          "Switch "
                                                                                          "to "
                                                                                          "the "
                                                                                          "build "
                                                                                          "agent?"
                                                                                          "\n  ┃\n"
                                                                                          "  ┃  1. "
                                                                                          "Yes\n  "
                                                                                          "┃  2. "
                                                                                          "No\n  "
                                                                                          "┃\n"
                                                                                          "  ┃  ↑↓ "
                                                                                          "select  "
                                                                                          "enter "
                                                                                          "submit  "
                                                                                          "esc "
                                                                                          "dismiss"
                                                                                          "\n  ┃",
                                                                },
                                                [SCENE_LIMIT] =
                                                                {
                                                                                .title = TITLE,
                                                                                .screen = BOX("{cur"
                                                                                              "sor"
                                                                                              "}") "   {spin} Rate limit reached. [retrying in 20s attempt #1] esc interrupt",
                                                                },
                                                [SCENE_ERROR] =
                                                                {
                                                                                .title = TITLE,
                                                                                .log = "  ┃\n  ┃  "
                                                                                       "Forbidden: "
                                                                                       "this "
                                                                                       "account "
                                                                                       "may not "
                                                                                       "use the "
                                                                                       "model\n  "
                                                                                       "┃\n\n"
                                                                                       "     ▣  "
                                                                                       "Build · "
                                                                                       "Model\n\n",
                                                                },
                                },
};
