/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of servers and agents
 *
 * Ids are what people type and what object paths hold: [A-Za-z0-9_-] only, made from the socket's
 * path and the pane's number. Pure text.
 */

#include <sys/types.h>

#include "daemon/base/cleanup.h"

#define SERVER_ID_DIGITS_MIN 4U
#define SERVER_ID_DIGITS_MAX 8U

/*
 * "1000-default" for the plain name of a socket in the default folder, else with @n_digits hex
 * digits that tell the path: "1000-work-3f9a". 0 digits: none, if the name can do without.
 */
int server_id_make(uid_t uid, const char *socket, unsigned n_digits, char **ret);

/* "%12" gives 12. -EINVAL. */
int pane_number(const char *pane, unsigned *ret);

/* "1000-default-12". -EINVAL if @pane is not the name of a pane. */
int agent_id_make(const char *server_id, const char *pane, char **ret);
