/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/watcher/act/strike.h"
#include "tests/fuzz/fuzz.h"

/* Names of programs and options of tmux are in what it answers: anybody's text. And so is a screen.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const Strike s = {.word = "0123456789abcdef", .pane = "%3", .buffer = "tmux-orc-x"};
        _cleanup_free_ char *text = strndup((const char *)data, size);
        const TmuxReply reply = {.out = text, .n_out = strlen(text), .err = ""};
        PaneProbe probe = {.pid = 42, .command = "node"};
        const TmuxRow row = {};
        const StrikeGuard guard = {.row = &row, .probe = &probe, .now_usec = UINT64_MAX / 2};
        _cleanup_(tmux_words_done) TmuxWords words = {};
        ActRefusal refusal;

        refusal = strike_take(&s, &guard, &reply);
        assert(refusal >= 0 && refusal < _ACT_REFUSAL_MAX);
        if (strike_take_probe(&s, &reply, &probe) >= 0)
                assert(strike_paste(&s, &guard, "x", &words) == 0);
        (void)guard_shows(text, "hello world");
        return 0;
}
