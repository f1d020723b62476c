/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/transport-choice.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/native-selftest.h"
#include "daemon/watcher/tmux/native-trust.h"

/* A test that could not be made is made again. */
#define TEST_AGAIN_USEC (5 * USEC_PER_MINUTE)
/* A server that hangs is silent both ways; one that is silent only natively is found out so. */
#define SILENT_MAX 3U

typedef struct Choice {
        TmuxTransport transport;
        sd_event *event;
        TmuxTransportMode mode;
        TmuxTransport *source;
        TmuxTransport *native; /* NULL: there is none for this machine */
        NativeTrust *trust;
        NativeSelftest *test; /* one at a time */
        TmuxProgram tested;
        char *tested_for; /* socket */
        TmuxTransportNotice notice;
        void *userdata;
        TmuxTransportStats stats;
} Choice;

typedef struct ChoiceCall {
        TmuxCall call;
        Choice *choice;
        TmuxRequest request; /* its texts are ours */
        char *socket;
        TmuxWords words;
        TmuxCall *inner;
        bool native;
        bool left; /* natively, it left in the middle */
        TmuxReplyFunc func;
        void *userdata;
} ChoiceCall;

static void say(Choice *c, const char *socket, bool native, const char *text) {
        if (c->notice)
                c->notice(c->userdata, socket, native, text);
}

static void switch_off(Choice *c, const TmuxRequest *request, const char *why) {
        if (native_trust_switch_off(c->trust, request->socket, request->server_pid))
                say(c, request->socket, false, why);
}

static void on_tested(void *userdata, int error, const char *reason) {
        Choice *c = userdata;
        uint64_t again = error == 0 || error == -EPROTO ? UINT64_MAX
                                                        : now_monotonic() + TEST_AGAIN_USEC;

        native_trust_set(c->trust, &c->tested, error == 0 ? NATIVE_PASSED : NATIVE_REFUSED, again);
        say(c, c->tested_for, error == 0, reason);
        c->test = native_selftest_free(c->test);
        free(TAKE_PTR(c->tested_for));
}

/* Goes on by itself; until then the answer is no. */
static void start_test(Choice *c, const TmuxProgram *program, const TmuxRequest *request) {
        char executable[32];
        int r;

        if (c->test)
                return;
        c->tested = *program;
        free(c->tested_for);
        c->tested_for = strdup(request->socket);
        if (!c->tested_for)
                return;

        c->stats.n_tests++;
        (void)snprintf(executable, sizeof(executable), "/proc/%d/exe", request->server_pid);
        r = native_selftest_new(c->event, c->source, c->native, executable, on_tested, c, &c->test);
        if (r < 0)
                on_tested(c, r, "its test cannot be started");
}

static bool passed(Choice *c, const TmuxRequest *request) {
        TmuxProgram program;

        if (request->server_pid <= 0 || tmux_program_of(request->server_pid, &program) < 0)
                return false;

        switch (native_trust_get(c->trust, &program, now_monotonic())) {
        case NATIVE_PASSED:
                return true;
        case NATIVE_REFUSED:
                return false;
        case NATIVE_UNTRIED:
                start_test(c, &program, request);
                break;
        }
        return false;
}

static bool choose_native(Choice *c, const TmuxRequest *request) {
        if (request->once || c->mode == TMUX_TRANSPORT_SOURCE || !c->native ||
                        native_trust_is_off(c->trust, request->socket, request->server_pid))
                return false;
        return c->mode == TMUX_TRANSPORT_NATIVE || passed(c, request);
}

static int start_source(ChoiceCall *c);

static void reply(ChoiceCall *c, const TmuxReply *answer) {
        c->func(c->userdata, answer);
}

static void repeat(ChoiceCall *c) {
        int r;

        c->choice->stats.n_repeated++;
        c->inner = tmux_call_free(c->inner);
        r = start_source(c);
        if (r < 0)
                reply(c, &(TmuxReply){.error = r, .out = "", .err = ""});
}

static void note_answered(ChoiceCall *c, bool answered) {
        NativeTrust *trust = c->choice->trust;

        if (native_trust_note(trust, c->socket, c->request.server_pid, answered) >= SILENT_MAX)
                switch_off(c->choice, &c->request, "it does not answer natively");
}

static void on_native(void *userdata, const TmuxReply *answer) {
        ChoiceCall *c = userdata;

        switch (answer->error) {
        case -EPROTO:
                switch_off(c->choice, &c->request, "it answered as no tmux server should");
                return repeat(c);
        case -ECONNRESET:
                /* It ended, or it dropped us: the stock client will know. */
                c->left = true;
                return repeat(c);
        case -ESTALE:
                return repeat(c);
        default:
                if (answer->error == 0 || answer->error == -ETIMEDOUT)
                        note_answered(c, answer->error == 0);
                return reply(c, answer);
        }
}

static void on_source(void *userdata, const TmuxReply *answer) {
        ChoiceCall *c = userdata;

        if (c->left && answer->error == 0 && !answer->failed)
                switch_off(c->choice, &c->request, "it left in the middle of an answer");
        reply(c, answer);
}

static int start_source(ChoiceCall *c) {
        c->choice->stats.n_source++;
        return tmux_call_new(c->choice->source, &c->request, on_source, c, &c->inner);
}

static int start_native(ChoiceCall *c) {
        c->choice->stats.n_native++;
        return tmux_call_new(c->choice->native, &c->request, on_native, c, &c->inner);
}

static void choice_drop(TmuxCall *call) {
        ChoiceCall *c = CONTAINER_OF(call, ChoiceCall, call);

        tmux_call_free(c->inner);
        free(c->socket);
        tmux_words_done(&c->words);
        free(c);
}

static int choice_call(TmuxTransport *transport, const TmuxRequest *request, TmuxReplyFunc func,
                void *userdata, TmuxCall **ret) {
        Choice *choice = CONTAINER_OF(transport, Choice, transport);
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        ChoiceCall *c;
        int r;

        assert(request);
        assert(func);
        assert(ret);

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        call = &c->call;
        *c = (ChoiceCall){
                        .call.ops = transport->ops,
                        .choice = choice,
                        .request = *request,
                        .socket = strdup(request->socket),
                        .func = func,
                        .userdata = userdata,
        };
        if (!c->socket)
                return -ENOMEM;
        r = tmux_words_copy(request->words, &c->words);
        if (r < 0)
                return r;
        c->request.socket = c->socket;
        c->request.words = &c->words;

        r = choose_native(choice, request) ? start_native(c) : start_source(c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(call);
        return 0;
}

static void choice_doubt(TmuxTransport *transport, const char *socket, pid_t pid) {
        Choice *c = CONTAINER_OF(transport, Choice, transport);
        TmuxRequest request = {.socket = socket, .server_pid = pid};

        if (choose_native(c, &request))
                switch_off(c, &request, "its answer makes no sense");
}

static void choice_free(TmuxTransport *transport) {
        Choice *c = CONTAINER_OF(transport, Choice, transport);

        native_selftest_free(c->test);
        free(c->tested_for);
        native_trust_free(c->trust);
        tmux_transport_free(c->native);
        tmux_transport_free(c->source);
        sd_event_unref(c->event);
        free(c);
}

static const TmuxTransportOps choice_ops = {
                .name = "choice",
                .call = choice_call,
                .drop = choice_drop,
                .doubt = choice_doubt,
                .free = choice_free,
};

int tmux_transport_choice_new(sd_event *event, TmuxTransportMode mode, TmuxTransportNotice notice,
                void *userdata, TmuxTransport **ret) {
        _cleanup_(tmux_transport_freep) TmuxTransport *transport = NULL;
        Choice *c;
        int r;

        assert(event);
        assert(mode >= 0);
        assert(ret);

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->transport.ops = &choice_ops;
        transport = &c->transport;
        c->event = sd_event_ref(event);
        c->mode = mode;
        c->notice = notice;
        c->userdata = userdata;
        c->trust = native_trust_new();
        if (!c->trust)
                return -ENOMEM;

        r = tmux_transport_source_new(event, &c->source);
        if (r < 0)
                return r;
        r = tmux_transport_native_new(event, &c->native);
        if (r < 0 && r != -EOPNOTSUPP)
                return r;

        *ret = TAKE_PTR(transport);
        return 0;
}

void tmux_transport_choice_set_mode(TmuxTransport *transport, TmuxTransportMode mode) {
        assert(mode >= 0);

        CONTAINER_OF(transport, Choice, transport)->mode = mode;
}

TmuxTransportStats tmux_transport_choice_stats(const TmuxTransport *transport) {
        return CONTAINER_OF(transport, const Choice, transport)->stats;
}

TmuxTransportMode tmux_transport_mode_from_string(const char *s) {
        static const char *const names[] = {
                        [TMUX_TRANSPORT_AUTO] = "auto",
                        [TMUX_TRANSPORT_SOURCE] = "source",
                        [TMUX_TRANSPORT_NATIVE] = "native",
        };

        for (size_t i = 0; s && i < ELEMENTSOF(names); i++)
                if (strcmp(s, names[i]) == 0)
                        return (TmuxTransportMode)i;
        return _TMUX_TRANSPORT_MODE_INVALID;
}
