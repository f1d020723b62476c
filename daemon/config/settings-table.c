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
        static const char *const causes[] = {"waiting", "crashed", "error", "rate_limited",
                        "stalled", "unsubmitted", "idle"};

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
        .form = "waiting, crashed, error, rate_limited, stalled, unsubmitted or idle"
#define A_NAME .is_valid = is_name, .form = "a name of letters, digits, '-' and '_'"
#define A_CLASS \
        .is_valid = is_class, .form = "a type or state of agents, '=', and the name of a strategy"
#define A_PATH .is_valid = is_path_or_empty, .form = "an absolute path"

#define JOURNAL "the journal is the log"

/* Rows of one section stay together, its own keys before those of the sections in it. */
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
                {
                                .key = "monitoring.cycle_interval",
                                .type = SETTING_DURATION,
                                .fallback = "0",
                                .min = 0.1,
                                .max = 3600,
                                .or_zero = true,
                                .offset = offsetof(Config, monitoring.cycle_interval_usec),
                                .aliases = {"monitoring.check_interval"},
                                .description = "Time from the beginning of one cycle to the "
                                               "beginning of the next; 0 leaves it to the "
                                               "cost budget.",
                },
                {
                                .key = "monitoring.cost_budget",
                                .type = SETTING_NUMBER,
                                .fallback = "0.5",
                                .min = 0.01,
                                .max = 100,
                                .unit = "per cent of one core",
                                .offset = offsetof(Config, monitoring.cost_budget),
                                .description = "CPU time that watching may cost, with what tmux "
                                               "spends on it. Looks are as often as that allows, "
                                               "from ten in a second to one in two.",
                },
                {
                                .key = "monitoring.transport",
                                .type = SETTING_CHOICE,
                                .fallback = "auto",
                                .choices = transports,
                                .offset = offsetof(Config, monitoring.transport),
                                .description = "The way to tmux servers: source runs tmux itself "
                                               "for each look, native speaks its protocol, auto "
                                               "is native where a self-test has shown that it "
                                               "is the same.",
                },
                {
                                .key = "monitoring.strategy",
                                .type = SETTING_TEXT,
                                .fallback = "event_driven",
                                A_NAME,
                                .drop_suffix = "_strategy",
                                .offset = offsetof(Config, monitoring.strategy),
                                .aliases = {"monitoring.async.strategy"},
                                .description = "The strategy that plans the cycles; '_strategy' "
                                               "at the end of its name is dropped.",
                },
                {
                                .key = "monitoring.strategies",
                                .type = SETTING_LIST,
                                .fallback = "",
                                A_CLASS,
                                .offset = offsetof(Config, monitoring.strategies),
                                .description = "Other strategies for classes of agents, by type or "
                                               "state, such as claude=priority_based. The first "
                                               "that fits counts.",
                },
                {
                                .key = "monitoring.max_agents",
                                .type = SETTING_COUNT,
                                .fallback = "0",
                                .max = 100000,
                                .unit = "agents",
                                .offset = offsetof(Config, monitoring.max_agents),
                                .description = "Agents of all users together that are watched; 0 "
                                               "leaves it to the limits per user.",
                                .no_effect = "limits.agents_per_user bounds the agents",
                },
                {
                                .key = "monitoring.max_failures",
                                .type = SETTING_COUNT,
                                .fallback = "3",
                                .min = 1,
                                .max = 1000,
                                .unit = "failures",
                                .offset = offsetof(Config, monitoring.max_failures),
                                .description = "Failures after which an agent is given up.",
                },
                {
                                .key = "monitoring.modular",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, monitoring.modular),
                                .variables = {{"ENABLE_MODULAR_MONITORING"}},
                                .description = "Monitoring in parts of their own.",
                                .no_effect = "the service is always made of parts",
                },
                {
                                .key = "monitoring.async.enabled",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, monitoring.async.enabled),
                                .variables = {{"TMUX_ORC_ASYNC_DISABLED", true},
                                                {"TMUX_ORC_FORCE_SYNC", true}},
                                .description = "Whether another strategy than polling may plan.",
                },
                {
                                .key = "monitoring.async.rollout",
                                .type = SETTING_NUMBER,
                                .fallback = "1.0",
                                .max = 1,
                                .unit = "share of the agents",
                                .offset = offsetof(Config, monitoring.async.rollout),
                                .variables = {{"TMUX_ORC_ASYNC_ROLLOUT"}},
                                .description = "Share of the agents that the strategy has, always "
                                               "the same ones; polling has the others.",
                },
                {
                                .key = "monitoring.tmux_pool.min_connections",
                                .type = SETTING_COUNT,
                                .fallback = "5",
                                .max = 1000,
                                .unit = "slots",
                                .offset = offsetof(Config, monitoring.tmux_pool.min_connections),
                                .aliases = {"monitoring.async.pool.min_size"},
                                .description = "Slots that the pool keeps. Each lets one "
                                               "connection to "
                                               "a tmux server be open at a time; connections "
                                               "themselves are new for each look.",
                },
                {
                                .key = "monitoring.tmux_pool.max_connections",
                                .type = SETTING_COUNT,
                                .fallback = "20",
                                .min = 1,
                                .max = 1000,
                                .unit = "connections",
                                .offset = offsetof(Config, monitoring.tmux_pool.max_connections),
                                .aliases = {"monitoring.async.pool.max_size"},
                                .description = "Connections to tmux servers that are open at once; "
                                               "no "
                                               "server has more than one.",
                },
                {
                                .key = "monitoring.tmux_pool.connection_timeout",
                                .type = SETTING_DURATION,
                                .fallback = "30",
                                .min = 0.1,
                                .max = 3600,
                                .offset = offsetof(Config,
                                                monitoring.tmux_pool.connection_timeout_usec),
                                .aliases = {"monitoring.async.pool.connection_timeout"},
                                .description = "Time that a look waits for a slot of the pool; "
                                               "then its "
                                               "server counts as unknown until it is asked again.",
                },
                {
                                .key = "monitoring.tmux_pool.max_age",
                                .type = SETTING_DURATION,
                                .fallback = "600",
                                .min = 1,
                                .max = 7 * DAY,
                                .offset = offsetof(Config, monitoring.tmux_pool.max_age_usec),
                                .aliases = {"monitoring.async.pool.max_age"},
                                .description = "Age at which a slot is recycled, and the memory of "
                                               "what "
                                               "was read through it given back to the system.",
                },
                {
                                .key = "monitoring.cache.enabled",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, monitoring.cache.enabled),
                                .aliases = {"monitoring.async.cache.enabled"},
                                .description = "Whether answers are kept to be given again.",
                },
                {
                                .key = "monitoring.cache.strategy",
                                .type = SETTING_CHOICE,
                                .fallback = "lru",
                                .choices = evictions,
                                .offset = offsetof(Config, monitoring.cache.strategy),
                                .aliases = {"monitoring.async.cache.strategy"},
                                .description = "What a full layer loses first: what expires "
                                               "first (ttl), what was asked longest ago (lru), "
                                               "what was asked least (lfu).",
                },
                {
                                .key = "monitoring.cache.max_entries",
                                .type = SETTING_COUNT,
                                .fallback = "1000",
                                .min = 1,
                                .max = 1000000,
                                .unit = "entries",
                                .offset = offsetof(Config, monitoring.cache.max_entries),
                                .aliases = {"monitoring.async.cache.max_size"},
                                .description = "Entries of each layer at most.",
                },
                {
                                .key = "monitoring.cache.max_bytes",
                                .type = SETTING_COUNT,
                                .fallback = "16777216",
                                .min = 4096,
                                .max = 1073741824,
                                .unit = "bytes",
                                .offset = offsetof(Config, monitoring.cache.max_bytes),
                                .description = "Bytes of each layer at most.",
                },
                {
                                .key = "monitoring.cache.default_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "0",
                                .max = DAY,
                                .offset = offsetof(Config, monitoring.cache.default_ttl_usec),
                                .aliases = {"monitoring.async.cache.default_ttl"},
                                .description = "Time to live in the layers whose own is not "
                                               "configured; 0 leaves them their defaults.",
                },
                {
                                .key = "monitoring.cache.pane_content_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "10",
                                .max = DAY,
                                .offset = offsetof(Config, monitoring.cache.pane_content_ttl_usec),
                                .aliases = {"monitoring.cache.agent_content_ttl"},
                                .description = "Time to live of screens.",
                },
                {
                                .key = "monitoring.cache.agent_status_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "30",
                                .max = DAY,
                                .offset = offsetof(Config, monitoring.cache.agent_status_ttl_usec),
                                .description = "Time to live of what explains an agent "
                                               "at rest.",
                },
                {
                                .key = "monitoring.cache.session_info_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "60",
                                .max = DAY,
                                .offset = offsetof(Config, monitoring.cache.session_info_ttl_usec),
                                .description = "Time to live of which agent is in a "
                                               "pane.",
                },
                {
                                .key = "monitoring.cache.config_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "300",
                                .max = DAY,
                                .offset = offsetof(Config, monitoring.cache.config_ttl_usec),
                                .description = "Time to live of verdicts on "
                                               "configurations.",
                },
                {
                                .key = "monitoring.cache.command_cache_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "300",
                                .max = DAY,
                                .offset = offsetof(Config, monitoring.cache.command_ttl_usec),
                                .description = "Time to live of the output of tmux commands.",
                                .no_effect = "the output of tmux commands is never kept",
                },
                {
                                .key = "monitoring.metrics.enabled",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, monitoring.metrics.enabled),
                                .variables = {{"ENABLE_METRICS_COLLECTION"}},
                                .description = "Whether metrics can be read, and samples of them "
                                               "are kept for reports.",
                },
                {
                                .key = "monitoring.metrics.performance",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, monitoring.metrics.performance),
                                .variables = {{"TMUX_ORC_PERF_MONITORING"}},
                                .description = "Whether the service measures its own CPU time and "
                                               "memory as well.",
                },
                {
                                .key = "monitoring.metrics.retention_minutes",
                                .type = SETTING_COUNT,
                                .fallback = "60",
                                .min = 1,
                                .max = 525600,
                                .unit = "minutes",
                                .offset = offsetof(Config, monitoring.metrics.retention_minutes),
                                .variables = {{"METRICS_RETENTION_MINUTES"}},
                                .description = "Time for which each sample is kept; after that "
                                               "one by the hour.",
                },
                {
                                .key = "monitoring.metrics.export_prometheus",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, monitoring.metrics.export_prometheus),
                                .variables = {{"PROMETHEUS_EXPORT_ENABLED"}},
                                .description = "Whether Prometheus may fetch the metrics.",
                },
                {
                                .key = "health.concurrency",
                                .type = SETTING_COUNT,
                                .fallback = "20",
                                .min = 1,
                                .max = 1000,
                                .unit = "checks",
                                .offset = offsetof(Config, health.concurrency),
                                .description = "Health checks of agents that run side by side.",
                },
                {
                                .key = "health.timeout",
                                .type = SETTING_DURATION,
                                .fallback = "5",
                                .min = 0.1,
                                .max = 60,
                                .offset = offsetof(Config, health.timeout_usec),
                                .description = "Time after which a check counts as failed.",
                },
                {
                                .key = "health.content_hash_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "5",
                                .max = 3600,
                                .offset = offsetof(Config, health.content_hash_ttl_usec),
                                .description = "Time for which an agent's screen is taken to be "
                                               "what it was.",
                },
                {
                                .key = "health.status_ttl",
                                .type = SETTING_DURATION,
                                .fallback = "15",
                                .max = 3600,
                                .offset = offsetof(Config, health.status_ttl_usec),
                                .description = "Time for which the result of a check is given "
                                               "again.",
                },
                {
                                .key = "health.heartbeat_interval",
                                .type = SETTING_DURATION,
                                .fallback = "30",
                                .min = 1,
                                .max = 86400,
                                .offset = offsetof(Config, health.heartbeat_interval_usec),
                                .description = "Time between two checks of whether each component "
                                               "is there.",
                },
                {
                                .key = "health.resources_interval",
                                .type = SETTING_DURATION,
                                .fallback = "120",
                                .min = 1,
                                .max = 86400,
                                .offset = offsetof(Config, health.resources_interval_usec),
                                .description = "Time between two checks of what the service costs.",
                },
                {
                                .key = "health.performance_interval",
                                .type = SETTING_DURATION,
                                .fallback = "300",
                                .min = 1,
                                .max = 86400,
                                .offset = offsetof(Config, health.performance_interval_usec),
                                .description = "Time between two checks of how fast and how "
                                               "rightly it works.",
                },
                {
                                .key = "health.state_interval",
                                .type = SETTING_DURATION,
                                .fallback = "900",
                                .min = 1,
                                .max = 86400,
                                .offset = offsetof(Config, health.state_interval_usec),
                                .description = "Time between two checks of the file that keeps "
                                               "what is known.",
                },
                {
                                .key = "history.enabled",
                                .type = SETTING_BOOL,
                                .fallback = "true",
                                .offset = offsetof(Config, history.enabled),
                                .description = "Whether it is written down what agents were in, "
                                               "for reports. Takes effect at the start.",
                },
                {
                                .key = "history.retention",
                                .type = SETTING_DURATION,
                                .fallback = "90d",
                                .min = DAY,
                                .max = 3650 * DAY,
                                .offset = offsetof(Config, history.retention_usec),
                                .description = "Time for which that is kept, and samples by the "
                                               "hour; those by the day are kept for two years.",
                },
                {
                                .key = "history.max_episodes",
                                .type = SETTING_COUNT,
                                .fallback = "1000000",
                                .min = 1000,
                                .max = 100000000,
                                .unit = "episodes",
                                .offset = offsetof(Config, history.max_episodes),
                                .description = "Times that an agent was in one state, at most; "
                                               "the oldest go first.",
                },
                {
                                .key = "history.max_bytes",
                                .type = SETTING_COUNT,
                                .fallback = "209715200",
                                .min = 1048576,
                                .max = 1e12,
                                .unit = "bytes",
                                .offset = offsetof(Config, history.max_bytes),
                                .description = "Size of the history at most; the oldest goes "
                                               "first.",
                },
                {
                                .key = "history.backup_interval",
                                .type = SETTING_DURATION,
                                .fallback = "6h",
                                .min = 60,
                                .max = 30 * DAY,
                                .or_zero = true,
                                .offset = offsetof(Config, history.backup_interval_usec),
                                .description = "How often a copy of the history is made, which "
                                               "takes its place should it be damaged; 0 makes "
                                               "none.",
                },
                {
                                .key = "limits.servers_per_user",
                                .type = SETTING_COUNT,
                                .fallback = "64",
                                .min = 1,
                                .max = 10000,
                                .unit = "servers",
                                .offset = offsetof(Config, limits.servers_per_user),
                                .description = "tmux servers of one user at most.",
                },
                {
                                .key = "limits.agents_per_user",
                                .type = SETTING_COUNT,
                                .fallback = "1000",
                                .min = 1,
                                .max = 100000,
                                .unit = "agents",
                                .offset = offsetof(Config, limits.agents_per_user),
                                .description = "Agents of one user at most.",
                },
                {
                                .key = "limits.calls_per_user",
                                .type = SETTING_COUNT,
                                .fallback = "200",
                                .min = 0,
                                .max = 1000000,
                                .unit = "calls a second",
                                .offset = offsetof(Config, limits.calls_per_user),
                                .description = "D-Bus calls of one user, except root and the "
                                               "service's own; five seconds' worth may come at "
                                               "once. 0 is no limit.",
                },
                {
                                .key = "limits.costly_calls_per_user",
                                .type = SETTING_COUNT,
                                .fallback = "10",
                                .min = 0,
                                .max = 1000000,
                                .unit = "calls a second",
                                .offset = offsetof(Config, limits.costly_calls_per_user),
                                .description = "The same, of those calls that make watchers look, "
                                               "read files, or have long answers.",
                },
                {
                                .key = "logging.level",
                                .type = SETTING_CHOICE,
                                .fallback = "info",
                                .choices = levels,
                                .offset = offsetof(Config, logging.level),
                                .variables = {{"TMUX_ORC_LOG_LEVEL"}},
                                .description = "The least important messages that are logged.",
                },
                {
                                .key = "logging.format",
                                .type = SETTING_CHOICE,
                                .fallback = "structured",
                                .choices = formats,
                                .offset = offsetof(Config, logging.format),
                                .description = "How messages are written.",
                                .no_effect = JOURNAL ", and it is always structured",
                },
                {
                                .key = "logging.output",
                                .type = SETTING_TEXT,
                                .fallback = "",
                                A_PATH,
                                .offset = offsetof(Config, logging.output),
                                .description = "The file that messages go to.",
                                .no_effect = JOURNAL,
                },
                {
                                .key = "logging.rotate",
                                .type = SETTING_CHOICE,
                                .fallback = "never",
                                .choices = rotations,
                                .offset = offsetof(Config, logging.rotate),
                                .description = "How often a new file is begun.",
                                .no_effect = JOURNAL ", and it rotates by itself",
                },
                {
                                .key = "logging.retention",
                                .type = SETTING_DURATION,
                                .fallback = "30d",
                                .max = 3650 * DAY,
                                .offset = offsetof(Config, logging.retention_usec),
                                .description = "Time for which messages are kept.",
                                .no_effect = JOURNAL ", and journald.conf says what it keeps",
                },
                {
                                .key = "notify.causes",
                                .type = SETTING_LIST,
                                .fallback = "waiting,crashed,error",
                                A_CAUSE,
                                .offset = offsetof(Config, notify.causes),
                                .description = "What somebody is told of: waiting, crashed, error, "
                                               "rate_limited, stalled, unsubmitted, idle.",
                },
                {
                                .key = "notify.channels",
                                .type = SETTING_LIST,
                                .fallback = "desktop",
                                A_NAME,
                                .offset = offsetof(Config, notify.channels),
                                .description = "How: on the owner's desktop, by a message to the "
                                               "project manager's agent (pm, see "
                                               "acting.pm_windows), or by the plugins of these "
                                               "names, such as webhook and slack. The journal and "
                                               "the bus are told always.",
                },
                {
                                .key = "notify.escalation",
                                .type = SETTING_LIST,
                                .fallback = "",
                                A_NAME,
                                .offset = offsetof(Config, notify.escalation),
                                .description = "How as well, once notify.escalate_after is over.",
                },
                {
                                .key = "notify.delay",
                                .type = SETTING_DURATION,
                                .fallback = "5",
                                .max = DAY,
                                .offset = offsetof(Config, notify.delay_usec),
                                .description = "What does not last so long is not told.",
                },
                {
                                .key = "notify.cooldown",
                                .type = SETTING_DURATION,
                                .fallback = "60",
                                .max = DAY,
                                .offset = offsetof(Config, notify.cooldown_usec),
                                .description = "Time between two notices about one agent.",
                },
                {
                                .key = "notify.remind_after",
                                .type = SETTING_DURATION,
                                .fallback = "1800",
                                .max = 30 * DAY,
                                .offset = offsetof(Config, notify.remind_usec),
                                .description = "After which it is told again, as long as nobody "
                                               "acknowledges it; 0: never.",
                },
                {
                                .key = "notify.escalate_after",
                                .type = SETTING_DURATION,
                                .fallback = "0",
                                .max = 30 * DAY,
                                .offset = offsetof(Config, notify.escalate_usec),
                                .description = "After which notify.escalation is told, as long as "
                                               "nobody acknowledges it; 0: never.",
                },
                {
                                .key = "notify.batch",
                                .type = SETTING_DURATION,
                                .fallback = "30",
                                .max = DAY,
                                .offset = offsetof(Config, notify.batch_usec),
                                .description = "Time for which what a project manager is told is "
                                               "gathered into one message.",
                },
                {
                                .key = "notify.quiet_hours",
                                .type = SETTING_TEXT,
                                .fallback = "",
                                .is_valid = is_hours,
                                .form = "two times of the day, such as 22:00-07:00, or empty",
                                .offset = offsetof(Config, notify.quiet_hours),
                                .description = "When nobody is told, by the local clock; what "
                                               "still "
                                               "lasts at their end is told then.",
                },
                {
                                .key = "acting.crash_policy",
                                .type = SETTING_CHOICE,
                                .fallback = "observe",
                                .choices = policies,
                                .offset = offsetof(Config, acting.crash_policy),
                                .description = "What is done when an agent crashes: nothing "
                                               "(observe), a message in the journal (notify), or "
                                               "it is started again (act).",
                },
                {
                                .key = "acting.limit_policy",
                                .type = SETTING_CHOICE,
                                .fallback = "observe",
                                .choices = policies,
                                .offset = offsetof(Config, acting.limit_policy),
                                .description = "What is done when an agent's usage limit is over: "
                                               "nothing (observe), a message in the journal "
                                               "(notify), or it is told to go on (act).",
                },
                {
                                .key = "acting.policies",
                                .type = SETTING_LIST,
                                .fallback = "",
                                .is_valid = is_exception,
                                .form = "agent:, target:, role:pm, type: or user: with a value, "
                                        "and =observe, =notify or =act",
                                .offset = offsetof(Config, acting.policies),
                                .description = "Exceptions to both policies, such as "
                                               "type:claude=act, target:work:*=observe, "
                                               "role:pm=act, user:1000=notify. Which names the "
                                               "agent most closely counts.",
                },
                {
                                .key = "acting.pm_windows",
                                .type = SETTING_LIST,
                                .fallback = "pm,project-manager,project manager",
                                .is_valid = is_pattern,
                                .form = "a name of at most 64 characters; * and ? stand for others",
                                .offset = offsetof(Config, acting.pm_windows),
                                .description = "Names of windows in which a project manager works "
                                               "(role:pm); capitals do not matter.",
                },
                {
                                .key = "acting.grace",
                                .type = SETTING_DURATION,
                                .fallback = "60",
                                .min = 1,
                                .max = DAY,
                                .offset = offsetof(Config, acting.grace_usec),
                                .description = "An agent that ran so long ran well: its next "
                                               "crash is the first again.",
                },
                {
                                .key = "acting.backoff",
                                .type = SETTING_DURATION,
                                .fallback = "10",
                                .min = 1,
                                .max = DAY,
                                .offset = offsetof(Config, acting.backoff_usec),
                                .description = "From a crash to the start; each further crash in a "
                                               "row doubles it.",
                },
                {
                                .key = "acting.backoff_max",
                                .type = SETTING_DURATION,
                                .fallback = "600",
                                .min = 1,
                                .max = DAY,
                                .offset = offsetof(Config, acting.backoff_max_usec),
                                .description = "The longest time from a crash to the start.",
                },
                {
                                .key = "acting.burst",
                                .type = SETTING_COUNT,
                                .fallback = "5",
                                .min = 1,
                                .max = 32,
                                .unit = "starts",
                                .offset = offsetof(Config, acting.burst),
                                .description = "After so many starts within acting.burst_interval "
                                               "an agent is given up.",
                },
                {
                                .key = "acting.burst_interval",
                                .type = SETTING_DURATION,
                                .fallback = "3600",
                                .min = 1,
                                .max = 7 * DAY,
                                .offset = offsetof(Config, acting.burst_interval_usec),
                                .description = "See acting.burst.",
                },
                {
                                .key = "acting.limit_margin",
                                .type = SETTING_DURATION,
                                .fallback = "90",
                                .max = DAY,
                                .or_zero = true,
                                .offset = offsetof(Config, acting.limit_margin_usec),
                                .description = "How long after the end of a usage limit an agent "
                                               "is told to go on.",
                },
                {
                                .key = "acting.limit_attempts",
                                .type = SETTING_COUNT,
                                .fallback = "3",
                                .min = 1,
                                .max = 100,
                                .unit = "times",
                                .offset = offsetof(Config, acting.limit_attempts),
                                .description = "How often it is told while it hits the limit "
                                               "again.",
                },
                {
                                .key = "acting.log_text",
                                .type = SETTING_BOOL,
                                .fallback = "false",
                                .offset = offsetof(Config, acting.log_text),
                                .description = "Whether the journal has the text that is typed to "
                                               "agents, and not only its length and hash.",
                },
                {
                                .key = "exporters.plugins",
                                .type = SETTING_LIST,
                                .fallback = "",
                                A_NAME,
                                .offset = offsetof(Config, exporters.plugins),
                                .description = "Names of exporters, plugins that are handed all "
                                               "metrics and what was done, such as otlp and "
                                               "statsd; at most eight.",
                },
                {
                                .key = "exporters.interval",
                                .type = SETTING_DURATION,
                                .fallback = "15",
                                .min = 1,
                                .max = 3600,
                                .offset = offsetof(Config, exporters.interval_usec),
                                .description = "Time from one handing over to the next.",
                },
                {
                                .key = "plugins.disabled",
                                .type = SETTING_LIST,
                                .fallback = "",
                                A_NAME,
                                .offset = offsetof(Config, plugins.disabled),
                                .description = "Names of plugins that are not loaded.",
                },
                {
                                .key = "plugins.sandbox",
                                .type = SETTING_CHOICE,
                                .fallback = "filtered",
                                .choices = sandboxes,
                                .offset = offsetof(Config, plugins.sandbox),
                                .description = "What a plugin's sandbox must have at least: no "
                                               "privileges and limits (limits), a system call "
                                               "filter (filtered), Landlock (walled), namespaces "
                                               "or a unit of its own (isolated). A plugin whose "
                                               "sandbox has less is not run.",
                },
};

const size_t settings_count = ELEMENTSOF(settings_table);
