/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Dress
 *
 * Makes this process, and as many children as the agent has, look as the agent's own: the names
 * that /proc shows. Whoever recognizes agents by their processes needs no exception for this one.
 */

#include "tools/demo-agent/look.h"

/*
 * Called at the start of main(): returns 0 in the innermost process, and does not return in those
 * above it: they wait, and end as their child ended. What must reach the innermost process goes
 * through the environment. Returns a negative errno.
 */
int dress_as(const Look *look);

/* Whether dress_as() has been through exec already. */
bool dress_is_on(void);
