/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line of /proc/PID/stat
 *
 * Parsing is pure; reading is here too, since everybody who parses has to read. The name of a
 * process is chosen by the process: it may hold blanks, brackets and newlines.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROC_COMM_MAX 16

typedef struct ProcStat {
        pid_t pid;
        char comm[PROC_COMM_MAX]; /* as the kernel has it: not cleaned */
        char state;               /* R S D T t Z X I */
        pid_t ppid;
        pid_t pgrp;
        pid_t session;
        dev_t tty;            /* 0: none */
        pid_t tpgid;          /* the foreground group of its terminal; -1: none */
        uint64_t cpu_ticks;   /* utime + stime */
        uint64_t start_ticks; /* since boot: with the pid, the identity of a process */
        int exit_code;        /* as wait() has it; only a zombie of our own user shows it */
} ProcStat;

/* -EBADMSG if this is no such line. */
int proc_stat_parse(const char *line, size_t n_line, ProcStat *ret);

/* Reads from a kept-open /proc/PID/stat. -ESRCH once the process is reaped. */
int proc_stat_read_fd(int fd, ProcStat *ret);
int proc_stat_read(pid_t pid, ProcStat *ret);

/* All that it has ever read, from files, pipes and connections. -EACCES: not ours to know. */
int proc_read_bytes(pid_t pid, uint64_t *ret);

/* What of it is in memory; what it shares with others counts in full. -ESRCH. */
int proc_resident_bytes(pid_t pid, uint64_t *ret);

/* Whether @pid is @root, or was started below it and nobody between has ended: 1 or 0. -ESRCH. */
int process_is_below(pid_t pid, pid_t root);
