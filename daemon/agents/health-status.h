/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the last check of an agent said, as the cache keeps it
 *
 * A status is as old as the check, or as the last look since then that found the same screen.
 */

#include "daemon/agents/cache.h"
#include "daemon/agents/health.h"

#define HEALTH_HASH_MAX 64

typedef struct HealthStatus {
        Health health;
        const char *sentence; /* a constant */
        uint64_t seen_usec;   /* CLOCK_MONOTONIC: when that was so; 0: it never was looked at */
} HealthStatus;

/* Whether there is one that is at most @max_age_usec old. */
bool health_status_get(Cache *cache, const char *agent_id, uint64_t max_age_usec, uint64_t now_usec,
                HealthStatus *ret);

/* A check that the cache has no room for is told all the same, and not kept. */
void health_status_put(Cache *cache, const char *agent_id, const HealthLook *look,
                const HealthStatus *status);

/* Somebody saw the agent's screen: either the status is still right, or there is none any more. */
void health_status_see(Cache *cache, const char *agent_id, const char *hash, uint64_t now_usec);

/* It is another agent now, so to speak. */
void health_status_forget(Cache *cache, const char *agent_id);
