/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where plugins lie
 *
 * Each is a folder with a plugin.yaml in it. Of two with one name the later place has precedence:
 * system, organisation, user. A link to /dev/null masks those before it. Users' own folders count
 * in user mode only.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

#define PLUGIN_MANIFEST "plugin.yaml"

typedef struct PluginPlace {
        char *name;         /* of the plugin, by its folder */
        char *folder;       /* absolute */
        const char *origin; /* "system", "organisation", "user" */
} PluginPlace;

typedef struct PluginPlaces {
        PluginPlace *items; /* by name */
        size_t n_items;
} PluginPlaces;

void plugin_places_done(PluginPlaces *places);

/* What is there now. Folders that are not there, or hold too much, are passed over. -ENOMEM. */
int plugin_places_find(bool user_mode, PluginPlaces *ret);
/* The folders themselves, those with precedence last; ended by NULL. */
int plugin_folders(bool user_mode, char ***ret);
/* The folder that a user's own plugins go to. -ENXIO: there is none. */
int plugin_folder_of_user(char **ret);
