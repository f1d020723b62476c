/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>

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

static int found(const void *object, void **ret) {
        if (!object)
                return 0;

        *ret = (void *)object; /* sd-bus hands it back to us as it is */
        return 1;
}

int bus_agent_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *reterr) {
        _cleanup_free_ char *id = NULL;
        BusExports *e = userdata;
        int r;

        r = sd_bus_path_decode(path, BUS_PREFIX_AGENT, &id);
        return r <= 0 ? r : found(registry_find_agent(e->parts.registry, id), ret_found);
}

int bus_server_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *reterr) {
        _cleanup_free_ char *id = NULL;
        BusExports *e = userdata;
        int r;

        r = sd_bus_path_decode(path, BUS_PREFIX_SERVER, &id);
        return r <= 0 ? r : found(registry_find_server(e->parts.registry, id), ret_found);
}

int bus_component_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *reterr) {
        _cleanup_free_ char *id = NULL;
        BusExports *e = userdata;
        int r;

        r = sd_bus_path_decode(path, BUS_PREFIX_COMPONENT, &id);
        return r <= 0 ? r : found(components_find(e->parts.components, id), ret_found);
}

int bus_agent_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                sd_bus_error *reterr) {
        _cleanup_strv_free_ char **nodes = NULL;
        BusExports *e = userdata;
        const Agent *o = NULL;
        int r;

        while ((o = registry_next_agent(e->parts.registry, o))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_agent(o, &path);
                if (r < 0)
                        return r;
                r = strv_extend(&nodes, path);
                if (r < 0)
                        return r;
        }

        *ret_nodes = TAKE_PTR(nodes);
        return 1;
}

int bus_server_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                sd_bus_error *reterr) {
        _cleanup_strv_free_ char **nodes = NULL;
        BusExports *e = userdata;
        const Server *o = NULL;
        int r;

        while ((o = registry_next_server(e->parts.registry, o))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_server(o, &path);
                if (r < 0)
                        return r;
                r = strv_extend(&nodes, path);
                if (r < 0)
                        return r;
        }

        *ret_nodes = TAKE_PTR(nodes);
        return 1;
}

int bus_component_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                sd_bus_error *reterr) {
        _cleanup_strv_free_ char **nodes = NULL;
        BusExports *e = userdata;
        const Component *o = NULL;
        int r;

        while ((o = components_next(e->parts.components, o))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_component(o, &path);
                if (r < 0)
                        return r;
                r = strv_extend(&nodes, path);
                if (r < 0)
                        return r;
        }

        *ret_nodes = TAKE_PTR(nodes);
        return 1;
}
