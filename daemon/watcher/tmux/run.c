/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <utlist.h>

#include "daemon/watcher/tmux/server-internal.h"

/* What a few commands that print a line each can have to say. */
#define RUN_ANSWER_MAX (64U * 1024U)

static TmuxRun *run_free(TmuxRun *run) {
        tmux_call_free(run->call);
        tmux_words_done(&run->words);
        free(run);
        return NULL;
}

static void run_tell(TmuxRun *run, const TmuxReply *reply) {
        DL_DELETE(run->server->runs, run);
        run->func(run->userdata, reply);
        run_free(run); /* owned what the reply borrows */
}

static void run_tell_error(TmuxRun *run, int error) {
        run_tell(run, &(TmuxReply){.error = error, .out = "", .err = ""});
}

/* Why a server does not answer is found out by the next look. */
static void on_reply(void *userdata, const TmuxReply *reply) {
        TmuxRun *run = userdata;
        TmuxServer *s = run->server;

        run_tell(run, reply);
        if (s->looks_wanted || s->refreshes_wanted || s->runs)
                (void)look_schedule(s);
}

bool run_start(TmuxServer *s) {
        while (s->runs && !s->runs->call) {
                TmuxRun *run = s->runs;
                TmuxRequest request = {
                                .socket = s->socket,
                                .words = &run->words,
                                .server_pid = s->watch ? process_watch_pid(s->watch) : 0,
                                .answer_max = RUN_ANSWER_MAX,
                                .timeout_usec = TMUX_CALL_USEC,
                                .once = true,
                };
                int r = tmux_call_new(s->transport, &request, on_reply, run, &run->call);

                if (r < 0)
                        run_tell_error(run, r);
        }
        return s->runs;
}

void run_fail(TmuxServer *s, int error) {
        TmuxRun *run, *next, *runs = s->runs;

        /* Who asks again from within is not among these. */
        s->runs = NULL;
        DL_FOREACH_SAFE (runs, run, next) {
                run->func(run->userdata, &(TmuxReply){.error = error, .out = "", .err = ""});
                run_free(run);
        }
}
