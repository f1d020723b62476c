/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/agent-cache.h"
#include "daemon/base/clock.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

static int fill_agents(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Agent *a = NULL;
        int r;

        while ((a = registry_next_agent(e->parts.registry, a))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_agent(a, &path);
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "(sssso)", a->id, a->last.type,
                                agent_state_to_string(a->last.state), a->target, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_agents(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(sssso)", fill_agents, userdata);
}

static int fill_servers(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Server *s = NULL;
        int r;

        while ((s = registry_next_server(e->parts.registry, s))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_server(s, &path);
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "(susso)", s->id, (uint32_t)s->uid, s->last.socket,
                                liveness_to_string(s->last.liveness), path);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_servers(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(susso)", fill_servers, userdata);
}

static int fill_components(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Component *c = NULL;
        int r;

        while ((c = components_next(e->parts.components, c))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_component(c, &path);
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "(ssso)", c->spec->name,
                                health_to_string(c->last.health), c->last.text, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_components(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(ssso)", fill_components, userdata);
}

static int fill_health(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Component *c = NULL;
        int r;

        while ((c = components_next(e->parts.components, c))) {
                r = sd_bus_message_append(reply, "(sss)", c->spec->name,
                                health_to_string(c->last.health), c->last.text);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_get_health(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusExports *e = userdata;
        int r;

        components_check(e->parts.components);

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(
                        reply, "s", health_to_string(components_health(e->parts.components)));
        if (r < 0)
                return r;
        r = bus_append_list(reply, "(sss)", fill_health, e);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

int bus_manager_find_pane(BusExports *e, sd_bus_message *m, const char *pane, const Agent **ret,
                sd_bus_error *reterr) {
        uid_t sender = UID_INVALID;
        int r;

        r = bus_check_length(pane, BUS_TEXT_MAX, "pane", reterr);
        if (r < 0)
                return r;

        if (authorize_get_sender(e->parts.authorizer, m, &sender) < 0)
                sender = UID_INVALID;
        r = agent_cache_find_by_pane(
                        e->parts.cache, e->parts.registry, sender, pane, now_monotonic(), ret);

        return r < 0 ? bus_error_set_core(reterr, r, pane) : 0;
}

int bus_manager_get_agent_by_pane(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *path = NULL;
        const char *pane;
        const Agent *a;
        int r;

        r = sd_bus_message_read(m, "s", &pane);
        if (r < 0)
                return r;

        r = bus_manager_find_pane(userdata, m, pane, &a, reterr);
        if (r < 0)
                return r;

        r = bus_path_of_agent(a, &path);
        if (r < 0)
                return r;

        return sd_bus_reply_method_return(m, "o", path);
}
