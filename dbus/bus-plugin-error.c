/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-plugin-error.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "dbus/bus-error.h"

static const struct {
        int error;
        const char *name;
        const char *message;
} errors[] = {
                {-ENXIO, BUS_ERROR_NO_SUCH_PLUGIN, "there is no such plugin"},
                {-ERFKILL, BUS_ERROR_DISABLED, "it is disabled"},
                {-ENOEXEC, BUS_ERROR_INVALID_PLUGIN, "it cannot be used"},
                {-EILSEQ, BUS_ERROR_INVALID_INPUT, "the input does not fit"},
                {-EUSERS, BUS_ERROR_RATE_LIMITED, "it is asked too often"},
                {-EBUSY, BUS_ERROR_BUSY, "it has too much to do"},
                {-ETIME, BUS_ERROR_TIMEOUT, "it did not answer in time"},
                {-EREMOTEIO, BUS_ERROR_PLUGIN_FAILED, "it failed"},
                {-EPROTO, BUS_ERROR_PLUGIN_FAILED, "its answer makes no sense"},
                {-ECONNRESET, BUS_ERROR_PLUGIN_FAILED, "its process ended"},
                {-ETIMEDOUT, BUS_ERROR_PLUGIN_FAILED, "it took too long"},
                {-EHOSTDOWN, BUS_ERROR_PLUGIN_FAILED, "it failed before"},
                {-EPERM, BUS_ERROR_PLUGIN_FAILED, "its sandbox is not what is wanted"},
                {-ECANCELED, BUS_ERROR_PLUGIN_FAILED, "it was called off"},
};

int bus_plugin_error_set(sd_bus_error *reterr, int error, const char *name, const char *sentence) {
        assert(error < 0 && name);

        FOREACH_ELEMENT (e, errors)
                if (e->error == error)
                        return sd_bus_error_setf(
                                        reterr, e->name, "%s: %s", name, sentence ?: e->message);

        if (error == -ENOMEM)
                return sd_bus_error_set_errno(reterr, error);
        return sd_bus_error_setf(reterr, BUS_ERROR_PLUGIN_FAILED, "%s: %s", name,
                        sentence ?: strerror(-error));
}

void bus_plugin_fail(BusPending *p, int error, const char *sentence) {
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;

        (void)bus_plugin_error_set(&e, error, p->subject, sentence);
        (void)sd_bus_reply_method_error(p->message, &e);
        bus_pending_free(p);
}
