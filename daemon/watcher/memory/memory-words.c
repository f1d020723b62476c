/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/memory/memory-words.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/text.h"

#define SIZE_TEXT_MAX 32U
/* Of those that 'tmux-orc run' makes: they are gone with what ran in them. */
#define RUN_PREFIX "tmux-orc-run-"
#define MEGABYTE (UINT64_C(1) << 20)

static const char *name_of(const char *group) {
        return strrchr(group, '/') ? strrchr(group, '/') + 1 : group;
}

/* As systemd takes it: "64M", "1536M", "2G"; never less than it is. */
static const char *size_to_text(uint64_t bytes, char buffer[SIZE_TEXT_MAX]) {
        uint64_t mega = bytes / MEGABYTE + (bytes % MEGABYTE > 0);

        if (mega % 1024 == 0 && mega > 0)
                (void)snprintf(buffer, SIZE_TEXT_MAX, "%" PRIu64 "G", mega / 1024);
        else
                (void)snprintf(buffer, SIZE_TEXT_MAX, "%" PRIu64 "M", mega);
        return buffer;
}

static int print_to(char **ret, int n) {
        if (n >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}

int memory_words_end(const MemoryMind *m, const char *group, Oom oom, char **ret) {
        const char *how = oom == OOM_SURELY ? "was OOM-killed" : "was probably OOM-killed";
        char size[SIZE_TEXT_MAX];

        assert(oom != OOM_NO);

        if (!m->is_own)
                return print_to(ret,
                                asprintf(ret, "%s: so was a process of %s, which it shared", how,
                                                name_of(group)));
        if (m->last.max != CGROUP_NO_LIMIT && (m->killed_for_limit || m->killed_usec == 0))
                return print_to(ret,
                                asprintf(ret, "%s: it reached %s, the limit of %s", how,
                                                size_to_text(m->last.max, size), name_of(group)));
        return print_to(ret,
                        asprintf(ret, "%s: there was no memory left around %s", how,
                                        name_of(group)));
}

/* The user's own systemd has those below user@UID.service. */
static const char *manager_of(const char *group) {
        return strstr(group, "/user@") ? " --user" : "";
}

static bool is_unit(const char *name) {
        return text_ends_with(name, ".scope") || text_ends_with(name, ".service");
}

int memory_words_advice(const MemoryMind *m, const char *group, bool killed, char **ret) {
        bool by_high = m->last.high < m->last.max,
             by_others = killed && m->killed_usec > 0 && !m->killed_for_limit;
        uint64_t limit = MIN(m->last.high, m->last.max);
        const char *name = name_of(group);
        char size[SIZE_TEXT_MAX];

        if (limit == CGROUP_NO_LIMIT || by_others || !m->is_own || !is_unit(name))
                return print_to(ret,
                                asprintf(ret,
                                                "give the machine more, or bound who takes it: "
                                                "tmux-orc run --memory-max=SIZE COMMAND"));
        size_to_text(limit > UINT64_MAX / 4 ? limit : limit * 2, size);
        if (killed && text_starts_with(name, RUN_PREFIX))
                return print_to(ret,
                                asprintf(ret, "give it more: tmux-orc run --memory-%s=%s",
                                                by_high ? "high" : "max", size));
        return print_to(ret,
                        asprintf(ret, "give it more: systemctl%s set-property %s Memory%s=%s",
                                        manager_of(group), name, by_high ? "High" : "Max", size));
}
