/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Requests
 *
 * What the daemon may ask of a watcher; each is answered once, at once or after tmux has answered.
 */

#include <json-c/json.h>

#include "daemon/watcher/act/typist.h"
#include "daemon/watcher/desktop/desktop.h"
#include "daemon/watcher/watched-server.h"

/* Where a request finds what it is about. */
typedef struct RequestTarget {
        Uplink *uplink;
        /* NULL if there is no such server. */
        WatchedServer *(*find)(void *userdata, const char *socket);
        /* How many agents of that type run, on all servers. */
        unsigned (*count_running)(void *userdata, const char *type);
        /* @done is called once with the sum of all servers. */
        void (*look_all)(void *userdata, WatchedLookDone done, void *done_userdata);
        Typist *typist;
        /* As look_part_begin(). */
        int (*look_part)(void *userdata, json_object *params, WatchedLookDone done,
                        void *done_userdata);
        void *userdata;
        Desktop *desktop;
} RequestTarget;

/* @target must live as long as the watcher. */
void request_handle(const RequestTarget *target, json_object *id, const char *method,
                json_object *params);
