/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "dbus/bus-exports-private.h"

BusExports *bus_exports_of(sd_bus *bus) {
        sd_bus_slot *slot = sd_bus_get_current_slot(bus);

        assert(slot);
        return sd_bus_slot_get_userdata(slot);
}

int bus_path_of_agent(const Agent *a, char **ret) {
        return sd_bus_path_encode(BUS_PREFIX_AGENT, a->id, ret);
}

int bus_path_of_server(const Server *s, char **ret) {
        return sd_bus_path_encode(BUS_PREFIX_SERVER, s->id, ret);
}

int bus_path_of_component(const Component *c, char **ret) {
        return sd_bus_path_encode(BUS_PREFIX_COMPONENT, c->spec->name, ret);
}

int bus_path_of_plugin(const Plugin *p, char **ret) {
        return sd_bus_path_encode(BUS_PREFIX_PLUGIN, p->name, ret);
}

int bus_path_of_alert(const Alert *a, char **ret) {
        return sd_bus_path_encode(BUS_PREFIX_ALERT, a->id, ret);
}

static const void *find_agent(const BusParts *parts, const char *id) {
        return registry_find_agent(parts->registry, id);
}

static const void *next_agent(const BusParts *parts, const void *agent) {
        return registry_next_agent(parts->registry, agent);
}

static int path_of_agent(const void *agent, char **ret) {
        return bus_path_of_agent(agent, ret);
}

static const void *find_server(const BusParts *parts, const char *id) {
        return registry_find_server(parts->registry, id);
}

static const void *next_server(const BusParts *parts, const void *server) {
        return registry_next_server(parts->registry, server);
}

static int path_of_server(const void *server, char **ret) {
        return bus_path_of_server(server, ret);
}

static const void *find_component(const BusParts *parts, const char *name) {
        return components_find(parts->components, name);
}

static const void *next_component(const BusParts *parts, const void *component) {
        return components_next(parts->components, component);
}

static int path_of_component(const void *component, char **ret) {
        return bus_path_of_component(component, ret);
}

static const void *find_plugin(const BusParts *parts, const char *name) {
        return plugins_find(parts->plugins, name);
}

static const void *next_plugin(const BusParts *parts, const void *plugin) {
        return plugins_next(parts->plugins, plugin);
}

static int path_of_plugin(const void *plugin, char **ret) {
        return bus_path_of_plugin(plugin, ret);
}

static const void *find_alert(const BusParts *parts, const char *id) {
        return alerts_find(parts->alerts, id);
}

static const void *next_alert(const BusParts *parts, const void *alert) {
        return alerts_next(parts->alerts, alert);
}

static int path_of_alert(const void *alert, char **ret) {
        return bus_path_of_alert(alert, ret);
}

/* clang-format off */
const BusKind bus_kinds[] = {
        {BUS_PREFIX_AGENT,     BUS_INTERFACE_AGENT,     bus_agent_vtable,     find_agent,     next_agent,     path_of_agent},
        {BUS_PREFIX_SERVER,    BUS_INTERFACE_SERVER,    bus_server_vtable,    find_server,    next_server,    path_of_server},
        {BUS_PREFIX_COMPONENT, BUS_INTERFACE_COMPONENT, bus_component_vtable, find_component, next_component, path_of_component},
        {BUS_PREFIX_PLUGIN,    BUS_INTERFACE_PLUGIN,    bus_plugin_vtable,    find_plugin,    next_plugin,    path_of_plugin},
        {BUS_PREFIX_ALERT,     BUS_INTERFACE_ALERT,     bus_alert_vtable,     find_alert,     next_alert,     path_of_alert},
        {},
};
/* clang-format on */

int bus_object_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *reterr) {
        BusExports *e = userdata;
        const BusKind *kind = bus_kinds;
        _cleanup_free_ char *id = NULL;
        int r;

        while (strcmp(kind->interface, interface) != 0)
                kind++; /* sd-bus asks for those only that we added */

        r = sd_bus_path_decode(path, kind->prefix, &id);
        if (r <= 0)
                return r;
        *ret_found = (void *)kind->find(&e->parts, id); /* handed back to us as it is */
        return *ret_found != NULL;
}

int bus_object_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                sd_bus_error *reterr) {
        _cleanup_strv_free_ char **nodes = NULL;
        const BusEnumerator *of = userdata;
        const void *object = NULL;
        int r;

        while ((object = of->kind->next(&of->exports->parts, object))) {
                _cleanup_free_ char *path = NULL;

                r = of->kind->path_of(object, &path);
                if (r < 0)
                        return r;
                r = strv_extend(&nodes, path);
                if (r < 0)
                        return r;
        }

        *ret_nodes = TAKE_PTR(nodes);
        return 1;
}
