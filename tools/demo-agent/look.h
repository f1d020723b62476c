/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looks
 *
 * How the agents of one type look: what their processes are called, what they write into the title
 * and onto the screen in each scene. Data only; look-<type>.c holds one each.
 *
 * Texts have placeholders: {dir} and {cwd}, {prompt} and {draft}, {spin} and {wink} (the animations
 * of the screen and of the title), {secs} in this scene, {tokens}, {reset} ("1:12am (UTC)") and
 * {resetdate}, {cursor} where it stands, and {=X} for as many X as fill the line.
 */

#include <stdbool.h>

#include "tools/demo-agent/scene.h"

typedef struct LookScene {
        const char *title;  /* NULL: as it was */
        const char *screen; /* the live part, below what happened before; NULL: that of idle */
        const char *log;    /* what entering it adds to what happened before */
} LookScene;

typedef struct LookProcess {
        const char *comm;        /* the name that the kernel knows; NULL ends the list */
        const char *const *argv; /* what /proc shows */
} LookProcess;

typedef struct Look {
        const char *name;
        const LookProcess *processes; /* parents first */
        bool alternate;               /* uses the alternate screen, and stands at its bottom */
        const char *const *spin;
        unsigned spin_msec;
        const char *const *wink;
        unsigned wink_msec;
        const char *banner;
        const char *prompt; /* logged when a turn begins */
        const char *done;   /* logged when it ends well */
        const char *goodbye;
        LookScene scenes[_SCENE_MAX];
} Look;

extern const Look look_claude, look_codex, look_gemini, look_opencode;

/* NULL if there is none of that name. */
const Look *look_find(const char *name);
