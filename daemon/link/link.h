/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Link
 *
 * One connected watcher. The kernel says whose it is; whatever it reports counts for that user and
 * for nobody else. The first word must be "hello", and one user has one watcher at a time.
 *
 * The conversation, watcher to daemon: request hello {protocol, version, pid, life}; notifications
 * server {…}, agent {…} (daemon/wire/report.h), server-gone {socket}, agent-gone {socket, pane},
 * ready {} once all that was there at the start has been reported, and watching {…}
 * (daemon/wire/watching.h), and pressed {id, button}. Changes that must not be missed have a
 * number; "taken" is that of the last one that was taken over, and what came after it is told
 * again. Daemon to watcher: the answer to hello has {protocol, settings, taken}; requests look {},
 * screen {socket, pane, lines}, explain {socket, pane}, check {socket, pane}, event {socket, pane,
 * source, event, details, pid}, notice {socket, pane, notice}, and the notifications settings {…},
 * reload {}, renew-pool {} and notice-over {id}.
 */

#include <systemd/sd-event.h>

#include "daemon/agents/registry.h"
#include "daemon/wire/rpc-peer.h"
#include "daemon/wire/watching.h"

#define LINK_PROTOCOL 1

typedef struct Link Link;

typedef struct LinkOwner {
        /* Whether this user's watcher may begin; the other one, if any, is told apart by its pid.
         */
        bool (*may_begin)(void *userdata, const Link *link);
        void (*began)(void *userdata, Link *link);
        /* It left, or it was thrown out for @reason; the owner frees it. */
        void (*ended)(void *userdata, Link *link, const char *reason);
        /* How it shall look. */
        const WatchSettings *(*settings)(void *userdata);
        /* It has told of its looking: see link_report(). */
        void (*reported)(void *userdata, Link *link);
        /* A button of a notice was pressed; both strings are what it sent. */
        void (*pressed)(void *userdata, Link *link, const char *id, const char *button);
        /* It names the life that it leads. Whether that is known, and then how far it was heard. */
        bool (*recognized)(void *userdata, const Link *link, const char *life, uint64_t *ret_taken);
        /* Whether the change that comes now is a new one. */
        bool (*counted)(void *userdata, const Link *link, uint64_t number);
} LinkOwner;

/* Takes @fd over if it succeeds. */
int link_new(sd_event *event, int fd, Registry *registry, const LinkOwner *owner, void *userdata,
                Link **ret);
Link *link_free(Link *link);
DEFINE_CLEANUP(Link *, link_free)

uid_t link_uid(const Link *link);
pid_t link_pid(const Link *link);
/* It has said hello and was let in. */
bool link_is_open(const Link *link);
RpcPeer *link_peer(Link *link);
/* When it told of its looking for the last time, or came (CLOCK_MONOTONIC). */
uint64_t link_heard_usec(const Link *link);
/* The last; all zero until there was one. */
const WatchReport *link_report(const Link *link);
