/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Setup
 *
 * What the daemon has this host run, as its first request says: {name, kind, payload: "object" or
 * "program", arguments, folder, profile, memory, tasks, cpu, settings}. Beside an empty line before
 * it come descriptors: of a socket for what is refused, and of the payload.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

typedef struct Setup {
        json_object *root; /* owns all of the below */
        json_object *id;   /* of the request */
        const char *name;
        const char *folder; /* of the manifest; a program may read it */
        bool is_strategy;
        bool is_program;
        bool may_use_network;
        uint64_t memory_bytes;
        uint64_t tasks;
        uint64_t cpu_percent;   /* of one core, on average; 0: no limit */
        json_object *arguments; /* of a program: strings; the first is its own name */
        json_object *settings;  /* NULL: none */
        int tell_fd;    /* a line for each thing that was refused; -1: nobody wants to know */
        int payload_fd; /* -1: the program is named by its path */
} Setup;

/* Waits for the first request; nothing behind it is read from @fd. -EBADMSG if it is none. */
int setup_receive(int fd, Setup *ret);
void setup_done(Setup *s);
