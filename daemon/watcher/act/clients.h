/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Clients
 *
 * Who is attached to a tmux server, and which of them is shown something: the one of that user
 * whose keyboard was used last.
 */

#include <sys/types.h>

#include "daemon/watcher/tmux/batch.h"

#define CLIENT_NAME_MAX 128U

int clients_list(TmuxWords *ret);
/* Of what that printed; -ENXIO: nobody of that user is attached. */
int clients_choose(const char *out, uid_t uid, char ret[static CLIENT_NAME_MAX]);
/* Session, window and pane change for this client alone, as when its user goes there. */
int clients_switch(const char *client, const char *pane, TmuxWords *ret);
