/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tmux's protocol, byte by byte, as the stock programs of 3.3a and 3.5a speak it. */

#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/tmux/imsg.h"
#include "tests/words-of.h"

/* Type, length, version 8, no pid. */
#define HEADER(type, n) \
        (type) & 0xff, (type) >> 8, 0, 0, (n)&0xff, (n) >> 8, 0, 0, 8, 0, 0, 0, 0xff, 0xff, 0xff, \
                        0xff

#define ASKS HEADER(300, 26), 3, 0, 0, 0, 0, 0, 0, 0, '-', 0
#define OPENS_OUT HEADER(303, 28), 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0
#define OPENS_ERR HEADER(303, 28), 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0
#define PRINTS_HI HEADER(304, 22), 1, 0, 0, 0, 'h', 'i'
#define EXITS HEADER(203, 20), 1, 0, 0, 0

static const uint8_t identity[] = {
                /* flags: UTF-8 */
                HEADER(100, 20), 0, 0, 1, 0,
                /* long flags: UTF-8 */
                HEADER(111, 24), 0, 0, 1, 0, 0, 0, 0, 0,
                /* terminal: none */
                HEADER(101, 17), 0,
                /* its features: none */
                HEADER(109, 20), 0, 0, 0, 0,
                /* name of the terminal's device: none */
                HEADER(102, 17), 0,
                /* folder */
                HEADER(108, 18), '/', 0,
                /* pid 0x12345 */
                HEADER(107, 20), 0x45, 0x23, 1, 0,
                /* that is all */
                HEADER(106, 16)};

static void expect_greeting(const char *const *list, const uint8_t *command, size_t n_command) {
        _cleanup_(tmux_words_done) TmuxWords words = words_of(list);
        _cleanup_free_ uint8_t *data = NULL;
        size_t n = 0;

        assert_int_equal(imsg_greeting(0x12345, &words, &data, &n), 0);
        assert_int_equal(n, sizeof(identity) + n_command);
        assert_memory_equal(data, identity, sizeof(identity));
        assert_memory_equal(data + sizeof(identity), command, n_command);
}

static void one_command_goes_as_its_words(void **state) {
        static const uint8_t command[] = {
                        HEADER(200, 28), 3, 0, 0, 0, 'l', 's', 0, '-', 'F', 0, 'x', 0};

        expect_greeting(WORDS("ls", "-F", "x"), command, sizeof(command));
}

static void many_commands_are_asked_for(void **state) {
        static const uint8_t command[] = {HEADER(200, 34), 2, 0, 0, 0, 's', 'o', 'u', 'r', 'c', 'e',
                        '-', 'f', 'i', 'l', 'e', 0, '-', 0};

        expect_greeting(WORDS("ls", ";", "lsc"), command, sizeof(command));
}

static void no_words_are_no_greeting(void **state) {
        TmuxWords words = {};
        uint8_t *data = NULL;
        size_t n;

        assert_int_equal(imsg_greeting(1, &words, &data, &n), -EINVAL);
        assert_null(data);
}

static void the_go_ahead_names_the_stream(void **state) {
        static const uint8_t expected[IMSG_READY] = {HEADER(305, 24), 2};
        uint8_t data[IMSG_READY];

        imsg_ready(2, data);
        assert_memory_equal(data, expected, sizeof(expected));
}

static void the_input_is_followed_by_its_end(void **state) {
        static const uint8_t expected[] = {HEADER(301, 22), 7, 0, 0, 0, 'x', '\n', HEADER(302, 24),
                        7, 0, 0, 0, 0, 0, 0, 0};
        _cleanup_free_ uint8_t *data = NULL;
        size_t n;

        assert_int_equal(imsg_input(7, "x\n", 2, &data, &n), 0);
        assert_int_equal(n, sizeof(expected));
        assert_memory_equal(data, expected, n);
}

static void an_empty_input_is_its_end_alone(void **state) {
        static const uint8_t expected[] = {HEADER(302, 24), 3, 0, 0, 0, 0, 0, 0, 0};
        _cleanup_free_ uint8_t *data = NULL;
        size_t n;

        assert_int_equal(imsg_input(3, "", 0, &data, &n), 0);
        assert_int_equal(n, sizeof(expected));
        assert_memory_equal(data, expected, n);
}

static void a_long_input_is_cut_into_whole_messages(void **state) {
        static const uint8_t full[] = {HEADER(301, 16384), 3, 0, 0, 0, 'x'};
        static const uint8_t rest[] = {HEADER(301, 21), 3, 0, 0, 0, 'y', HEADER(302, 24)};
        _cleanup_free_ uint8_t *data = NULL;
        char text[2 * 16364 + 1];
        size_t n;

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = 'y';
        assert_int_equal(imsg_input(3, text, sizeof(text), &data, &n), 0);
        assert_int_equal(n, 2 * 16384 + 21 + 24);
        assert_memory_equal(data, full, sizeof(full));
        assert_memory_equal(data + 16384, full, sizeof(full));
        assert_memory_equal(data + 32768, rest, sizeof(rest));
}

static void expect(ImsgReader *reader, const uint8_t **data, size_t *n, ImsgKind kind,
                ImsgEvent *ret) {
        ssize_t taken = imsg_read(reader, *data, *n, ret);

        assert_true(taken > 0);
        assert_int_equal(ret->kind, kind);
        *data += taken;
        *n -= (size_t)taken;
}

static void a_conversation_is_read_to_its_end(void **state) {
        static const uint8_t bytes[] = {ASKS, OPENS_ERR, OPENS_OUT, PRINTS_HI, HEADER(304, 21), 2,
                        0, 0, 0, 'e', EXITS};
        const uint8_t *data = bytes;
        size_t n = sizeof(bytes);
        ImsgReader reader = {};
        ImsgEvent event;

        expect(&reader, &data, &n, IMSG_INPUT, &event);
        assert_int_equal(event.stream, 3);
        expect(&reader, &data, &n, IMSG_OPEN, &event);
        assert_int_equal(event.stream, 2);
        expect(&reader, &data, &n, IMSG_OPEN, &event);
        assert_int_equal(event.stream, 1);
        expect(&reader, &data, &n, IMSG_TEXT, &event);
        assert_int_equal(event.stream, 1);
        assert_int_equal(event.n_text, 2);
        assert_memory_equal(event.text, "hi", 2);
        expect(&reader, &data, &n, IMSG_TEXT, &event);
        assert_int_equal(event.stream, 2);
        expect(&reader, &data, &n, IMSG_EXIT, &event);
        assert_int_equal(event.status, 1);
        assert_int_equal(event.n_text, 0);
        assert_int_equal(n, 0);
        assert_int_equal(imsg_read(&reader, data, 0, &event), 0);
}

static void the_last_words_come_with_the_end(void **state) {
        static const uint8_t bytes[] = {HEADER(203, 23), 0, 0, 0, 0, 'n', 'o', 0};
        ImsgReader reader = {};
        ImsgEvent event;

        assert_int_equal(imsg_read(&reader, bytes, sizeof(bytes), &event), sizeof(bytes));
        assert_int_equal(event.kind, IMSG_EXIT);
        assert_int_equal(event.status, 0);
        assert_int_equal(event.n_text, 2);
        assert_memory_equal(event.text, "no", 2);
}

static void half_a_message_is_no_event(void **state) {
        static const uint8_t bytes[] = {ASKS};
        ImsgReader reader = {};
        ImsgEvent event;

        for (size_t i = 0; i < sizeof(bytes); i++) {
                assert_int_equal(imsg_read(&reader, bytes, i, &event), 0);
                assert_int_equal(event.kind, IMSG_NEED_MORE);
        }
        assert_int_equal(imsg_read(&reader, bytes, sizeof(bytes), &event), sizeof(bytes));
}

static void a_message_may_be_as_long_as_they_get(void **state) {
        static const uint8_t start[] = {ASKS, OPENS_OUT};
        static uint8_t bytes[IMSG_MAX] = {HEADER(304, 16384), 1};
        const uint8_t *data = start;
        size_t n = sizeof(start);
        ImsgReader reader = {};
        ImsgEvent event;

        expect(&reader, &data, &n, IMSG_INPUT, &event);
        expect(&reader, &data, &n, IMSG_OPEN, &event);
        assert_int_equal(imsg_read(&reader, bytes, sizeof(bytes), &event), IMSG_MAX);
        assert_int_equal(event.n_text, IMSG_MAX - 20);
}

#define CASE(title, ...) \
        { title, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }

static void what_has_no_place_is_refused(void **state) {
        const struct {
                const char *title;
                const uint8_t *data;
                size_t n;
        } cases[] = {
                        CASE("another version", HEADER(12, 16)),
                        CASE("a type nobody knows", HEADER(999, 16)),
                        CASE("a message to a terminal", HEADER(207, 16)),
                        CASE("the server's end", HEADER(210, 16)),
                        CASE("too short for its header", HEADER(203, 15)),
                        CASE("too long", HEADER(304, 16385)),
                        CASE("a descriptor beside it (to 3.5)", 203, 0, 0, 0, 20, 0, 1, 0, 8, 0, 0,
                                        0, 255, 255, 255, 255, 0, 0, 0, 0),
                        CASE("a descriptor beside it (from 3.6)", 203, 0, 0, 0, 20, 0, 0, 0x80, 8,
                                        0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0),
                        CASE("version 7 in a message", 203, 0, 0, 0, 20, 0, 0, 0, 7, 0, 0, 0, 255,
                                        255, 255, 255, 0, 0, 0, 0),
                        CASE("a pid", 203, 0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                        0),
                        CASE("an input of a standard stream", HEADER(300, 26), 2, 0, 0, 0, 0, 0, 0,
                                        0, '-', 0),
                        CASE("an input from elsewhere", HEADER(300, 26), 3, 0, 0, 0, 1, 0, 0, 0,
                                        '-', 0),
                        CASE("an input from a file", HEADER(300, 26), 3, 0, 0, 0, 0, 0, 0, 0, 'x',
                                        0),
                        CASE("an input with a longer name", HEADER(300, 27), 3, 0, 0, 0, 0, 0, 0, 0,
                                        '-', 'x', 0),
                        CASE("an input without a name", HEADER(300, 24), 3, 0, 0, 0, 0, 0, 0, 0),
                        CASE("two inputs", ASKS, ASKS),
                        CASE("an output before the input", OPENS_OUT),
                        CASE("an output twice", ASKS, OPENS_OUT, OPENS_OUT),
                        CASE("an output to a file", ASKS, HEADER(303, 30), 1, 0, 0, 0, 1, 0, 0, 0,
                                        0, 0, 0, 0, 'f', 0),
                        CASE("an output of another stream", ASKS, HEADER(303, 28), 3, 0, 0, 0, 3, 0,
                                        0, 0, 0, 0, 0, 0),
                        CASE("an output crosswise", ASKS, HEADER(303, 28), 1, 0, 0, 0, 2, 0, 0, 0,
                                        0, 0, 0, 0),
                        CASE("an output that appends", ASKS, HEADER(303, 28), 1, 0, 0, 0, 1, 0, 0,
                                        0, 0, 4, 0, 0),
                        CASE("text on what is not open", ASKS, OPENS_ERR, PRINTS_HI),
                        CASE("text on stream 0", ASKS, OPENS_OUT, HEADER(304, 21), 0, 0, 0, 0, 'x'),
                        CASE("no text", ASKS, OPENS_OUT, HEADER(304, 20), 1, 0, 0, 0),
                        CASE("an end without status", HEADER(203, 16)),
                        CASE("an end with half a status", HEADER(203, 18), 0, 0),
                        CASE("last words without an end", HEADER(203, 21), 0, 0, 0, 0, 'x'),
                        CASE("last words that end twice", HEADER(203, 22), 0, 0, 0, 0, 0, 0),
                        CASE("a message after the end", EXITS, ASKS),
                        CASE("a byte after the end", EXITS, 0),
        };

        FOREACH_ELEMENT (c, cases) {
                ImsgReader reader = {};
                ImsgEvent event;
                size_t at = 0;
                ssize_t n;

                while ((n = imsg_read(&reader, c->data + at, c->n - at, &event)) > 0)
                        at += (size_t)n;
                if (n != -EPROTO)
                        fail_msg("%s: %zd", c->title, n);
        }
}

static void without_an_input_it_is_not_asked_for(void **state) {
        static const uint8_t asks[] = {ASKS}, opens[] = {OPENS_OUT};
        ImsgReader reader = {.asked = true};
        ImsgEvent event;

        assert_int_equal(imsg_read(&reader, asks, sizeof(asks), &event), -EPROTO);
        assert_int_equal(imsg_read(&reader, opens, sizeof(opens), &event), sizeof(opens));
        assert_int_equal(event.kind, IMSG_OPEN);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(one_command_goes_as_its_words),
                        cmocka_unit_test(many_commands_are_asked_for),
                        cmocka_unit_test(no_words_are_no_greeting),
                        cmocka_unit_test(the_input_is_followed_by_its_end),
                        cmocka_unit_test(an_empty_input_is_its_end_alone),
                        cmocka_unit_test(a_long_input_is_cut_into_whole_messages),
                        cmocka_unit_test(the_go_ahead_names_the_stream),
                        cmocka_unit_test(a_conversation_is_read_to_its_end),
                        cmocka_unit_test(the_last_words_come_with_the_end),
                        cmocka_unit_test(half_a_message_is_no_event),
                        cmocka_unit_test(a_message_may_be_as_long_as_they_get),
                        cmocka_unit_test(what_has_no_place_is_refused),
                        cmocka_unit_test(without_an_input_it_is_not_asked_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
