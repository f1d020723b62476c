/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/native.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "daemon/wire/rpc-message.h"

#define OUTPUT_MAX (1024U * 1024U)
#define LOG_LINE_MAX 512U
/* Up to and with the member that version 1 cannot do without. */
#define SIZE_MIN (offsetof(TmuxOrcPlugin, plan) + sizeof(void *))

static NativeCall *ours(const TmuxOrcCall *call) {
        return (NativeCall *)(void *)call;
}

static int host_answer(TmuxOrcCall *call, const char *json) {
        NativeCall *c = ours(call);
        json_object *output;
        size_t n = json ? strnlen(json, OUTPUT_MAX + 1) : 0;
        int r;

        if (n > OUTPUT_MAX)
                return -EMSGSIZE;
        r = json ? json_parse(json, n, RPC_DEPTH_MAX - 2, &output) : -EBADMSG;
        if (r < 0)
                return r;

        if (c->output)
                (void)json_object_put(c->output);
        c->output = output;
        c->answered = true;
        return 0;
}

static void host_fail(TmuxOrcCall *call, const char *sentence) {
        NativeCall *c = ours(call);
        _cleanup_free_ char *clean = NULL;

        if (!sentence)
                return;
        clean = text_clean(sentence, strnlen(sentence, NATIVE_SENTENCE_MAX - 1),
                        NATIVE_SENTENCE_MAX - 1);
        if (clean)
                (void)snprintf(c->sentence, sizeof(c->sentence), "%s", clean);
}

static int host_is_cancelled(const TmuxOrcCall *call) {
        return atomic_load(&ours(call)->cancelled) || now_monotonic() > call->deadline_usec;
}

static void host_log(const TmuxOrcCall *call, int level, const char *line) {
        json_object *params = json_object_new_object();
        _cleanup_free_ char *clean = NULL;

        if (line)
                clean = text_clean(line, strnlen(line, LOG_LINE_MAX), LOG_LINE_MAX);
        if (!params || !clean || json_set_int(params, "level", level) < 0 ||
                        json_set_string(params, "line", clean) < 0) {
                json_object_putp(&params);
                return;
        }
        talk_notify(ours(call)->talk, "log", params);
}

static const TmuxOrcHost host = {
                .size = sizeof(TmuxOrcHost),
                .answer = host_answer,
                .fail = host_fail,
                .is_cancelled = host_is_cancelled,
                .log = host_log,
};

void native_call_init(NativeCall *c, Talk *talk, uint64_t timeout_usec) {
        *c = (NativeCall){
                        .call = {.host = &host, .deadline_usec = now_monotonic() + timeout_usec},
                        .talk = talk,
        };
}

void native_call_done(NativeCall *c) {
        if (c->output)
                (void)json_object_put(c->output);
        c->output = NULL;
}

_printf_(3, 4) static int refuse(NativeCall *c, int error, const char *format, ...) {
        char text[NATIVE_SENTENCE_MAX];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        host_fail(&c->call, text);
        return error;
}

/* Our copy is as long as our struct, whatever the plugin was built with. */
static int adopt(Native *n, const Setup *s, NativeCall *c, const TmuxOrcPlugin *theirs) {
        if (theirs->api < 1 || theirs->api > TMUX_ORC_PLUGIN_API)
                return refuse(c, -EPROTO,
                                "it is written for version %u of the interface, known is %u",
                                theirs->api, TMUX_ORC_PLUGIN_API);
        if (theirs->size < SIZE_MIN)
                return refuse(c, -EPROTO, "its description has %u bytes, version 1 has %zu",
                                theirs->size, SIZE_MIN);

        memcpy(&n->ops, theirs, MIN((size_t)theirs->size, sizeof(n->ops)));
        if (!n->ops.name || strcmp(n->ops.name, s->name) != 0)
                return refuse(c, -EPROTO, "it calls itself '%.64s', the manifest '%s'",
                                n->ops.name ?: "", s->name);
        if (!n->ops.version)
                return refuse(c, -EPROTO, "it does not say its version");
        if (s->is_strategy ? !n->ops.plan : !n->ops.execute)
                return refuse(c, -EPROTO, "it has no function '%s'",
                                s->is_strategy ? "plan" : "execute");
        return 0;
}

int native_open(Native *n, const Setup *s, NativeCall *c) {
        const TmuxOrcPlugin *theirs;
        char path[64];
        void *object;
        int r;

        /* Nobody can swap what is behind our own descriptor; and this process loads but one. */
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", s->payload_fd);
        object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!object)
                return refuse(c, -ENOEXEC, "it cannot be loaded: %s", dlerror());
        theirs = dlsym(object, TMUX_ORC_PLUGIN_SYMBOL);
        if (!theirs)
                return refuse(c, -ENOEXEC, "it does not export '%s': TMUX_ORC_PLUGIN() is missing",
                                TMUX_ORC_PLUGIN_SYMBOL);

        r = adopt(n, s, c, theirs);
        if (r < 0)
                return r;
        if (n->ops.load) {
                r = n->ops.load(&c->call,
                                s->settings ? json_object_to_json_string_ext(
                                                              s->settings, JSON_C_TO_STRING_PLAIN)
                                            : "{}",
                                &n->state);
                if (r < 0)
                        return r;
        }
        n->loaded = true;
        return 0;
}

int native_selftest(Native *n, NativeCall *c) {
        return n->ops.selftest ? n->ops.selftest(&c->call, n->state) : 0;
}

void native_close(Native *n) {
        if (n->loaded && n->ops.unload)
                n->ops.unload(n->state);
        n->loaded = false;
}

int native_execute(Native *n, NativeCall *c, json_object *params, json_object **ret) {
        _cleanup_json_ json_object *result = NULL;
        const char *input;
        int r;

        if (!n->ops.execute)
                return -EOPNOTSUPP;

        input = json_object_to_json_string_ext(json_get(params, "input"), JSON_C_TO_STRING_PLAIN);
        if (!input)
                return -ENOMEM;
        r = n->ops.execute(&c->call, n->state, input);
        if (r < 0)
                return r;
        if (!c->answered)
                return refuse(c, -ENODATA, "it returned without an answer");

        result = json_object_new_object();
        /* A NULL member is a JSON null. */
        if (!result || json_object_object_add(result, "output", json_object_get(c->output)) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(result);
        return 0;
}

int native_describe(const Native *n, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "name", n->ops.name) < 0 ||
                        json_set_string(o, "version", n->ops.version) < 0 ||
                        json_set_u64(o, "api", n->ops.api) < 0 ||
                        json_set_u64(o, "parallel",
                                        n->ops.threads == TMUX_ORC_PARALLEL ? NATIVE_THREADS : 1) <
                                        0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}
