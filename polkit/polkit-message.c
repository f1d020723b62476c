/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "polkit/polkit-message.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

#define ALLOW_USER_INTERACTION 1U

static int append_subject(sd_bus_message *m, sd_bus_message *caller) {
        const char *sender = sd_bus_message_get_sender(caller);

        if (!sender)
                return -EPERM;

        return sd_bus_message_append(m, "(sa{sv})", "system-bus-name", 1, "name", "s", sender);
}

static int append_details(sd_bus_message *m, const AuthorizeQuestion *q) {
        char uid[16];
        int r;

        r = sd_bus_message_open_container(m, 'a', "{ss}");
        if (r < 0)
                return r;
        if (q->which) {
                r = sd_bus_message_append(m, "{ss}", q->what, q->which);
                if (r < 0)
                        return r;
        }
        if (q->owner != (uid_t)-1) {
                (void)snprintf(uid, sizeof(uid), "%u", q->owner);
                r = sd_bus_message_append(m, "{ss}", "owner-uid", uid);
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(m);
}

int polkit_message_check(sd_bus_message *caller, const char *action,
                const AuthorizeQuestion *question, const char *cancellation, sd_bus_message **ret) {
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *m = NULL;
        int r;

        assert(caller && action && question && cancellation && ret);

        r = sd_bus_message_new_method_call(sd_bus_message_get_bus(caller), &m, POLKIT_NAME,
                        POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization");
        if (r < 0)
                return r;
        r = append_subject(m, caller);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", action);
        if (r < 0)
                return r;
        r = append_details(m, question);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "us",
                        sd_bus_message_get_allow_interactive_authorization(caller) > 0
                                        ? ALLOW_USER_INTERACTION
                                        : 0,
                        cancellation);
        if (r < 0)
                return r;

        *ret = m;
        m = NULL;
        return 0;
}

void polkit_message_cancel(sd_bus *bus, const char *cancellation) {
        /* If it does not hear us, it shows a prompt for nobody: no harm but that. */
        (void)sd_bus_call_method_async(bus, NULL, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                        "CancelCheckAuthorization", NULL, NULL, "s", cancellation);
}

PolkitAnswer polkit_message_read(sd_bus_message *reply) {
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        int yes, challenge;

        if (e)
                return sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
                                                sd_bus_error_has_name(
                                                                e, SD_BUS_ERROR_NAME_HAS_NO_OWNER)
                                ? POLKIT_ABSENT
                                : POLKIT_NO;
        if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
                        sd_bus_message_read(reply, "bb", &yes, &challenge) < 0)
                return POLKIT_NO;

        return yes ? POLKIT_YES : challenge ? POLKIT_CHALLENGE : POLKIT_NO;
}
