/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/wire/report.h"

static const char agent_text[] =
                "{\"socket\":\"/tmp/s\",\"pane\":\"%12\",\"type\":\"claude\",\"version\":\"2.1\","
                "\"state\":\"waiting\",\"attention\":\"plan\",\"attributes\":[\"fresh\","
                "\"stalled\"],"
                "\"reset_usec\":0,\"rule\":\"r\",\"confidence\":0.5,\"since_usec\":1,\"activity_"
                "usec\":2,"
                "\"session\":\"s\",\"window\":\"w\",\"window_index\":3,\"pane_index\":4,"
                "\"command\":\"c\","
                "\"title\":\"t\",\"pid\":99,\"control_group\":\"/"
                "a.scope\",\"memory_scope\":\"own\","
                "\"memory_bytes\":5,\"memory_high\":6,\"memory_max\":7,\"memory_pressure\":0.25,"
                "\"oom_kills\":8,\"end_reason\":\"e\",\"advice\":\"a\"}";

static json_object *agent_json(void) {
        json_object *o;

        assert_int_equal(json_parse(agent_text, strlen(agent_text), 8, &o), 0);
        return o;
}

static void an_agent_survives_the_way_there_and_back(void **state) {
        _cleanup_json_ json_object *o = agent_json(), *back = NULL;
        _cleanup_(agent_report_done) AgentReport report = {};

        assert_int_equal(agent_report_from_json(o, &report), 0);
        assert_int_equal(report.state, AGENT_WAITING);
        assert_int_equal(report.attention, ATTENTION_PLAN);
        assert_int_equal(report.attributes, ATTRIBUTE_FRESH | ATTRIBUTE_STALLED);
        assert_int_equal(report.pid, 99);
        assert_int_equal(agent_report_to_json(&report, &back), 0);
        assert_true(json_object_equal(o, back));
}

/* The daemon's own, when it restores what an older version of it had kept. */
static void what_an_older_version_did_not_know_may_be_missing(void **state) {
        static const char *const keys[] = {"control_group", "memory_scope", "memory_bytes",
                        "memory_high", "memory_max", "memory_pressure", "oom_kills", "end_reason",
                        "advice"};
        _cleanup_(agent_report_done) AgentReport report = {};
        _cleanup_json_ json_object *o = agent_json();

        FOREACH_ELEMENT (key, keys)
                json_object_object_del(o, *key);
        assert_int_equal(agent_report_from_json(o, &report), 0);
        assert_string_equal(report.control_group, "");
        assert_string_equal(report.advice, "");
        assert_int_equal(report.memory_scope, MEMORY_UNKNOWN);
        assert_true(report.memory_pressure < 0);
        assert_int_equal(report.memory_bytes, 0);
}

static void a_wrong_member_refuses_the_whole_report(void **state) {
        static const struct {
                const char *key;
                const char *value;
        } rows[] = {
                        {"pane", "\"12\""},
                        {"pane", "\"%\""},
                        {"pane", "\"%99999999999\""},
                        {"state", "\"busy\""},
                        {"state", "null"},
                        {"attributes", "[\"fresh\",\"x\"]"},
                        {"attributes", "\"fresh\""},
                        {"attributes",
                                        "[\"fresh\",\"fresh\",\"fresh\",\"fresh\",\"fresh\","
                                        "\"fresh\","
                                        "\"fresh\"]"},
                        {"confidence", "1.5"},
                        {"confidence", "NaN"},
                        {"since_usec", "-1"},
                        {"pid", "4294967296"},
                        {"title", "7"},
                        {"title", "\"\\u001b[31m\""},
                        {"window_index", "\"3\""},
                        {"memory_scope", "\"mine\""},
                        {"memory_bytes", "-1"},
                        {"memory_max", "9223372036854775808"},
                        {"memory_pressure", "1.5"},
                        {"memory_pressure", "NaN"},
                        {"oom_kills", "\"8\""},
                        {"advice", "\"\\u0007\""},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = agent_json();
                json_object *value = json_tokener_parse(row->value);
                AgentReport report = {};

                assert_int_equal(json_object_object_add(o, row->key, value), 0);
                assert_int_equal(agent_report_from_json(o, &report), -EBADMSG);
                assert_null(report.socket);
        }
}

static void what_is_missing_or_too_long_is_refused(void **state) {
        char longest[REPORT_TEXT_MAX + 2];
        _cleanup_json_ json_object *o = agent_json(), *p = agent_json();
        AgentReport report = {};

        memset(longest, 'x', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = '\0';
        assert_int_equal(json_set_string(o, "title", longest), 0);
        assert_int_equal(agent_report_from_json(o, &report), -EBADMSG);
        json_object_object_del(p, "rule");
        assert_int_equal(agent_report_from_json(p, &report), -EBADMSG);
}

static void what_we_send_is_cut_to_what_is_accepted(void **state) {
        char title[] = "a\x1b]0;evil\a";
        char socket[] = "/tmp/s";
        ServerReport server = {.socket = socket, .reason = title};
        _cleanup_(server_report_done) ServerReport back = {};
        _cleanup_json_ json_object *o = NULL;

        assert_int_equal(server_report_to_json(&server, &o), 0);
        assert_int_equal(server_report_from_json(o, &back), 0);
        assert_string_equal(back.reason, "a?]0;evil?");
        assert_string_equal(back.version, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(an_agent_survives_the_way_there_and_back),
                        cmocka_unit_test(what_an_older_version_did_not_know_may_be_missing),
                        cmocka_unit_test(a_wrong_member_refuses_the_whole_report),
                        cmocka_unit_test(what_is_missing_or_too_long_is_refused),
                        cmocka_unit_test(what_we_send_is_cut_to_what_is_accepted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
