/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What policies did, would do, or gave up, in the journal; a KeeperTell. */

#include "daemon/act/keeper.h"

void journal_keeper(void *userdata, const Agent *agent, ActKind kind, KeeperNews news,
                uint64_t when_usec, const char *why);
