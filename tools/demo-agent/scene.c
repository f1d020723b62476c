/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/scene.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const scene_table[_SCENE_MAX] = {
                [SCENE_START] = "start",
                [SCENE_TRUST] = "trust",
                [SCENE_LOGIN] = "login",
                [SCENE_IDLE] = "idle",
                [SCENE_DRAFT] = "draft",
                [SCENE_WORK] = "work",
                [SCENE_TOOL] = "tool",
                [SCENE_STREAM] = "stream",
                [SCENE_PERMISSION] = "permission",
                [SCENE_QUESTION] = "question",
                [SCENE_PLAN] = "plan",
                [SCENE_LIMIT] = "limit",
                [SCENE_ERROR] = "error",
                [SCENE_EXIT] = "exit",
                [SCENE_CRASH] = "crash",
                [SCENE_KILL] = "kill",
};

const char *scene_to_string(Scene s) {
        assert(s >= 0 && s < _SCENE_MAX);
        return scene_table[s];
}

Scene scene_from_string(const char *s) {
        for (Scene i = 0; i < _SCENE_MAX; i++)
                if (strcmp(scene_table[i], s) == 0)
                        return i;
        return _SCENE_INVALID;
}

/* One step, already cut out and without its ';'. */
static int script_add(Script *script, const char *step) {
        char word[16];
        double seconds = 5;
        Scene scene;
        int n = -1, matched;

        if (sscanf(step, " ask %n", &n) == 0 && n > 0)
                step += n;
        n = -1;
        matched = sscanf(step, " %15[a-z] %n%lf %n", word, &n, &seconds, &n);
        if (matched < 1)
                return step[strspn(step, " ")] == '\0' ? 0 : -EINVAL;
        if (step[n] != '\0' || !(seconds >= 0 && seconds <= 86400))
                return -EINVAL;
        if (strcmp(word, "loop") == 0) {
                script->loop = true;
                return 0;
        }

        scene = scene_from_string(word);
        if (scene < 0 || script->loop || script->n_steps == SCRIPT_STEPS_MAX)
                return -EINVAL;
        script->steps[script->n_steps++] = (ScriptStep){.scene = scene, .seconds = seconds};
        return 0;
}

int script_parse(const char *text, Script *ret, const char **ret_wrong) {
        Script script = {};
        int r = 0;

        for (const char *p = text; r >= 0 && *p;) {
                size_t n = strcspn(p, ";");
                char step[64];

                *ret_wrong = p;
                if (snprintf(step, sizeof(step), "%.*s", (int)n, p) >= (int)sizeof(step))
                        return -EINVAL;
                r = script_add(&script, step);
                p += n + (p[n] == ';');
        }
        if (r < 0 || script.n_steps == 0)
                return -EINVAL;

        *ret = script;
        return 0;
}
