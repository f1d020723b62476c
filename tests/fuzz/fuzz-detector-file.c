/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/watcher/detect/judge.h"
#include "tests/fuzz/fuzz.h"

/* A file that is taken must also judge; one that is not must say where. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char screen[] = "╭──╮\n│ hi │\n> 1. Yes\n  2. No\nEsc to cancel\n";
        char *const processes[] = {(char *)"bash", (char *)"node x --flag", NULL};
        _cleanup_(rule_file_freep) RuleFile *f = NULL;
        YamlError error = {};
        Verdict verdict;

        if (rule_file_parse((const char *)data, size, &f, &error) < 0) {
                assert(!f && error.line > 0);
                return 0;
        }

        const Observation o = {
                        .screen = screen,
                        .n_screen = strlen(screen),
                        .title = "⠂ title",
                        .processes = processes,
                        .agent = f->name,
        };
        Observation gone = o;

        assert(judge_observation(&f, 1, &o, &verdict) == 0);
        gone.dead = true;
        assert(judge_observation(&f, 1, &gone, &verdict) == 0);
        return 0;
}
