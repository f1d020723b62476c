/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The audit log of all that is typed to agents; an ActsTell. */

#include "daemon/act/acts.h"

/* Whether the text itself is logged, and not only its length and hash; @userdata of the next. */
typedef struct JournalActs {
        bool with_text;
} JournalActs;

void journal_act(void *userdata, const ActDeed *deed);
