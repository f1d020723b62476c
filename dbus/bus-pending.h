/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Calls that are answered later
 *
 * Keeps the message until the answer is there. The question behind it is dropped when the caller
 * leaves the bus or the bus leaves us. Each user may have so many and no more, over all
 * connections; root and the service's own user over one.
 */

#include "dbus/bus-exports-private.h"

#define BUS_PENDING_PER_CALLER 64U
#define BUS_PENDING_MAX 1024U

struct BusPending {
        BusExports *exports;
        sd_bus_message *message;
        uid_t user;                 /* UID_INVALID: root, or the service's own */
        SenderWatch *caller;        /* NULL where there is no bus between us */
        WatchersQuestion *question; /* NULL once it is answered */
        HealthBatch *batch;         /* the same */
        Execution *execution;       /* the same */
        PluginsTask *task;          /* the same */
        PluginsCheck *check;        /* the same */
        ActsTask *act;              /* the same */
        HistoryReading *reading;    /* the same */
        sd_bus_message *reply;      /* what there is of it already */
        char *subject;              /* for errors */
        char *key;                  /* where the answer is to be kept */
        BusPending *prev, *next;
};

/* Fails with LimitsExceeded in @reterr. */
int bus_pending_new(BusExports *e, sd_bus_message *m, const char *subject, BusPending **ret,
                sd_bus_error *reterr);
BusPending *bus_pending_free(BusPending *p);
DEFINE_CLEANUP(BusPending *, bus_pending_free)

/* Answers and frees. */
void bus_pending_fail(BusPending *p, int error);
void bus_pending_reply_string(BusPending *p, const char *text);
void bus_pending_reply(BusPending *p, const char *types, ...);
