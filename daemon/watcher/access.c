/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/access.h"

#include <malloc.h>

#include "daemon/base/log.h"
#include "daemon/watcher/tmux/transport-choice.h"
#include "daemon/watcher/tmux/transport-pool.h"

static PoolLimits limits_of(const WatchSettings *s) {
        return (PoolLimits){
                        .min = (unsigned)s->pool_min,
                        .max = (unsigned)s->pool_max,
                        .wait_usec = s->pool_wait_usec,
                        .max_age_usec = s->pool_age_usec,
        };
}

static void on_transport(void *userdata, const char *socket, bool native, const char *text) {
        const LogField *fields = LOG_FIELDS({LOG_FIELD_SERVER, socket});

        if (native)
                log_full(LOG_INFO, NULL, fields, "the tmux server at '%s' can be asked natively",
                                socket);
        else
                log_full(LOG_WARNING, NULL, fields,
                                "the tmux server at '%s' is not asked natively: %s", socket, text);
}

static void on_recycled(void *userdata) {
        (void)malloc_trim(0);
}

int access_init(Access *a, sd_event *event, int mode, const AccessEvents *events, void *userdata) {
        _cleanup_(tmux_transport_freep) TmuxTransport *choice = NULL;
        const PoolLimits limits = limits_of(&watch_settings_default);
        const TmuxPoolEvents pool_events = {
                        .began = events->began,
                        .ended = events->ended,
                        .recycled = on_recycled,
        };
        int r;

        *a = (Access){.mode_is_given = mode >= 0};
        r = tmux_transport_choice_new(event,
                        mode >= 0 ? (TmuxTransportMode)mode : TMUX_TRANSPORT_AUTO, on_transport,
                        NULL, &choice);
        if (r < 0)
                return r;
        r = tmux_transport_pool_new(event, choice, &limits, &pool_events, userdata, &a->transport);
        if (r >= 0)
                (void)TAKE_PTR(choice);
        return r;
}

void access_done(Access *a) {
        a->transport = tmux_transport_free(a->transport);
}

void access_apply(Access *a, const WatchSettings *settings) {
        PoolLimits limits = limits_of(settings);
        TmuxTransportMode mode = tmux_transport_mode_from_string(settings->transport);

        tmux_transport_pool_set_limits(a->transport, &limits);
        if (mode >= 0 && !a->mode_is_given)
                tmux_transport_choice_set_mode(tmux_transport_pool_inner(a->transport), mode);
}

void access_renew(Access *a) {
        tmux_transport_pool_renew(a->transport);
}

PoolStats access_pool_stats(const Access *a) {
        return tmux_transport_pool_stats(a->transport);
}
