/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Manifest file
 *
 * Reads the plugin.yaml of a folder, if nobody else could have written it.
 */

#include <sys/stat.h>

#include "daemon/extend/manifest.h"

/*
 * @folder is absolute, and its name that of the plugin. On failure @reterr has a sentence that
 * names the file, and its line where there is one.
 */
int manifest_file_read(const char *folder, uid_t owner, struct stat *ret_seen, Manifest **ret,
                char **reterr);
