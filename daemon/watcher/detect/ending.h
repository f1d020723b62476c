/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ending
 *
 * An agent's process is gone: did it end cleanly, or did it crash? Judges the traces that the end
 * left in its pane. Asked only once the end itself is certain.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/agent-state.h"

/* Whether it was ended for want of memory. */
typedef enum Oom {
        OOM_NO,
        OOM_PROBABLY,
        OOM_SURELY,
} Oom;

typedef struct Ending {
        Oom oom;
        bool has_status; /* how it ended is known: */
        int status;      /* exit status */
        int signal;      /* 0: none */

        bool said_goodbye;     /* a hook told of the end */
        bool was_working;      /* to the last */
        bool had_alternate;    /* it had switched to the alternate screen */
        bool has_alternate;    /* and that is still on */
        bool had_title;        /* it had set a title */
        bool title_is_cleared; /* now there is none */
        bool title_is_kept;    /* it is still there */
        AgentState seen;       /* what the screen says by itself; AGENT_UNKNOWN if nothing */
} Ending;

/* AGENT_EXITED or AGENT_CRASHED; @ret_why is a constant sentence. */
AgentState ending_judge(const Ending *e, const char **ret_why);
