/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/base/strv.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"

#define CHECK_MAX 1000U

static void on_result(void *userdata, const HealthResult *result) {
        BusPending *p = userdata;
        const Agent *a = registry_find_agent(p->exports->parts.registry, result->agent_id);
        const char *state = agent_state_to_string(a ? a->last.state : AGENT_UNKNOWN);

        /* Without memory one is missing; there is no better answer then. */
        (void)sd_bus_message_append(p->reply, "(sssst)", result->agent_id, state,
                        health_to_string(result->health), result->sentence, result->age_usec);
}

static void on_done(void *userdata) {
        BusPending *p = userdata;

        p->batch = NULL;
        if (sd_bus_message_close_container(p->reply) >= 0)
                (void)sd_bus_send(NULL, p->reply, NULL);
        bus_pending_free(p);
}

/* The one user that all these agents belong to, or UID_INVALID. */
static int find_owner(BusExports *e, char **ids, uid_t *ret, sd_bus_error *reterr) {
        uid_t owner = UID_INVALID;
        bool first = true;

        STRV_FOREACH (id, ids) {
                const Agent *a;
                int r;

                r = bus_check_word(*id, "ids", reterr);
                if (r < 0)
                        return r;

                a = registry_find_agent(e->parts.registry, *id);
                if (!a)
                        return bus_error_set_core(reterr, -ENXIO, *id);

                if (first)
                        owner = a->server->uid;
                else if (owner != a->server->uid)
                        owner = UID_INVALID;
                first = false;
        }

        *ret = owner;
        return 0;
}

static int begin_reply(BusPending *p) {
        int r;

        r = sd_bus_message_new_method_return(p->message, &p->reply);
        if (r < 0)
                return r;

        return sd_bus_message_open_container(p->reply, 'a', "(sssst)");
}

int bus_manager_check_agents(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_strv_free_ char **ids = NULL;
        uint64_t max_age_usec;
        BusExports *e = userdata;
        uid_t owner = UID_INVALID;
        int r;

        r = sd_bus_message_read_strv(m, &ids);
        if (r < 0)
                return r;
        r = sd_bus_message_read(m, "t", &max_age_usec);
        if (r < 0)
                return r;
        if (strv_length(ids) > CHECK_MAX)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "at most %u agents can be checked at once", CHECK_MAX);
        r = find_owner(e, ids, &owner, reterr);
        if (r < 0)
                return r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_CHECK_AGENT, owner, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, NULL, &p, reterr);
        if (r < 0)
                return r;
        r = begin_reply(p);
        if (r < 0)
                return r;
        r = health_checks_run(e->parts.health, ids, max_age_usec, on_result, on_done, p, &p->batch);
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);

        (void)TAKE_PTR(p);
        return 1;
}
