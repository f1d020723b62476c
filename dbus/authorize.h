/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Authorization
 *
 * Every method that changes something or shows what is private asks here first. The interface is
 * made for an answer that takes its time (polkit/); the implementation here decides at once: root
 * may do everything, in user mode so may the user whose service it is, and an owner may do what
 * concerns its own agents alone.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "dbus/senders.h"

typedef enum AuthorizeAction {
        AUTHORIZE_VIEW_SCREEN,
        AUTHORIZE_CHECK_AGENT,
        AUTHORIZE_REPORT_EVENT,
        AUTHORIZE_CONTROL_AGENT,
        AUTHORIZE_MANAGE_MONITORING,
        AUTHORIZE_CONFIGURE,
        AUTHORIZE_MANAGE_PLUGINS,
        AUTHORIZE_EXECUTE_PLUGIN,
        AUTHORIZE_VIEW_REPORT,
        _AUTHORIZE_ACTION_MAX,
} AuthorizeAction;

typedef struct AuthorizeQuestion {
        AuthorizeAction action;
        uid_t owner;       /* the user whom the matter belongs to, or UID_INVALID */
        const char *what;  /* what it is about, for rules: "agent", "plugin", "strategy", "key" */
        const char *which; /* its name; NULL: about nothing in particular */
} AuthorizeQuestion;

typedef struct Authorizer Authorizer;
struct Authorizer {
        int (*check)(Authorizer *authorizer, sd_bus_message *m, const AuthorizeQuestion *question,
                        sd_bus_error *reterr);
        Senders *senders; /* of the connection; NULL: the bus is asked for every message */
        /* Optional: the connection ends, nobody waits on it any more. */
        void (*forget)(Authorizer *authorizer, sd_bus *bus);
};

/*
 * Returns 0: go on. Returns anything else: return that to sd-bus as it is. It is either an error,
 * or 1 while the answer is waited for, after which the same message is dispatched again. Hence call
 * this before anything is changed.
 */
static inline int authorize(Authorizer *authorizer, sd_bus_message *m, AuthorizeAction action,
                uid_t owner, sd_bus_error *reterr) {
        AuthorizeQuestion question = {.action = action, .owner = owner};

        return authorizer->check(authorizer, m, &question, reterr);
}

/* The same, and rules are told what it is about. */
static inline int authorize_about(Authorizer *authorizer, sd_bus_message *m, AuthorizeAction action,
                uid_t owner, const char *what, const char *which, sd_bus_error *reterr) {
        AuthorizeQuestion question = {
                        .action = action, .owner = owner, .what = what, .which = which};

        return authorizer->check(authorizer, m, &question, reterr);
}

/* What cannot be done without: "manage the monitoring". */
const char *authorize_action_describe(AuthorizeAction action);

/* The user that sent a message, as the kernel told the bus; never from /proc. */
int authorize_get_sender(const Authorizer *authorizer, sd_bus_message *m, uid_t *ret);
/* The process that sent it, as the bus says; 0 if it does not. For the log, and for what a process
 * says of itself: nobody is authorized by it. */
pid_t authorize_get_sender_pid(const Authorizer *authorizer, sd_bus_message *m);

typedef struct OwnerAuthorizer {
        Authorizer authorizer;
        uid_t self; /* may do everything; UID_INVALID: root only */
} OwnerAuthorizer;

void owner_authorizer_init(OwnerAuthorizer *o, uid_t self);
/* The rule itself. */
bool owner_authorizer_allows(
                const OwnerAuthorizer *o, uid_t sender, AuthorizeAction action, uid_t owner);
