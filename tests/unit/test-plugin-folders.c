/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/strv.h"
#include "daemon/extend/plugin-folders.h"

/* Folders of a system and of a user, in one that is removed at the end. */
typedef struct Fixture {
        char top[32];
} Fixture;

static void make_path(const Fixture *f, const char *below, char *path, size_t n) {
        (void)snprintf(path, n, "%s/%s", f->top, below);
        for (char *slash = path + strlen(f->top) + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                (void)mkdir(path, 0755);
                *slash = '/';
        }
}

static void put_plugin(const Fixture *f, const char *below) {
        char path[256];
        FILE *file;

        make_path(f, below, path, sizeof(path));
        (void)mkdir(path, 0755);
        (void)strcat(path, "/" PLUGIN_MANIFEST);
        file = fopen(path, "we");
        assert_non_null(file);
        (void)fclose(file);
}

static void put_link(const Fixture *f, const char *below, const char *target) {
        char path[256];

        make_path(f, below, path, sizeof(path));
        assert_int_equal(symlink(target, path), 0);
}

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));
        char path[64];

        assert_non_null(f);
        (void)strcpy(f->top, "/tmp/test-folders-XXXXXX");
        assert_non_null(mkdtemp(f->top));
        (void)snprintf(path, sizeof(path), "%s/system", f->top);
        assert_int_equal(setenv("TMUX_ORC_PLUGIN_DIR", path, 1), 0);
        (void)snprintf(path, sizeof(path), "%s/data", f->top);
        assert_int_equal(setenv("XDG_DATA_HOME", path, 1), 0);
        (void)snprintf(path, sizeof(path), "%s/home", f->top);
        assert_int_equal(setenv("HOME", path, 1), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        _cleanup_free_ Fixture *f = *state;
        _cleanup_free_ char *command = NULL;

        assert_true(asprintf(&command, "rm -rf '%s'", f->top) > 0);
        return system(command);
}

static const PluginPlace *find(const PluginPlaces *places, const char *name) {
        for (size_t i = 0; i < places->n_items; i++)
                if (strcmp(places->items[i].name, name) == 0)
                        return &places->items[i];
        return NULL;
}

static void assert_place(const Fixture *f, const PluginPlaces *places, const char *name,
                const char *origin, const char *below) {
        const PluginPlace *p = find(places, name);
        char path[256];

        assert_non_null(p);
        assert_string_equal(p->origin, origin);
        (void)snprintf(path, sizeof(path), "%s/%s", f->top, below);
        assert_string_equal(p->folder, path);
}

static void the_later_place_has_precedence(void **state) {
        _cleanup_(plugin_places_done) PluginPlaces places = {};
        Fixture *f = *state;

        put_plugin(f, "system/a");
        put_plugin(f, "system/b");
        put_plugin(f, "system/c");
        put_plugin(f, "data/tmux-orchestrator/plugins/b");
        put_plugin(f, "data/tmux-orchestrator/plugins/c");
        put_plugin(f, "home/.tmux-orchestrator/plugins/c");
        assert_int_equal(plugin_places_find(true, &places), 0);

        assert_place(f, &places, "a", "system", "system/a");
        assert_place(f, &places, "b", "user", "data/tmux-orchestrator/plugins/b");
        assert_place(f, &places, "c", "user", "home/.tmux-orchestrator/plugins/c");
}

static void users_folders_count_in_user_mode_only(void **state) {
        _cleanup_(plugin_places_done) PluginPlaces places = {};
        Fixture *f = *state;

        put_plugin(f, "system/a");
        put_plugin(f, "data/tmux-orchestrator/plugins/a");
        put_plugin(f, "data/tmux-orchestrator/plugins/b");
        assert_int_equal(plugin_places_find(false, &places), 0);

        assert_place(f, &places, "a", "system", "system/a");
        assert_null(find(&places, "b"));
}

static void a_link_to_dev_null_masks_those_before_it(void **state) {
        _cleanup_(plugin_places_done) PluginPlaces places = {};
        Fixture *f = *state;

        put_plugin(f, "system/a");
        put_plugin(f, "system/b");
        put_link(f, "data/tmux-orchestrator/plugins/a", "/dev/null");
        put_link(f, "data/tmux-orchestrator/plugins/b", "/dev/null");
        put_plugin(f, "home/.tmux-orchestrator/plugins/b");
        assert_int_equal(plugin_places_find(true, &places), 0);

        assert_null(find(&places, "a"));
        assert_place(f, &places, "b", "user", "home/.tmux-orchestrator/plugins/b");
}

static void what_is_no_plugin_is_passed_over(void **state) {
        _cleanup_(plugin_places_done) PluginPlaces places = {};
        Fixture *f = *state;
        char path[256];

        put_plugin(f, "system/Upper");
        put_plugin(f, "system/.hidden");
        make_path(f, "system/empty/x", path, sizeof(path));
        put_link(f, "system/broken", "/nowhere");
        assert_int_equal(plugin_places_find(true, &places), 0);

        assert_null(find(&places, "Upper"));
        assert_null(find(&places, ".hidden"));
        assert_null(find(&places, "empty"));
        assert_null(find(&places, "broken"));
}

static void organisations_come_between_systems_and_users(void **state) {
        _cleanup_strv_free_ char **folders = NULL;
        Fixture *f = *state;
        char path[256];

        assert_int_equal(plugin_folders(true, &folders), 0);
        assert_int_equal(strv_length(folders), 5);
        (void)snprintf(path, sizeof(path), "%s/system", f->top);
        assert_string_equal(folders[0], path);
        assert_string_equal(folders[1], "/usr/local/lib/tmux-orchestrator/plugins");
        assert_string_equal(folders[2], "/etc/tmux-orchestrator/plugins");
        (void)snprintf(path, sizeof(path), "%s/data/tmux-orchestrator/plugins", f->top);
        assert_string_equal(folders[3], path);
}

int main(void) {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        const struct CMUnitTest tests[] = {
                        T(the_later_place_has_precedence),
                        T(users_folders_count_in_user_mode_only),
                        T(a_link_to_dev_null_masks_those_before_it),
                        T(what_is_no_plugin_is_passed_over),
                        T(organisations_come_between_systems_and_users),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
