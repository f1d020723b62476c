/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/courier.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

#define ERRANDS_MAX 4096U

/* One for each agent with a draft. */
typedef struct Errand {
        char *id; /* of the agent */
        Courier *courier;
        ActPolicy policy; /* by which it was dealt with so far */
        Draft draft;
        WatchersQuestion *question; /* what stands there? */
        ActsTask *task;             /* it is being submitted */
        UT_hash_handle hh;
} Errand;

struct Courier {
        Registry *registry;
        Acts *acts;
        const CourierRules *rules;
        const CourierPort *port;
        void *port_userdata;
        KeeperTell tell;
        void *tell_userdata;
        Errand *errands;
        uint64_t now_usec; /* of the last tick */
};

static Errand *errand_free(Errand *e) {
        if (!e)
                return NULL;
        if (e->question)
                e->courier->port->drop(e->courier->port_userdata, e->question);
        acts_task_forget(e->task);
        free(e->id);
        free(e);
        return NULL;
}

static void errand_drop(Errand *e) {
        HASH_DEL(e->courier->errands, e);
        errand_free(e);
}

static Errand *errand_get(Courier *c, const char *id) {
        Errand *e;

        HASH_FIND_STR(c->errands, id, e);
        if (e || HASH_COUNT(c->errands) >= ERRANDS_MAX)
                return e;
        e = calloc(1, sizeof(*e));
        if (!e)
                return NULL;
        *e = (Errand){.id = strdup(id), .courier = c, .policy = _ACT_POLICY_INVALID};
        if (!e->id)
                return errand_free(e);
        HASH_ADD_KEYPTR(hh, c->errands, e->id, strlen(e->id), e);
        return e;
}

static void tell(const Errand *e, const Agent *a, KeeperNews news, uint64_t when_usec,
                const char *why) {
        e->courier->tell(e->courier->tell_userdata, a, ACT_KIND_SUBMIT, news, when_usec, why);
}

static bool is_known(const Agent *a) {
        return a->server->last.liveness == LIVENESS_ALIVE && a->last.state != AGENT_UNKNOWN;
}

static bool has_draft(const Agent *a) {
        return is_known(a) && a->last.state == AGENT_IDLE && a->last.pid > 0 &&
                        a->last.attributes & ATTRIBUTE_UNSUBMITTED;
}

/* Nothing was sent, and another time it may be otherwise. */
static bool may_pass(ActRefusal refusal) {
        switch (refusal) {
        case ACT_WORKING:
        case ACT_UNSETTLED:
        case ACT_DIALOG:
        case ACT_COPY_MODE:
        case ACT_SYNCHRONIZED:
        case ACT_HUMAN:
        case ACT_STALE:
        case ACT_OCCUPIED:
        case ACT_MOVED:
        case ACT_NO_AGENT:
        case ACT_REPLACED:
        case ACT_OTHER_PROGRAM:
                return true;
        case ACT_DONE:
        case ACT_NO_DIALOG:
        case ACT_DRAFT:
        case ACT_NO_PROMPT:
        case ACT_COMMAND:
        case ACT_UNSUPPORTED:
        case ACT_RUNNING:
        case ACT_NO_SHELL:
        case ACT_OWNER:
        case ACT_DISTURBED:
        case ACT_UNVERIFIED:
        case ACT_NO_CLIENT:
        case ACT_TMUX:
        case _ACT_REFUSAL_MAX:
        case _ACT_REFUSAL_INVALID:
        default:
                return false;
        }
}

/* As long as it stands there it will be so. */
static bool is_final(ActRefusal refusal) {
        return refusal == ACT_OWNER || refusal == ACT_UNSUPPORTED || refusal == ACT_COMMAND;
}

static void on_submitted(void *userdata, int error, const ActOutcome *o) {
        Errand *e = userdata;
        Courier *c = e->courier;
        const Agent *a = registry_find_agent(c->registry, e->id);

        e->task = NULL;
        if (!a)
                return;
        if (o && o->refusal == ACT_DONE) {
                draft_put_off(&e->draft);
                return tell(e, a, KEEPER_DONE, 0, "");
        }
        if (o && may_pass(o->refusal))
                return draft_put_off(&e->draft);
        tell(e, a, KEEPER_REFUSED, 0,
                        o ? act_refusal_describe(o->refusal) : "its watcher does not answer");
        if (o && is_final(o->refusal))
                e->draft.over = true;
        else if (draft_failed(&e->draft, &c->rules->draft))
                tell(e, a, KEEPER_GIVEN_UP, 0, "its text still stands there");
}

static void submit(Errand *e, const Agent *a) {
        Courier *c = e->courier;
        ActOrder order = {
                        .kind = ACT_KIND_SUBMIT,
                        .automatic = true,
                        .pid = a->last.pid,
                        .calm_usec = c->rules->draft.after_usec,
        };
        const ActCause cause = {.why = "draft", .uid = UID_INVALID};
        int r;

        (void)snprintf(order.token, sizeof(order.token), "%s", e->draft.token);
        r = acts_do(c->acts, a, &order, &cause, on_submitted, e, &e->task);
        if (r < 0)
                on_submitted(e, r, NULL);
}

static void deal_with(Errand *e, const Agent *a) {
        if (e->policy == ACT_POLICY_ACT)
                return submit(e, a);
        e->draft.over = true;
        tell(e, a, KEEPER_WOULD, 0, "nobody sent the text that stands in its input");
}

static void tell_plan(Errand *e, const Agent *a) {
        if (e->draft.told || e->policy != ACT_POLICY_ACT)
                return;
        e->draft.told = true;
        tell(e, a, KEEPER_PLANNED, now_realtime() + e->courier->rules->draft.after_usec, "");
}

static void on_looked(void *userdata, int error, json_object *result) {
        Errand *e = userdata;
        Courier *c = e->courier;
        const Agent *a = registry_find_agent(c->registry, e->id);
        const char *token = error < 0 ? NULL : json_get_string(result, "token");

        e->question = NULL;
        if (!a || !has_draft(a) || !token || !token[0] || strlen(token) >= ACT_TOKEN_MAX)
                return;
        if (draft_looked(&e->draft, &c->rules->draft, token, c->now_usec))
                return deal_with(e, a);
        tell_plan(e, a);
}

/* Another policy: what was done by the old one does not count. */
static void set_policy(Errand *e, ActPolicy policy) {
        if (e->policy != policy && e->policy >= 0)
                e->draft = (Draft){};
        e->policy = policy;
}

static void attend(Courier *c, const Agent *a, ActPolicy policy) {
        Errand *e = errand_get(c, a->id);
        WatchersQuestion *question;

        if (!e || e->question || e->task)
                return;
        set_policy(e, policy);
        if (draft_wants_look(&e->draft, &c->rules->draft, c->now_usec) &&
                        c->port->look(c->port_userdata, a, on_looked, e, &question) >= 0)
                e->question = question;
}

/* Who has none any more: what comes next is another matter. */
static void forget(Courier *c) {
        Errand *e, *next;

        HASH_ITER (hh, c->errands, e, next) {
                const Agent *a = registry_find_agent(c->registry, e->id);

                if (!a || (is_known(a) && !has_draft(a) && !e->task))
                        errand_drop(e);
        }
}

void courier_tick(Courier *c, uint64_t now_usec) {
        c->now_usec = now_usec;
        forget(c);
        for (const Agent *a = NULL; (a = registry_next_agent(c->registry, a));) {
                ActPolicy policy =
                                has_draft(a) ? policy_of(&c->rules->policy, a) : ACT_POLICY_OBSERVE;

                if (policy != ACT_POLICY_OBSERVE)
                        attend(c, a, policy);
        }
}

static int errand_to_json(const Errand *e, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "agent", e->id);
        if (r >= 0)
                r = json_set_string(o, "policy", act_policy_to_string(e->policy));
        if (r >= 0)
                r = json_set_u64(o, "attempts", e->draft.attempts);
        if (r >= 0)
                r = json_set_bool(o, "told", e->draft.told);
        if (r >= 0)
                r = json_set_bool(o, "over", e->draft.over);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

int courier_save(const Courier *c, json_object **ret) {
        _cleanup_json_ json_object *list = json_object_new_array();

        if (!list)
                return -ENOMEM;
        for (const Errand *e = c->errands; e; e = e->hh.next) {
                json_object *o = NULL;
                int r = e->policy < 0 ? 0 : errand_to_json(e, &o);

                if (r >= 0 && o)
                        r = json_append(list, o);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(list);
        return 0;
}

static int errand_restore(void *userdata, json_object *o) {
        Courier *c = userdata;
        const char *id = json_get_string(o, "agent"), *policy = json_get_string(o, "policy");
        ActPolicy known = policy ? act_policy_from_string(policy) : _ACT_POLICY_INVALID;
        Errand *e = id && (int)known >= 0 ? errand_get(c, id) : NULL;

        if (!e)
                return -EBADMSG;
        e->policy = known;
        e->draft.attempts = (unsigned)MIN(json_get_u64(o, "attempts", 0), (uint64_t)1000);
        e->draft.told = json_get_bool(o, "told", false);
        e->draft.over = json_get_bool(o, "over", false);
        return 0;
}

int courier_restore(Courier *c, json_object *saved) {
        return json_read_list(saved, ERRANDS_MAX, errand_restore, c);
}

int courier_new(Registry *registry, Acts *acts, const CourierRules *rules, const CourierPort *port,
                void *port_userdata, KeeperTell tell_func, void *tell_userdata, Courier **ret) {
        Courier *c = calloc(1, sizeof(*c));

        assert(registry && acts && rules && port && tell_func && ret);
        if (!c)
                return -ENOMEM;
        *c = (Courier){
                        .registry = registry,
                        .acts = acts,
                        .rules = rules,
                        .port = port,
                        .port_userdata = port_userdata,
                        .tell = tell_func,
                        .tell_userdata = tell_userdata,
        };
        *ret = c;
        return 0;
}

Courier *courier_free(Courier *c) {
        Errand *e, *next;

        if (!c)
                return NULL;
        HASH_ITER (hh, c->errands, e, next)
                errand_drop(e);
        free(c);
        return NULL;
}
