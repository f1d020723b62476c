/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ledger
 *
 * What all looks of this watcher have cost, and how often all servers were looked at. Reads our own
 * clock; the look timers bring what tmux used.
 */

#include "daemon/watcher/pace.h"

typedef struct Ledger {
        Pace pace;
        uint64_t own_nsec; /* our CPU time that is accounted for */
        uint64_t tmux_nsec;
        /* A round is over when each server was looked at. */
        uint64_t rounds;
        uint64_t round_usec; /* of the last: how long the longest look took */
        uint64_t open_usec;  /* of the one that runs */
        unsigned n_servers, n_looked;
} Ledger;

void ledger_init(Ledger *l, uint64_t now_usec);
/* Our CPU time since it was last asked for. */
uint64_t ledger_take_own_nsec(Ledger *l);

void ledger_add_server(Ledger *l);
/* @looked: it was looked at already in the round that runs. */
void ledger_remove_server(Ledger *l, bool looked);
/* Once for each server and round. */
void ledger_note_looked(Ledger *l, uint64_t wall_usec);
