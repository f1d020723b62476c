/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The Host header
 *
 * A page of any site can have the browser ask a name that leads to 127.0.0.1. The browser then says
 * that name here; so only names that are known to be ours are answered.
 */

#include <stdbool.h>

/* @allowed ends with NULL and may be NULL: names besides localhost, 127.0.0.1 and [::1]. */
bool host_is_allowed(const char *header, char *const *allowed);
