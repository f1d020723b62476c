/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is wrong with an agent's memory, and what can be done about it, for people. Pure. */

#include "daemon/watcher/memory/memory-mind.h"

/* A sentence without its subject: "was OOM-killed: it reached 64M, the limit of x.scope". */
int memory_words_end(const MemoryMind *m, const char *group, Oom oom, char **ret);

/* While it lives, and once it was killed: "systemctl --user set-property x.scope MemoryMax=128M".
 */
int memory_words_advice(const MemoryMind *m, const char *group, bool killed, char **ret);
