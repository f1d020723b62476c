/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What was set at run time, and is kept
 *
 * One YAML document below the folder of the service's state, replaced as a whole or not at all. The
 * last documents are kept as versions: the newest is the one in force. It is not read here.
 */

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

/* Older ones are removed. */
#define KEPT_VERSIONS_MAX 20U

typedef struct KeptVersion {
        unsigned number;    /* from 1 */
        uint64_t when_usec; /* CLOCK_REALTIME */
        char *what;         /* what was done, and by whom */
} KeptVersion;

typedef struct KeptVersions {
        KeptVersion *items; /* the newest first */
        size_t n_items;
} KeptVersions;

void kept_versions_done(KeptVersions *versions);

/* "/var/lib/tmux-orchestrator/config.yaml.d/set.yaml"; NULL: no memory. */
char *kept_config_path(const char *state);

/* *ret is NULL if nothing is kept. -EFBIG, -EBADF and so on: it cannot be read. */
int kept_config_read(const char *state, char **ret);
/* -ENOENT: there is no such version. */
int kept_config_read_version(const char *state, unsigned number, char **ret);

/* @what becomes the first line. On failure what was is still there. */
int kept_config_write(const char *state, const char *yaml, const char *what);

int kept_config_list(const char *state, KeptVersions *ret);
