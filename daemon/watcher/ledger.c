/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/ledger.h"

#include <assert.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/proc/cpu-clock.h"

void ledger_init(Ledger *l, uint64_t now_usec) {
        *l = (Ledger){.own_nsec = cpu_clock_own()};
        pace_init(&l->pace, now_usec);
}

uint64_t ledger_take_own_nsec(Ledger *l) {
        uint64_t now = cpu_clock_own(), before = l->own_nsec;

        l->own_nsec = now;
        return now > before ? now - before : 0;
}

static void finish_round(Ledger *l) {
        if (l->n_looked == 0 || l->n_looked < l->n_servers)
                return;

        l->rounds++;
        l->round_usec = l->open_usec;
        l->open_usec = 0;
        l->n_looked = 0;
}

void ledger_add_server(Ledger *l) {
        l->n_servers++;
}

void ledger_remove_server(Ledger *l, bool looked) {
        assert(l->n_servers > 0);

        l->n_servers--;
        if (looked)
                l->n_looked--;
        finish_round(l);
}

void ledger_note_looked(Ledger *l, uint64_t wall_usec) {
        l->n_looked++;
        l->open_usec = MAX(l->open_usec, wall_usec);
        finish_round(l);
}
