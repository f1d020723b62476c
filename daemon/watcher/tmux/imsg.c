/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/imsg.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"

#define VERSION 8U
#define NO_PID UINT32_MAX
#define FLAG_UTF8 0x10000U
#define STREAM_BYTES 4U
#define IDENTITY_MAX 192U

enum {
        IDENTIFY_FLAGS = 100,
        IDENTIFY_TERM = 101,
        IDENTIFY_TTYNAME = 102,
        IDENTIFY_DONE = 106,
        IDENTIFY_CLIENTPID = 107,
        IDENTIFY_CWD = 108,
        IDENTIFY_FEATURES = 109,
        IDENTIFY_LONGFLAGS = 111,
        COMMAND = 200,
        EXIT = 203,
        WRITE_OPEN = 303,
        WRITE = 304,
        WRITE_READY = 305,
};

static uint8_t *put_bytes(uint8_t *p, const void *data, size_t n) {
        memcpy(p, data, n);
        return p + n;
}

static uint8_t *put_u32(uint8_t *p, uint32_t value) {
        return put_bytes(p, &value, sizeof(value));
}

static uint32_t get_u32(const uint8_t *p) {
        uint32_t value;

        memcpy(&value, p, sizeof(value));
        return value;
}

/* A length of 16 bits and flags up to 3.5, a length of 32 bits since: while it is small, and no
 * descriptor goes along, that is the same. */
static uint8_t *put_header(uint8_t *p, uint32_t type, size_t n_data) {
        p = put_u32(p, type);
        p = put_u32(p, (uint32_t)(IMSG_HEADER + n_data));
        p = put_u32(p, VERSION);
        return put_u32(p, NO_PID);
}

static uint8_t *put_number(uint8_t *p, uint32_t type, uint32_t value) {
        return put_u32(put_header(p, type, sizeof(value)), value);
}

/* @n_text: with its NUL, and with those in it. */
static uint8_t *put_text(uint8_t *p, uint32_t type, const char *text, size_t n_text) {
        return put_bytes(put_header(p, type, n_text), text, n_text);
}

static uint8_t *put_identity(uint8_t *p, pid_t pid) {
        p = put_number(p, IDENTIFY_FLAGS, FLAG_UTF8);
        p = put_header(p, IDENTIFY_LONGFLAGS, sizeof(uint64_t));
        p = put_u32(put_u32(p, FLAG_UTF8), 0);
        p = put_text(p, IDENTIFY_TERM, "", 1);
        p = put_number(p, IDENTIFY_FEATURES, 0);
        /* Without it a server up to 3.6 falls. */
        p = put_text(p, IDENTIFY_TTYNAME, "", 1);
        p = put_text(p, IDENTIFY_CWD, "/", 2);
        p = put_number(p, IDENTIFY_CLIENTPID, (uint32_t)pid);
        return put_header(p, IDENTIFY_DONE, 0);
}

static uint8_t *put_commands(uint8_t *p, const TmuxWords *w) {
        const char *words = w->words.data;

        for (const TmuxCommand *c = w->commands; c < w->commands + w->n_commands; c++) {
                p = put_header(p, COMMAND, sizeof(uint32_t) + c->n_bytes);
                p = put_u32(p, c->n_words);
                p = put_bytes(p, words, c->n_bytes);
                words += c->n_bytes;
        }
        return p;
}

int imsg_greeting(pid_t pid, const TmuxWords *words, uint8_t **ret, size_t *ret_n) {
        size_t n_max = IDENTITY_MAX + words->words.n +
                        words->n_commands * (IMSG_HEADER + sizeof(uint32_t));
        uint8_t *data, *p;
        int r;

        static_assert(TMUX_WORDS_MAX + IMSG_HEADER + sizeof(uint32_t) <= IMSG_MAX,
                        "a command fits in a message");
        assert(ret);
        assert(ret_n);

        r = tmux_words_check(words);
        if (r < 0)
                return r;
        if (n_max > IMSG_GREETING_MAX)
                return -E2BIG;
        data = malloc(n_max);
        if (!data)
                return -ENOMEM;
        p = put_identity(data, pid);
        assert((size_t)(p - data) <= IDENTITY_MAX);
        p = put_commands(p, words);

        *ret = data;
        *ret_n = (size_t)(p - data);
        return 0;
}

void imsg_ready(uint32_t stream, uint8_t ret[static IMSG_READY]) {
        (void)put_u32(put_u32(put_header(ret, WRITE_READY, 8), stream), 0);
}

static bool is_output(uint32_t stream) {
        return stream == 1 || stream == 2;
}

/* Stream, descriptor, flags. */
static int read_open(ImsgReader *reader, const uint8_t *data, size_t n, ImsgEvent *event) {
        uint32_t stream = n == 12 ? get_u32(data) : 0;

        if (!is_output(stream) || reader->open[stream - 1] || get_u32(data + 4) != stream ||
                        get_u32(data + 8) != 0)
                return -EPROTO;

        reader->open[stream - 1] = true;
        event->kind = IMSG_OPEN;
        event->stream = stream;
        return 0;
}

static int read_text(ImsgReader *reader, const uint8_t *data, size_t n, ImsgEvent *event) {
        uint32_t stream = n > STREAM_BYTES ? get_u32(data) : 0;

        if (!is_output(stream) || !reader->open[stream - 1])
                return -EPROTO;

        event->kind = IMSG_TEXT;
        event->stream = stream;
        event->text = (const char *)data + STREAM_BYTES;
        event->n_text = n - STREAM_BYTES;
        return 0;
}

/* Status, and maybe a sentence, ended by a NUL. */
static int read_exit(ImsgReader *reader, const uint8_t *data, size_t n, ImsgEvent *event) {
        const uint8_t *end = n > 4 ? memchr(data + 4, '\0', n - 4) : NULL;

        if (n < 4 || (n > 4 && end != data + n - 1))
                return -EPROTO;

        reader->exited = true;
        event->kind = IMSG_EXIT;
        event->status = (int)get_u32(data);
        event->text = end ? (const char *)data + 4 : "";
        event->n_text = end ? n - 5 : 0;
        return 0;
}

static int read_data(ImsgReader *reader, uint32_t type, const uint8_t *data, size_t n,
                ImsgEvent *event) {
        switch (type) {
        case WRITE_OPEN:
                return read_open(reader, data, n, event);
        case WRITE:
                return read_text(reader, data, n, event);
        case EXIT:
                return read_exit(reader, data, n, event);
        default:
                return -EPROTO;
        }
}

ssize_t imsg_read(ImsgReader *reader, const uint8_t *data, size_t n_data, ImsgEvent *ret) {
        ImsgEvent event = {};
        size_t n;
        int r;

        assert(reader);
        assert(data);
        assert(ret);

        if (n_data > 0 && reader->exited)
                return -EPROTO;
        if (n_data < IMSG_HEADER) {
                *ret = event;
                return 0;
        }

        n = get_u32(data + 4);
        if (n < IMSG_HEADER || n > IMSG_MAX || get_u32(data + 8) != VERSION ||
                        get_u32(data + 12) != NO_PID)
                return -EPROTO;
        if (n_data < n) {
                *ret = event;
                return 0;
        }

        r = read_data(reader, get_u32(data), data + IMSG_HEADER, n - IMSG_HEADER, &event);
        if (r < 0)
                return r;
        *ret = event;
        return (ssize_t)n;
}
