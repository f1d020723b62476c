/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Configuration
 *
 * The settings of the service as plain values. They are read in layers, the later one stronger:
 * built-in defaults, files in their order, what was set at run time and kept, environment
 * variables, what was set at run time for the time being. What settings there are says
 * settings-table.c and nothing else. A configuration with an error in it is refused as a whole, so
 * the caller keeps the one it has. Knows nothing of what the settings do.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/config/config-problem.h"

typedef enum ConfigSourceKind {
        CONFIG_SOURCE_DEFAULT,
        CONFIG_SOURCE_FILE,
        CONFIG_SOURCE_ENVIRONMENT,
        CONFIG_SOURCE_RUN_TIME,
} ConfigSourceKind;

/* Where a value comes from. */
typedef struct ConfigSource {
        ConfigSourceKind kind;
        char *name; /* the path, or the variable; NULL for a default */
        unsigned line;
} ConfigSource;

/* Strings are never NULL. Words from a fixed choice are borrowed from the table: always valid. */
typedef struct Config {
        char *environment;
        struct {
                uint64_t cycle_interval_usec; /* 0: as the budget allows */
                double cost_budget;           /* per cent of one core */
                const char *transport;        /* auto, source, native */
                double memory_used;     /* share of its limit from which an agent is low on it */
                double memory_pressure; /* share of the time spent waiting for memory */
                char *strategy;         /* see config_strategy() */
                char **strategies;      /* "claude=priority_based": of classes of agents */
                uint64_t max_agents;    /* 0: as many as the limits per user allow */
                uint64_t max_failures;
                bool modular;
                struct {
                        bool enabled;
                        double rollout;
                } async;
                struct {
                        uint64_t min_connections;
                        uint64_t max_connections;
                        uint64_t connection_timeout_usec;
                        uint64_t max_age_usec;
                } tmux_pool;
                struct {
                        bool enabled;
                        const char *strategy; /* ttl, lru, lfu */
                        uint64_t max_entries;
                        uint64_t max_bytes;
                        uint64_t default_ttl_usec;
                        uint64_t pane_content_ttl_usec;
                        uint64_t agent_status_ttl_usec;
                        uint64_t session_info_ttl_usec;
                        uint64_t config_ttl_usec;
                        uint64_t command_ttl_usec;
                } cache;
                struct {
                        bool enabled;
                        bool performance;
                        uint64_t retention_minutes;
                        bool export_prometheus;
                } metrics;
        } monitoring;
        struct {
                uint64_t concurrency;
                uint64_t timeout_usec;
                uint64_t content_hash_ttl_usec;
                uint64_t status_ttl_usec;
                uint64_t heartbeat_interval_usec; /* of the service's own checks */
                uint64_t resources_interval_usec;
                uint64_t performance_interval_usec;
                uint64_t state_interval_usec;
        } health;
        struct {
                bool enabled;
                uint64_t retention_usec;
                uint64_t max_episodes;
                uint64_t max_bytes;
                uint64_t backup_interval_usec; /* 0: no copies */
        } history;
        struct {
                uint64_t servers_per_user;
                uint64_t agents_per_user;
                uint64_t calls_per_user; /* in a second; 0: no limit */
                uint64_t costly_calls_per_user;
        } limits;
        struct {
                const char *level; /* a word that log_level_from_string() knows */
                const char *format;
                char *output;
                const char *rotate;
                uint64_t retention_usec;
        } logging;
        struct {
                char **causes; /* words that episode_cause_from_string() knows */
                char **channels;
                char **escalation;
                uint64_t delay_usec;
                uint64_t cooldown_usec;
                uint64_t remind_usec;
                uint64_t escalate_usec;
                uint64_t batch_usec;
                char *quiet_hours; /* config_parse_hours() knows it; or "" */
        } notify;
        struct {
                const char *crash_policy; /* words that act_policy_from_string() knows */
                bool restart_after_oom;
                const char *limit_policy;
                char **policies;
                const char *unsubmitted_policy;
                char **unsubmitted_policies;
                uint64_t unsubmitted_after_usec;
                char **pm_windows;
                uint64_t grace_usec;
                uint64_t backoff_usec;
                uint64_t backoff_max_usec;
                uint64_t burst;
                uint64_t burst_interval_usec;
                uint64_t limit_margin_usec;
                uint64_t limit_attempts;
                bool log_text;
        } acting;
        struct {
                char **plugins;
                uint64_t interval_usec;
        } exporters;
        struct {
                char **disabled;
                const char *sandbox; /* a word that host_sandbox_from_string() knows */
        } plugins;

        ConfigSource *sources; /* one per row of the table; see config_source() */
} Config;

/* A Config that is all zero is fine too. */
void config_done(Config *config);

typedef struct ConfigLayers {
        char *const *files;       /* ends with NULL; all must be there; NULL: none */
        const char *kept_path;    /* what @kept_text is read from */
        const char *kept_text;    /* what was set at run time and kept; NULL: nothing */
        char *const *environment; /* ends with NULL; NULL: none */
        const Config *overlay;    /* what is configured in it is stronger than all; NULL: nothing */
} ConfigLayers;

/* Reads into @ret, which is written only on success. -EBADMSG: @problems has at least one error. */
int config_load_layers(const ConfigLayers *layers, Config *ret, ConfigProblems *problems);

/* The same with files and environment only. */
int config_load(char *const *files, char *const *environment, Config *ret,
                ConfigProblems *problems);

/*
 * One document by itself over the built-in values: a value may contradict another. -EBADMSG: as
 * above.
 */
int config_read_text(const char *text, size_t n_text, const char *path, Config *ret,
                ConfigProblems *problems);

/* Would this text do as the one file of a configuration? 0, or -EBADMSG and @problems say. */
int config_validate_text(const char *text, size_t n_text, ConfigProblems *problems);

typedef enum ConfigValueType {
        CONFIG_VALUE_BOOL,
        CONFIG_VALUE_INT,
        CONFIG_VALUE_DOUBLE, /* times too: in seconds */
        CONFIG_VALUE_STRING,
        CONFIG_VALUE_LIST,
} ConfigValueType;

/* Borrowed: valid as long as the configuration. */
typedef struct ConfigValue {
        ConfigValueType type;
        union {
                bool boolean;
                int64_t integer;
                double number;
                const char *string;
                char *const *list; /* NULL: empty */
        };
} ConfigValue;

/* @key is a dotted key, or another name of one. -ENXIO: there is no such setting. */
int config_get(const Config *config, const char *key, ConfigValue *ret);

/* All keys, by their own names; start with NULL, ends with NULL. */
const char *config_next_key(const char *previous);

/* NULL if there is no such setting. Borrowed. */
const ConfigSource *config_source(const Config *config, const char *key);
/* "default", "/etc/…/config.yaml:3", "environment TMUX_ORC_ENV"; NULL: no memory or no such key. */
char *config_source_describe(const Config *config, const char *key);
bool config_is_configured(const Config *config, const char *key);

/* "22:00-07:00", in minutes of the day. -EINVAL. */
int config_parse_hours(const char *text, int *ret_from, int *ret_to);

/* The strategy to start with: polling where asynchronous ones are switched off. */
const char *config_strategy(const Config *config);
