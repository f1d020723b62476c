/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/watcher/detect/detector.h"

#define RULE(state) \
        "name: x\nidentify: {programs: x}\nrules: [{id: a, state: " state ", contains: hello}]\n"

/* Two folders of rule files, the second stronger. */
typedef struct Fixture {
        char root[32], vendor[48], user[48];
        unsigned n_problems, line;
        char message[256];
} Fixture;

static int set_up(void **state) {
        static Fixture fixture;

        fixture = (Fixture){.root = "/tmp/test-detector-XXXXXX"};
        if (!mkdtemp(fixture.root))
                return -1;
        (void)snprintf(fixture.vendor, sizeof(fixture.vendor), "%s/vendor", fixture.root);
        (void)snprintf(fixture.user, sizeof(fixture.user), "%s/user", fixture.root);
        *state = &fixture;
        return mkdir(fixture.vendor, 0700) < 0 || mkdir(fixture.user, 0700) < 0 ? -1 : 0;
}

static int tear_down(void **state) {
        static const char *const names[] = {"x.yaml", "y.yaml", "z.yaml", "note.txt"};
        const Fixture *f = *state;

        FOREACH_ELEMENT (name, names) {
                char path[128];

                (void)snprintf(path, sizeof(path), "%s/%s", f->vendor, *name);
                (void)unlink(path);
                (void)snprintf(path, sizeof(path), "%s/%s", f->user, *name);
                (void)unlink(path);
        }
        return rmdir(f->vendor) < 0 || rmdir(f->user) < 0 || rmdir(f->root) < 0 ? -1 : 0;
}

static void put(const char *folder, const char *name, const char *text) {
        _cleanup_fclose_ FILE *out = NULL;
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        out = fopen(path, "we");
        assert_non_null(out);
        assert_true(fputs(text, out) >= 0);
}

static void note(void *userdata, const char *path, unsigned line, const char *message) {
        Fixture *f = userdata;

        f->n_problems++;
        f->line = line;
        (void)snprintf(f->message, sizeof(f->message), "%s", message);
}

static DetectorSet *load(Fixture *f) {
        char *const folders[] = {f->vendor, (char *)"/nonexistent", f->user, NULL};
        DetectorSet *set = NULL;

        assert_int_equal(detector_set_load(folders, note, f, &set), 0);
        return set;
}

static AgentState judge(const DetectorSet *set) {
        char *const processes[] = {(char *)"x", NULL};
        const Observation o = {.screen = "hello", .n_screen = 5, .processes = processes};
        Verdict v;

        assert_int_equal(detector_judge(set, &o, &v), 0);
        return v.state;
}

static void a_later_folder_replaces_a_file_of_the_same_name(void **state) {
        _cleanup_(detector_set_freep) DetectorSet *set = NULL;
        Fixture *f = *state;

        put(f->vendor, "x.yaml", RULE("idle"));
        put(f->user, "x.yaml", RULE("working"));
        put(f->user, "note.txt", "no rules");
        set = load(f);
        assert_int_equal(detector_set_count(set), 1);
        assert_int_equal(judge(set), AGENT_WORKING);
        assert_int_equal(f->n_problems, 0);
}

static void an_empty_file_masks(void **state) {
        _cleanup_(detector_set_freep) DetectorSet *set = NULL;
        Fixture *f = *state;

        put(f->vendor, "x.yaml", RULE("idle"));
        put(f->user, "x.yaml", "# not wanted here\n");
        set = load(f);
        assert_int_equal(detector_set_count(set), 0);
        assert_int_equal(judge(set), AGENT_UNKNOWN);
        assert_int_equal(f->n_problems, 0);
}

static void a_bad_file_is_left_out_and_the_rest_goes_on(void **state) {
        _cleanup_(detector_set_freep) DetectorSet *set = NULL;
        Fixture *f = *state;

        put(f->vendor, "x.yaml", RULE("idle"));
        put(f->vendor, "y.yaml", "name: y\nidentify: {}\nrules:\n- id: [\n");
        set = load(f);
        assert_int_equal(judge(set), AGENT_IDLE);
        assert_int_equal(f->n_problems, 1);
        assert_true(f->line >= 4);
}

static void a_second_file_for_one_agent_is_left_out(void **state) {
        _cleanup_(detector_set_freep) DetectorSet *set = NULL;
        Fixture *f = *state;

        put(f->vendor, "x.yaml", RULE("idle"));
        put(f->vendor, "z.yaml", RULE("working"));
        set = load(f);
        assert_int_equal(judge(set), AGENT_IDLE);
        assert_int_equal(f->n_problems, 1);
        assert_non_null(strstr(f->message, "another file"));
}

static void a_file_that_cannot_be_read_is_reported(void **state) {
        _cleanup_(detector_set_freep) DetectorSet *set = NULL;
        Fixture *f = *state;
        char path[128];

        put(f->vendor, "x.yaml", RULE("idle"));
        (void)snprintf(path, sizeof(path), "%s/y.yaml", f->vendor);
        assert_int_equal(symlink("/nonexistent", path), 0);
        set = load(f);
        assert_int_equal(judge(set), AGENT_IDLE);
        assert_int_equal(f->n_problems, 1);
        assert_int_equal(f->line, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(a_later_folder_replaces_a_file_of_the_same_name),
                        TEST(an_empty_file_masks),
                        TEST(a_bad_file_is_left_out_and_the_rest_goes_on),
                        TEST(a_second_file_for_one_agent_is_left_out),
                        TEST(a_file_that_cannot_be_read_is_reported),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
