/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is wrong with a configuration
 *
 * A bounded list of findings, each with its place. Reading goes on after a finding, so that all of
 * them are told at once.
 */

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/cleanup.h"

#define CONFIG_PROBLEMS_MAX 100U

typedef enum ConfigSeverity {
        CONFIG_NOTE,    /* accepted, but it does nothing */
        CONFIG_WARNING, /* skipped */
        CONFIG_ERROR,   /* the configuration as a whole is refused */
        _CONFIG_SEVERITY_MAX,
} ConfigSeverity;

typedef struct ConfigProblem {
        ConfigSeverity severity;
        char *path;    /* of the file, "environment", or "" for a text */
        unsigned line; /* from 1; 0: no line, as with the environment */
        char *key;     /* dotted key or name of the variable; "" for the file as a whole */
        char *message; /* what is wrong and what is allowed; names neither file nor line */
} ConfigProblem;

typedef struct ConfigProblems {
        ConfigProblem *items;
        size_t n_items;
        unsigned n_errors; /* also of those that found no room in the list */
} ConfigProblems;

void config_problems_done(ConfigProblems *problems);

/* More than CONFIG_PROBLEMS_MAX are counted, but not kept. Returns -ENOMEM. */
int config_problems_add(ConfigProblems *problems, ConfigSeverity severity, const char *path,
                unsigned line, const char *key, const char *format, ...) _printf_(6, 7);

static inline bool config_problems_full(const ConfigProblems *problems) {
        return problems->n_items >= CONFIG_PROBLEMS_MAX;
}

/* "/etc/tmux-orchestrator/config.yaml:3: error: monitoring.strategy: must be …"; NULL: no memory.
 */
char *config_problem_describe(const ConfigProblem *problem);

const char *config_severity_to_string(ConfigSeverity severity);
