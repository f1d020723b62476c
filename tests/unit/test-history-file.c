/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/history-fixture.h"

#include <errno.h>

static void an_episode_ends_where_the_next_begins(void **state) {
        HistoryFixture *f = *state;

        assert_int_equal(history_open(f), HISTORY_UNHARMED);
        begin(f, "a", AGENT_WORKING, 100);
        begin(f, "b", AGENT_IDLE, 150);
        begin(f, "a", AGENT_WAITING, 200);
        end(f, "b", 250);
        commit(f, 300);
        assert_string_equal(
                        ask(f, EPISODES), "a working 100 200\nb idle 150 250\na waiting 200 -\n");
}

static void one_that_goes_on_over_a_restart_is_one(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_WORKING, 100);
        commit(f, 300);
        history_reopen(f);
        assert_string_equal(ask(f, EPISODES), "a working 100 -300\n");

        begin(f, "a", AGENT_WORKING, 100);
        commit(f, 900);
        assert_string_equal(ask(f, EPISODES), "a working 100 -\n");
}

static void one_that_began_with_what_it_waits_for_goes_on_too(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_WAITING, 400);
        commit(f, 500);
        history_reopen(f);
        /* The state is older than what is waited for. */
        begin(f, "a", AGENT_WAITING, 100);
        commit(f, 900);
        assert_string_equal(ask(f, EPISODES), "a waiting 400 -\n");
}

static void what_was_not_seen_counts_for_nothing(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_WORKING, 100);
        begin(f, "b", AGENT_WORKING, 100);
        commit(f, 300);
        history_reopen(f);
        /* Another state, said to have begun before we went. */
        begin(f, "a", AGENT_IDLE, 250);
        commit(f, 900);
        history_reopen(f);
        assert_string_equal(ask(f, EPISODES),
                        "a working 100 300\nb working 100 300\na idle 300 -900\n");
}

static void the_same_again_is_nothing_new(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        begin(f, "a", AGENT_IDLE, 100);
        end(f, "nobody", 5);
        commit(f, 300);
        assert_string_equal(ask(f, EPISODES), "a idle 100 -\n");
}

static void a_batch_is_written_as_a_whole_or_not_at_all(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        commit(f, 300);
        assert_int_equal(sql_exec(f->file.db, "DROP TABLE mark"), 0);
        begin(f, "a", AGENT_WORKING, 400);
        assert_int_equal(history_batch_write(&f->file, &f->batch), -EPROTO);
        assert_string_equal(ask(f, EPISODES), "a idle 100 -\n");
}

static void a_part_of_a_batch_can_be_written(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        begin(f, "b", AGENT_IDLE, 100);
        begin(f, "c", AGENT_IDLE, 100);
        assert_int_equal(history_batch_write_part(&f->file, &f->batch, 1, 1), 0);
        assert_string_equal(ask(f, EPISODES), "b idle 100 -\n");
}

/* Many that are new, so that the file has to grow. */
static int write_many(HistoryFixture *f) {
        int r;

        for (unsigned i = 0; i < 500; i++) {
                char name[32];

                (void)snprintf(name, sizeof(name), "agent-%u", i);
                begin(f, name, AGENT_WORKING, 200);
        }
        r = history_batch_write(&f->file, &f->batch);
        history_batch_done(&f->batch);
        return r;
}

static void a_full_disk_is_no_damage(void **state) {
        HistoryFixture *f = *state;
        HistoryMishap mishap;
        char sql[64];
        int64_t pages;

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        commit(f, 300);
        assert_int_equal(sql_number(f->file.db, &pages, "PRAGMA page_count"), 0);
        (void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d", (int)pages);
        assert_int_equal(sql_exec(f->file.db, sql), 0);

        assert_int_equal(write_many(f), -ENOSPC);
        assert_string_equal(ask(f, EPISODES), "a idle 100 -\n");
        /* There is room again. */
        assert_int_equal(sql_exec(f->file.db, "PRAGMA max_page_count = 1000000"), 0);
        assert_int_equal(write_many(f), 0);
        assert_string_equal(ask(f, "SELECT count(*) FROM episode"), "501\n");
        history_file_close(&f->file);
        assert_int_equal(history_file_open(f->path, &f->file, &mishap), 0);
        assert_int_equal(mishap, HISTORY_UNHARMED);
}

static void only_damage_counts_as_damage(void **state) {
        static const struct {
                int code, error;
        } rows[] = {{SQLITE_OK, 0}, {SQLITE_ROW, 0}, {SQLITE_DONE, 0}, {SQLITE_CORRUPT, -EUCLEAN},
                        {SQLITE_CORRUPT_INDEX, -EUCLEAN}, {SQLITE_NOTADB, -EUCLEAN},
                        {SQLITE_FULL, -ENOSPC}, {SQLITE_IOERR_WRITE, -EIO},
                        {SQLITE_IOERR_SHMSIZE, -EIO}, {SQLITE_BUSY_SNAPSHOT, -EBUSY},
                        {SQLITE_READONLY_DBMOVED, -EROFS}, {SQLITE_CANTOPEN, -EACCES},
                        {SQLITE_ERROR, -EPROTO}, {SQLITE_CONSTRAINT_UNIQUE, -EPROTO}};

        FOREACH_ELEMENT (row, rows)
                assert_int_equal(sql_errno(row->code), row->error);
}

static void the_oldest_of_a_long_batch_goes(void **state) {
        HistoryFixture *f = *state;
        HistoryBatch newer = {};
        HistorySample s = {"x", 1};

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        begin(f, "b", AGENT_IDLE, 100);
        assert_int_equal(history_batch_sample(&newer, 0, &s), 0);
        assert_int_equal(history_batch_append(&f->batch, &newer), 0);
        assert_int_equal(newer.n_entries, 0);
        assert_int_equal(history_batch_shorten(&f->batch, 2), 1);
        commit(f, 300);
        assert_string_equal(ask(f, EPISODES), "b idle 100 -\n");
        assert_string_equal(ask(f, "SELECT count(*) FROM sample_raw"), "1\n");
}

static void damage(const char *path, off_t where, size_t n) {
        char noise[4096];
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        memset(noise, 0xa5, sizeof(noise));
        assert_true(fd >= 0);
        for (; n > 0; n -= MIN(n, sizeof(noise)), where += (off_t)sizeof(noise))
                assert_true(pwrite(fd, noise, MIN(n, sizeof(noise)), where) > 0);
        (void)close(fd);
}

static void a_damaged_file_is_set_aside(void **state) {
        HistoryFixture *f = *state;
        char aside[128];

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        commit(f, 300);
        history_file_close(&f->file);
        damage(f->path, 0, 100);

        assert_int_equal(history_open(f), HISTORY_LOST);
        assert_string_equal(ask(f, EPISODES), "");
        (void)snprintf(aside, sizeof(aside), "%s.damaged", f->path);
        assert_int_equal(access(aside, F_OK), 0);
}

static void the_last_good_copy_takes_its_place(void **state) {
        HistoryFixture *f = *state;
        struct stat st;
        char backup[128];

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        commit(f, 300);
        assert_int_equal(history_file_back_up(f->path), 0);
        begin(f, "a", AGENT_WORKING, 400);
        commit(f, 500);
        history_file_close(&f->file);
        damage(f->path, 4096, 4096 * 4);

        assert_int_equal(history_open(f), HISTORY_RESTORED);
        assert_string_equal(ask(f, EPISODES), "a idle 100 -300\n");
        /* And there is a copy again. */
        (void)snprintf(backup, sizeof(backup), "%s.backup", f->path);
        assert_int_equal(stat(backup, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_bad_copy_is_not_used(void **state) {
        HistoryFixture *f = *state;
        char backup[128];

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        commit(f, 300);
        assert_int_equal(history_file_back_up(f->path), 0);
        history_file_close(&f->file);
        (void)snprintf(backup, sizeof(backup), "%s.backup", f->path);
        damage(f->path, 0, 4096);
        damage(backup, 0, 4096);

        assert_int_equal(history_open(f), HISTORY_LOST);
        begin(f, "b", AGENT_IDLE, 100);
        commit(f, 300);
        assert_string_equal(ask(f, EPISODES), "b idle 100 -\n");
}

static void damage_is_not_copied(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        for (unsigned i = 0; i < 2000; i++) {
                char agent[32];

                (void)snprintf(agent, sizeof(agent), "agent-%u", i);
                begin(f, agent, AGENT_IDLE, 100);
        }
        commit(f, 300);
        history_file_close(&f->file);
        damage(f->path, 4096 * 5, 4096 * 3);
        assert_int_equal(history_file_back_up(f->path), -EUCLEAN);
}

static void a_later_version_is_set_aside_and_not_spoilt(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        assert_int_equal(sql_exec(f->file.db, "PRAGMA user_version = 99"), 0);
        history_file_close(&f->file);
        assert_int_equal(history_open(f), HISTORY_LOST);
}

static void validation_names_what_is_wrong(void **state) {
        HistoryFixture *f = *state;
        char *text = NULL;

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, 100);
        commit(f, 300);
        assert_int_equal(history_file_validate(f->path, &text), 0);
        assert_string_equal(text, "");
        free(text);

        history_file_close(&f->file);
        damage(f->path, 4096 * 2, 4096);
        assert_int_equal(history_file_validate(f->path, &text), 0);
        assert_string_not_equal(text, "");
        free(text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, history_setup, history_teardown)
                        TEST(an_episode_ends_where_the_next_begins),
                        TEST(one_that_goes_on_over_a_restart_is_one),
                        TEST(one_that_began_with_what_it_waits_for_goes_on_too),
                        TEST(what_was_not_seen_counts_for_nothing),
                        TEST(the_same_again_is_nothing_new),
                        TEST(a_batch_is_written_as_a_whole_or_not_at_all),
                        TEST(a_part_of_a_batch_can_be_written),
                        TEST(a_full_disk_is_no_damage),
                        TEST(only_damage_counts_as_damage),
                        TEST(the_oldest_of_a_long_batch_goes),
                        TEST(a_damaged_file_is_set_aside),
                        TEST(the_last_good_copy_takes_its_place),
                        TEST(a_bad_copy_is_not_used),
                        TEST(damage_is_not_copied),
                        TEST(a_later_version_is_set_aside_and_not_spoilt),
                        TEST(validation_names_what_is_wrong),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
