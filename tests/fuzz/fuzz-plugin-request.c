/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a plugin host may be sent: its setup, then requests to the plugin. The plugin here looks at
 * all that it is shown. */

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"
#include "plugins/host/native.h"
#include "tests/fuzz/fuzz.h"

#define DATA_MAX 60000U

static int execute(TmuxOrcCall *call, void *state, const char *input) {
        return tmux_orc_answer(call, input);
}

static int plan(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *ret) {
        for (uint32_t i = 0; i < round->n_agents; i++) {
                const TmuxOrcAgent *a = tmux_orc_agent(round, i);

                if (strlen(a->id) + strlen(a->type) + a->state > 2)
                        tmux_orc_plan_look(ret, i, a->look_age);
        }
        return 0;
}

static void take_setup(const char *data, size_t n) {
        _cleanup_(setup_done) Setup s = {.tell_fd = -1, .payload_fd = -1};
        _cleanup_close_ int ours = -1, theirs = -1;
        int fds[2];

        assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        ours = fds[0];
        theirs = fds[1];
        assert(send(ours, "\n", 1, 0) == 1);
        assert(send(ours, data, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n);
        assert(shutdown(ours, SHUT_WR) == 0);
        if (setup_receive(theirs, &s) < 0)
                return;
        assert(s.name && s.folder && s.id);
        assert(!s.is_program || json_object_array_length(s.arguments) > 0);
}

static void take_call(Native *native, const RpcMessage *m) {
        _cleanup_json_ json_object *result = NULL;
        NativeCall c;
        int r = 0;

        native_call_init(&c, NULL, json_get_u64(m->params, "timeout", 1000));
        if (strcmp(m->method, "execute") == 0)
                r = native_execute(native, &c, m->params, &result);
        else if (strcmp(m->method, "plan") == 0)
                r = native_plan(native, &c, m->params, &result);
        if (result)
                assert(r >= 0 && json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN));
        native_call_done(&c);
}

static void take_line(Native *native, const char *line, size_t n) {
        _cleanup_(rpc_message_done) RpcMessage m = {};

        if (rpc_message_parse(line, n, &m) >= 0 && m.kind == RPC_REQUEST)
                take_call(native, &m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static Native native = {
                        .ops = {.name = "x", .version = "1", .execute = execute, .plan = plan}};
        _cleanup_(line_buffer_done) LineBuffer b = {.max = DATA_MAX};
        const char *line;
        size_t n;

        if (size > DATA_MAX)
                return 0;
        take_setup((const char *)data, size);
        if (line_buffer_add(&b, (const char *)data, size) < 0)
                return 0;
        while (line_buffer_next(&b, &line, &n))
                take_line(&native, line, n);
        return 0;
}
