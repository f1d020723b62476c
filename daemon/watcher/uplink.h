/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Uplink
 *
 * The watcher's side of the watch socket: says hello, comes back with a growing delay when the
 * daemon went away, or ends the loop when the connection was inherited and cannot be made anew.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct Uplink Uplink;

typedef struct UplinkHandler {
        /* The daemon has let us in: it knows nothing yet. @welcome, borrowed, is what it said. */
        void (*up)(void *userdata, json_object *welcome);
        /* Must lead to one uplink_reply() or uplink_fail(), now or later. */
        void (*request)(void *userdata, json_object *id, const char *method, json_object *params);
        void (*notification)(void *userdata, const char *method, json_object *params);
        /* The daemon is away: see uplink_is_wanted(). */
        void (*down)(void *userdata);
} UplinkHandler;

/* Either over an inherited descriptor, which is taken over also on failure, or to a socket. */
int uplink_new_fd(sd_event *event, int fd, const UplinkHandler *handler, void *userdata,
                Uplink **ret);
int uplink_new_path(sd_event *event, const char *path, const UplinkHandler *handler, void *userdata,
                Uplink **ret);
Uplink *uplink_free(Uplink *uplink);
DEFINE_CLEANUP(Uplink *, uplink_free)

bool uplink_is_up(const Uplink *uplink);
/* It is up, or went away just now and may be back soon: it is worth looking on. */
bool uplink_is_wanted(const Uplink *uplink);
/* Tells one connection from the next: an answer belongs to the one that asked. */
unsigned uplink_session(const Uplink *uplink);

/* Takes @params over. Nothing happens while the daemon is away: it is told everything when it is
 * back. */
int uplink_notify(Uplink *uplink, const char *method, json_object *params);

/*
 * The same of a change that must not be missed: if the service restarts, or is away for a short
 * time, it hears of it nevertheless, and of all such changes in their order.
 */
int uplink_report(Uplink *uplink, const char *method, json_object *params);

/* Nothing happens if @session is over. @result is taken over; @error is a negative errno. */
void uplink_reply(Uplink *uplink, unsigned session, json_object *id, json_object *result);
void uplink_fail(Uplink *uplink, unsigned session, json_object *id, int error);
