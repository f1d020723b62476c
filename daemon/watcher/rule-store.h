/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Rule store
 *
 * Holds the detector rules that are in force. A file that changes on disk is read soon afterwards;
 * a file that cannot be read is named in the log, and the agents it described are judged by what
 * the other folders say of them.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/detect/detector.h"

typedef struct RuleStore RuleStore;

/* Other rules are in force: what was borrowed from the old ones is gone when this returns. */
typedef void (*RuleStoreChanged)(void *userdata);

/* @folders: the later one wins by file name. Those that do not exist yet are waited for. */
int rule_store_new(sd_event *event, char *const *folders, RuleStoreChanged changed, void *userdata,
                RuleStore **ret);
RuleStore *rule_store_free(RuleStore *store);
DEFINE_CLEANUP(RuleStore *, rule_store_free)

/* Never NULL. */
const DetectorSet *rule_store_get(const RuleStore *store);
/* Reads all files anew now; the rules stay as they are if this fails. */
int rule_store_reload(RuleStore *store);
