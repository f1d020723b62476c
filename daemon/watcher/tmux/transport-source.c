/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/strv.h"
#include "daemon/watcher/tmux/child.h"
#include "daemon/watcher/tmux/transport.h"

#define READ_CHUNK 65536U

typedef struct Stream {
        char *data;
        size_t n;
        size_t n_allocated;
        sd_event_source *source; /* NULL: at its end */
} Stream;

typedef struct SourceTransport {
        TmuxTransport transport;
        sd_event *event;
        char **environment;
} SourceTransport;

typedef struct SourceCall {
        TmuxCall call;
        sd_event *event;
        Child child;
        TmuxWords words;
        size_t n_written;
        size_t answer_max;
        int status;
        Stream out;
        Stream err;
        sd_event_source *in_source;
        sd_event_source *end_source;
        sd_event_source *deadline_source;
        TmuxReplyFunc func;
        void *userdata;
} SourceCall;

static void call_stop(SourceCall *c) {
        c->in_source = sd_event_source_disable_unref(c->in_source);
        c->out.source = sd_event_source_disable_unref(c->out.source);
        c->err.source = sd_event_source_disable_unref(c->err.source);
        c->end_source = sd_event_source_disable_unref(c->end_source);
        c->deadline_source = sd_event_source_disable_unref(c->deadline_source);
        child_abandon(&c->child, c->event);
}

static void source_drop(TmuxCall *call) {
        SourceCall *c = CONTAINER_OF(call, SourceCall, call);

        call_stop(c);
        free(c->out.data);
        free(c->err.data);
        tmux_words_done(&c->words);
        sd_event_unref(c->event);
        free(c);
}

/* The last thing that happens to a call: its user may free it in there. */
static void call_reply(SourceCall *c, int error) {
        TmuxReply reply = {
                        .error = error,
                        .failed = c->status != 0,
                        .out = c->out.data ?: "",
                        .n_out = c->out.n,
                        .err = c->err.data ?: "",
                        .n_err = c->err.n,
        };

        call_stop(c);
        c->func(c->userdata, &reply);
}

static void call_reply_if_over(SourceCall *c) {
        if (!c->out.source && !c->err.source && !c->end_source)
                call_reply(c, 0);
}

static int stream_grow(Stream *s) {
        size_t n = MAX(s->n_allocated * 2, (size_t)READ_CHUNK * 2);
        char *data;

        if (s->n_allocated - s->n > READ_CHUNK)
                return 0;
        data = realloc(s->data, n);
        if (!data)
                return -ENOMEM;
        s->data = data;
        s->n_allocated = n;
        return 0;
}

/* Returns 1 for more to come, 0 at the end. */
static int stream_read(Stream *s, int fd) {
        ssize_t n;
        int r;

        r = stream_grow(s);
        if (r < 0)
                return r;

        n = read(fd, s->data + s->n, READ_CHUNK);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 1 : -errno;
        s->n += (size_t)n;
        s->data[s->n] = '\0';
        return n > 0;
}

static void on_stream(SourceCall *c, Stream *s, int fd) {
        int r;

        r = stream_read(s, fd);
        if (r >= 0 && c->out.n + c->err.n > c->answer_max)
                r = -E2BIG;
        if (r < 0) {
                call_reply(c, r);
                return;
        }
        if (r == 0) {
                s->source = sd_event_source_disable_unref(s->source);
                call_reply_if_over(c);
        }
}

static int on_out(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        SourceCall *c = userdata;

        on_stream(c, &c->out, fd);
        return 0;
}

static int on_err(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        SourceCall *c = userdata;

        on_stream(c, &c->err, fd);
        return 0;
}

static int on_in(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        SourceCall *c = userdata;
        const TmuxBytes *text = &c->words.text;
        ssize_t n;

        n = send(fd, text->data + c->n_written, text->n - c->n_written, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n > 0)
                c->n_written += (size_t)n;
        /* A child that does not read on says why on its other streams. */
        if (n < 0 || c->n_written == text->n) {
                c->in_source = sd_event_source_disable_unref(c->in_source);
                c->child.in = close_fd(c->child.in);
        }
        return 0;
}

static int on_end(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        SourceCall *c = userdata;

        c->status = child_reap(&c->child);
        c->end_source = sd_event_source_disable_unref(c->end_source);
        call_reply_if_over(c);
        return 0;
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        call_reply(userdata, -ETIMEDOUT);
        return 0;
}

static int call_watch(SourceCall *c, uint64_t timeout_usec) {
        int r = 0;

        if (c->words.n_commands > 1)
                r = sd_event_add_io(c->event, &c->in_source, c->child.in, EPOLLOUT, on_in, c);
        else
                c->child.in = close_fd(c->child.in);
        if (r >= 0)
                r = sd_event_add_io(c->event, &c->out.source, c->child.out, EPOLLIN, on_out, c);
        if (r >= 0)
                r = sd_event_add_io(c->event, &c->err.source, c->child.err, EPOLLIN, on_err, c);
        if (r >= 0)
                r = sd_event_add_io(c->event, &c->end_source, c->child.pidfd, EPOLLIN, on_end, c);
        if (r >= 0)
                r = sd_event_add_time_relative(c->event, &c->deadline_source, CLOCK_MONOTONIC,
                                timeout_usec, 1, on_deadline, c);
        return r;
}

static int make_argv(const TmuxRequest *q, char ***ret) {
        const char *const head[] = {"tmux", "-u", "-S", q->socket};
        const char **argv, *word = NULL;
        size_t n = ELEMENTSOF(head);

        argv = calloc(n + MAX(q->words->commands[0].n_words, 2U) + 1, sizeof(*argv));
        if (!argv)
                return -ENOMEM;
        memcpy(argv, head, sizeof(head));
        if (q->words->n_commands > 1) {
                argv[n++] = "source-file";
                argv[n++] = "-";
        } else {
                while ((word = tmux_words_next(q->words, word)))
                        argv[n++] = word;
        }

        *ret = (char **)argv; /* execve() only reads them */
        return 0;
}

/*
 * The server's own executable speaks its protocol even if the package was upgraded below it. The
 * one in PATH is for a server of which the process is not known, or not ours to look at.
 */
static int spawn_tmux(SourceTransport *t, const TmuxRequest *q, Child *ret) {
        _cleanup_free_ char **argv = NULL;
        char program[32];
        int r;

        r = make_argv(q, &argv);
        if (r < 0)
                return r;
        (void)snprintf(program, sizeof(program), "/proc/%d/exe", q->server_pid);
        if (q->server_pid > 0 && child_spawn(program, argv, t->environment, ret) >= 0)
                return 0;
        return child_spawn("tmux", argv, t->environment, ret);
}

static int source_call(TmuxTransport *transport, const TmuxRequest *request, TmuxReplyFunc func,
                void *userdata, TmuxCall **ret) {
        SourceTransport *t = CONTAINER_OF(transport, SourceTransport, transport);
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        SourceCall *c;
        int r;

        assert(request);
        assert(func);
        assert(ret);

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        *c = (SourceCall){
                        .call.ops = transport->ops,
                        .event = sd_event_ref(t->event),
                        .child = CHILD_NULL,
                        .answer_max = request->answer_max,
                        .func = func,
                        .userdata = userdata,
        };
        call = &c->call;
        r = tmux_words_copy(request->words, &c->words);
        if (r < 0)
                return r;

        r = spawn_tmux(t, request, &c->child);
        if (r < 0)
                return r;
        r = call_watch(c, request->timeout_usec);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(call);
        return 0;
}

static void source_free(TmuxTransport *transport) {
        SourceTransport *t = CONTAINER_OF(transport, SourceTransport, transport);

        strv_free(t->environment);
        sd_event_unref(t->event);
        free(t);
}

static const TmuxTransportOps source_ops = {
                .name = "source",
                .call = source_call,
                .drop = source_drop,
                .free = source_free,
};

/* What tmux needs to find itself, and a locale in which its answers are UTF-8. No TMUX: that would
 * be the pane we were started in. */
static int make_environment(char ***ret) {
        static const char *const keep[] = {"PATH", "HOME", "TMUX_TMPDIR"};
        _cleanup_strv_free_ char **environment = NULL;
        int r;

        r = strv_extend(&environment, "LC_ALL=C.UTF-8");
        FOREACH_ELEMENT (name, keep) {
                _cleanup_free_ char *assignment = NULL;
                const char *value = getenv(*name);

                if (r < 0)
                        return r;
                if (!value)
                        continue;
                if (asprintf(&assignment, "%s=%s", *name, value) < 0)
                        return -ENOMEM;
                r = strv_extend(&environment, assignment);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(environment);
        return 0;
}

int tmux_transport_source_new(sd_event *event, TmuxTransport **ret) {
        _cleanup_(tmux_transport_freep) TmuxTransport *transport = NULL;
        SourceTransport *t;
        int r;

        assert(event);
        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->transport.ops = &source_ops;
        t->event = sd_event_ref(event);
        transport = &t->transport;

        r = make_environment(&t->environment);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(transport);
        return 0;
}
