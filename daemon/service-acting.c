/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service.h"

static int ask(void *userdata, const Agent *agent, const ActOrder *order, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        Service *s = userdata;

        return watchers_ask_act(s->watchers, agent, order, answer, answer_userdata, ret);
}

static void drop(void *userdata, WatchersQuestion *question) {
        watchers_question_drop(question);
}

static const ActsPort port = {.ask = ask, .drop = drop};

int service_acting_start(Service *s) {
        return acts_new(&port, s, journal_act, &s->journal_acts, &s->acts);
}

void service_acting_stop(Service *s) {
        s->acts = acts_free(s->acts);
}
