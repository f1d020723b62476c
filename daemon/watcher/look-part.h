/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Part of a look
 *
 * What a plan wants seen now: some panes of some servers, so many servers side by side. Panes that
 * were looked at rest afterwards: whoever looks at their server captures them only while they are
 * hot, or when it is their turn again.
 */

#include <json-c/json.h>

#include "daemon/watcher/watched-server.h"

/* Servers are found anew each time, for they come and go meanwhile. */
typedef struct LookPart {
        WatchedServer *(*find)(void *userdata, const char *socket);
        WatchedServer *(*next)(void *userdata, const WatchedServer *previous);
        void *userdata;
        json_object *params;
} LookPart;

/*
 * @params: {"servers": {SOCKET: ["%1", …], …}, "rest": microseconds, "concurrency": 0 is no bound,
 * "sweep": whether the other servers are looked at as well, but for panes that rest}.
 * @done is called once, from here or from the loop. -EINVAL, -ENOMEM: it is not.
 */
int look_part_begin(const LookPart *part, WatchedLookDone done, void *userdata);

/* All panes of a server may be captured again. */
void look_part_wake(WatchedServer *server);
