/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The smallest plugin: gives back what it is given. Copy it to begin your own. */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

static int execute(TmuxOrcCall *call, void *state, const char *input) {
        return tmux_orc_answer(call, input);
}

TMUX_ORC_PLUGIN(.name = "noop", .version = "1.0.0", .execute = execute);
