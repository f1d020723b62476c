/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Quotas of callers
 *
 * Each user may make so many calls a second, and so many of those that cost something; root and the
 * user that the service runs as are not counted. A call too many is refused, and the refusal is
 * sent a little later: who waits for answers is slowed down by it, and others are not.
 */

#include "dbus/bus-exports-private.h"

/* Calls that may come at once: so many seconds' worth. */
#define BUS_QUOTA_BURST_SECONDS 5U
#define BUS_QUOTA_DELAY_USEC (100 * USEC_PER_MSEC)

int bus_quota_new(BusExports *e, BusQuota **ret);
BusQuota *bus_quota_free(BusQuota *quota);
DEFINE_CLEANUP(BusQuota *, bus_quota_free)

/* Whom a message counts for; UID_INVALID: for nobody. */
uid_t bus_quota_user(BusQuota *quota, sd_bus_message *m);
/* How many calls were refused. */
uint64_t bus_quota_refusals(const BusQuota *quota);
