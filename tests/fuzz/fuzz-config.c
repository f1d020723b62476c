/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/config/config-set.h"
#include "tests/fuzz/fuzz.h"

/* What is accepted can be written, and means the same then. */
static void write_and_read_again(const char *text, size_t size) {
        _cleanup_(config_done) Config first = {}, second = {};
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        _cleanup_free_ char *once = NULL, *twice = NULL;

        assert(config_read_text(text, size, "", &first, &problems) == 0);
        assert(config_write(&first, &once) == 0);
        assert(config_read_text(once, strlen(once), "", &second, &problems) == 0);
        assert(config_write(&second, &twice) == 0);
        assert(strcmp(once, twice) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        int r;

        r = config_validate_text((const char *)data, size, &problems);
        assert(r == 0 || r == -EBADMSG);
        assert((r < 0) == (problems.n_errors > 0));
        assert(problems.n_items <= CONFIG_PROBLEMS_MAX);

        for (size_t i = 0; i < problems.n_items; i++) {
                _cleanup_free_ char *text = config_problem_describe(&problems.items[i]);

                /* It can be shown, whatever was in the file. */
                assert(text && !text_is_empty(problems.items[i].message));
                for (const char *p = text; *p; p++)
                        assert((unsigned char)*p >= 0x20);
        }
        if (r == 0)
                write_and_read_again((const char *)data, size);
        return 0;
}
