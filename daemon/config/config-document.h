/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One YAML document, laid over a configuration
 *
 * Finds the settings in the tree, sets them and remembers their lines. Everything that is wrong
 * with it is added to the problems; the configuration may be half changed then.
 */

#include "daemon/base/yaml-node.h"
#include "daemon/config/config.h"

/* @path is for problems and sources. Returns -ENOMEM only. */
int config_document_apply(
                Config *config, const YamlNode *root, const char *path, ConfigProblems *problems);
