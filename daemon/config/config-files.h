/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where configuration files lie
 *
 * Lists those that are there, the weakest first. Drop-ins of a file are in the folder with its name
 * and ".d", taken in the order of their names.
 */

#include "daemon/config/config-problem.h"

#define CONFIG_DROPINS_MAX 256U

typedef struct ConfigPlaces {
        const char *vendor; /* the folder of vendor defaults, or NULL */
        const char *file;   /* named by the caller: must be there, instead of the usual ones */
        bool user;          /* the user's files instead of the system's */
        const char *home;   /* of the user; NULL: no such files */
        const char *xdg_config_home; /* NULL or empty: ~/.config */
} ConfigPlaces;

/* -EBADMSG: a place cannot be read, @problems says which. */
int config_files_find(const ConfigPlaces *places, char ***ret, ConfigProblems *problems);
