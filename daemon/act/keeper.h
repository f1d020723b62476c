/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keeper
 *
 * Keeps agents going as their policy allows: brings back those that crashed, tells those that hit a
 * usage limit to go on when it is over. It listens to the registry, decides by the pure modules
 * beside it, and does what is due through acts, one thing at a time per agent. Nothing is done with
 * an agent whose server does not live.
 */

#include "daemon/act/acts.h"
#include "daemon/act/patience.h"
#include "daemon/act/policy.h"
#include "daemon/act/revival.h"

typedef struct Keeper Keeper;

/* Borrowed by each call that needs it: the configuration changes. */
typedef struct KeeperRules {
        PolicyRules crash, limit;
        RevivalRules revival;
        PatienceRules patience;
        bool restart_after_oom; /* else who was killed for want of memory is given up at once */
} KeeperRules;

typedef enum KeeperNews {
        KEEPER_PLANNED,  /* @when_usec */
        KEEPER_WOULD,    /* the policy is to notify: this is what would be done */
        KEEPER_REFUSED,  /* not now; @why */
        KEEPER_DONE,     /* it runs again */
        KEEPER_GIVEN_UP, /* a human has to see to it */
        _KEEPER_NEWS_MAX,
} KeeperNews;

typedef void (*KeeperTell)(void *userdata, const Agent *agent, ActKind kind, KeeperNews news,
                uint64_t when_usec, const char *why);

int keeper_new(Registry *registry, Acts *acts, const KeeperRules *rules, KeeperTell tell,
                void *userdata, Keeper **ret);
Keeper *keeper_free(Keeper *keeper);
DEFINE_CLEANUP(Keeper *, keeper_free)

/* What @rules of keeper_new() points to is another one. */
void keeper_rules_changed(Keeper *keeper);

/* Does what is due. @boot_usec: CLOCK_BOOTTIME. Called every few seconds. */
void keeper_tick(Keeper *keeper, uint64_t now_usec, uint64_t boot_usec);

/* Agents that were given up and that nobody has seen to. */
unsigned keeper_count_given_up(const Keeper *keeper);

/* What outlives a restart. */
int keeper_save(const Keeper *keeper, json_object **ret);
/* -EBADMSG: part of it has no sense, and is left out. */
int keeper_restore(Keeper *keeper, json_object *saved);
