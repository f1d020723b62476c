/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/look.h"

#include <string.h>

static const Look *const looks[] = {&look_claude, &look_codex, &look_gemini, &look_opencode, NULL};

const Look *look_find(const char *name) {
        for (const Look *const *l = looks; *l; l++)
                if (strcmp((*l)->name, name) == 0)
                        return *l;
        return NULL;
}
