/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/kit/docs.h"
#include "daemon/kit/page.h"

static char *text;
static size_t n_text;

static const char *write_page(bool man, void (*write)(const Page *p)) {
        Page p = {.out = open_memstream(&text, &n_text), .man = man};

        assert_non_null(p.out);
        write(&p);
        assert_int_equal(fclose(p.out), 0);
        return text;
}

static int free_text(void **state) {
        free(text);
        text = NULL;
        return 0;
}

static void write_hostile(const Page *p) {
        page_text(p, ".TH evil\n.so /etc/passwd \\fB-x\033[31m");
}

static void nothing_that_is_written_is_a_command_for_man(void **state) {
        const char *page = write_page(true, write_hostile);

        assert_string_equal(page, ".PP\n\\&.TH evil?.so /etc/passwd \\efB\\-x?[31m\n");
}

static void write_marks(const Page *p) {
        page_item(p, "a_b", "%s", "<script>`x` *y* | z");
}

static void nothing_that_is_written_is_a_mark_of_markdown(void **state) {
        assert_string_equal(write_page(false, write_marks),
                        "- **a\\_b**: \\<script\\>\\`x\\` \\*y\\* \\| z\n");
}

static void write_lines(const Page *p) {
        page_code(p, "one\n.two\n");
}

static void code_stays_as_it_is(void **state) {
        assert_string_equal(write_page(false, write_lines), "\n```\none\n.two\n```\n");
        free_text(state);
        assert_string_equal(
                        write_page(true, write_lines), ".PP\n.RS 4\n.nf\none\n\\&.two\n.fi\n.RE\n");
}

static void formats_have_names(void **state) {
        assert_int_equal(docs_format_from_string("man"), DOCS_MAN);
        assert_true(docs_format_from_string("html") < 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_teardown(
                                        nothing_that_is_written_is_a_command_for_man, free_text),
                        cmocka_unit_test_teardown(
                                        nothing_that_is_written_is_a_mark_of_markdown, free_text),
                        cmocka_unit_test_teardown(code_stays_as_it_is, free_text),
                        cmocka_unit_test(formats_have_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
