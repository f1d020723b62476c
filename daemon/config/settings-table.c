/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/settings-table.h"

#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"
#include "daemon/config/config.h"

#define DAY 86400.0
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define NAME_MAX_BYTES 64U

static bool is_name(const char *text) {
        size_t n = strlen(text);

        return n > 0 && n <= NAME_MAX_BYTES && strspn(text, NAME_CHARACTERS) == n;
}

/* "claude=priority_based" */
static bool is_class(const char *text) {
        const char *equals = strchr(text, '=');
        char type[NAME_MAX_BYTES + 1] = "";

        if (!equals || equals - text > (ptrdiff_t)NAME_MAX_BYTES)
                return false;
        (void)memcpy(type, text, (size_t)(equals - text));
        return is_name(type) && is_name(equals + 1);
}

static bool is_path_or_empty(const char *text) {
        return text[0] == '\0' || text[0] == '/';
}

static bool is_cause(const char *text) {
        static const char *const causes[] = {"waiting", "oom_killed", "crashed", "low_memory",
                        "error", "rate_limited", "stalled", "unsubmitted", "idle"};

        FOREACH_ELEMENT (cause, causes)
                if (strcmp(*cause, text) == 0)
                        return true;
        return false;
}

/* Short, and without what would end an item of a list. */
static bool is_pattern(const char *text) {
        size_t n = strlen(text);

        return n > 0 && n <= NAME_MAX_BYTES && strcspn(text, ",=\"'") == n;
}

/* "type:claude=act" */
static bool is_exception(const char *text) {
        static const char *const who[] = {"agent:", "target:", "role:pm", "type:", "user:"};
        static const char *const what[] = {"observe", "notify", "act"};
        const char *sign = strrchr(text, '=');
        bool known = false;

        if (!sign || strlen(text) > 2 * NAME_MAX_BYTES)
                return false;
        FOREACH_ELEMENT (w, who)
                known = known ||
                                (text_starts_with(text, *w) && strlen(*w) <= (size_t)(sign - text));
        if (!known)
                return false;
        FOREACH_ELEMENT (w, what)
                if (strcmp(sign + 1, *w) == 0)
                        return true;
        return false;
}

static bool is_hours(const char *text) {
        int from, to;

        return text[0] == '\0' || config_parse_hours(text, &from, &to) >= 0;
}

static const SettingChoice policies[] = {{"observe"}, {"notify"}, {"act"}, {}};

static const SettingChoice evictions[] = {{"ttl"}, {"lru"}, {"lfu"}, {}};

static const SettingChoice levels[] = {{"debug"}, {"info"}, {"notice"}, {"warning"}, {"error"},
                {"crit"}, {"alert"}, {"emerg"}, {"warn", "warning"}, {"err", "error"},
                {"critical", "crit"}, {}};

static const SettingChoice formats[] = {{"structured"}, {"json"}, {"text"}, {}};

static const SettingChoice sandboxes[] = {
                {"none"}, {"limits"}, {"filtered"}, {"walled"}, {"isolated"}, {}};

static const SettingChoice rotations[] = {
                {"never"}, {"hourly"}, {"daily"}, {"weekly"}, {"monthly"}, {}};

static const SettingChoice transports[] = {{"auto"}, {"source"}, {"native"}, {}};

#define A_CAUSE \
        .is_valid = is_cause, \
        .form = "waiting, oom_killed, crashed, low_memory, error, rate_limited, stalled, " \
                "unsubmitted or idle"
#define A_NAME .is_valid = is_name, .form = "a name of letters, digits, '-' and '_'"
#define A_CLASS \
        .is_valid = is_class, .form = "a type or state of agents, '=', and the name of a strategy"
#define A_PATH .is_valid = is_path_or_empty, .form = "an absolute path"

#define JOURNAL "the journal is the log"

/* In each section its own keys come before those of the sections in it. */
const Setting settings_table[] = {
                {
                                .key = "environment",
                                .type = SETTING_TEXT,
                                .fallback = "default",
                                A_NAME,
                                .offset = offsetof(Config, environment),
                                .variables = {{"TMUX_ORC_ENV"}},
                                .description = "The name under which this instance runs, as "
                                               "in tmux-orchestrator@green.service.",
                },
/* In the order of the documentation. */
/* clang-format off */
#include "daemon/config/settings/monitoring.inc"
#include "daemon/config/settings/cache.inc"
#include "daemon/config/settings/metrics.inc"
#include "daemon/config/settings/health.inc"
#include "daemon/config/settings/history.inc"
#include "daemon/config/settings/limits.inc"
#include "daemon/config/settings/logging.inc"
#include "daemon/config/settings/notify.inc"
#include "daemon/config/settings/acting.inc"
#include "daemon/config/settings/exporters.inc"
#include "daemon/config/settings/plugins.inc"
                /* clang-format on */
};

const size_t settings_count = ELEMENTSOF(settings_table);
