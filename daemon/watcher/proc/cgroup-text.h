/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the kernel says of control groups
 *
 * The texts below /proc and of the files of a group, version 2 only. Pure. Names of groups are
 * chosen by users; numbers are as the kernel has them.
 */

#include <stddef.h>
#include <stdint.h>

#define CGROUP_PATH_MAX 512U
#define CGROUP_NO_LIMIT UINT64_MAX

typedef struct CgroupEvents {
        uint64_t high;     /* how often it was slowed down for being above memory.high */
        uint64_t oom;      /* how often it was at its own limit, and nothing could be had back */
        uint64_t oom_kill; /* processes of it that were killed, whoever's limit it was */
} CgroupEvents;

/*
 * Of /proc/PID/cgroup: the path below the mount. -ENOENT: it is in no group of version 2, or in one
 * that cannot be seen from here; -EBADMSG: this is no such file.
 */
int cgroup_parse_path(const char *text, char ret[CGROUP_PATH_MAX]);

/* Of /proc/self/mountinfo: where the whole tree of version 2 is mounted. -ENOENT: nowhere. */
int cgroup_parse_mount(const char *text, char ret[CGROUP_PATH_MAX]);

/* "4096", or "max": CGROUP_NO_LIMIT. All return -EBADMSG if it is not what it should be. */
int cgroup_parse_number(const char *text, uint64_t *ret);
int cgroup_parse_events(const char *text, CgroupEvents *ret);
/* Of memory.stat: what the kernel can take back without anybody's missing it. */
int cgroup_parse_cache(const char *text, uint64_t *ret);
/* Of memory.pressure: the share of the last ten seconds in which some process waited, 0 to 1. */
int cgroup_parse_pressure(const char *text, double *ret);
