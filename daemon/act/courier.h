/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Courier
 *
 * Sends off what stands in an idle agent's input and was never submitted, where its policy says so:
 * by one Enter, after it stood there unchanged for a while, with nobody at the pane. What the
 * screen holds is known to the watcher only; here it is a token.
 */

#include "daemon/act/acts.h"
#include "daemon/act/draft.h"
#include "daemon/act/keeper.h"

typedef struct Courier Courier;

/* Borrowed by each call that needs it: the configuration changes. */
typedef struct CourierRules {
        PolicyRules policy;
        DraftRules draft;
} CourierRules;

/* How an agent is looked at: see watchers_ask_check(). */
typedef struct CourierPort {
        int (*look)(void *userdata, const Agent *agent, WatchersAnswer answer,
                        void *answer_userdata, WatchersQuestion **ret);
        void (*drop)(void *userdata, WatchersQuestion *question);
} CourierPort;

int courier_new(Registry *registry, Acts *acts, const CourierRules *rules, const CourierPort *port,
                void *port_userdata, KeeperTell tell, void *tell_userdata, Courier **ret);
Courier *courier_free(Courier *courier);
DEFINE_CLEANUP(Courier *, courier_free)

/* Does what is due. @now_usec: CLOCK_MONOTONIC. Called every few seconds. */
void courier_tick(Courier *courier, uint64_t now_usec);

/* What outlives a restart: what was told and tried. The time begins anew. */
int courier_save(const Courier *courier, json_object **ret);
/* -EBADMSG: part of it has no sense, and is left out. */
int courier_restore(Courier *courier, json_object *saved);
