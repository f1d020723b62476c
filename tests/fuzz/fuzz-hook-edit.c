/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "tests/fuzz/fuzz.h"
#include "tools/tmux-orc/hook-edit.h"

/* What was added can be taken out again, and adding twice adds nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const HookProgram *program = hook_program_find("claude");
        _cleanup_free_ char *text = strndup((const char *)data, size), *added = NULL, *again = NULL,
                            *removed = NULL;
        unsigned n;

        if (hook_edit_add(text, program, "tmux-orc", &added) < 0)
                return 0;
        assert(hook_edit_add(added, program, "tmux-orc", &again) == 0);
        assert(strcmp(added, again) == 0);
        assert(hook_edit_remove(added, program, &removed) == 0);
        assert(hook_edit_count(removed, program, &n) == 0 && n == 0);
        return 0;
}
