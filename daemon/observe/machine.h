/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How much of the machine is in use. In a sandbox without /proc only the load can be seen. */

#include <stdint.h>

typedef struct Machine {
        uint64_t busy, all; /* ticks of the last time; 0: there was none */
        double cpu_used;    /* share of all processors, 0 to 1; below 0: not known */
        double memory_used; /* share, 0 to 1; below 0: not known */
        uint64_t memory_bytes;
        unsigned processors;
} Machine;

/* @m is what it was the last time; CPU is told of the time since. */
void machine_look(Machine *m);
