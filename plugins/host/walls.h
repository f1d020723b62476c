/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Walls
 *
 * What keeps foreign code in: limits, Landlock, system call filters, namespaces. The host puts the
 * first ones up around itself before it touches the payload, and closes them further once the
 * plugin has started. They only ever get narrower. What the kernel does not have is left out, and
 * told: the daemon decides whether that will do.
 */

#include <stdbool.h>
#include <stdint.h>

#include "plugins/host/setup.h"

typedef struct Walls {
        bool limits;           /* resource limits and no_new_privs */
        bool filter;           /* system calls */
        int landlock;          /* version of Landlock; 0: there is none */
        bool namespaces;       /* of its own: network (strict), processes, IPC */
        uint64_t memory_bytes; /* private, that the host had to itself before */
} Walls;

/* Each returns a negative errno only for what the host must not go on without. */

/* Namespaces: before there are threads. A child is the first process of the new ones. */
void walls_unshare(Walls *w, const Setup *s);
/* no_new_privs, resource limits, Landlock: before there are threads. */
int walls_confine(Walls *w, const Setup *s);
/* Memory: from what the host had before its walls. For a program: from nothing. */
int walls_limit_memory(const Walls *w, const Setup *s);

/* For a shared object: while it is loaded, and from then on. They hold for all threads. @witness is
 * where to send the listener, and is closed; -1: nobody hears of what is refused. */
int walls_filter_loading(Walls *w, const Setup *s, bool is_heard);
int walls_filter_running(const Setup *s, int witness);
/* For a program, just before it begins. */
int walls_filter_program(Walls *w, const Setup *s, int witness);

/* {"limits": true, "filter": true, "landlock": 7, "namespaces": true} */
int walls_describe(const Walls *w, json_object **ret);
