/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/look.h"

#define PAD "                                                  "
#define READY_TITLE "◇  Ready ({dir})" PAD
#define BUSY_TITLE "✦  Working… ({dir})" PAD
#define ASK_TITLE "✋  Action Required ({dir})" PAD
#define BOX \
        "{=─}\n Shift+Tab to accept edits\n{=▄}\n >   {cursor}Type your message or " \
        "@path/to/file\n{=▀}\n workspace (/directory)\n {cwd}"

const Look look_gemini = {
                .name = "gemini",
                .processes =
                                (const LookProcess[]){
                                                {"node",
                                                                (const char *const[]){"node",
                                                                                "gemini", NULL}},
                                                {"node",
                                                                (const char *const[]){"node",
                                                                                "--max-old-space-"
                                                                                "size=8192",
                                                                                "gemini", NULL}},
                                                {},
                                },
                .spin = (const char *const[]){"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏",
                                NULL},
                .spin_msec = 100,
                .wink = (const char *const[]){"", NULL},
                .wink_msec = 1000,
                .banner = " Gemini CLI v0.61.0\n\n"
                          "Tips for getting started:\n"
                          "1. /help for more information\n"
                          "2. Be specific for the best results\n\n",
                .prompt = "{=▄}\n > {prompt}\n{=▀}\n\n",
                .done = "✦ That is done.\n\n",
                .goodbye = "╭{=─}╮\n│  Agent powering down. Goodbye!{= }│\n"
                           "│  To resume this session: gemini --resume "
                           "f871ce28-3d6b-4a64-aeec-0288e959725b{= }│\n╰{=─}╯\n",
                .scenes =
                                {
                                                [SCENE_TRUST] =
                                                                {
                                                                                .title = READY_TITLE,
                                                                                .screen = " ╭{=─}"
                                                                                          "╮\n"
                                                                                          " │ Do "
                                                                                          "you "
                                                                                          "trust "
                                                                                          "the "
                                                                                          "files "
                                                                                          "in this "
                                                                                          "folder?{"
                                                                                          "= }│\n "
                                                                                          "│{= }│\n"
                                                                                          " │ Its "
                                                                                          "settings"
                                                                                          " may "
                                                                                          "run "
                                                                                          "programs"
                                                                                          ".{= }│\n"
                                                                                          " │{= "
                                                                                          "}│\n"
                                                                                          " │ ● 1. "
                                                                                          "Trust "
                                                                                          "folder "
                                                                                          "({dir}){"
                                                                                          "= }│\n"
                                                                                          " │   2. "
                                                                                          "Trust "
                                                                                          "parent "
                                                                                          "folder{="
                                                                                          " }│\n"
                                                                                          " │   3. "
                                                                                          "Don't "
                                                                                          "trust{= "
                                                                                          "}│\n"
                                                                                          " ╰{=─}╯",
                                                                },
                                                [SCENE_LOGIN] =
                                                                {
                                                                                .title = READY_TITLE,
                                                                                .screen = "╭{=─}"
                                                                                          "╮\n│{= "
                                                                                          "}│\n│ ? "
                                                                                          "Get "
                                                                                          "started{"
                                                                                          "= }│\n"
                                                                                          "│{= }│\n"
                                                                                          "│   How "
                                                                                          "would "
                                                                                          "you "
                                                                                          "like to "
                                                                                          "authenti"
                                                                                          "cate "
                                                                                          "for "
                                                                                          "this "
                                                                                          "project?"
                                                                                          "{= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n"
                                                                                          "│   ● "
                                                                                          "1. Sign "
                                                                                          "in with "
                                                                                          "Google{="
                                                                                          " }│\n"
                                                                                          "│     "
                                                                                          "2. Use "
                                                                                          "Gemini "
                                                                                          "API "
                                                                                          "Key{= "
                                                                                          "}│\n"
                                                                                          "│     "
                                                                                          "3. "
                                                                                          "Vertex "
                                                                                          "AI{= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n"
                                                                                          "╰{=─}╯",
                                                                },
                                                [SCENE_IDLE] =
                                                                {
                                                                                .title = READY_TITLE,
                                                                                .screen = "{= }? "
                                                                                          "for "
                                                                                          "shortcut"
                                                                                          "s\n" BOX,
                                                                },
                                                [SCENE_DRAFT] =
                                                                {
                                                                                .title = READY_TITLE,
                                                                                .screen = "{= }? "
                                                                                          "for "
                                                                                          "shortcut"
                                                                                          "s\n"
                                                                                          "{=─}\n "
                                                                                          "Shift+"
                                                                                          "Tab to "
                                                                                          "accept "
                                                                                          "edits\n{"
                                                                                          "=▄}\n"
                                                                                          " > "
                                                                                          "{draft}{"
                                                                                          "cursor}"
                                                                                          "\n{=▀}\n"
                                                                                          " workspa"
                                                                                          "ce "
                                                                                          "(/"
                                                                                          "director"
                                                                                          "y)\n "
                                                                                          "{cwd}",
                                                                },
                                                [SCENE_WORK] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "\n "
                                                                                          "{spin} "
                                                                                          "Thinking"
                                                                                          "... "
                                                                                          "(esc to "
                                                                                          "cancel, "
                                                                                          "{secs}s)"
                                                                                          "{= }? "
                                                                                          "for "
                                                                                          "shortcut"
                                                                                          "s\n" BOX,
                                                                },
                                                [SCENE_TOOL] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "╭{=─}"
                                                                                          "╮\n│ ⊶  "
                                                                                          "Shell  "
                                                                                          "make "
                                                                                          "test{= "
                                                                                          "}│\n"
                                                                                          "│ "
                                                                                          "running "
                                                                                          "test "
                                                                                          "{tokens}"
                                                                                          "{= "
                                                                                          "}│\n╰{="
                                                                                          "─}╯\n"
                                                                                          " {spin} "
                                                                                          "Running "
                                                                                          "the "
                                                                                          "tests "
                                                                                          "(esc to "
                                                                                          "cancel, "
                                                                                          "{secs}s)"
                                                                                          "\n" BOX,
                                                                },
                                                [SCENE_STREAM] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "✦ The "
                                                                                          "parser "
                                                                                          "reads a "
                                                                                          "line, "
                                                                                          "and "
                                                                                          "{tokens}"
                                                                                          " "
                                                                                          "words "
                                                                                          "of it "
                                                                                          "are "
                                                                                          "explaine"
                                                                                          "d "
                                                                                          "here."
                                                                                          "\n\n"
                                                                                          " {spin} "
                                                                                          "Explaini"
                                                                                          "ng (esc "
                                                                                          "to "
                                                                                          "cancel, "
                                                                                          "{secs}s)"
                                                                                          "\n" BOX,
                                                                },
                                                [SCENE_PERMISSION] =
                                                                {
                                                                                .title = ASK_TITLE,
                                                                                .screen = "╭{=─}"
                                                                                          "╮\n│ ? "
                                                                                          "Shell  "
                                                                                          "make "
                                                                                          "test{= "
                                                                                          "}│\n"
                                                                                          "│ Allow "
                                                                                          "executio"
                                                                                          "n of "
                                                                                          "[Shell]?"
                                                                                          "{= }│\n"
                                                                                          "│{= }│\n"
                                                                                          "│ ● 1. "
                                                                                          "Allow "
                                                                                          "once{= "
                                                                                          "}│\n"
                                                                                          "│   2. "
                                                                                          "Allow "
                                                                                          "for "
                                                                                          "this "
                                                                                          "session{"
                                                                                          "= }│\n"
                                                                                          "│   3. "
                                                                                          "No, "
                                                                                          "suggest "
                                                                                          "changes "
                                                                                          "(esc){= "
                                                                                          "}│\n"
                                                                                          "╰{=─}"
                                                                                          "╯\n",
                                                                },
                                                [SCENE_QUESTION] =
                                                                {
                                                                                .title = ASK_TITLE,
                                                                                .screen = "╭{=─}"
                                                                                          "╮\n│ "
                                                                                          "Answer "
                                                                                          "Question"
                                                                                          "s{= }│\n"
                                                                                          "│{= }│\n"
                                                                                          "│ Which "
                                                                                          "format "
                                                                                          "should "
                                                                                          "the "
                                                                                          "output "
                                                                                          "have?{= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n"
                                                                                          "│ ● 1.  "
                                                                                          "JSON{= "
                                                                                          "}│\n"
                                                                                          "│   2.  "
                                                                                          "Text{= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n"
                                                                                          "│ Enter "
                                                                                          "to "
                                                                                          "select "
                                                                                          "· ↑/↓ "
                                                                                          "to "
                                                                                          "navigate"
                                                                                          " · "
                                                                                          "Esc to "
                                                                                          "cancel{="
                                                                                          " }│\n╰{="
                                                                                          "─}╯\n",
                                                                },
                                                [SCENE_PLAN] =
                                                                {
                                                                                .title = ASK_TITLE,
                                                                                .screen = "╭{=─}"
                                                                                          "╮\n│ "
                                                                                          "Ready "
                                                                                          "to "
                                                                                          "start "
                                                                                          "implemen"
                                                                                          "tation?{"
                                                                                          "= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n"
                                                                                          "│ ● 1.  "
                                                                                          "Yes, "
                                                                                          "automati"
                                                                                          "cally "
                                                                                          "accept "
                                                                                          "edits{= "
                                                                                          "}│\n"
                                                                                          "│   2.  "
                                                                                          "Yes, "
                                                                                          "manually"
                                                                                          " accept "
                                                                                          "edits{= "
                                                                                          "}│\n"
                                                                                          "│{= }│\n"
                                                                                          "│ Enter "
                                                                                          "to "
                                                                                          "select "
                                                                                          "· ↑/↓ "
                                                                                          "to "
                                                                                          "navigate"
                                                                                          " · "
                                                                                          "Esc to "
                                                                                          "cancel{="
                                                                                          " }│\n╰{="
                                                                                          "─}╯\n",
                                                                },
                                                [SCENE_LIMIT] =
                                                                {
                                                                                .title = BUSY_TITLE,
                                                                                .screen = "╭{=─}"
                                                                                          "╮\n│{= "
                                                                                          "}│\n"
                                                                                          "│ Usage "
                                                                                          "limit "
                                                                                          "reached "
                                                                                          "for "
                                                                                          "gemini-"
                                                                                          "2.5-"
                                                                                          "flash.{="
                                                                                          " }│\n"
                                                                                          "│ "
                                                                                          "Access "
                                                                                          "resets "
                                                                                          "at "
                                                                                          "{reset}."
                                                                                          "{= }│\n"
                                                                                          "│ "
                                                                                          "/model "
                                                                                          "to "
                                                                                          "switch "
                                                                                          "models.{"
                                                                                          "= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n"
                                                                                          "│ ● 1. "
                                                                                          "Keep "
                                                                                          "trying{="
                                                                                          " }│\n"
                                                                                          "│   2. "
                                                                                          "Stop{= "
                                                                                          "}│\n│{= "
                                                                                          "}│\n╰{="
                                                                                          "─}╯\n",
                                                                },
                                                [SCENE_ERROR] =
                                                                {
                                                                                .title = READY_TITLE,
                                                                                .log = "✕ [API "
                                                                                       "Error: The "
                                                                                       "service is "
                                                                                       "not "
                                                                                       "available.]"
                                                                                       "\n\nℹ This "
                                                                                       "request "
                                                                                       "failed."
                                                                                       "\n\n",
                                                                },
                                },
};
