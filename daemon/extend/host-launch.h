/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Launching a plugin host
 *
 * Where systemd offers its sockets a connection starts a host in a unit of its own; else the host
 * is our child on a pair of sockets. Knows nothing of what the host will run.
 */

#include <stdbool.h>
#include <sys/types.h>

typedef struct HostPlaces {
        const char *program;       /* plugin-host */
        const char *strict_socket; /* of the units; NULL: there are none */
        const char *network_socket;
} HostPlaces;

typedef struct HostProcess {
        int fd;
        pid_t pid; /* 0: not our child */
        bool in_unit;
} HostProcess;

/* plugin-host, which lies beside the program that we are. */
int host_program_find(char **ret);

/* @name: for those who list processes. */
int host_launch(const HostPlaces *places, const char *name, bool network, HostProcess *ret);
/* The first thing that a host reads: an empty line, and beside it where it is to tell of what it
 * refuses, and @payload unless it is -1. */
int host_send_payload(int fd, int tell, int payload);
