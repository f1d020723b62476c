/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/journal-keeper.h"
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

static int look(void *userdata, const Agent *agent, WatchersAnswer answer, void *answer_userdata,
                WatchersQuestion **ret) {
        Service *s = userdata;

        return watchers_ask_check(s->watchers, agent, answer, answer_userdata, ret);
}

static const CourierPort courier_port = {.look = look, .drop = drop};

/* Enters that an agent may leave without effect. */
#define DRAFT_ATTEMPTS 2U

static PolicyRules policy_rules(const Config *c, const char *fallback, char *const *exceptions) {
        ActPolicy policy = act_policy_from_string(fallback);

        return (PolicyRules){
                        .fallback = (int)policy < 0 ? ACT_POLICY_OBSERVE : policy,
                        .exceptions = exceptions,
                        .pm_windows = c->acting.pm_windows,
        };
}

static void read_rules(Service *s) {
        const Config *c = &s->config.config;

        s->journal_acts.with_text = c->acting.log_text;
        s->keeper_rules = (KeeperRules){
                        .crash = policy_rules(c, c->acting.crash_policy, c->acting.policies),
                        .limit = policy_rules(c, c->acting.limit_policy, c->acting.policies),
                        .revival = {.max_failures = (unsigned)c->monitoring.max_failures,
                                        .grace_usec = c->acting.grace_usec,
                                        .backoff_usec = c->acting.backoff_usec,
                                        .backoff_max_usec = c->acting.backoff_max_usec,
                                        .burst = (unsigned)c->acting.burst,
                                        .burst_usec = c->acting.burst_interval_usec},
                        .patience = {.margin_usec = c->acting.limit_margin_usec,
                                        .attempts = (unsigned)c->acting.limit_attempts},
                        .restart_after_oom = c->acting.restart_after_oom,
        };
        s->courier_rules = (CourierRules){
                        .policy = policy_rules(c, c->acting.unsubmitted_policy,
                                        c->acting.unsubmitted_policies),
                        .draft = {.after_usec = c->acting.unsubmitted_after_usec,
                                        .attempts = DRAFT_ATTEMPTS},
        };
}

/* Exporters hear which kind of agent it was, and not which one. */
static void on_deed(void *userdata, const ActDeed *d) {
        Service *s = userdata;

        journal_act(&s->journal_acts, d);
        service_export_note(s, act_kind_to_string(d->kind), d->type, d->usec,
                        !d->outcome || d->outcome->refusal != ACT_DONE);
}

/* What makes no sense of what was kept is left out. */
static int start_keeper(Service *s) {
        _cleanup_json_ json_object *kept = TAKE_PTR(s->kept);
        int r = keeper_new(
                        s->registry, s->acts, &s->keeper_rules, journal_keeper, NULL, &s->keeper);

        if (r >= 0 && kept)
                (void)keeper_restore(s->keeper, kept);
        return r;
}

static int start_courier(Service *s) {
        _cleanup_json_ json_object *kept = TAKE_PTR(s->kept_drafts);
        int r = courier_new(s->registry, s->acts, &s->courier_rules, &courier_port, s,
                        journal_keeper, NULL, &s->courier);

        if (r >= 0 && kept)
                (void)courier_restore(s->courier, kept);
        return r;
}

int service_acting_start(Service *s) {
        int r;

        read_rules(s);
        r = acts_new(&port, s, on_deed, s, &s->acts);
        if (r < 0)
                return r;
        r = start_keeper(s);
        return r < 0 ? r : start_courier(s);
}

void service_acting_reload(Service *s) {
        read_rules(s);
        if (s->keeper)
                keeper_rules_changed(s->keeper);
}

void service_acting_tick(Service *s) {
        if (s->looks_on)
                return;
        keeper_tick(s->keeper, now_realtime(), clock_usec(CLOCK_BOOTTIME));
        courier_tick(s->courier, now_monotonic());
}

int service_acting_save(const Service *s, json_object *state) {
        json_object *kept = NULL, *drafts = NULL;
        int r;

        if (!s->keeper || !s->courier)
                return 0;
        r = keeper_save(s->keeper, &kept);
        if (r >= 0)
                r = json_set(state, "kept", kept);
        if (r >= 0)
                r = courier_save(s->courier, &drafts);
        return r < 0 ? r : json_set(state, "drafts", drafts);
}

void service_acting_stop(Service *s) {
        s->courier = courier_free(s->courier);
        s->keeper = keeper_free(s->keeper);
        s->acts = acts_free(s->acts);
}
