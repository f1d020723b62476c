/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lost agents
 *
 * What the death of a tmux server took along, and the command that brings each back: written into a
 * file of the owner, where "tmux-orc recover" finds it. Nobody else is told of folders and
 * conversations.
 */

#include "daemon/watcher/detect/detector.h"
#include "daemon/watcher/tmux/server.h"

/* While the panes of the dead server can still be read; @now_usec is CLOCK_REALTIME. 0 also if none
 * was lost. */
int lost_agents_note(const TmuxServer *server, const DetectorSet *rules, uint64_t now_usec);
