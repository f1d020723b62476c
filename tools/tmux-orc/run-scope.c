/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/run-scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

#define WORD_MAX 40U
#define WORD_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
#define QUOTA_MAX 100000U /* per cent: a thousand cores */
#define USEC_PER_PERCENT 10000U
#define TASKS_MAX 4194304U /* as many processes as Linux can have */

int run_scope_name(const char *word, pid_t pid, char **ret) {
        const char *slash = strrchr(word, '/');
        char clean[WORD_MAX + 1];
        size_t n = 0;

        for (const char *p = slash ? slash + 1 : word; *p && n < WORD_MAX; p++)
                clean[n++] = strchr(WORD_CHARACTERS, *p) ? *p : '_';
        clean[n] = '\0';

        return asprintf(ret, RUN_SCOPE_PREFIX "%s-%d.scope", n > 0 ? clean : "_", pid) < 0 ? -ENOMEM
                                                                                           : 0;
}

int run_parse_quota(const char *text, uint64_t *ret_usec_per_sec) {
        size_t n = strspn(text, "0123456789");
        char digits[16];
        uint64_t percent;

        if (n == 0 || n >= sizeof(digits) || (text[n] && strcmp(text + n, "%") != 0))
                return -EINVAL;
        (void)snprintf(digits, sizeof(digits), "%.*s", (int)n, text);
        if (parse_u64(digits, 1, QUOTA_MAX, &percent) < 0)
                return -EINVAL;
        *ret_usec_per_sec = percent * USEC_PER_PERCENT;
        return 0;
}

int run_parse_tasks(const char *text, uint64_t *ret) {
        return parse_u64(text, 1, TASKS_MAX, ret) < 0 ? -EINVAL : 0;
}

static int append_limits(sd_bus_message *m, const RunScope *scope) {
        const struct {
                const char *property;
                uint64_t value;
        } limits[] = {
                        {"MemoryMax", scope->memory_max},
                        {"MemoryHigh", scope->memory_high},
                        {"CPUQuotaPerSecUSec", scope->cpu_usec_per_sec},
                        {"TasksMax", scope->tasks_max},
        };
        int r = 0;

        FOREACH_ELEMENT (limit, limits)
                if (r >= 0 && limit->value > 0)
                        r = sd_bus_message_append(m, "(sv)", limit->property, "t", limit->value);
        return r;
}

int run_scope_append(sd_bus_message *m, const RunScope *scope, pid_t pid, bool oom_policy) {
        int r;

        r = sd_bus_message_append(m, "ss", scope->name, "fail");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(sv)");
        if (r >= 0)
                r = sd_bus_message_append(m, "(sv)(sv)(sv)(sv)", "Description", "s",
                                scope->description, "PIDs", "au", 1, (uint32_t)pid,
                                "MemoryAccounting", "b", true, "CollectMode", "s",
                                "inactive-or-failed");
        if (r >= 0 && oom_policy)
                r = sd_bus_message_append(m, "(sv)", "OOMPolicy", "s", "continue");
        if (r >= 0)
                r = append_limits(m, scope);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_append(m, "a(sa(sv))", 0);
}

void run_scope_done(RunScope *scope) {
        free(scope->name);
        free(scope->description);
        *scope = (RunScope){};
}
