/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Question
 *
 * One question to one watcher or to several, and the one answer to whoever asked. The numbers in
 * several answers are added up; an error of all is an error, an error of some is not.
 */

#include "daemon/link/watchers.h"
#include "daemon/wire/rpc-peer.h"

int question_new(WatchersAnswer answer, void *userdata, WatchersQuestion **ret);
/* Takes @params over, also on failure. */
int question_ask(WatchersQuestion *question, RpcPeer *peer, const char *method, json_object *params,
                uint64_t timeout_usec);
/* How many were asked and have not answered yet. */
unsigned question_open(const WatchersQuestion *question);
