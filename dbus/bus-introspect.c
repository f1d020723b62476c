/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "dbus/bus-exports-private.h"

/*
 * sd-bus writes introspection data only as the answer to a call, so we make one to ourselves, over
 * a pair of sockets, with all interfaces on one object.
 */

#define ROUNDS_MAX 1000U

static int open_end(int fd, bool server, sd_bus **ret) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        sd_id128_t id;
        int r;

        r = sd_bus_new(&bus);
        if (r < 0) {
                close_fd(fd);
                return r;
        }
        r = sd_bus_set_fd(bus, fd, fd);
        if (r < 0) {
                close_fd(fd);
                return r;
        }

        if (server) {
                r = sd_id128_randomize(&id);
                if (r < 0)
                        return r;
                r = sd_bus_set_server(bus, true, id);
                if (r < 0)
                        return r;
        }

        r = sd_bus_start(bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}

static int export_bare(sd_bus *bus) {
        const struct {
                const char *interface;
                const sd_bus_vtable *vtable;
        } tables[] = {
                        {BUS_INTERFACE_MANAGER, bus_manager_vtable},
                        {BUS_INTERFACE_AGENT, bus_agent_vtable},
                        {BUS_INTERFACE_SERVER, bus_server_vtable},
                        {BUS_INTERFACE_COMPONENT, bus_component_vtable},
                        {BUS_INTERFACE_PLUGIN, bus_plugin_vtable},
                        {BUS_INTERFACE_ALERT, bus_alert_vtable},
        };
        int r;

        FOREACH_ELEMENT (t, tables) {
                r = sd_bus_add_object_vtable(bus, NULL, BUS_ROOT, t->interface, t->vtable, NULL);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        char **ret = userdata;
        const char *text;

        if (sd_bus_message_read(m, "s", &text) >= 0)
                *ret = strdup(text);

        return 0;
}

static int ask(sd_bus *server, sd_bus *client, char **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = sd_bus_call_method_async(client, NULL, NULL, BUS_ROOT,
                        "org.freedesktop.DBus.Introspectable", "Introspect", on_reply, &text, NULL);
        if (r < 0)
                return r;

        for (unsigned i = 0; i < ROUNDS_MAX && !text; i++) {
                r = sd_bus_process(server, NULL);
                if (r < 0)
                        return r;
                r = sd_bus_process(client, NULL);
                if (r < 0)
                        return r;
        }

        if (!text)
                return -EIO;

        *ret = TAKE_PTR(text);
        return 0;
}

/* Ours only: what every object has besides is documented elsewhere. */
static int keep_ours(const char *all, char **ret) {
        static const char begin[] = " <interface name=\"org.tmuxorc.", end[] = " </interface>\n";
        char *text = NULL;
        size_t n = 0;
        FILE *f;

        f = open_memstream(&text, &n);
        if (!f)
                return -ENOMEM;

        (void)fputs("<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection "
                    "1.0//EN\"\n"
                    "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n",
                        f);
        for (const char *p = all; (p = strstr(p, begin));) {
                const char *q = strstr(p, end);

                if (!q)
                        break;
                q += strlen(end);
                (void)fwrite(p, 1, (size_t)(q - p), f);
                p = q;
        }
        (void)fputs("</node>\n", f);

        if (fclose(f) != 0) {
                free(text);
                return -ENOMEM;
        }

        *ret = text;
        return 0;
}

int bus_exports_introspect(char **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *server = NULL, *client = NULL;
        _cleanup_free_ char *all = NULL;
        int fds[2], r;

        assert(ret);

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
                return -errno;

        r = open_end(fds[0], true, &server);
        if (r < 0) {
                close_fd(fds[1]);
                return r;
        }
        r = open_end(fds[1], false, &client);
        if (r < 0)
                return r;
        r = export_bare(server);
        if (r < 0)
                return r;
        r = ask(server, client, &all);
        if (r < 0)
                return r;

        return keep_ours(all, ret);
}
