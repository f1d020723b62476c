/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/strv.h"
#include "daemon/config/config-files.h"

typedef struct Fixture {
        char folder[40];
        ConfigProblems problems;
        char **found;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->folder, "/tmp/test-config-files-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        *state = f;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        return remove(path);
}

static int teardown(void **state) {
        Fixture *f = *state;

        assert_int_equal(nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        config_problems_done(&f->problems);
        strv_free(f->found);
        free(f);
        return 0;
}

/* Makes the file, or the folder if its name ends with '/', and returns its path. */
static const char *make(Fixture *f, const char *name) {
        static char path[256];

        (void)snprintf(path, sizeof(path), "%s/%s", f->folder, name);
        if (name[strlen(name) - 1] == '/')
                assert_int_equal(mkdir(path, 0700), 0);
        else {
                _cleanup_fclose_ FILE *file = fopen(path, "we");

                assert_non_null(file);
        }
        return path;
}

static void find(Fixture *f, const ConfigPlaces *places) {
        f->found = strv_free(f->found);
        assert_int_equal(config_files_find(places, &f->found, &f->problems), 0);
}

/* Their paths below the folder, in order: "a b c". */
static void assert_found(const Fixture *f, const char *expected) {
        char names[512] = "";

        STRV_FOREACH (path, f->found) {
                size_t n = strlen(names);

                (void)snprintf(names + n, sizeof(names) - n, "%s%s", n > 0 ? " " : "",
                                *path + strlen(f->folder) + 1);
        }
        assert_string_equal(names, expected);
}

static void dropins_follow_their_file_in_the_order_of_their_names(void **state) {
        Fixture *f = *state;
        ConfigPlaces places = {};

        make(f, "c.yaml.d/");
        make(f, "c.yaml.d/20-b.yaml");
        make(f, "c.yaml.d/10-a.yaml");
        make(f, "c.yaml.d/30-c.yaml~");
        make(f, "c.yaml.d/.40-d.yaml");
        places.file = make(f, "c.yaml");

        find(f, &places);
        assert_found(f, "c.yaml c.yaml.d/10-a.yaml c.yaml.d/20-b.yaml");
}

static void a_user_has_two_places(void **state) {
        Fixture *f = *state;
        ConfigPlaces places = {.user = true, .home = f->folder};

        find(f, &places);
        assert_found(f, "");

        make(f, ".config/");
        make(f, ".config/tmux-orchestrator/");
        make(f, ".config/tmux-orchestrator/config.yaml");
        make(f, ".tmux-orchestrator/");
        make(f, ".tmux-orchestrator/config.yaml");
        find(f, &places);
        assert_found(f, ".tmux-orchestrator/config.yaml .config/tmux-orchestrator/config.yaml");

        places.xdg_config_home = "/nonexistent";
        find(f, &places);
        assert_found(f, ".tmux-orchestrator/config.yaml");
}

static void dropins_count_without_their_file(void **state) {
        Fixture *f = *state;
        ConfigPlaces places = {.user = true, .home = f->folder};

        make(f, ".tmux-orchestrator/");
        make(f, ".tmux-orchestrator/config.yaml.d/");
        make(f, ".tmux-orchestrator/config.yaml.d/a.yaml");
        find(f, &places);
        assert_found(f, ".tmux-orchestrator/config.yaml.d/a.yaml");
}

static void the_vendors_file_is_weakest(void **state) {
        Fixture *f = *state;
        ConfigPlaces places = {.vendor = f->folder, .user = true, .home = f->folder};

        make(f, ".tmux-orchestrator/");
        make(f, ".tmux-orchestrator/config.yaml");
        make(f, "config.yaml");
        find(f, &places);
        assert_found(f, "config.yaml .tmux-orchestrator/config.yaml");
}

/* Reading it says what is wrong with it. */
static void a_named_file_is_listed_though_it_is_not_there(void **state) {
        Fixture *f = *state;
        ConfigPlaces places = {.vendor = "/nonexistent", .file = "/nonexistent/c.yaml"};

        find(f, &places);
        assert_int_equal(strv_length(f->found), 1);
        assert_string_equal(f->found[0], "/nonexistent/c.yaml");
}

static void too_many_dropins_are_an_error(void **state) {
        Fixture *f = *state;
        ConfigPlaces places = {};

        make(f, "c.yaml.d/");
        for (unsigned i = 0; i <= CONFIG_DROPINS_MAX; i++) {
                char name[32];

                (void)snprintf(name, sizeof(name), "c.yaml.d/%03u.yaml", i);
                make(f, name);
        }
        places.file = make(f, "c.yaml");
        assert_int_equal(config_files_find(&places, &f->found, &f->problems), -EBADMSG);
        assert_string_equal(f->problems.items[0].message, "more than 256 files");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(dropins_follow_their_file_in_the_order_of_their_names),
                        TEST(a_user_has_two_places),
                        TEST(dropins_count_without_their_file),
                        TEST(the_vendors_file_is_weakest),
                        TEST(a_named_file_is_listed_though_it_is_not_there),
                        TEST(too_many_dropins_are_an_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
