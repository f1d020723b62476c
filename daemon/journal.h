/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Writes what happens to servers and agents to the log, with fields that can be searched for. */

#include "daemon/agents/registry.h"

/* Listens to @registry until it is freed, or until journal_detach(). */
int journal_attach(Registry *registry);
void journal_detach(Registry *registry);
