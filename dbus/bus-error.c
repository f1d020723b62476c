/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-error.h"

#include <assert.h>
#include <errno.h>

#include "daemon/base/cleanup.h"

/* Uncommon numbers, so that none is taken for a stray errno of the system. */
static const sd_bus_error_map names[] = {
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_SUCH_AGENT, ENXIO),
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_SUCH_COMPONENT, EUNATCH),
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_SUCH_STRATEGY, ENOCSI),
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_SUCH_PLUGIN, ENOPKG),
                SD_BUS_ERROR_MAP(BUS_ERROR_INVALID_PLUGIN, ENOEXEC),
                SD_BUS_ERROR_MAP(BUS_ERROR_PLUGIN_FAILED, ELIBBAD),
                SD_BUS_ERROR_MAP(BUS_ERROR_RATE_LIMITED, EUSERS),
                SD_BUS_ERROR_MAP(BUS_ERROR_BUSY, EBUSY),
                SD_BUS_ERROR_MAP(BUS_ERROR_AGENT_GONE, EOWNERDEAD),
                SD_BUS_ERROR_MAP(BUS_ERROR_OWNER_REFUSES, EKEYREJECTED),
                SD_BUS_ERROR_MAP(BUS_ERROR_STALE, ESTALE),
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_DIALOG, ENOANO),
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_NOTICE, ENOMSG),
                SD_BUS_ERROR_MAP(BUS_ERROR_NOT_VERIFIED, EUCLEAN),
                SD_BUS_ERROR_MAP(BUS_ERROR_DISABLED, ERFKILL),
                SD_BUS_ERROR_MAP(BUS_ERROR_STATE_DAMAGED, EUCLEAN),
                SD_BUS_ERROR_MAP(BUS_ERROR_NO_SUCH_SETTING, ENODATA),
                SD_BUS_ERROR_MAP(BUS_ERROR_AMBIGUOUS, ENOTUNIQ),
                SD_BUS_ERROR_MAP(BUS_ERROR_INVALID_ARGUMENT, EDOM),
                SD_BUS_ERROR_MAP(BUS_ERROR_INVALID_CONFIG, EBADF),
                SD_BUS_ERROR_MAP(BUS_ERROR_INVALID_INPUT, EILSEQ),
                SD_BUS_ERROR_MAP(BUS_ERROR_TIMEOUT, ETIME),
                SD_BUS_ERROR_MAP(BUS_ERROR_NOT_WATCHED, EHOSTDOWN),
                SD_BUS_ERROR_MAP(BUS_ERROR_WATCHER_FAILED, EREMOTEIO),
                SD_BUS_ERROR_MAP_END,
};

static const struct {
        int error;
        const char *name;
        const char *message;
} core_errors[] = {
                {-ENXIO, BUS_ERROR_NO_SUCH_AGENT, "there is no such agent"},
                {-ENOTUNIQ, BUS_ERROR_AMBIGUOUS, "more than one server has such a pane"},
                {-ETIMEDOUT, BUS_ERROR_TIMEOUT, "the watcher did not answer in time"},
                {-EXDEV, SD_BUS_ERROR_ACCESS_DENIED, "this is not said by a process of that pane"},
                {-ENOTCONN, BUS_ERROR_NOT_WATCHED, "no watcher is connected"},
                {-EBADMSG, BUS_ERROR_WATCHER_FAILED, "the watcher gave an answer without sense"},
                {-ENOBUFS, SD_BUS_ERROR_LIMITS_EXCEEDED, "the watcher has too much to do"},
                {-E2BIG, BUS_ERROR_INVALID_ARGUMENT, "too many at once"},
                {-EDQUOT, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many calls are waiting"},
                {-EOPNOTSUPP, SD_BUS_ERROR_NOT_SUPPORTED, "this cannot be done here"},
                {-ENOMEM, SD_BUS_ERROR_NO_MEMORY, "out of memory"},
};

int bus_error_register(void) {
        return sd_bus_error_add_map(names);
}

int bus_error_set_core(sd_bus_error *reterr, int error, const char *what) {
        assert(error < 0);

        FOREACH_ELEMENT (e, core_errors) {
                if (e->error != error)
                        continue;

                return what ? sd_bus_error_setf(reterr, e->name, "%s: %s", what, e->message)
                            : sd_bus_error_set(reterr, e->name, e->message);
        }

        return sd_bus_error_set_errno(reterr, error);
}
