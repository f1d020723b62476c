/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the two files of the registry share: one reads, the other takes reports. */

#include "daemon/agents/book.h"
#include "daemon/agents/observers.h"

struct Registry {
        RegistryLimits limits;
        Book book;
        Observers observers;
        uint64_t refused; /* reports on agents */
};
