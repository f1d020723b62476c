/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/json.h"
#include "daemon/observe/spans.h"

static void spans_are_taken_once_in_their_order(void **state) {
        _cleanup_json_ json_object *first = NULL, *second = NULL;
        Spans s = {};

        spans_add(&s, "cycle", NULL, 5000, 2000, false);
        spans_add(&s, "execute", "noop", 9000, 1, true);
        assert_int_equal(spans_take(&s, &first), 0);
        assert_string_equal(json_object_to_json_string_ext(first, JSON_C_TO_STRING_PLAIN),
                        "[{\"name\":\"cycle\",\"subject\":\"\",\"start_usec\":3000,\"usec\":2000,"
                        "\"failed\":false},{\"name\":\"execute\",\"subject\":\"noop\","
                        "\"start_usec\":8999,\"usec\":1,\"failed\":true}]");
        assert_int_equal(spans_take(&s, &second), 0);
        assert_int_equal(json_object_array_length(second), 0);
        assert_int_equal(s.lost, 0);
}

static void the_oldest_are_lost_and_counted(void **state) {
        _cleanup_json_ json_object *all = NULL;
        Spans s = {};

        for (unsigned i = 0; i < SPANS_MAX + 3; i++)
                spans_add(&s, "cycle", NULL, 1000 + i, 0, false);
        assert_int_equal(s.lost, 3);
        assert_int_equal(spans_take(&s, &all), 0);
        assert_int_equal(json_object_array_length(all), SPANS_MAX);
        assert_int_equal(json_get_u64(json_object_array_get_idx(all, 0), "start_usec", 0), 1003);
}

static void a_subject_that_is_too_long_is_cut(void **state) {
        _cleanup_json_ json_object *all = NULL;
        char name[200];
        Spans s = {};

        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        spans_add(&s, "execute", name, 1, 2, false);
        assert_int_equal(spans_take(&s, &all), 0);
        assert_int_equal(strlen(json_get_string(json_object_array_get_idx(all, 0), "subject")),
                        SPAN_SUBJECT_MAX - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(spans_are_taken_once_in_their_order),
                        cmocka_unit_test(the_oldest_are_lost_and_counted),
                        cmocka_unit_test(a_subject_that_is_too_long_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
