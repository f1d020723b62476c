/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/config/settings-table.h"

#define NAME_MAX_COMPARED 80U
#define DISTANCE_MAX 3U
#define NAMES_PER_SETTING (1 + SETTING_ALIASES_MAX)

/* The @i-th name of a setting: its key, then its aliases; NULL if it has none of that number. */
static const char *setting_name(const Setting *s, size_t i) {
        return i == 0 ? s->key : s->aliases[i - 1];
}

const Setting *settings_find(const char *key) {
        for (size_t i = 0; i < settings_count; i++)
                for (size_t k = 0; k < NAMES_PER_SETTING; k++) {
                        const char *name = setting_name(&settings_table[i], k);

                        if (name && strcmp(name, key) == 0)
                                return &settings_table[i];
                }
        return NULL;
}

static bool is_below(const char *name, const char *prefix, size_t n_prefix) {
        return strncmp(name, prefix, n_prefix) == 0 && name[n_prefix] == '.';
}

bool settings_is_section(const char *prefix) {
        size_t n = strlen(prefix);

        for (size_t i = 0; i < settings_count; i++)
                for (size_t k = 0; k < NAMES_PER_SETTING; k++) {
                        const char *name = setting_name(&settings_table[i], k);

                        if (name && is_below(name, prefix, n))
                                return true;
                }
        return false;
}

/* Letters to change, add or take away to make one of the other (Levenshtein). */
static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b) {
        unsigned row[NAME_MAX_COMPARED + 1];

        for (unsigned k = 0; k <= n_b; k++)
                row[k] = k;

        for (size_t i = 1; i <= n_a; i++) {
                unsigned diagonal = row[0];

                row[0] = (unsigned)i;
                for (size_t k = 1; k <= n_b; k++) {
                        unsigned above = row[k];
                        unsigned change = diagonal + (a[i - 1] != b[k - 1]);
                        unsigned one_more = MIN(above, row[k - 1]) + 1;

                        row[k] = MIN(change, one_more);
                        diagonal = above;
                }
        }
        return row[n_b];
}

/* Length of the first @n parts of a dotted name. */
static size_t first_parts(const char *name, unsigned n) {
        const char *p = name;

        for (;;) {
                p += strcspn(p, ".");
                if (*p == '\0' || --n == 0)
                        return (size_t)(p - name);
                p++;
        }
}

static unsigned count_parts(const char *name) {
        unsigned n = 1;

        for (; *name; name++)
                n += *name == '.';
        return n;
}

/* Where @key stands in @name below some section of it, or NULL. */
static const char *find_below(const char *name, const char *key, size_t n_key) {
        for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
                if (strncmp(dot + 1, key, n_key) == 0 &&
                                (dot[n_key + 1] == '.' || dot[n_key + 1] == '\0'))
                        return dot + 1;
        return NULL;
}

/* How far @key is from the part of @name that is as deep as it; 0 if only sections above it are
 * missing. */
static unsigned distance_from(const char *key, const char *name, size_t *ret_n) {
        size_t n_key = strlen(key);
        const char *below = find_below(name, key, n_key);

        if (below) {
                *ret_n = (size_t)(below - name) + n_key;
                return 0;
        }

        *ret_n = MIN(first_parts(name, count_parts(key)), (size_t)NAME_MAX_COMPARED);
        return distance(key, n_key, name, *ret_n);
}

bool settings_find_near(const char *key, char *ret, size_t n_ret) {
        unsigned best = MIN(DISTANCE_MAX, (unsigned)strlen(key) / 3) + 1;
        bool found = false;

        if (strlen(key) > NAME_MAX_COMPARED)
                return false;

        for (size_t i = 0; i < settings_count; i++)
                for (size_t k = 0; k < NAMES_PER_SETTING; k++) {
                        const char *name = setting_name(&settings_table[i], k);
                        unsigned d;
                        size_t n;

                        if (!name)
                                continue;
                        d = distance_from(key, name, &n);
                        if (d >= best)
                                continue;
                        best = d;
                        found = true;
                        (void)snprintf(ret, n_ret, "%.*s", (int)n, name);
                }
        return found;
}
