/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/yaml-node.h"

static void values_know_their_line_and_whether_they_were_quoted(void **state) {
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        static const char text[] = "a: 1\nb:\n  c: \"2\"\n  d: [x, y]\n";
        const YamlNode *b;

        assert_int_equal(yaml_parse(text, strlen(text), &root, NULL), 0);
        assert_string_equal(yaml_node_get_scalar(root, "a"), "1");
        b = yaml_node_get(root, "b");
        assert_true(yaml_node_get(b, "c")->quoted);
        assert_int_equal(yaml_node_get(b, "c")->line, 3);
        assert_int_equal(b->line, 3);
        assert_int_equal(b->key_line, 2);
        assert_int_equal(yaml_node_get(b, "d")->children[1]->key_line, 4);
        assert_int_equal(yaml_node_get(b, "d")->n_children, 2);
        assert_string_equal(yaml_node_get(b, "d")->children[1]->scalar, "y");
        assert_null(yaml_node_get(b, "e"));
}

static void an_empty_document_is_an_empty_mapping(void **state) {
        static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n", "null\n"};

        FOREACH_ELEMENT (text, texts) {
                _cleanup_(yaml_node_freep) YamlNode *root = NULL;

                assert_int_equal(yaml_parse(*text, strlen(*text), &root, NULL), 0);
                assert_int_equal(root->kind, YAML_MAPPING);
                assert_int_equal(root->n_children, 0);
        }
}

static void what_yaml_allows_and_we_do_not_is_refused_with_its_line(void **state) {
        static const struct {
                const char *text;
                unsigned line;
                const char *message;
        } rows[] = {
                        {"a: 1\nb: 2\na: 3\n", 3, "'a' is given twice, first on line 1"},
                        {"a:\n  b: 1\na: 3\n", 3, "'a' is given twice, first on line 1"},
                        {"{c: 1, b: 1, b: 1,\n c: 1}\n", 1, "'b' is given twice, first on line 1"},
                        {"\"a\\eb\": 1\n", 1, "a key must be a plain word"},
                        {"a: &x 1\n", 1, "anchors are not accepted"},
                        {"a: &x [1]\n", 1, "anchors are not accepted"},
                        {"a: 1\nb: *x\n", 2, "aliases are not accepted"},
                        {"a: !!int 1\n", 1, "tags are not accepted"},
                        {"a: 1\n---\nb: 1\n", 3, "more than one document"},
                        {"[x]: 1\n", 1, "a key must be a plain word"},
                        {"a: \"x\\0y\"\n", 1, "a NUL character is not accepted"},
                        {"a: [1\n", 2, "not valid YAML"},
        };

        FOREACH_ELEMENT (row, rows) {
                YamlNode *root = NULL;
                YamlError error = {};

                assert_int_equal(yaml_parse(row->text, strlen(row->text), &root, &error), -EBADMSG);
                assert_null(root);
                assert_int_equal(error.line, row->line);
                assert_non_null(strstr(error.message, row->message));
        }
}

static void depth_size_and_number_are_bounded(void **state) {
        static char text[YAML_SIZE_MAX + 2];
        YamlNode *root = NULL;
        YamlError error = {};

        memset(text, '[', YAML_DEPTH_MAX + 1);
        assert_int_equal(yaml_parse(text, YAML_DEPTH_MAX + 1, &root, &error), -E2BIG);
        assert_string_equal(error.message, "nested too deeply");

        text[0] = '[';
        for (size_t i = 0; i < YAML_NODES_MAX; i++)
                memcpy(text + 1 + 2 * i, "1,", 2);
        text[1 + 2 * YAML_NODES_MAX] = ']';
        assert_int_equal(yaml_parse(text, 2 + 2 * YAML_NODES_MAX, &root, &error), -E2BIG);
        assert_string_equal(error.message, "too many values");

        memset(text, ' ', sizeof(text));
        assert_int_equal(yaml_parse(text, YAML_SIZE_MAX + 1, &root, &error), -E2BIG);
        assert_null(root);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(values_know_their_line_and_whether_they_were_quoted),
                        cmocka_unit_test(an_empty_document_is_an_empty_mapping),
                        cmocka_unit_test(what_yaml_allows_and_we_do_not_is_refused_with_its_line),
                        cmocka_unit_test(depth_size_and_number_are_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
