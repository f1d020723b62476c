/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reporter
 *
 * Puts what is known of servers and agents into reports and sends them up. It decides nothing.
 */

#include "daemon/watcher/pane-agent.h"
#include "daemon/watcher/tmux/server.h"
#include "daemon/watcher/uplink.h"

int report_server(Uplink *uplink, const TmuxServer *server);
/* @changed: its state is another, which must not be missed. */
int report_agent(Uplink *uplink, const TmuxServer *server, const TmuxPane *pane,
                const PaneAgent *agent, bool changed);
int report_agent_gone(Uplink *uplink, const TmuxServer *server, const TmuxPane *pane);
/* All that was there when we came has been reported. */
int report_ready(Uplink *uplink);
