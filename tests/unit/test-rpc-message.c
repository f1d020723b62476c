/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"

static void lines_come_out_whole_however_they_came_in(void **state) {
        static const char text[] = "one\n\nthree\nrest";
        static const char *const lines[] = {"one", "", "three"};

        for (size_t step = 1; step < sizeof(text); step++) {
                _cleanup_(line_buffer_done) LineBuffer b = {};
                size_t n_lines = 0, n;
                const char *line;

                for (size_t i = 0; i < strlen(text); i += step) {
                        n = MIN(step, strlen(text) - i);
                        assert_int_equal(line_buffer_add(&b, text + i, n), 0);
                        while (line_buffer_next(&b, &line, &n)) {
                                assert_int_equal(n, strlen(lines[n_lines]));
                                assert_memory_equal(line, lines[n_lines], n);
                                n_lines++;
                        }
                }
                assert_int_equal(n_lines, 3);
        }
}

static void a_line_without_end_is_refused(void **state) {
        _cleanup_(line_buffer_done) LineBuffer b = {.max = 8};

        assert_int_equal(line_buffer_add(&b, "12345678", 8), 0);
        assert_int_equal(line_buffer_add(&b, "9", 1), -EMSGSIZE);
}

static void what_is_no_message_is_refused(void **state) {
        static const char *const lines[] = {
                        "",
                        "null",
                        "[]",
                        "{}",
                        "{\"jsonrpc\":\"2.0\"}",
                        "{\"jsonrpc\":\"1.0\",\"method\":\"a\"}",
                        "{\"jsonrpc\":\"2.0\",\"method\":7}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":7}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":{}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"a\\u0000b\"}",
                        "{\"jsonrpc\":\"2.0\",\"id\":1}",
                        "{\"jsonrpc\":\"2.0\",\"result\":1}",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"a\"} {}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}",
        };

        FOREACH_ELEMENT (line, lines) {
                RpcMessage m = {};

                assert_int_equal(rpc_message_parse(*line, strlen(*line), &m), -EBADMSG);
                assert_null(m.root);
        }
}

static void depth_is_bounded(void **state) {
        char line[512] = "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":";
        RpcMessage m = {};

        memset(line + strlen(line), '[', RPC_DEPTH_MAX + 1);
        assert_int_equal(rpc_message_parse(line, strlen(line), &m), -EBADMSG);
}

static void every_kind_survives_the_way_there(void **state) {
        _cleanup_json_ json_object *id = json_object_new_int(7);
        json_object *o[4] = {};
        static const RpcKind kinds[] = {RPC_REQUEST, RPC_NOTIFICATION, RPC_RESULT, RPC_FAILURE};

        assert_int_equal(rpc_request_new(7, "m", json_object_new_object(), &o[0]), 0);
        assert_int_equal(rpc_notification_new("m", NULL, &o[1]), 0);
        assert_int_equal(rpc_result_new(id, NULL, &o[2]), 0);
        assert_int_equal(rpc_failure_new(id, rpc_code_from_errno(-ENXIO), "gone", &o[3]), 0);

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(rpc_message_done) RpcMessage m = {};
                const char *line = json_object_to_json_string(o[i]);

                assert_int_equal(rpc_message_parse(line, strlen(line), &m), 0);
                assert_int_equal(m.kind, kinds[i]);
                if (m.kind == RPC_FAILURE)
                        assert_int_equal(rpc_code_to_errno(m.code), -ENXIO);
                (void)json_object_put(o[i]);
        }
}

static void foreign_error_codes_are_remote_errors(void **state) {
        assert_int_equal(rpc_code_to_errno(RPC_ERROR_NO_SUCH_METHOD), -EOPNOTSUPP);
        assert_int_equal(rpc_code_to_errno(0), -EREMOTEIO);
        assert_int_equal(rpc_code_to_errno(-32000), -EREMOTEIO);
        assert_int_equal(rpc_code_to_errno(12345), -EREMOTEIO);
        assert_int_equal(rpc_code_to_errno(-40000), -EREMOTEIO);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(lines_come_out_whole_however_they_came_in),
                        cmocka_unit_test(a_line_without_end_is_refused),
                        cmocka_unit_test(what_is_no_message_is_refused),
                        cmocka_unit_test(depth_is_bounded),
                        cmocka_unit_test(every_kind_survives_the_way_there),
                        cmocka_unit_test(foreign_error_codes_are_remote_errors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
