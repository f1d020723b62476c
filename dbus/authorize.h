/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Authorization
 *
 * Every method that changes something or shows what is private asks here first. The interface is
 * made for an answer that takes its time; the implementation here decides at once: root may do
 * everything, in user mode so may the user whose service it is, and an owner may do what concerns
 * its own agents alone.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

typedef enum AuthorizeAction {
        AUTHORIZE_VIEW_SCREEN,
        AUTHORIZE_CHECK_AGENT,
        AUTHORIZE_REPORT_EVENT,
        AUTHORIZE_MANAGE_MONITORING,
        AUTHORIZE_CONFIGURE,
        _AUTHORIZE_ACTION_MAX,
} AuthorizeAction;

typedef struct Authorizer Authorizer;
struct Authorizer {
        int (*check)(Authorizer *authorizer, sd_bus_message *m, AuthorizeAction action, uid_t owner,
                        sd_bus_error *reterr);
};

/*
 * @owner is the user whom the matter belongs to, or UID_INVALID. Returns 0: go on. Returns anything
 * else: return that to sd-bus as it is. It is either an error, or 1 while the answer is waited for,
 * after which the same message is dispatched again. Hence call this before anything is changed.
 */
static inline int authorize(Authorizer *authorizer, sd_bus_message *m, AuthorizeAction action,
                uid_t owner, sd_bus_error *reterr) {
        return authorizer->check(authorizer, m, action, owner, reterr);
}

/* The user that sent a message, as the kernel told the bus; never from /proc. */
int authorize_get_sender(sd_bus_message *m, uid_t *ret);

typedef struct OwnerAuthorizer {
        Authorizer authorizer;
        uid_t self; /* may do everything; UID_INVALID: root only */
} OwnerAuthorizer;

void owner_authorizer_init(OwnerAuthorizer *o, uid_t self);
/* The rule itself. */
bool owner_authorizer_allows(
                const OwnerAuthorizer *o, uid_t sender, AuthorizeAction action, uid_t owner);
