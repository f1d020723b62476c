/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Manifest
 *
 * What a plugin says of itself, in plugin.yaml: what it is, what it takes and gives, what it may
 * use. Pure: reads text, and knows neither folders nor processes. Keys that are not known are an
 * error, for they may be misspelt limits.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/yaml-node.h"
#include "daemon/extend/schema.h"

#define MANIFEST_API 1U
#define MANIFEST_NAME_MAX 64U

typedef enum PluginKind {
        PLUGIN_STRATEGY, /* plans who is looked at when */
        PLUGIN_TOOL,     /* answers whoever asks */
        PLUGIN_NOTIFIER, /* tells people */
        PLUGIN_EXPORTER, /* tells other systems */
        _PLUGIN_KIND_MAX,
        _PLUGIN_KIND_INVALID = -22,
} PluginKind;

const char *plugin_kind_to_string(PluginKind kind);

typedef enum PluginProtocol {
        PLUGIN_PROTOCOL_OURS,
        PLUGIN_PROTOCOL_MCP, /* the Model Context Protocol, as its servers speak it */
} PluginProtocol;

typedef enum PluginFailurePolicy {
        PLUGIN_FAILURE_RESTART, /* start it again, later and later */
        PLUGIN_FAILURE_STOP,    /* leave it alone until somebody enables it */
} PluginFailurePolicy;

/* Strings are never NULL. */
typedef struct Manifest {
        unsigned n_ref;
        char *name;
        char *version;
        PluginKind kind;
        unsigned api;
        char *category;
        char *description;
        char **tags;

        char *payload;  /* file name of a shared object; "" if it is a program */
        char **program; /* its arguments; the first names the file */
        PluginProtocol protocol;
        char *tool; /* of an MCP server: which of its tools; "" for the only one */

        bool requires_auth;
        uint64_t estimated_usec; /* 0: not said */
        uint64_t timeout_usec;
        uint64_t rate_calls; /* so many calls… */
        uint64_t rate_usec;  /* …in this time; 0: no limit */
        uint64_t cache_ttl_usec;
        uint64_t concurrency;       /* calls side by side */
        json_object *input_schema;  /* NULL: anything */
        json_object *output_schema; /* NULL: anything */
        Schema *input;              /* the same, ready to be checked with */
        Schema *output;
        json_object *settings; /* NULL: none */

        bool network; /* the profile */
        uint64_t memory_bytes;
        uint64_t cpu_percent; /* of one core, on average */
        uint64_t tasks;
        PluginFailurePolicy failure;
} Manifest;

/* -EBADMSG: @reterr says in which line what is wrong. */
int manifest_parse(const char *text, size_t n_text, Manifest **ret, YamlError *reterr);
/* A manifest does not change; whoever keeps it has a reference. unref() returns NULL. */
Manifest *manifest_ref(Manifest *m);
Manifest *manifest_unref(Manifest *m);
DEFINE_CLEANUP(Manifest *, manifest_unref)

static inline bool manifest_is_program(const Manifest *m) {
        return m->program != NULL;
}

/* A lower-case letter, then those, digits, '-' and '_'; at most MANIFEST_NAME_MAX. */
bool manifest_name_is_valid(const char *name);
