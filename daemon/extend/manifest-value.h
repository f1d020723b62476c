/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Values of a manifest
 *
 * Each reads one scalar or tree, or says what it should be. -EBADMSG and -ENOMEM.
 */

#include "daemon/base/yaml-node.h"
#include "daemon/extend/manifest.h"

/* "" is no text. At most @max bytes, without control characters. */
int manifest_read_text(const YamlNode *node, size_t max, char **ret, YamlError *reterr);
int manifest_read_list(const YamlNode *node, size_t max, char ***ret, YamlError *reterr);
int manifest_read_bool(const YamlNode *node, bool *ret, YamlError *reterr);
int manifest_read_count(
                const YamlNode *node, uint64_t min, uint64_t max, uint64_t *ret, YamlError *reterr);
/* "250ms", "5s", "1m", "2h", or a number of seconds. */
int manifest_read_time(
                const YamlNode *node, uint64_t min, uint64_t max, uint64_t *ret, YamlError *reterr);
/* "64M", "1G", or a number of bytes; in powers of 1024. */
int manifest_read_size(
                const YamlNode *node, uint64_t min, uint64_t max, uint64_t *ret, YamlError *reterr);
/* "60/m": so many in a second (s), minute (m), hour (h) or day (d). */
int manifest_read_rate(
                const YamlNode *node, uint64_t *ret_calls, uint64_t *ret_usec, YamlError *reterr);
/* One of @words, ended by NULL: its place. */
int manifest_read_word(const YamlNode *node, const char *const *words, int *ret, YamlError *reterr);
/* A mapping as JSON: plain scalars become what JSON would make of them, quoted ones are text. */
int manifest_read_json(const YamlNode *node, json_object **ret, YamlError *reterr);
