/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A control group's memory
 *
 * Finds the group of a process, and reads what it uses, may use and suffers from. The group stays
 * open: what its events said last is known also when it is removed. Where there are no groups of
 * version 2, or none with a memory controller, nothing is found, and nothing is made up.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/proc/cgroup-text.h"

typedef struct Cgroup Cgroup;

typedef struct CgroupMemory {
        uint64_t current;
        uint64_t high; /* CGROUP_NO_LIMIT: none, as below */
        uint64_t max;
        uint64_t cache;  /* part of the current that can be had back; read only near a limit */
        double pressure; /* 0 to 1; below 0: not known */
        CgroupEvents events;
} CgroupMemory;

/* @proc is where /proc is, and says where groups are mounted. -ENOENT: nowhere. */
int cgroup_mount_open(const char *proc, int *ret_fd);
/* As cgroup_parse_path(); -ESRCH. */
int cgroup_of_process(const char *proc, pid_t pid, char ret[CGROUP_PATH_MAX]);

/* -ENOENT: there is no such group, or its memory is not accounted for. */
int cgroup_open(int mount_fd, const char *path, Cgroup **ret);
Cgroup *cgroup_free(Cgroup *cgroup);
DEFINE_CLEANUP(Cgroup *, cgroup_free)

const char *cgroup_path(const Cgroup *cgroup);
/* "tmux-spawn-….scope" */
const char *cgroup_name(const Cgroup *cgroup);
/* Of memory.events, which changes whenever one of its numbers does. */
int cgroup_events_fd(const Cgroup *cgroup);

/* -ENODEV: it was removed. */
int cgroup_read(const Cgroup *cgroup, CgroupMemory *ret);
int cgroup_read_events(const Cgroup *cgroup, CgroupEvents *ret);
