/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/ending.h"

#include <assert.h>
#include <signal.h>

static bool status_tells(const Ending *e, AgentState *ret, const char **ret_why) {
        if (!e->has_status)
                return false;

        if (e->signal != 0) {
                *ret = AGENT_CRASHED;
                *ret_why = "a signal killed it";
                return true;
        }
        if (e->status == 0) {
                *ret = AGENT_EXITED;
                *ret_why = "it exited with status 0";
                return true;
        }
        /* So do programs that end in good order because a terminal or a human asked them to. */
        if (e->status == 128 + SIGINT || e->status == 128 + SIGHUP || e->status == 128 + SIGTERM)
                return false;

        *ret = AGENT_CRASHED;
        *ret_why = "it exited with a failure status";
        return true;
}

AgentState ending_judge(const Ending *e, const char **ret_why) {
        AgentState state;

        assert(e);
        assert(ret_why);

        if (e->oom != OOM_NO) {
                *ret_why = e->oom == OOM_SURELY ? "it was OOM-killed"
                                                : "it was probably OOM-killed";
                return AGENT_CRASHED;
        }
        if (status_tells(e, &state, ret_why))
                return state;
        if (e->said_goodbye) {
                *ret_why = "its hook told of the end";
                return AGENT_EXITED;
        }

        /* Who is killed cleans nothing up, and a shell does not do it in its place. */
        if (e->had_alternate && e->has_alternate) {
                *ret_why = "it left the alternate screen on";
                return AGENT_CRASHED;
        }
        if (e->had_title && e->title_is_kept) {
                *ret_why = "it left its title";
                return AGENT_CRASHED;
        }
        if (e->had_title && e->title_is_cleared) {
                *ret_why = "it cleared its title";
                return AGENT_EXITED;
        }
        if (e->had_alternate) {
                *ret_why = "it left the alternate screen";
                return AGENT_EXITED;
        }
        /* Nothing of the above is known of it. */
        if (e->was_working) {
                *ret_why = "it was working to the last";
                return AGENT_CRASHED;
        }
        if (e->seen == AGENT_EXITED) {
                *ret_why = "its screen shows a clean end";
                return AGENT_EXITED;
        }

        *ret_why = "no sign of a clean end was seen";
        return AGENT_CRASHED;
}
