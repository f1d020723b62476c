/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Is this configuration good?
 *
 * Judged here, by the code that the service uses, so that a file can be checked before there is a
 * service.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * @name: a file, "-" for standard input, or NULL for all files that the service reads (those of the
 * user, or the system's). @ret: {"valid": …, "files": […], "problems": [{"severity", "path",
 * "line", "key", "message"}]}. Fails if the file cannot be read.
 */
int config_check(const char *name, bool user, json_object **ret);
/* One problem per line, as compilers say it. */
int config_check_print(FILE *out, json_object *verdict, bool quiet);
