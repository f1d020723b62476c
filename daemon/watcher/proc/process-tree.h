/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The processes below a pane
 *
 * From the pane's own process downward by parentage, so that what runs below script(1) or another
 * terminal inside the pane is seen too. Parents come before their children. Bounded in number,
 * depth and text. It does not know what an agent is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/proc/proc-stat.h"

#define PROCESS_TREE_MAX 256U     /* processes */
#define PROCESS_DEPTH_MAX 32U     /* generations */
#define PROCESS_COMMAND_MAX 1024U /* bytes of one command line */
#define PROCESS_TEXT_MAX 65536U   /* bytes of all command lines of a tree */

typedef struct Process {
        ProcStat stat;
        unsigned depth; /* 0: the pane's own process */
        char *comm;     /* cleaned */
        char *command;  /* arguments joined by blanks, cleaned; "[comm]" if it has none to show */
} Process;

typedef struct ProcessTree ProcessTree;

/* -ESRCH if there is no such process. The first walk is made here. */
int process_tree_new(pid_t root, ProcessTree **ret);
ProcessTree *process_tree_free(ProcessTree *tree);
DEFINE_CLEANUP(ProcessTree *, process_tree_free)

/*
 * Walks again if the foreground group of the root's terminal changed within the last second, or if
 * the last walk is two seconds old; @now_usec is CLOCK_MONOTONIC. Returns 1 if the processes are
 * not what they were, 0 if they are, -ESRCH if the root is gone (a pid used again counts as gone):
 * the tree then shows what was last seen.
 */
int process_tree_update(ProcessTree *tree, uint64_t now_usec);
/* Walks at once; returns as above. */
int process_tree_walk(ProcessTree *tree, uint64_t now_usec);

size_t process_tree_count(const ProcessTree *tree);
/* Borrowed, as all below, until the next update. */
const Process *process_tree_at(const ProcessTree *tree, size_t i);
const Process *process_tree_find(const ProcessTree *tree, pid_t pid);
/* NULL-ended, in the order of the tree. */
char *const *process_tree_commands(const ProcessTree *tree);

/* The first process of the foreground group, or NULL if it is not in the tree. */
const Process *process_tree_foreground(const ProcessTree *tree);

/* The command of one process, as above; "[]" if it has none to show. */
int process_command(pid_t pid, char **ret);

/* CPU time of all of them in clock ticks, as of the last walk. It falls when processes end. */
uint64_t process_tree_cpu_ticks(const ProcessTree *tree);
/* There were more than we may look at. */
bool process_tree_is_cut(const ProcessTree *tree);
