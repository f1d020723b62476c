/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What was alarming, over a restart: as JSON, the oldest first. Infos are in the journal alone. */

#include <json-c/json.h>

#include "daemon/observe/alerts.h"

/* One that is raised now counts as cleared at @realtime_usec, until which it was known. */
int alerts_save(const Alerts *alerts, uint64_t realtime_usec, json_object **ret);

/* What is no alert of ours, or makes no sense, is left out. -ENOMEM. */
int alerts_restore(Alerts *alerts, json_object *saved);
