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

static void each_of_many_has_a_message_of_its_own(void **state) {
        static const uint8_t commands[] = {HEADER(200, 25), 2, 0, 0, 0, 'l', 's', 0, 'x', 0,
                        HEADER(200, 24), 1, 0, 0, 0, 'l', 's', 'c', 0};

        expect_greeting(WORDS("ls", "x", ";", "lsc"), commands, sizeof(commands));
}

static void more_than_arrives_at_once_is_no_greeting(void **state) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        _cleanup_free_ uint8_t *data = NULL;
        size_t n = 0;
        int r;

        do {
                free(data);
                data = NULL;
                tmux_words_command(&words, "display-message");
                tmux_words_addf(&words, "%01000d", 0);
                r = imsg_greeting(1, &words, &data, &n);
        } while (r == 0 && n <= IMSG_GREETING_MAX);
        assert_int_equal(r, -E2BIG);
        assert_null(data);
        assert_true(n > IMSG_GREETING_MAX - 2000);
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

static void expect(ImsgReader *reader, const uint8_t **data, size_t *n, ImsgKind kind,
                ImsgEvent *ret) {
        ssize_t taken = imsg_read(reader, *data, *n, ret);

        assert_true(taken > 0);
        assert_int_equal(ret->kind, kind);
        *data += taken;
        *n -= (size_t)taken;
}

static void a_conversation_is_read_to_its_end(void **state) {
        static const uint8_t bytes[] = {
                        OPENS_ERR, OPENS_OUT, PRINTS_HI, HEADER(304, 21), 2, 0, 0, 0, 'e', EXITS};
        const uint8_t *data = bytes;
        size_t n = sizeof(bytes);
        ImsgReader reader = {};
        ImsgEvent event;

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
        static const uint8_t bytes[] = {OPENS_OUT};
        ImsgReader reader = {};
        ImsgEvent event;

        for (size_t i = 0; i < sizeof(bytes); i++) {
                assert_int_equal(imsg_read(&reader, bytes, i, &event), 0);
                assert_int_equal(event.kind, IMSG_NEED_MORE);
        }
        assert_int_equal(imsg_read(&reader, bytes, sizeof(bytes), &event), sizeof(bytes));
}

static void a_message_may_be_as_long_as_they_get(void **state) {
        static const uint8_t start[] = {OPENS_OUT};
        static uint8_t bytes[IMSG_MAX] = {HEADER(304, 16384), 1};
        const uint8_t *data = start;
        size_t n = sizeof(start);
        ImsgReader reader = {};
        ImsgEvent event;

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
                        CASE("a request for input", HEADER(300, 26), 3, 0, 0, 0, 0, 0, 0, 0, '-',
                                        0),
                        CASE("an output twice", OPENS_OUT, OPENS_OUT),
                        CASE("an output to a file", HEADER(303, 30), 1, 0, 0, 0, 1, 0, 0, 0, 0, 0,
                                        0, 0, 'f', 0),
                        CASE("an output of another stream", HEADER(303, 28), 3, 0, 0, 0, 3, 0, 0, 0,
                                        0, 0, 0, 0),
                        CASE("an output crosswise", HEADER(303, 28), 1, 0, 0, 0, 2, 0, 0, 0, 0, 0,
                                        0, 0),
                        CASE("an output that appends", HEADER(303, 28), 1, 0, 0, 0, 1, 0, 0, 0, 0,
                                        4, 0, 0),
                        CASE("text on what is not open", OPENS_ERR, PRINTS_HI),
                        CASE("text on stream 0", OPENS_OUT, HEADER(304, 21), 0, 0, 0, 0, 'x'),
                        CASE("no text", OPENS_OUT, HEADER(304, 20), 1, 0, 0, 0),
                        CASE("an end without status", HEADER(203, 16)),
                        CASE("an end with half a status", HEADER(203, 18), 0, 0),
                        CASE("last words without an end", HEADER(203, 21), 0, 0, 0, 0, 'x'),
                        CASE("last words that end twice", HEADER(203, 22), 0, 0, 0, 0, 0, 0),
                        CASE("a message after the end", EXITS, OPENS_OUT),
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

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(one_command_goes_as_its_words),
                        cmocka_unit_test(each_of_many_has_a_message_of_its_own),
                        cmocka_unit_test(more_than_arrives_at_once_is_no_greeting),
                        cmocka_unit_test(no_words_are_no_greeting),
                        cmocka_unit_test(the_go_ahead_names_the_stream),
                        cmocka_unit_test(a_conversation_is_read_to_its_end),
                        cmocka_unit_test(the_last_words_come_with_the_end),
                        cmocka_unit_test(half_a_message_is_no_event),
                        cmocka_unit_test(a_message_may_be_as_long_as_they_get),
                        cmocka_unit_test(what_has_no_place_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
