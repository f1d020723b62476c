/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tells the journal what is done with plugins, and by whom: the audit log. */

#include "daemon/extend/plugins.h"

int journal_plugins_attach(Plugins *plugins);
void journal_plugins_detach(Plugins *plugins);
