/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/plugin-folders.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/extend/manifest.h"

#define ENTRIES_MAX 512U

/* Beside the running program in a build tree, else where meson installs them. */
static int vendor_folder(char **ret) {
        const char *given = secure_getenv("TMUX_ORC_PLUGIN_DIR");
        char exe[PATH_MAX];
        _cleanup_free_ char *path = NULL;
        ssize_t n;

        if (given) {
                *ret = strdup(given);
                return *ret ? 0 : -ENOMEM;
        }

        n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
        if (n > 0) {
                exe[n] = '\0';
                *strrchr(exe, '/') = '\0';
                if (asprintf(&path, "%s/../plugins/noop/" PLUGIN_MANIFEST, exe) < 0)
                        return -ENOMEM;
                if (access(path, F_OK) == 0) {
                        *strrchr(path, '/') = '\0';
                        *strrchr(path, '/') = '\0';
                        *ret = realpath(path, NULL);
                        return *ret ? 0 : -errno;
                }
        }

        *ret = strdup(PACKAGE_PLUGIN_DIR);
        return *ret ? 0 : -ENOMEM;
}

static int add_below(char ***folders, const char *base, const char *below) {
        _cleanup_free_ char *path = NULL;

        if (text_is_empty(base))
                return 0;
        if (asprintf(&path, "%s/%s", base, below) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return strv_extend(folders, path);
}

int plugin_folder_of_user(char **ret) {
        const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
        int r;

        if (!text_is_empty(data))
                r = asprintf(ret, "%s/tmux-orchestrator/plugins", data);
        else if (!text_is_empty(home))
                r = asprintf(ret, "%s/.local/share/tmux-orchestrator/plugins", home);
        else
                return -ENXIO;
        return r < 0 ? -ENOMEM : 0;
}

static int add_user_folders(char ***folders) {
        _cleanup_free_ char *data = NULL;
        int r;

        r = plugin_folder_of_user(&data);
        if (r == -ENXIO)
                return 0;
        if (r >= 0)
                r = strv_extend(folders, data);
        if (r >= 0)
                r = add_below(folders, getenv("HOME"), ".tmux-orchestrator/plugins");
        return r;
}

int plugin_folders(bool user_mode, char ***ret) {
        _cleanup_strv_free_ char **folders = NULL;
        _cleanup_free_ char *vendor = NULL;
        int r;

        r = vendor_folder(&vendor);
        if (r >= 0)
                r = strv_extend(&folders, vendor);
        if (r >= 0)
                r = strv_extend(&folders, "/usr/local/lib/tmux-orchestrator/plugins");
        if (r >= 0)
                r = strv_extend(&folders, "/etc/tmux-orchestrator/plugins");
        if (r >= 0 && user_mode)
                r = add_user_folders(&folders);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(folders);
        return 0;
}

void plugin_places_done(PluginPlaces *places) {
        for (size_t i = 0; i < places->n_items; i++) {
                free(places->items[i].name);
                free(places->items[i].folder);
        }
        free(places->items);
        *places = (PluginPlaces){};
}

static void drop(PluginPlaces *places, const char *name) {
        for (size_t i = 0; i < places->n_items; i++) {
                if (strcmp(places->items[i].name, name) != 0)
                        continue;
                free(places->items[i].name);
                free(places->items[i].folder);
                places->items[i] = places->items[--places->n_items];
                return;
        }
}

static int add(PluginPlaces *places, const char *name, const char *folder, const char *origin) {
        PluginPlace *larger =
                        reallocarray(places->items, places->n_items + 1, sizeof(*places->items));
        PluginPlace p = {.name = strdup(name), .folder = strdup(folder), .origin = origin};

        if (larger)
                places->items = larger;
        if (!larger || !p.name || !p.folder) {
                free(p.name);
                free(p.folder);
                return -ENOMEM;
        }

        places->items[places->n_items++] = p;
        return 0;
}

/* One entry of a folder: a plugin, a mask, or nothing that concerns us. */
static int take_entry(
                PluginPlaces *places, const char *parent, const char *name, const char *origin) {
        _cleanup_free_ char *folder = NULL, *manifest = NULL;
        char target[16] = "";

        if (!manifest_name_is_valid(name))
                return 0;
        if (asprintf(&folder, "%s/%s", parent, name) < 0 ||
                        asprintf(&manifest, "%s/" PLUGIN_MANIFEST, folder) < 0)
                return -ENOMEM;

        if (readlink(folder, target, sizeof(target) - 1) > 0 && strcmp(target, "/dev/null") == 0) {
                drop(places, name);
                return 0;
        }
        if (access(manifest, F_OK) < 0)
                return 0;

        drop(places, name);
        return add(places, name, folder, origin);
}

static int take_folder(PluginPlaces *places, const char *path, const char *origin) {
        _cleanup_closedir_ DIR *folder = opendir(path);
        unsigned n = 0;

        if (!folder)
                return 0;

        for (struct dirent *e = readdir(folder); e && n++ < ENTRIES_MAX; e = readdir(folder)) {
                int r = take_entry(places, path, e->d_name, origin);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int compare_places(const void *a, const void *b) {
        return strcmp(((const PluginPlace *)a)->name, ((const PluginPlace *)b)->name);
}

int plugin_places_find(bool user_mode, PluginPlaces *ret) {
        static const char *const origins[] = {"system", "system", "organisation", "user"};
        _cleanup_(plugin_places_done) PluginPlaces places = {};
        _cleanup_strv_free_ char **folders = NULL;
        int r;

        r = plugin_folders(user_mode, &folders);
        for (size_t i = 0; r >= 0 && folders[i]; i++)
                r = take_folder(&places, folders[i], origins[MIN(i, ELEMENTSOF(origins) - 1)]);
        if (r < 0)
                return r;

        if (places.n_items > 0)
                qsort(places.items, places.n_items, sizeof(*places.items), compare_places);
        *ret = places;
        places = (PluginPlaces){};
        return 0;
}
