/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * YAML documents as trees that know their lines
 *
 * Configuration, detector rules and manifests are read with this. It is strict where YAML is
 * generous: one document, no anchors or aliases, no tags, no duplicate keys, bounded in size, depth
 * and number of nodes. It knows nothing of what the keys mean.
 */

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/cleanup.h"

#define YAML_SIZE_MAX (512U * 1024U)
#define YAML_DEPTH_MAX 24U
#define YAML_NODES_MAX 50000U

typedef enum YamlKind {
        YAML_SCALAR,
        YAML_SEQUENCE,
        YAML_MAPPING,
} YamlKind;

typedef struct YamlNode YamlNode;
struct YamlNode {
        YamlKind kind;
        unsigned line; /* from 1: where the value begins */
        unsigned column;
        char *key;         /* its key, if the parent is a mapping; without control characters */
        unsigned key_line; /* where the key is, or else the value */
        char *scalar;      /* for scalars: the text, valid UTF-8 without NUL */
        bool quoted;       /* for scalars: "3" is not 3 */
        YamlNode **children;
        size_t n_children;
};

/* Where and what; the message has no line of its own in it. */
typedef struct YamlError {
        unsigned line;
        char message[256];
} YamlError;

void yaml_error_set(YamlError *reterr, unsigned line, const char *format, ...) _printf_(3, 4);

/*
 * An empty document gives an empty mapping. Returns -EBADMSG for text that is not the YAML we
 * accept, -E2BIG for more of it than we accept; both fill @reterr.
 */
int yaml_parse(const char *text, size_t n_text, YamlNode **ret, YamlError *reterr);

/* Reads a regular file of at most YAML_SIZE_MAX; errors as above, or that of open() and read(). */
int yaml_parse_file(const char *path, YamlNode **ret, YamlError *reterr);

YamlNode *yaml_node_free(YamlNode *node);
DEFINE_CLEANUP(YamlNode *, yaml_node_free)

/* Borrowed: valid as long as @node. NULL if there is none, or if @node is not a mapping. */
const YamlNode *yaml_node_get(const YamlNode *node, const char *key);
/* The text of the scalar at @key, or NULL. */
const char *yaml_node_get_scalar(const YamlNode *node, const char *key);

/* The usual words: true/false, yes/no, on/off. -EINVAL for anything else. */
int yaml_node_get_bool(const YamlNode *scalar, bool *ret);

/* Plain null, ~, or nothing at all. */
bool yaml_node_is_null(const YamlNode *node);
