/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What there is to say of a plugin before it is used
 *
 * Findings, and those that a manifest alone gives. Only errors keep a plugin from being used.
 */

#include <stdbool.h>

#include "daemon/extend/manifest.h"

typedef enum PluginSeverity {
        PLUGIN_NOTE,
        PLUGIN_WARNING,
        PLUGIN_ERROR,
        _PLUGIN_SEVERITY_MAX,
} PluginSeverity;

const char *plugin_severity_to_string(PluginSeverity severity);

typedef struct PluginFinding {
        PluginSeverity severity;
        const char *code; /* static */
        char *message;
} PluginFinding;

typedef struct PluginFindings {
        PluginFinding *items;
        size_t n_items;
} PluginFindings;

int plugin_findings_add(PluginFindings *f, PluginSeverity severity, const char *code,
                const char *format, ...) _printf_(4, 5);
bool plugin_findings_have_error(const PluginFindings *f);
void plugin_findings_done(PluginFindings *f);

/* Adds what is allowed and yet is seldom meant. */
int plugin_lint(const Manifest *m, PluginFindings *f);
