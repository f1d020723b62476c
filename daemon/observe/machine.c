/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/machine.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "daemon/base/cleanup.h"

/* user nice system idle iowait irq softirq steal */
#define TICKS 8
#define TICK_IDLE 3
#define TICK_IOWAIT 4

static bool read_ticks(uint64_t *ret_busy, uint64_t *ret_all) {
        _cleanup_fclose_ FILE *f = fopen("/proc/stat", "re");
        uint64_t ticks[TICKS] = {}, all = 0;

        if (!f || fscanf(f, "cpu") != 0)
                return false;
        for (unsigned i = 0; i < TICKS; i++) {
                if (fscanf(f, "%" SCNu64, &ticks[i]) != 1)
                        return false;
                all += ticks[i];
        }

        *ret_all = all;
        *ret_busy = all - ticks[TICK_IDLE] - ticks[TICK_IOWAIT];
        return true;
}

static void look_at_cpu(Machine *m, const struct sysinfo *info) {
        uint64_t busy, all;

        if (!read_ticks(&busy, &all)) {
                /* Who waits for a processor, by how many there are. */
                double load = (double)info->loads[0] / (1 << SI_LOAD_SHIFT) / m->processors;

                m->cpu_used = MIN(load, 1.0);
                return;
        }

        m->cpu_used = m->all > 0 && all > m->all
                        ? (double)(busy - MIN(busy, m->busy)) / (double)(all - m->all)
                        : -1;
        m->busy = busy;
        m->all = all;
}

static void look_at_memory(Machine *m) {
        _cleanup_fclose_ FILE *f = fopen("/proc/meminfo", "re");
        uint64_t kib = 0, total = 0;
        char key[64];

        m->memory_used = -1;
        while (f && fscanf(f, "%63[^:]: %" SCNu64 "%*[^\n]\n", key, &kib) == 2) {
                if (strcmp(key, "MemTotal") == 0)
                        total = kib;
                if (strcmp(key, "MemAvailable") == 0 && total > 0) {
                        m->memory_used = 1 - (double)MIN(kib, total) / (double)total;
                        return;
                }
        }
}

void machine_look(Machine *m) {
        struct sysinfo info = {};

        assert(m);

        (void)sysinfo(&info);
        m->processors = (unsigned)MAX(get_nprocs(), 1);
        m->memory_bytes = (uint64_t)info.totalram * info.mem_unit;
        look_at_cpu(m, &info);
        look_at_memory(m);
}
