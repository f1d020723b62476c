/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Senders
 *
 * Who is behind the names that messages of one connection come from. What the bus says of a unique
 * name holds as long as the name does, and names are not used again: it is asked once, and a caller
 * is watched once, however many of its calls are under way. Bounded: who asked longest ago is
 * forgotten, unless something waits for it.
 */

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"

#define SENDERS_MAX 128U

typedef struct Senders Senders;
typedef struct SenderWatch SenderWatch;

int senders_new(Senders **ret);
/* Watches must be gone. */
Senders *senders_free(Senders *s);
DEFINE_CLEANUP(Senders *, senders_free)

/* Of one message, without remembering. -EPERM if it could only be read from /proc. */
int sender_ask(sd_bus_message *m, uid_t *ret_uid, pid_t *ret_pid);

/* The user that sent @m, as the kernel told the bus; never from /proc. */
int senders_get_uid(Senders *s, sd_bus_message *m, uid_t *ret);
/* The process, as the bus says; 0 if it does not. */
pid_t senders_get_pid(Senders *s, sd_bus_message *m);

/*
 * @left is called once when the sender of @m leaves the bus; it must drop the watch. *ret is NULL
 * where there is no bus between us.
 */
int senders_watch(Senders *s, sd_bus_message *m, void (*left)(void *userdata), void *userdata,
                SenderWatch **ret);
/* NULL is fine; returns NULL. */
SenderWatch *sender_watch_drop(SenderWatch *watch);
