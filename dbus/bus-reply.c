/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-reply.h"

int bus_append_list(sd_bus_message *reply, const char *element, BusFill fill, void *userdata) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', element);
        if (r < 0)
                return r;
        r = fill(reply, userdata);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

int bus_reply_list(sd_bus_message *m, const char *element, BusFill fill, void *userdata) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = bus_append_list(reply, element, fill, userdata);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}
