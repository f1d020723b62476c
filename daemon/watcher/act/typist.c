/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/act/typist.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/watcher/act/strike.h"
#include "daemon/watcher/agent-memory.h"

#define ATTEMPTS_MAX 3U
#define AGAIN_USEC (150 * USEC_PER_MSEC)
/* Until a program shows what it was given. */
#define SHOW_USEC (3 * USEC_PER_SEC)
/* Until an agent that was started is seen. */
#define BACK_USEC (10 * USEC_PER_SEC)
#define ENTERS_MAX 2U
#define LEAVES_MAX 2U
/* Until a menu that was left is gone. */
#define LEAVE_USEC (USEC_PER_SEC / 2)
#define ENTER_AGAIN_USEC USEC_PER_SEC

typedef enum Stage {
        STAGE_BEFORE, /* nothing was sent */
        STAGE_TYPED,  /* the text was, its Enter not */
        STAGE_SENT,   /* everything was */
} Stage;

typedef struct Work {
        Typist *typist;
        WatchedServer *server;
        char pane[TMUX_PANE_NAME_MAX];
        ActOrder order;
        TypistDone done;
        void *userdata;

        Stage stage;
        Strike strike;
        PaneProbe probe;
        TmuxRow row;        /* of the look that the strike relies on; without its strings */
        uint64_t seen_usec; /* CLOCK_REALTIME of the same */
        uint64_t screen_hash;
        unsigned attempts, enters, leaves;
        uint64_t until_usec;
        uint64_t enter_usec;
        uint64_t delay_usec; /* from a text to its Enter */
        char keys[64];       /* that were asked for last */
        sd_event_source *timer;
        ActOutcome outcome;
        bool leaving; /* a menu, before anything is typed */
        bool waits;   /* for an answer of the server, which cannot be called off */
        bool over;    /* told; goes when the answer is there */
        struct Work *prev, *next;
} Work;

struct Typist {
        sd_event *event;
        Work *works;
};

static void work_free(Work *w) {
        sd_event_source_disable_unref(w->timer);
        act_order_done(&w->order);
        free(w);
}

static void work_end(Work *w, ActRefusal refusal) {
        w->outcome.refusal = refusal;
        DL_DELETE(w->typist->works, w);
        w->done(w->userdata, &w->outcome);
        work_free(w);
}

static void work_begin(Work *w);

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Work *w = userdata;

        w->timer = sd_event_source_disable_unref(w->timer);
        work_begin(w);
        return 0;
}

static void work_wait(Work *w, uint64_t usec) {
        if (sd_event_add_time_relative(
                            w->typist->event, &w->timer, CLOCK_MONOTONIC, usec, 1, on_timer, w) < 0)
                work_end(w, ACT_TMUX);
}

/*
 * The text stands there, and its Enter does not follow: that is to be said, whatever came between.
 * A terminal keeps what its program did not read, and the next one that reads there gets it.
 */
static void end_typed(Work *w, ActRefusal refusal) {
        if (refusal == ACT_NO_AGENT || refusal == ACT_OTHER_PROGRAM || refusal == ACT_REPLACED)
                (void)snprintf(w->outcome.what, sizeof(w->outcome.what),
                                "its text may stand where its program was, not submitted");
        work_end(w, refusal == ACT_HUMAN || refusal == ACT_MOVED ? ACT_DISTURBED : refusal);
}

/* What was not sent yet may be tried again, for a screen may just have been painted. */
static void work_refused(Work *w, ActRefusal refusal) {
        bool may_pass = refusal == ACT_MOVED || refusal == ACT_UNSETTLED;

        if (!may_pass || ++w->attempts >= ATTEMPTS_MAX)
                return w->stage == STAGE_TYPED ? end_typed(w, refusal) : work_end(w, refusal);
        work_wait(w, AGAIN_USEC);
}

static StrikeGuard strike_guard(const Work *w) {
        return (StrikeGuard){.row = &w->row, .probe = &w->probe, .now_usec = w->seen_usec};
}

static void add_word(char *text, size_t n_text, const char *word) {
        size_t n = strlen(text);

        (void)snprintf(text + n, n_text - n, "%s%s", n > 0 ? " " : "", word);
}

static void after_paste(Work *w) {
        w->outcome.typed = true;
        w->outcome.n_bytes = (unsigned)strlen(w->order.text);
        w->stage = STAGE_TYPED;
        w->attempts = 0;
        w->until_usec = now_monotonic() + SHOW_USEC;
}

/* Its Enter is what counts: of a text that was typed, or of one that stood there. */
static bool is_message(const Work *w) {
        return w->order.text || w->order.kind == ACT_KIND_SUBMIT;
}

static void after_keys(Work *w) {
        w->outcome.typed = true;
        add_word(w->outcome.keys, sizeof(w->outcome.keys), w->keys);
        if (w->leaving)
                return;
        if (is_message(w)) {
                w->outcome.entered = true;
                w->enters++;
                w->enter_usec = now_monotonic();
        }
        w->stage = STAGE_SENT;
        w->until_usec = now_monotonic() +
                        (w->order.kind == ACT_KIND_RESTART ? BACK_USEC : SHOW_USEC);
}

static void on_struck(Work *w, const TmuxReply *reply, bool pasted) {
        const StrikeGuard guard = strike_guard(w);
        ActRefusal refusal = strike_take(&w->strike, &guard, reply);

        if (refusal == ACT_TMUX)
                (void)snprintf(w->outcome.what, sizeof(w->outcome.what),
                                "it is not known whether anything was typed");
        if (refusal != ACT_DONE)
                return work_refused(w, refusal);
        if (pasted)
                after_paste(w);
        else
                after_keys(w);
        work_wait(w, pasted ? w->delay_usec : w->leaving ? LEAVE_USEC : AGAIN_USEC);
}

static void on_pasted(void *userdata, const TmuxReply *reply) {
        Work *w = userdata;

        w->waits = false;
        if (w->over)
                return work_free(w);
        on_struck(w, reply, true);
}

static void on_keyed(void *userdata, const TmuxReply *reply) {
        Work *w = userdata;

        w->waits = false;
        if (w->over)
                return work_free(w);
        on_struck(w, reply, false);
}

static void run(Work *w, TmuxWords *words, int r, TmuxReplyFunc func) {
        if (r >= 0)
                r = watched_server_run(w->server, words, func, w);
        if (r < 0)
                return work_end(w, ACT_TMUX);
        w->waits = true;
}

static void strike_text(Work *w) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        const StrikeGuard guard = strike_guard(w);

        run(w, &words, strike_paste(&w->strike, &guard, w->order.text, &words), on_pasted);
}

static void strike_some(Work *w, char *const *keys) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        const StrikeGuard guard = strike_guard(w);
        int r = strike_keys(&w->strike, &guard, keys, &words);

        w->keys[0] = '\0';
        for (char *const *key = keys; *key; key++)
                add_word(w->keys, sizeof(w->keys), *key);
        run(w, &words, r, on_keyed);
}

static void strike_enter(Work *w) {
        char name[] = "Enter";
        char *const keys[] = {name, NULL};

        strike_some(w, keys);
}

/* What it says for going on is text like any other. */
static int take_text(Work *w, const ActRules *rules) {
        if (w->order.text || w->order.kind != ACT_KIND_CONTINUE)
                return 0;
        w->order.text = strdup(rules->go_on);
        return w->order.text ? 0 : -ENOMEM;
}

/* Its command, typed to the shell that it ran in, or run where tmux kept its pane. */
static void decide_restart(Work *w, const GuardView *view, const TmuxPane *pane) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        const ActRules *rules = view->sight->ways.rules;
        ActRefusal refusal = guard_check_restart(&w->order, view, pane->screen ?: "");
        const StrikeGuard guard = strike_guard(w);
        int r;

        if (refusal != ACT_DONE)
                return work_refused(w, refusal);
        r = rules ? agent_memory_resume(view->sight->memory, rules, &w->order.text) : -EOPNOTSUPP;
        if (r < 0)
                return work_end(w, r == -EOPNOTSUPP ? ACT_UNSUPPORTED : ACT_TMUX);
        (void)snprintf(w->outcome.what, sizeof(w->outcome.what), "%s", w->order.text);
        w->delay_usec = AGAIN_USEC;
        if (!view->row->dead)
                return strike_text(w);
        run(w, &words, strike_respawn(&w->strike, &guard, w->order.text, &words), on_keyed);
}

static bool is_back(const GuardView *view) {
        return view->sight->process.pid > 0 && view->sight->verdict &&
                        !agent_state_is_gone(view->state->state);
}

static void decide_restarted(Work *w, const GuardView *view, const TmuxPane *pane) {
        ActRefusal refusal;

        if (w->stage == STAGE_SENT) {
                if (is_back(view))
                        return work_end(w, ACT_DONE);
                return now_monotonic() < w->until_usec ? work_wait(w, AGAIN_USEC)
                                                       : work_end(w, ACT_UNVERIFIED);
        }
        refusal = guard_check_restart(&w->order, view, pane->screen ?: "");
        if (refusal == ACT_DISTURBED && now_monotonic() < w->until_usec)
                return work_wait(w, AGAIN_USEC);
        if (refusal != ACT_DONE)
                return work_end(w, ACT_DISTURBED);
        strike_enter(w);
}

/* Then it is looked at anew, as if nothing had been before. */
static void leave_menu(Work *w, const ActAnswer *way) {
        if (++w->leaves > LEAVES_MAX)
                return work_end(w, ACT_NO_PROMPT);
        w->leaving = true;
        strike_some(w, way->keys);
}

static void decide_first(Work *w, const GuardView *view) {
        const ActAnswer *const *answers = view->sight->ways.answers;
        ActRefusal refusal = guard_check(&w->order, view);

        w->leaving = false;
        if (refusal != ACT_DONE)
                return work_refused(w, refusal);
        if (w->order.kind == ACT_KIND_CONTINUE && answers[ACT_LEAVE])
                return leave_menu(w, answers[ACT_LEAVE]);
        if (take_text(w, view->sight->ways.rules) < 0)
                return work_end(w, ACT_TMUX);
        w->delay_usec = view->sight->ways.rules->enter_delay_msec * USEC_PER_MSEC;
        if (w->order.kind == ACT_KIND_SUBMIT)
                strike_enter(w);
        else if (w->order.text)
                strike_text(w);
        else
                strike_some(w,
                                answers[w->order.kind == ACT_KIND_APPROVE ? ACT_APPROVE : ACT_DENY]
                                                ->keys);
}

static void decide_enter(Work *w, const GuardView *view, const TmuxPane *pane) {
        ActRefusal refusal = guard_check_typed(&w->order, view, pane->screen ?: "");

        /* Programs need a moment to show it. */
        if (refusal == ACT_DISTURBED && now_monotonic() < w->until_usec)
                return work_wait(w, AGAIN_USEC);
        if (refusal != ACT_DONE)
                return end_typed(w, refusal);
        if (!w->order.enter)
                return work_end(w, ACT_DONE);
        strike_enter(w);
}

/* An Enter that came too soon after the text is a new line in some programs. */
static bool wants_enter_again(const Work *w) {
        return w->order.text && w->enters < ENTERS_MAX &&
                        now_monotonic() >= w->enter_usec + ENTER_AGAIN_USEC;
}

static bool was_taken(const Work *w, const GuardView *view) {
        const Verdict *seen = view->sight->verdict;

        if (is_message(w))
                return !(seen->attributes & ATTRIBUTE_UNSUBMITTED) || seen->state == AGENT_WORKING;
        return seen->state != AGENT_WAITING;
}

/*
 * An answer, or a command, may be what ended it: that is an effect too. A program that ended right
 * after a message may have read its Enter, or not.
 */
static ActRefusal judge_gone(const Work *w) {
        return is_message(w) && !w->order.command ? ACT_UNVERIFIED : ACT_DONE;
}

static void decide_last(Work *w, const GuardView *view, const TmuxPane *pane) {
        if (!view->sight->verdict)
                return work_end(w, judge_gone(w));
        if (was_taken(w, view))
                return work_end(w, ACT_DONE);
        if (wants_enter_again(w)) {
                if (guard_check_typed(&w->order, view, pane->screen ?: "") == ACT_DONE)
                        return strike_enter(w);
        }
        if (now_monotonic() < w->until_usec)
                return work_wait(w, AGAIN_USEC);
        /* Another dialog may have taken the place of the one that was answered. */
        if (!is_message(w) && pane->hash != w->screen_hash)
                return work_end(w, ACT_DONE);
        work_end(w, ACT_UNVERIFIED);
}

static void decide(Work *w, const TmuxPane *pane, PaneAgent *agent, const PaneSight *sight) {
        char token[ACT_TOKEN_MAX];
        const GuardView view = {
                        .state = pane_agent_state(agent),
                        .sight = sight,
                        .row = &pane->row,
                        .probe = &w->probe,
                        .token = token,
                        .now_usec = now_realtime(),
        };

        guard_make_token(view.state, pane->hash, watched_server_start(w->server), token);
        w->row = pane->row;
        w->row.session = w->row.window_name = w->row.title = NULL;
        w->seen_usec = view.now_usec;
        if (pane->row.pid != w->probe.pid)
                return work_refused(w, ACT_MOVED);
        if (w->order.kind == ACT_KIND_RESTART)
                return w->stage == STAGE_BEFORE ? decide_restart(w, &view, pane)
                                                : decide_restarted(w, &view, pane);
        switch (w->stage) {
        case STAGE_BEFORE:
                w->screen_hash = pane->hash;
                return decide_first(w, &view);
        case STAGE_TYPED:
                return decide_enter(w, &view, pane);
        case STAGE_SENT:
                return decide_last(w, &view, pane);
        }
}

static void on_looked(void *userdata, int error, const TmuxPane *pane, const PaneAgent *unused) {
        Work *w = userdata;
        PaneAgent *agent;
        PaneSight sight;

        w->waits = false;
        if (w->over)
                return work_free(w);
        agent = error < 0 ? NULL : watched_server_find_agent(w->server, w->pane);
        if (!agent)
                return work_end(w, error == -ENXIO || error >= 0 ? ACT_NO_AGENT : ACT_TMUX);
        if (watched_server_sight(w->server, pane, agent, &sight) < 0)
                return work_end(w, ACT_TMUX);
        decide(w, pane, agent, &sight);
}

static void work_look(Work *w) {
        int r = watched_server_refresh(w->server, w->pane, on_looked, w);

        if (r < 0)
                return work_end(w, ACT_TMUX);
        w->waits = true;
}

static void on_probed(void *userdata, const TmuxReply *reply) {
        Work *w = userdata;
        int r;

        w->waits = false;
        if (w->over)
                return work_free(w);
        r = strike_take_probe(&w->strike, reply, &w->probe);
        if (r < 0)
                return work_end(w, r == -ENXIO ? ACT_NO_AGENT : ACT_TMUX);
        work_look(w);
}

static void work_begin(Work *w) {
        _cleanup_(tmux_words_done) TmuxWords words = {};

        strike_init(&w->strike, w->pane);
        run(w, &words, strike_probe(&w->strike, &words), on_probed);
}

static bool is_occupied(const Typist *t, const WatchedServer *server, const char *pane) {
        const Work *w;

        DL_FOREACH (t->works, w)
                if (w->server == server && strcmp(w->pane, pane) == 0)
                        return true;
        return false;
}

void typist_type(Typist *t, WatchedServer *server, const char *pane, ActOrder *order,
                TypistDone done, void *userdata) {
        const ActOutcome occupied = {.refusal = ACT_OCCUPIED};
        Work *w = is_occupied(t, server, pane) ? NULL : calloc(1, sizeof(*w));

        if (!w) {
                act_order_done(order);
                return done(userdata, &occupied);
        }
        *w = (Work){
                        .typist = t,
                        .server = server,
                        .order = *order,
                        .done = done,
                        .userdata = userdata,
        };
        *order = (ActOrder){};
        (void)snprintf(w->pane, sizeof(w->pane), "%s", pane);
        DL_APPEND(t->works, w);
        work_begin(w);
}

/* What waits for the server's answer goes with that answer. */
static void work_abandon(Work *w) {
        const ActOutcome outcome = {.refusal = ACT_TMUX,
                        .typed = w->outcome.typed,
                        .n_bytes = w->outcome.n_bytes};

        DL_DELETE(w->typist->works, w);
        w->timer = sd_event_source_disable_unref(w->timer);
        w->done(w->userdata, &outcome);
        w->over = true;
        if (!w->waits)
                work_free(w);
}

void typist_forget(Typist *t, const WatchedServer *server) {
        Work *w, *next;

        DL_FOREACH_SAFE (t->works, w, next)
                if (w->server == server)
                        work_abandon(w);
}

int typist_new(sd_event *event, Typist **ret) {
        Typist *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        t->event = sd_event_ref(event);
        *ret = t;
        return 0;
}

Typist *typist_free(Typist *t) {
        if (!t)
                return NULL;
        assert(!t->works); /* servers go first, and take along what is typed there */
        sd_event_unref(t->event);
        free(t);
        return NULL;
}
