/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/act/reveal.h"

#include <stdlib.h>
#include <unistd.h>

#include "daemon/watcher/act/clients.h"

typedef struct Reveal {
        WatchedServer *server; /* lives as long as it answers without an error */
        char pane[TMUX_PANE_NAME_MAX];
        TypistDone done;
        void *userdata;
} Reveal;

static void reveal_end(Reveal *v, ActRefusal refusal) {
        const ActOutcome outcome = {.refusal = refusal};

        v->done(v->userdata, &outcome);
        free(v);
}

static void on_switched(void *userdata, const TmuxReply *reply) {
        reveal_end(userdata,
                        reply->error < 0                ? ACT_TMUX
                                        : reply->failed ? ACT_NO_CLIENT
                                                        : ACT_DONE);
}

static void on_listed(void *userdata, const TmuxReply *reply) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        char client[CLIENT_NAME_MAX];
        Reveal *v = userdata;

        if (reply->error < 0)
                return reveal_end(v, ACT_TMUX);
        if (clients_choose(reply->out, getuid(), client) < 0)
                return reveal_end(v, ACT_NO_CLIENT);
        if (clients_switch(client, v->pane, &words) < 0 ||
                        watched_server_run(v->server, &words, on_switched, v) < 0)
                reveal_end(v, ACT_TMUX);
}

void reveal(WatchedServer *server, const char *pane, TypistDone done, void *userdata) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        const ActOutcome failed = {.refusal = ACT_TMUX};
        Reveal *v = calloc(1, sizeof(*v));

        if (!v)
                return done(userdata, &failed);
        *v = (Reveal){.server = server, .done = done, .userdata = userdata};
        (void)snprintf(v->pane, sizeof(v->pane), "%s", pane);
        if (clients_list(&words) < 0 || watched_server_run(server, &words, on_listed, v) < 0)
                reveal_end(v, ACT_TMUX);
}
