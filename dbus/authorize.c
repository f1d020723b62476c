/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/authorize.h"

#include <assert.h>

#include "daemon/agents/registry.h"
#include "daemon/base/cleanup.h"

static const struct {
        const char *name;
        bool owner_may;
} actions[_AUTHORIZE_ACTION_MAX] = {
                [AUTHORIZE_VIEW_SCREEN] = {"see this agent's screen", true},
                [AUTHORIZE_CHECK_AGENT] = {"have these agents looked at", true},
                [AUTHORIZE_REPORT_EVENT] = {"report events of this agent", true},
                [AUTHORIZE_CONTROL_AGENT] = {"control this agent", true},
                [AUTHORIZE_MANAGE_MONITORING] = {"manage the monitoring", false},
                [AUTHORIZE_CONFIGURE] = {"configure the service", false},
                [AUTHORIZE_MANAGE_PLUGINS] = {"manage plugins", false},
                [AUTHORIZE_EXECUTE_PLUGIN] = {"have plugins executed", false},
                [AUTHORIZE_VIEW_REPORT] = {"see what other users' agents did", false},
};

const char *authorize_action_describe(AuthorizeAction action) {
        assert(action >= 0 && action < _AUTHORIZE_ACTION_MAX);
        return actions[action].name;
}

int authorize_get_sender(const Authorizer *authorizer, sd_bus_message *m, uid_t *ret) {
        pid_t pid;

        assert(m);
        assert(ret);

        return authorizer->senders ? senders_get_uid(authorizer->senders, m, ret)
                                   : sender_ask(m, ret, &pid);
}

pid_t authorize_get_sender_pid(const Authorizer *authorizer, sd_bus_message *m) {
        uid_t uid;
        pid_t pid;

        if (authorizer->senders)
                return senders_get_pid(authorizer->senders, m);
        return sender_ask(m, &uid, &pid) < 0 ? 0 : pid;
}

bool owner_authorizer_allows(
                const OwnerAuthorizer *o, uid_t sender, AuthorizeAction action, uid_t owner) {
        assert(o);
        assert(action >= 0 && action < _AUTHORIZE_ACTION_MAX);

        if (sender == UID_INVALID)
                return false;
        if (sender == 0 || sender == o->self)
                return true;

        return actions[action].owner_may && sender == owner;
}

static int check(Authorizer *authorizer, sd_bus_message *m, const AuthorizeQuestion *question,
                sd_bus_error *reterr) {
        OwnerAuthorizer *o = CONTAINER_OF(authorizer, OwnerAuthorizer, authorizer);
        uid_t sender;

        if (authorize_get_sender(authorizer, m, &sender) >= 0 &&
                        owner_authorizer_allows(o, sender, question->action, question->owner))
                return 0;

        return sd_bus_error_setf(reterr, SD_BUS_ERROR_ACCESS_DENIED, "you may not %s",
                        actions[question->action].name);
}

void owner_authorizer_init(OwnerAuthorizer *o, uid_t self) {
        assert(o);
        *o = (OwnerAuthorizer){.authorizer.check = check, .self = self};
}
