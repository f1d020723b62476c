/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Workers
 *
 * The threads that foreign code runs on. They are made before any of it is there, for afterwards
 * no thread can be made. A serial plugin is only ever on the first of them.
 */

#include "daemon/wire/rpc-message.h"
#include "plugins/host/native.h"

typedef struct Workers Workers;

/* @witness: see walls_filter_running(). */
int workers_new(Native *native, const Setup *setup, Talk *talk, int witness, Workers **ret);

/*
 * Has what the request asks for done, and answered. The whole message is taken over if it succeeds:
 * json-c does not count references across threads. -EOPNOTSUPP, -ENOMEM.
 */
int workers_take(Workers *w, RpcMessage *request);
/* Nobody waits for the answer to that request any more. */
void workers_cancel(Workers *w, json_object *id);
