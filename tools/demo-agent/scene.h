/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Scenes
 *
 * What the demonstration agent can be doing, and the script that says in which order. It knows no
 * terminal and no agent's looks.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum Scene {
        SCENE_START, /* the process is there, nothing is painted yet */
        SCENE_TRUST,
        SCENE_LOGIN,
        SCENE_IDLE,
        SCENE_DRAFT, /* idle, with text in the input box */
        SCENE_WORK,
        SCENE_TOOL,   /* work: a command runs */
        SCENE_STREAM, /* work: the answer is being written */
        SCENE_PERMISSION,
        SCENE_QUESTION,
        SCENE_PLAN,
        SCENE_LIMIT,
        SCENE_ERROR,
        SCENE_EXIT,  /* ends cleanly */
        SCENE_CRASH, /* ends by SIGSEGV */
        SCENE_KILL,  /* ends by SIGKILL: the terminal stays as it is */
        _SCENE_MAX,
        _SCENE_INVALID = -EINVAL,
} Scene;

#define SCRIPT_STEPS_MAX 64

typedef struct ScriptStep {
        Scene scene;
        double seconds;
} ScriptStep;

typedef struct Script {
        ScriptStep steps[SCRIPT_STEPS_MAX];
        size_t n_steps;
        bool loop; /* after the last step comes the first that is not SCENE_START */
} Script;

const char *scene_to_string(Scene s);
Scene scene_from_string(const char *s);

static inline bool scene_is_turn(Scene s) {
        return s >= SCENE_WORK && s <= SCENE_PLAN;
}
static inline bool scene_is_dialog(Scene s) {
        return s == SCENE_TRUST || s == SCENE_LOGIN || (s >= SCENE_PERMISSION && s <= SCENE_PLAN);
}

/*
 * "start 2; idle 3; ask permission 4; loop": scenes with their seconds, 5 where none are given.
 * Returns -EINVAL with the step that is wrong in @ret_wrong, which points into @text.
 */
int script_parse(const char *text, Script *ret, const char **ret_wrong);
