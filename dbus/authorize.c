/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/authorize.h"

#include <assert.h>
#include <errno.h>

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

int authorize_get_sender(sd_bus_message *m, uid_t *ret) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        int r;

        assert(m);
        assert(ret);

        r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);
        if (r < 0)
                return r;

        /* What was read from /proc may be another process by now. */
        if (sd_bus_creds_get_augmented_mask(creds) & SD_BUS_CREDS_EUID)
                return -EPERM;

        return sd_bus_creds_get_euid(creds, ret);
}

pid_t authorize_get_sender_pid(sd_bus_message *m) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        pid_t pid;

        if (sd_bus_query_sender_creds(m, SD_BUS_CREDS_PID, &creds) < 0 ||
                        sd_bus_creds_get_pid(creds, &pid) < 0)
                return 0;
        return pid;
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

        if (authorize_get_sender(m, &sender) >= 0 &&
                        owner_authorizer_allows(o, sender, question->action, question->owner))
                return 0;

        return sd_bus_error_setf(reterr, SD_BUS_ERROR_ACCESS_DENIED, "you may not %s",
                        actions[question->action].name);
}

void owner_authorizer_init(OwnerAuthorizer *o, uid_t self) {
        assert(o);
        *o = (OwnerAuthorizer){.authorizer.check = check, .self = self};
}
