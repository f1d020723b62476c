/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/keeper.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

/* An agent that is gone from the registry is remembered so long: its pane may be back. */
#define WARDS_MAX 4096U

typedef struct Ward {
        char *id; /* of the agent */
        Keeper *keeper;
        Revival revival;
        Patience patience;
        ActsTask *task; /* what is being done */
        ActKind kind;   /* of it */
        bool told;      /* what would be done, since the last change */
        UT_hash_handle hh;
} Ward;

struct Keeper {
        Registry *registry;
        Acts *acts;
        const KeeperRules *rules;
        KeeperTell tell;
        void *userdata;
        Ward *wards;
        uint64_t boot_usec; /* of the last tick */
};

static Ward *ward_free(Ward *w) {
        if (!w)
                return NULL;
        acts_task_forget(w->task);
        free(w->id);
        free(w);
        return NULL;
}

static Ward *ward_find(const Keeper *k, const char *id) {
        Ward *w;

        HASH_FIND_STR(k->wards, id, w);
        return w;
}

static Ward *ward_get(Keeper *k, const char *id) {
        Ward *w = ward_find(k, id);

        if (w || HASH_COUNT(k->wards) >= WARDS_MAX)
                return w;
        w = calloc(1, sizeof(*w));
        if (!w)
                return NULL;
        *w = (Ward){.id = strdup(id), .keeper = k};
        if (!w->id)
                return ward_free(w);
        HASH_ADD_KEYPTR(hh, k->wards, w->id, strlen(w->id), w);
        return w;
}

static void tell(const Keeper *k, const Agent *a, ActKind kind, KeeperNews news, uint64_t when_usec,
                const char *why) {
        k->tell(k->userdata, a, kind, news, when_usec, why);
}

static void tell_revival(const Keeper *k, const Agent *a, const Ward *w, RevivalStep step) {
        if (step == REVIVAL_PLANNED)
                tell(k, a, ACT_KIND_RESTART, KEEPER_PLANNED,
                                now_realtime() + (w->revival.due_usec - k->boot_usec), "");
        else if (step == REVIVAL_GIVEN_UP)
                tell(k, a, ACT_KIND_RESTART, KEEPER_GIVEN_UP, 0, "it crashed too often");
}

static void tell_patience(const Keeper *k, const Agent *a, const Ward *w, PatienceStep step) {
        if (step == PATIENCE_PLANNED)
                tell(k, a, ACT_KIND_CONTINUE, KEEPER_PLANNED, w->patience.due_usec, "");
        else if (step == PATIENCE_GIVEN_UP)
                tell(k, a, ACT_KIND_CONTINUE, KEEPER_GIVEN_UP, 0,
                                "it hit the limit again and again");
        else if (step == PATIENCE_RESOLVED)
                tell(k, a, ACT_KIND_CONTINUE, KEEPER_DONE, 0, "");
}

static bool is_alive(const Agent *a) {
        return a->server->last.liveness == LIVENESS_ALIVE;
}

/* It would be killed again, or take from others: nobody is there to see it. */
static void give_up(Keeper *k, const Agent *a, Ward *w) {
        if (w->revival.given_up)
                return;
        revival_give_up(&w->revival);
        tell(k, a, ACT_KIND_RESTART, KEEPER_GIVEN_UP, 0, a->last.end_reason);
}

static void note_crash(Keeper *k, const Agent *a) {
        bool oom = a->last.attributes & ATTRIBUTE_OOM_KILLED;
        ActPolicy policy = policy_of(&k->rules->crash, a);
        Ward *w;

        /* What its server's death took along comes back with "recover", not by itself. */
        if (!is_alive(a) || policy == ACT_POLICY_OBSERVE)
                return;
        if (policy == ACT_POLICY_NOTIFY)
                return tell(k, a, ACT_KIND_RESTART, KEEPER_WOULD, 0,
                                oom ? a->last.end_reason : "it crashed");
        w = ward_get(k, a->id);
        if (w && oom && !k->rules->restart_after_oom)
                give_up(k, a, w);
        else if (w)
                tell_revival(k, a, w,
                                revival_crashed(&w->revival, &k->rules->revival, k->boot_usec));
}

static void note_limit(Keeper *k, const Agent *a, bool is_new) {
        ActPolicy policy = policy_of(&k->rules->limit, a);
        Ward *w;

        if (policy == ACT_POLICY_OBSERVE)
                return;
        if (policy == ACT_POLICY_NOTIFY) {
                if (is_new)
                        tell(k, a, ACT_KIND_CONTINUE, KEEPER_WOULD, a->last.reset_usec,
                                        "it hit a usage limit");
                return;
        }
        w = ward_get(k, a->id);
        /* Text that somebody has begun to write is for that somebody to end. */
        if (w && a->last.attributes & ATTRIBUTE_UNSUBMITTED && !w->task)
                patience_cancel(&w->patience);
        if (w)
                tell_patience(k, a, w,
                                patience_limited(&w->patience, &k->rules->patience,
                                                a->last.reset_usec, now_realtime()));
}

static void note_unlimited(Ward *w, const Agent *a, uint64_t now_usec) {
        bool works = a->last.state == AGENT_WORKING || !w->task;

        tell_patience(w->keeper, a, w, patience_unlimited(&w->patience, works, now_usec));
}

/* An agent that exited was ended by somebody. */
static void note_running(Keeper *k, const Agent *a) {
        Ward *w = ward_find(k, a->id);

        if (!w)
                return;
        if (a->last.state == AGENT_EXITED)
                revival_reset(&w->revival);
        else if (a->last.pid > 0 && !agent_state_is_gone(a->last.state))
                revival_is_up(&w->revival, &k->rules->revival, k->boot_usec);
        note_unlimited(w, a, now_realtime());
}

static void on_changed(void *userdata, const Agent *a, AgentState old) {
        Keeper *k = userdata;

        if (a->last.state == AGENT_CRASHED) {
                if (old != AGENT_CRASHED)
                        note_crash(k, a);
        } else if (a->last.state == AGENT_RATE_LIMITED)
                note_limit(k, a, old != AGENT_RATE_LIMITED);
        else
                note_running(k, a);
}

static void on_added(void *userdata, const Agent *a) {
        on_changed(userdata, a, AGENT_UNKNOWN);
}

static void on_removed(void *userdata, const Agent *a) {
        Keeper *k = userdata;
        Ward *w = ward_find(k, a->id);

        if (!w)
                return;
        HASH_DEL(k->wards, w);
        ward_free(w);
}

static const RegistryObserver observer = {
                .agent_added = on_added,
                .agent_changed = on_changed,
                .agent_removed = on_removed,
};

/* Refusals that say that a human has it in hand. */
static bool is_human(ActRefusal refusal) {
        return refusal == ACT_DRAFT || refusal == ACT_OWNER || refusal == ACT_RUNNING ||
                        refusal == ACT_REPLACED;
}

static void after_restart(Ward *w, const Agent *a, const ActOutcome *o) {
        Keeper *k = w->keeper;

        if (o && o->refusal == ACT_DONE)
                return tell(k, a, ACT_KIND_RESTART, KEEPER_DONE, 0, o->what);
        tell(k, a, ACT_KIND_RESTART, KEEPER_REFUSED, 0,
                        o ? act_refusal_describe(o->refusal) : "its watcher does not answer");
        if (o && (is_human(o->refusal) || o->refusal == ACT_UNSUPPORTED))
                return revival_reset(&w->revival);
        tell_revival(k, a, w, revival_start_failed(&w->revival, &k->rules->revival, k->boot_usec));
}

static void after_continue(Ward *w, const Agent *a, const ActOutcome *o) {
        Keeper *k = w->keeper;

        if (o && o->refusal == ACT_DONE)
                return; /* whether it works will be seen */
        tell(k, a, ACT_KIND_CONTINUE, KEEPER_REFUSED, 0,
                        o ? act_refusal_describe(o->refusal) : "its watcher does not answer");
        if (o && (is_human(o->refusal) || o->refusal == ACT_UNSUPPORTED))
                return patience_cancel(&w->patience);
        tell_patience(k, a, w, patience_refused(&w->patience, &k->rules->patience, now_realtime()));
}

static void on_done(void *userdata, int error, const ActOutcome *outcome) {
        Ward *w = userdata;
        const Agent *a = registry_find_agent(w->keeper->registry, w->id);

        w->task = NULL;
        if (!a)
                return;
        if (w->kind == ACT_KIND_RESTART)
                after_restart(w, a, outcome);
        else
                after_continue(w, a, outcome);
}

static void act(Ward *w, const Agent *a, ActKind kind, const char *why) {
        ActOrder order = {.kind = kind, .enter = true, .automatic = true};
        const ActCause cause = {.why = why, .uid = UID_INVALID};
        int r;

        w->kind = kind;
        if (kind == ACT_KIND_CONTINUE)
                order.pid = a->last.pid;
        r = acts_do(w->keeper->acts, a, &order, &cause, on_done, w, &w->task);
        if (r < 0)
                on_done(w, r, NULL);
}

static void ward_tick(Ward *w, const Agent *a, uint64_t now_usec, uint64_t boot_usec) {
        Keeper *k = w->keeper;

        if (w->task || !is_alive(a))
                return;
        if (a->last.pid > 0 && !agent_state_is_gone(a->last.state))
                revival_is_up(&w->revival, &k->rules->revival, boot_usec);
        if (a->last.state != AGENT_RATE_LIMITED)
                note_unlimited(w, a, now_usec);
        if (a->last.state == AGENT_CRASHED && revival_is_due(&w->revival, boot_usec)) {
                revival_started(&w->revival, boot_usec);
                act(w, a, ACT_KIND_RESTART, "crash");
        } else if (a->last.state == AGENT_RATE_LIMITED && patience_is_due(&w->patience, now_usec)) {
                patience_asked(&w->patience);
                act(w, a, ACT_KIND_CONTINUE, "limit");
        }
}

void keeper_tick(Keeper *k, uint64_t now_usec, uint64_t boot_usec) {
        Ward *w, *next;

        k->boot_usec = boot_usec;
        HASH_ITER (hh, k->wards, w, next) {
                const Agent *a = registry_find_agent(k->registry, w->id);

                if (a)
                        ward_tick(w, a, now_usec, boot_usec);
        }
}

/* Who may not be acted on any more is let go; who may be, is seen at its next change. */
void keeper_rules_changed(Keeper *k) {
        Ward *w, *next;

        HASH_ITER (hh, k->wards, w, next) {
                const Agent *a = registry_find_agent(k->registry, w->id);

                if (!a)
                        continue;
                if (policy_of(&k->rules->crash, a) != ACT_POLICY_ACT)
                        revival_reset(&w->revival);
                if (policy_of(&k->rules->limit, a) != ACT_POLICY_ACT)
                        w->patience = (Patience){};
        }
}

unsigned keeper_count_given_up(const Keeper *k) {
        unsigned n = 0;

        for (const Ward *w = k->wards; w; w = w->hh.next) {
                const Agent *a = registry_find_agent(k->registry, w->id);

                n += a && a->last.state == AGENT_CRASHED && w->revival.given_up;
        }
        return n;
}

static int ward_to_json(const Ward *w, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "agent", w->id);
        if (r >= 0)
                r = json_set_u64(o, "failures", w->revival.failures);
        if (r >= 0)
                r = json_set_bool(o, "given_up", w->revival.given_up);
        if (r >= 0)
                r = json_set_bool(o, "restarts", w->revival.due_usec > 0);
        if (r >= 0)
                r = json_set_u64(o, "reset_usec", w->patience.reset_usec);
        if (r >= 0)
                r = json_set_u64(o, "due_usec", w->patience.due_usec);
        if (r >= 0)
                r = json_set_u64(o, "attempts", w->patience.attempts);
        if (r >= 0)
                r = json_set_bool(o, "asked", w->patience.asked);
        if (r >= 0)
                r = json_set_u64(o, "worked_usec", w->patience.worked_usec);
        if (r >= 0)
                r = json_set_bool(o, "cancelled", w->patience.given_up);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

int keeper_save(const Keeper *k, json_object **ret) {
        _cleanup_json_ json_object *list = json_object_new_array();

        if (!list)
                return -ENOMEM;
        for (const Ward *w = k->wards; w; w = w->hh.next) {
                json_object *o = NULL;
                int r = ward_to_json(w, &o);

                if (r >= 0)
                        r = json_append(list, o);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(list);
        return 0;
}

static int ward_restore(void *userdata, json_object *o) {
        Keeper *k = userdata;
        const char *id = json_get_string(o, "agent");
        Ward *w = id ? ward_get(k, id) : NULL;

        if (!w)
                return -EBADMSG;
        w->revival.failures = (unsigned)MIN(json_get_u64(o, "failures", 0), (uint64_t)1000);
        w->revival.given_up = json_get_bool(o, "given_up", false);
        /* The clock of the plan may have begun anew with the machine. */
        if (json_get_bool(o, "restarts", false))
                revival_postpone(&w->revival, &k->rules->revival, clock_usec(CLOCK_BOOTTIME));
        w->patience = (Patience){
                        .reset_usec = json_get_u64(o, "reset_usec", 0),
                        .due_usec = json_get_u64(o, "due_usec", 0),
                        .attempts = (unsigned)MIN(json_get_u64(o, "attempts", 0), (uint64_t)1000),
                        .asked = json_get_bool(o, "asked", false),
                        .worked_usec = json_get_u64(o, "worked_usec", 0),
                        .given_up = json_get_bool(o, "cancelled", false),
        };
        return 0;
}

int keeper_restore(Keeper *k, json_object *saved) {
        return json_read_list(saved, WARDS_MAX, ward_restore, k);
}

int keeper_new(Registry *registry, Acts *acts, const KeeperRules *rules, KeeperTell tell_func,
                void *userdata, Keeper **ret) {
        Keeper *k = calloc(1, sizeof(*k));
        int r;

        assert(registry && acts && rules && tell_func && ret);
        if (!k)
                return -ENOMEM;
        *k = (Keeper){
                        .registry = registry,
                        .acts = acts,
                        .rules = rules,
                        .tell = tell_func,
                        .userdata = userdata,
                        .boot_usec = clock_usec(CLOCK_BOOTTIME),
        };
        r = registry_add_observer(registry, &observer, k);
        if (r < 0) {
                free(k);
                return r;
        }
        *ret = k;
        return 0;
}

Keeper *keeper_free(Keeper *k) {
        Ward *w, *next;

        if (!k)
                return NULL;
        registry_remove_observer(k->registry, k);
        HASH_ITER (hh, k->wards, w, next) {
                HASH_DEL(k->wards, w);
                ward_free(w);
        }
        free(k);
        return NULL;
}
