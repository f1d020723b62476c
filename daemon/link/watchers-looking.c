/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What watchers are told of how to look, and what they tell of their looking. */

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/json.h"
#include "daemon/link/watchers-private.h"

static void tell(const Watchers *w, Link *link) {
        json_object *o;

        if (watch_settings_to_json(&w->share, &o) >= 0)
                (void)rpc_peer_notify(link_peer(link), "settings", o);
}

static unsigned count_open(const Watchers *w, const Link *leaving) {
        const WatchersEntry *e;
        unsigned n = 0;

        DL_FOREACH (w->entries, e)
                n += e->link != leaving && link_is_open(e->link);
        return n;
}

void watchers_share(Watchers *w, const Link *leaving) {
        WatchSettings before = w->share;
        WatchersEntry *e;

        w->share = w->settings;
        w->share.cost_budget /= MAX(count_open(w, leaving), 1U);
        if (memcmp(&before, &w->share, sizeof(before)) == 0)
                return;
        DL_FOREACH (w->entries, e)
                if (e->link != leaving && link_is_open(e->link))
                        tell(w, e->link);
}

void watchers_set_settings(Watchers *w, const WatchSettings *settings) {
        bool asked = w->settings.asked;

        w->settings = *settings;
        w->settings.asked = asked;
        watchers_share(w, NULL);
}

void watchers_set_asked(Watchers *w, bool asked) {
        w->settings.asked = asked;
        watchers_share(w, NULL);
}

void watchers_set_reported(Watchers *w, WatchersReported reported, void *userdata) {
        w->reported = reported;
        w->reported_userdata = userdata;
}

static void add(WatchReport *sum, const WatchReport *one) {
        watch_report_add_pace(sum, one->interval_usec, one->reason, one->told);
        sum->own_usec += one->own_usec;
        sum->tmux_usec += one->tmux_usec;
        sum->rounds += one->rounds;
        sum->round_usec = MAX(sum->round_usec, one->round_usec);
        pool_stats_add(&sum->pool, &one->pool);
}

void watchers_sum(const Watchers *w, WatchReport *ret) {
        const WatchersEntry *e;

        *ret = w->gone;
        DL_FOREACH (w->entries, e)
                if (link_is_open(e->link))
                        add(ret, link_report(e->link));
}
