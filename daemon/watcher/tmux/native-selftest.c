/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/native-selftest.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/batch.h"
#include "daemon/watcher/tmux/throwaway.h"

/* Patient, for the verdict stays: on a machine that is busy just now, nothing is proved by time. */
#define LIMIT_USEC (20 * USEC_PER_SEC)
#define CALL_USEC (10 * USEC_PER_SEC)
#define WAIT_USEC (20 * USEC_PER_MSEC)
#define ANSWER_MAX (4U * 1024U * 1024U)

/* The last line that the pane prints. */
#define LAST_WORDS "the last line"

/*
 * The pane shows letters of all widths. It ends by itself, and the server with it, should nobody be
 * left to end them. NULL parts commands.
 */
#define SCRIPT \
        "printf \"caf\\303\\251 \\342\\224\\200\\342\\224\\202 " \
        "\\344\\270\\255\\346\\226\\207 \\360\\237\\231\\202\\n\\n  #{x} %%\\n" LAST_WORDS \
        "\\n\"; exec sleep 30"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL, NULL})

static const char *const *const set_up = WORDS("new-session", "-d", "-x", "60", "-y", "12", "-s",
                "selftest", SCRIPT, NULL, "set-option", "-s", "exit-empty", "on");

static const char *const *const wait_for = WORDS("capture-pane", "-p", "-t", "%0");

/* Besides batches such as a look sends: one line, which waits for a go-ahead; errors; much; all of
 * it by a command alone as well as by many. */
static const char *const *const extra[] = {
                WORDS("display-message", "-p", "#{pane_id}"),
                WORDS("list-panes", "-t", "%0", NULL, "capture-pane", "-p", "-t", "%99", NULL,
                                "list-windows"),
                WORDS("no-such-command"),
                WORDS("list-commands"),
                WORDS("set-option", "-gq", "@nothing", "1"),
                WORDS("list-keys", NULL, "list-commands", NULL, "show-options", "-g", NULL,
                                "show-options", "-gw"),
};

enum {
        STEP_BOOT, /* until it listens */
        STEP_SET_UP,
        STEP_WAIT, /* until the pane has printed */
        STEP_COMPARE,
};

struct NativeSelftest {
        sd_event *event;
        TmuxTransport *source;
        TmuxTransport *native;
        Throwaway *server;
        int step;
        size_t n_compared;
        TmuxWords words;
        TmuxCall *call;
        TmuxReply stock; /* its texts are ours */
        sd_event_source *wait_source;
        sd_event_source *deadline_source;
        NativeSelftestFunc func;
        void *userdata;
};

static void next(NativeSelftest *t);

static char *memdup_text(const char *text, size_t n) {
        char *copy = malloc(n + 1);

        if (copy)
                memcpy(copy, text, n + 1);
        return copy;
}

static void forget_stock(NativeSelftest *t) {
        free((char *)t->stock.out);
        free((char *)t->stock.err);
        t->stock = (TmuxReply){};
}

static void finish(NativeSelftest *t, int error, const char *reason) {
        t->call = tmux_call_free(t->call);
        t->wait_source = sd_event_source_disable_unref(t->wait_source);
        t->deadline_source = sd_event_source_disable_unref(t->deadline_source);
        t->server = throwaway_free(t->server);
        t->func(t->userdata, error, reason);
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        finish(userdata, -ETIMEDOUT, "its test took too long");
        return 0;
}

static int on_wait(sd_event_source *s, uint64_t usec, void *userdata) {
        NativeSelftest *t = userdata;

        t->wait_source = sd_event_source_disable_unref(t->wait_source);
        next(t);
        return 0;
}

static void wait_a_little(NativeSelftest *t) {
        int r;

        r = sd_event_add_time_relative(
                        t->event, &t->wait_source, CLOCK_MONOTONIC, WAIT_USEC, 1, on_wait, t);
        if (r < 0)
                finish(t, r, "its test cannot wait");
}

static void ask(NativeSelftest *t, TmuxTransport *transport, TmuxReplyFunc func) {
        TmuxRequest request = {
                        .socket = throwaway_socket(t->server),
                        .server_pid = throwaway_pid(t->server),
                        .words = &t->words,
                        .answer_max = ANSWER_MAX,
                        .timeout_usec = CALL_USEC,
        };
        int r;

        r = tmux_call_new(transport, &request, func, t, &t->call);
        if (r < 0)
                finish(t, r, "its test cannot ask it");
}

static int set_words(NativeSelftest *t, const char *const *words) {
        tmux_words_done(&t->words);
        for (; *words; words++) {
                tmux_words_command(&t->words, *words);
                while (*++words)
                        tmux_words_add(&t->words, *words);
        }
        return tmux_words_check(&t->words);
}

static int set_batch(NativeSelftest *t, TmuxBatchRows rows) {
        TmuxBatch batch;

        tmux_batch_init(&batch, rows);
        if (rows != TMUX_ROWS_BRIEF && rows != TMUX_ROWS_LEAN) {
                (void)tmux_batch_add(&batch, 0);
                (void)tmux_batch_add(&batch, 99);
        }
        tmux_words_done(&t->words);
        return tmux_batch_to_words(&batch, &t->words);
}

/* First the batches that a look is made of. Returns 0 when there are no more. */
static int set_comparison(NativeSelftest *t) {
        static const TmuxBatchRows rows[] = {TMUX_ROWS_ALL, TMUX_ROWS_BRIEF, TMUX_ROWS_LEAN,
                        TMUX_ROWS_LIVE, TMUX_ROWS_HEIGHT, TMUX_ROWS_NONE, TMUX_ROWS_OWN};
        int r;

        if (t->n_compared >= ELEMENTSOF(rows) + ELEMENTSOF(extra))
                return 0;
        r = t->n_compared < ELEMENTSOF(rows)
                        ? set_batch(t, rows[t->n_compared])
                        : set_words(t, extra[t->n_compared - ELEMENTSOF(rows)]);
        return r < 0 ? r : 1;
}

static bool is_same(const TmuxReply *a, const TmuxReply *b) {
        return a->failed == b->failed && a->n_out == b->n_out && a->n_err == b->n_err &&
                        memcmp(a->out, b->out, a->n_out) == 0 &&
                        memcmp(a->err, b->err, a->n_err) == 0;
}

static void on_native(void *userdata, const TmuxReply *reply) {
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        NativeSelftest *t = userdata;

        call = TAKE_PTR(t->call); /* owns what reply borrows */
        if (reply->error == -EPROTO || reply->error == -ECONNRESET)
                finish(t, -EPROTO, "it speaks another protocol");
        else if (reply->error == -ETIMEDOUT || reply->error == -E2BIG)
                finish(t, -EPROTO, "its answer has no end");
        else if (reply->error < 0)
                finish(t, reply->error, "its test was not answered");
        else if (!is_same(&t->stock, reply))
                finish(t, -EPROTO, "it answers its own client otherwise");
        else {
                t->n_compared++;
                next(t);
        }
}

static int keep_stock(NativeSelftest *t, const TmuxReply *reply) {
        forget_stock(t);
        t->stock = *reply;
        t->stock.out = memdup_text(reply->out, reply->n_out);
        t->stock.err = memdup_text(reply->err, reply->n_err);
        return t->stock.out && t->stock.err ? 0 : -ENOMEM;
}

static void on_stock(NativeSelftest *t, const TmuxReply *reply) {
        switch (t->step) {
        case STEP_SET_UP:
                if (reply->failed)
                        return finish(t, -EPROTO, "its own client cannot set it up");
                t->step++;
                return next(t);
        case STEP_WAIT:
                if (!memmem(reply->out, reply->n_out, LAST_WORDS, strlen(LAST_WORDS)))
                        return wait_a_little(t);
                t->step++;
                return next(t);
        default:
                if (keep_stock(t, reply) < 0)
                        return finish(t, -ENOMEM, "its test has no memory");
                return ask(t, t->native, on_native);
        }
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        NativeSelftest *t = userdata;

        call = TAKE_PTR(t->call);
        if (reply->error < 0)
                finish(t, reply->error, "its own client does not answer");
        else
                on_stock(t, reply);
}

static void next(NativeSelftest *t) {
        int r = 1;

        if (t->step == STEP_BOOT) {
                if (!throwaway_is_ready(t->server))
                        return wait_a_little(t);
                t->step++;
        }
        if (t->step == STEP_SET_UP)
                r = set_words(t, set_up);
        else if (t->step == STEP_WAIT)
                r = set_words(t, wait_for);
        else
                r = set_comparison(t);

        if (r < 0)
                finish(t, r, "its test has no memory");
        else if (r == 0 && t->step == STEP_COMPARE)
                finish(t, 0, "");
        else
                ask(t, t->source, on_reply);
}

int native_selftest_new(sd_event *event, TmuxTransport *source, TmuxTransport *native,
                const char *executable, NativeSelftestFunc func, void *userdata,
                NativeSelftest **ret) {
        _cleanup_(native_selftest_freep) NativeSelftest *t = NULL;
        int r;

        assert(event);
        assert(source);
        assert(native);
        assert(executable);
        assert(func);
        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->event = sd_event_ref(event);
        t->source = source;
        t->native = native;
        t->func = func;
        t->userdata = userdata;

        throwaway_sweep();
        r = throwaway_new(event, executable, &t->server);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        event, &t->deadline_source, CLOCK_MONOTONIC, LIMIT_USEC, 1, on_deadline, t);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        event, &t->wait_source, CLOCK_MONOTONIC, WAIT_USEC, 1, on_wait, t);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

NativeSelftest *native_selftest_free(NativeSelftest *t) {
        if (!t)
                return NULL;

        tmux_call_free(t->call);
        sd_event_source_disable_unref(t->wait_source);
        sd_event_source_disable_unref(t->deadline_source);
        throwaway_free(t->server);
        forget_stock(t);
        tmux_words_done(&t->words);
        sd_event_unref(t->event);
        free(t);
        return NULL;
}
