/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reveal
 *
 * Brings a pane before its user's eyes: the client that this user used last goes there. Nothing is
 * typed, and nobody else's view changes.
 */

#include "daemon/watcher/act/typist.h"

/* @done is called once, from the loop or from here. */
void reveal(WatchedServer *server, const char *pane, TypistDone done, void *userdata);
