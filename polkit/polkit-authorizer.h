/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Authorization by polkit
 *
 * Who may do a thing without asking is decided as ever (dbus/authorize.h). For all others polkit is
 * asked, and meanwhile everything goes on: the call waits, and is dispatched again from its
 * beginning once the answer is there. Whatever goes wrong is a no. A caller who leaves takes its
 * question along, and a prompt that is shown for it.
 *
 * polkit never hears of a call that only reads what everybody may read.
 */

#include <systemd/sd-bus.h>

#include "dbus/authorize.h"

/* As many calls may wait for an answer of a human: of all callers, of one. */
#define POLKIT_WAITING_MAX 256U
#define POLKIT_WAITING_PER_CALLER 16U

typedef struct PolkitQuery PolkitQuery;

typedef struct PolkitAuthorizer {
        Authorizer authorizer;
        OwnerAuthorizer owner; /* who may without asking */
        PolkitQuery *queries;
        uint64_t n_asked; /* makes ids of questions unique */
} PolkitAuthorizer;

/* Needs no end of its own: forget() leaves nothing behind. */
void polkit_authorizer_init(PolkitAuthorizer *p);

/* "org.tmuxorc.monitor1.view-screen" */
const char *polkit_action_of(AuthorizeAction action);
