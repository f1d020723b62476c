/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/wire/acting.h"

#define LONG_TOKEN "0123456789012345678901234567890123456789"

static void orders_and_outcomes_cross_the_wire(void **state) {
        _cleanup_(act_order_done) ActOrder back = {};
        _cleanup_json_ json_object *o = NULL, *p = NULL;
        char text[] = "tidy\nup";
        const ActOrder order = {.kind = ACT_KIND_TEXT,
                        .text = text,
                        .enter = true,
                        .automatic = true,
                        .pid = 42,
                        .token = "abc",
                        .calm_usec = 5};
        const ActOutcome outcome = {.refusal = ACT_DRAFT, .typed = true, .n_bytes = 7, .keys = "1"};
        ActOutcome seen;

        assert_int_equal(act_order_to_json(&order, &o), 0);
        assert_int_equal(act_order_from_json(o, &back), 0);
        assert_int_equal(back.kind, ACT_KIND_TEXT);
        assert_string_equal(back.text, text);
        assert_true(back.enter && back.automatic && !back.command);
        assert_int_equal(back.pid, 42);
        assert_string_equal(back.token, "abc");
        assert_int_equal(back.calm_usec, 5);

        assert_int_equal(act_outcome_to_json(&outcome, &p), 0);
        assert_int_equal(act_outcome_from_json(p, &seen), 0);
        assert_int_equal(seen.refusal, ACT_DRAFT);
        assert_true(seen.typed && !seen.entered);
        assert_int_equal(seen.n_bytes, 7);
        assert_string_equal(seen.keys, "1");
}

static void nonsense_is_no_order(void **state) {
        static const char *const rows[] = {
                        "{}",
                        "{\"kind\":\"dance\"}",
                        "{\"kind\":\"text\"}",
                        "{\"kind\":\"text\",\"text\":\"\"}",
                        "{\"kind\":\"text\",\"text\":\"a\\u001b[201~b\"}",
                        "{\"kind\":\"approve\",\"text\":\"x\"}",
                        "{\"kind\":\"approve\",\"pid\":-1}",
                        "{\"kind\":\"submit\",\"calm_usec\":86400000001}",
                        "{\"kind\":\"approve\",\"pid\":4294967297}",
                        "{\"kind\":\"deny\",\"token\":\"" LONG_TOKEN "\"}",
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = NULL;
                ActOrder order = {};

                assert_int_equal(json_parse(*row, strlen(*row), 4, &o), 0);
                assert_int_equal(act_order_from_json(o, &order), -EBADMSG);
        }
}

static void control_characters_are_no_text(void **state) {
        char longest[ACT_TEXT_MAX + 2];

        memset(longest, 'x', sizeof(longest));
        longest[ACT_TEXT_MAX + 1] = '\0';
        assert_int_equal(act_text_check("a\tb\nc \u00e9\u4e2d"), 0);
        assert_int_equal(act_text_check(longest), -EINVAL);
        longest[ACT_TEXT_MAX] = '\0';
        assert_int_equal(act_text_check(longest), 0);
        assert_int_equal(act_text_check("a\rb"), -EINVAL);
        assert_int_equal(act_text_check("a\x1b[201~"), -EINVAL);
        assert_int_equal(act_text_check("a\x7f"), -EINVAL);
        assert_int_equal(act_text_check("a\xc2\x9b"
                                        "b"),
                        -EINVAL);
        assert_int_equal(act_text_check("a\xff"), -EINVAL);
        assert_int_equal(act_text_check(""), -EINVAL);
}

static void every_refusal_has_a_word_of_its_own_and_a_sentence(void **state) {
        for (ActRefusal r = 0; r < _ACT_REFUSAL_MAX; r++) {
                assert_int_equal(act_refusal_from_string(act_refusal_to_string(r)), r);
                assert_true(strlen(act_refusal_describe(r)) > 3);
        }
        assert_int_equal(act_refusal_from_string("other"), _ACT_REFUSAL_INVALID);
        for (ActKind k = 0; k < _ACT_KIND_MAX; k++)
                assert_int_equal(act_kind_from_string(act_kind_to_string(k)), k);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(orders_and_outcomes_cross_the_wire),
                        cmocka_unit_test(nonsense_is_no_order),
                        cmocka_unit_test(control_characters_are_no_text),
                        cmocka_unit_test(every_refusal_has_a_word_of_its_own_and_a_sentence),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
