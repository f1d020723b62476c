/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Talk
 *
 * Writes messages to the daemon, from any thread, whole lines at a time. There is nothing to be
 * done for a daemon that is gone: the process ends.
 */

#include <json-c/json.h>

typedef struct Talk Talk;

int talk_new(int fd, Talk **ret);

/* Each takes what it sends over. @error is a negative errno. */
void talk_answer(Talk *t, json_object *id, json_object *result);
void talk_fail(Talk *t, json_object *id, int error, const char *text);
void talk_notify(Talk *t, const char *method, json_object *params);
