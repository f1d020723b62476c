/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/json.h"
#include "daemon/watcher/agent-memory.h"

#define PID 4711

static char home[] = "/tmp/agent-memory-XXXXXX";
static char resume_0[] = "x", resume_1[] = "--resume", resume_2[] = "{session}",
            last_1[] = "--last";
static char *resume[] = {resume_0, resume_1, resume_2, NULL};
static char *resume_last[] = {resume_0, last_1, NULL};
static char file[] = "~/{pid}.json", key[] = "id", member[] = "session_id";

static ActRules rules_all(void) {
        return (ActRules){.resume = resume,
                        .resume_last = resume_last,
                        .session_file = file,
                        .session_key = key,
                        .session_hook = member};
}

static void write_file(const char *text) {
        char path[64];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%d.json", home, PID);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void expect(const AgentMemory *m, const ActRules *rules, const char *command) {
        _cleanup_free_ char *seen = NULL;

        assert_int_equal(agent_memory_resume(m, rules, &seen), 0);
        assert_string_equal(seen, command);
}

static void hear(AgentMemory *m, const ActRules *rules, const char *text) {
        _cleanup_json_ json_object *o = NULL;

        assert_int_equal(json_parse(text, strlen(text), 4, &o), 0);
        agent_memory_hear(m, rules, o);
}

static void a_hook_is_known_by_the_session_that_it_names(void **state) {
        _cleanup_(agent_memory_done) AgentMemory m = {};
        const ActRules rules = rules_all();
        _cleanup_json_ json_object *own = json_object_new_object(), *none = NULL;

        none = json_object_new_object();
        assert_int_equal(json_set_string(own, member, "abc"), 0);
        agent_memory_update(&m, &rules, PID, 1, "x");
        assert_false(agent_memory_has(&m, &rules, own));
        assert_false(agent_memory_has(&m, &rules, none));
        hear(&m, &rules, "{\"session_id\":\"abc\"}");
        assert_true(agent_memory_has(&m, &rules, own));
        hear(&m, &rules, "{\"session_id\":\"abcd\"}");
        assert_false(agent_memory_has(&m, &rules, own));
        assert_false(agent_memory_has(&m, &rules, none));
}

static void without_a_session_it_is_the_last_one(void **state) {
        _cleanup_(agent_memory_done) AgentMemory m = {};
        const ActRules rules = rules_all();

        agent_memory_update(&m, &rules, PID, 1, "x");
        expect(&m, &rules, "x --last");
}

static void its_file_tells_the_session_as_it_is_when_it_counts(void **state) {
        _cleanup_(agent_memory_done) AgentMemory m = {};
        const ActRules rules = rules_all();

        write_file("{\"id\": \"first\"}");
        agent_memory_update(&m, &rules, PID, 1, "x");
        expect(&m, &rules, "x --resume first");
        write_file("{\"id\": \"second\"}");
        expect(&m, &rules, "x --resume second");
        write_file("{\"id\": \"; rm -r /\"}");
        expect(&m, &rules, "x --resume first");
}

static void what_its_hooks_say_goes_before_all_else(void **state) {
        _cleanup_(agent_memory_done) AgentMemory m = {};
        const ActRules rules = rules_all();

        write_file("{\"id\": \"first\"}");
        agent_memory_update(&m, &rules, PID, 1, "x");
        hear(&m, &rules, "{\"session_id\": \"told\"}");
        expect(&m, &rules, "x --resume told");
        hear(&m, &rules, "{\"session_id\": \"$(reboot)\"}");
        hear(&m, &rules, "{\"session_id\": \"--yolo\"}");
        hear(&m, &rules, "{\"session_id\": 7}");
        hear(&m, &rules, "{}");
        expect(&m, &rules, "x --resume told");
        /* Another process is another agent. */
        agent_memory_update(&m, &rules, PID, 2, "x");
        expect(&m, &rules, "x --resume first");
}

static void who_cannot_resume_is_not_brought_back(void **state) {
        _cleanup_(agent_memory_done) AgentMemory m = {};
        const ActRules rules = {};
        char *command = NULL;

        agent_memory_update(&m, &rules, PID, 1, "x");
        assert_int_equal(agent_memory_resume(&m, &rules, &command), -EOPNOTSUPP);
}

static int set_up(void **state) {
        return mkdtemp(home) && setenv("HOME", home, 1) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
        char path[64];

        (void)snprintf(path, sizeof(path), "%s/%d.json", home, PID);
        (void)unlink(path);
        return rmdir(home);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(without_a_session_it_is_the_last_one),
                        cmocka_unit_test(its_file_tells_the_session_as_it_is_when_it_counts),
                        cmocka_unit_test(what_its_hooks_say_goes_before_all_else),
                        cmocka_unit_test(a_hook_is_known_by_the_session_that_it_names),
                        cmocka_unit_test(who_cannot_resume_is_not_brought_back),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
