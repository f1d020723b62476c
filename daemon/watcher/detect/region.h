/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Regions
 *
 * Named parts of what is seen: the title, the screen, and what a rule file cuts out of them (the
 * lines after the last prompt, the last three lines, a dialog's box). Found once per observation
 * and remembered. Knows nothing of states.
 */

#include "daemon/base/yaml-node.h"
#include "daemon/watcher/detect/pattern.h"
#include "daemon/watcher/detect/rule-field.h"
#include "daemon/watcher/detect/text-view.h"

/* The built-in regions come first, in this order. */
typedef enum RegionBase {
        REGION_TITLE,
        REGION_COMMAND,   /* pane_current_command */
        REGION_PROCESS,   /* the agent's command line, from the program's name on */
        REGION_PROCESSES, /* all command lines of the pane */
        REGION_SCREEN,
        _REGION_BASE_MAX,
} RegionBase;

#define REGIONS_MAX 48U

typedef struct RegionSet RegionSet;

/* Reads a mapping of name: definition, or makes only the built-in ones if @node is NULL. */
int region_set_read(RuleContext *c, const YamlNode *node, RegionSet **ret);
RegionSet *region_set_free(RegionSet *set);
DEFINE_CLEANUP(RegionSet *, region_set_free)

/* The index of a region, or -ENXIO. */
int region_find(const RegionSet *set, const char *name);
/* What a region is cut from in the end. */
RegionBase region_base(const RegionSet *set, unsigned region);

/* One observation under one file's regions. */
typedef struct RegionScope {
        const RegionSet *set;
        Matcher *matcher;
        const TextView *views[_REGION_BASE_MAX]; /* NULL: not seen */
        TextSpan spans[REGIONS_MAX];
        unsigned char known[REGIONS_MAX]; /* 0: not asked yet, 1: absent, 2: present */
} RegionScope;

/* False if there is no such part here. */
bool region_get(RegionScope *scope, unsigned region, TextSpan *ret);
