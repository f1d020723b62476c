/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The table of settings
 *
 * Every setting is one row: what it is called, of which type, within which limits, what it does,
 * and where in struct Config it lives. Reading, checking, showing and documenting are all driven by
 * the rows, so a new setting is a new row and a new field. The rows of a section are in
 * settings/SECTION.inc.
 */

#include <stdbool.h>
#include <stddef.h>

#define SETTING_ALIASES_MAX 2
#define SETTING_VARIABLES_MAX 2

typedef enum SettingType {
        SETTING_BOOL,     /* bool */
        SETTING_COUNT,    /* uint64_t */
        SETTING_DURATION, /* uint64_t in microseconds; in files seconds, or with a unit */
        SETTING_NUMBER,   /* double */
        SETTING_TEXT,     /* char * */
        SETTING_CHOICE,   /* const char *, one of @choices */
        SETTING_LIST,     /* char ** */
} SettingType;

typedef struct SettingChoice {
        const char *word;
        const char *means; /* another word of the list, or NULL: itself */
} SettingChoice;

typedef struct SettingVariable {
        const char *name;
        bool switches_off; /* true makes the setting false; false says nothing */
} SettingVariable;

typedef struct Setting {
        const char *key;
        SettingType type;
        const char *fallback;               /* the default, as it would be written in a file */
        double min, max;                    /* of counts, numbers, and durations in seconds */
        bool or_zero;                       /* of durations: 0 is fine too */
        const char *unit;                   /* for people, of counts and numbers */
        const SettingChoice *choices;       /* ends with a NULL word */
        bool (*is_valid)(const char *text); /* of texts and of each item of lists */
        const char *form;                   /* what is_valid() wants, for people */
        const char *drop_suffix;            /* of texts: not part of the value */
        size_t offset;
        const char *aliases[SETTING_ALIASES_MAX];
        SettingVariable variables[SETTING_VARIABLES_MAX];
        const char *description;
        const char *no_effect; /* why it does nothing here, or NULL: it does something */
} Setting;

extern const Setting settings_table[];
extern const size_t settings_count;

/* By key or alias; NULL if there is none. */
const Setting *settings_find(const char *key);

/* Whether some key or alias is below @prefix: "monitoring", "monitoring.async.pool". */
bool settings_is_section(const char *prefix);

/* The key or section that @key may have been meant to be; false if nothing is near. */
bool settings_find_near(const char *key, char *ret, size_t n_ret);
