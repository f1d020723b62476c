/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "polkit/polkit-authorizer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <utlist.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "polkit/polkit-message.h"

/* A human may have to find a password. */
#define ANSWER_TIMEOUT_USEC (120 * USEC_PER_SEC)
/* One call asks for a few things at most. */
#define VERDICTS_MAX 64U

/* What was answered for one call, until that call has been dispatched for the last time. */
typedef struct Verdict {
        AuthorizeAction action;
        uid_t owner;
        char *which;
        PolkitAnswer answer;
} Verdict;

struct PolkitQuery {
        PolkitAuthorizer *authorizer;
        sd_bus_message *message;
        sd_bus_slot *call; /* NULL: nothing is open */
        sd_bus_track *caller;
        sd_event_source *done;
        char cancellation[40];
        Verdict verdicts[VERDICTS_MAX];
        size_t n_verdicts; /* the last is the open one while there is one */
        PolkitQuery *prev, *next;
};

static const char *const action_ids[_AUTHORIZE_ACTION_MAX] = {
                [AUTHORIZE_VIEW_SCREEN] = "org.tmuxorc.monitor1.view-screen",
                [AUTHORIZE_CHECK_AGENT] = "org.tmuxorc.monitor1.manage-monitoring",
                [AUTHORIZE_REPORT_EVENT] = "org.tmuxorc.monitor1.control-agent",
                [AUTHORIZE_CONTROL_AGENT] = "org.tmuxorc.monitor1.control-agent",
                [AUTHORIZE_MANAGE_MONITORING] = "org.tmuxorc.monitor1.manage-monitoring",
                [AUTHORIZE_CONFIGURE] = "org.tmuxorc.monitor1.configure",
                [AUTHORIZE_MANAGE_PLUGINS] = "org.tmuxorc.monitor1.manage-plugins",
                [AUTHORIZE_EXECUTE_PLUGIN] = "org.tmuxorc.monitor1.execute-plugin",
                [AUTHORIZE_VIEW_REPORT] = "org.tmuxorc.monitor1.view-screen",
};

const char *polkit_action_of(AuthorizeAction action) {
        assert(action >= 0 && action < _AUTHORIZE_ACTION_MAX);
        return action_ids[action];
}

static void query_free(PolkitQuery *q) {
        DL_DELETE(q->authorizer->queries, q);
        sd_event_source_disable_unref(q->done);
        sd_bus_slot_unref(q->call);
        sd_bus_track_unref(q->caller);
        sd_bus_message_unref(q->message);
        for (size_t i = 0; i < q->n_verdicts; i++)
                free(q->verdicts[i].which);
        free(q);
}

static int on_caller_left(sd_bus_track *track, void *userdata) {
        PolkitQuery *q = userdata;

        if (q->call)
                polkit_message_cancel(sd_bus_message_get_bus(q->message), q->cancellation);
        query_free(q);
        return 0;
}

/* When nothing else is to be done, the call has been dispatched and has got what it came for. */
static int on_done(sd_event_source *s, void *userdata) {
        query_free(userdata);
        return 0;
}

static int query_new(PolkitAuthorizer *p, sd_bus_message *m, PolkitQuery **ret) {
        sd_bus *bus = sd_bus_message_get_bus(m);
        PolkitQuery *q;
        int r;

        q = calloc(1, sizeof(*q));
        if (!q)
                return -ENOMEM;
        q->authorizer = p;
        q->message = sd_bus_message_ref(m);
        DL_APPEND(p->queries, q);

        r = sd_bus_track_new(bus, &q->caller, on_caller_left, q);
        if (r >= 0)
                r = sd_bus_track_add_sender(q->caller, m);
        if (r >= 0)
                r = sd_event_add_defer(sd_bus_get_event(bus), &q->done, on_done, q);
        if (r >= 0)
                r = sd_event_source_set_priority(q->done, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_event_source_set_enabled(q->done, SD_EVENT_OFF);
        if (r < 0) {
                query_free(q);
                return r;
        }

        *ret = q;
        return 0;
}

static PolkitQuery *find_query(PolkitAuthorizer *p, sd_bus_message *m) {
        PolkitQuery *q;

        DL_FOREACH (p->queries, q)
                if (q->message == m)
                        return q;
        return NULL;
}

static const Verdict *find_verdict(const PolkitQuery *q, const AuthorizeQuestion *question) {
        for (size_t i = 0; q && i < q->n_verdicts; i++) {
                const Verdict *v = &q->verdicts[i];

                if (v->action == question->action && v->owner == question->owner &&
                                strcmp(v->which, question->which ?: "") == 0)
                        return v;
        }

        return NULL;
}

static bool too_many(const PolkitAuthorizer *p, sd_bus_message *m) {
        const char *sender = sd_bus_message_get_sender(m);
        unsigned n = 0, n_caller = 0;
        const PolkitQuery *q;

        DL_FOREACH (p->queries, q) {
                n++;
                n_caller += strcmp(sd_bus_message_get_sender(q->message), sender) == 0;
        }

        return n >= POLKIT_WAITING_MAX || n_caller >= POLKIT_WAITING_PER_CALLER;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        PolkitQuery *q = userdata;
        int r;

        q->call = sd_bus_slot_unref(q->call);
        q->verdicts[q->n_verdicts - 1].answer = polkit_message_read(reply);

        /* Once more from its beginning: everything may be another by now. */
        r = sd_bus_message_rewind(q->message, true);
        if (r >= 0)
                r = sd_bus_enqueue_for_read(sd_bus_message_get_bus(q->message), q->message);
        if (r < 0)
                (void)sd_bus_reply_method_errno(q->message, r, NULL);
        (void)sd_event_source_set_enabled(q->done, SD_EVENT_ONESHOT);
        return 0;
}

static int ask(PolkitQuery *q, const AuthorizeQuestion *question) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        Verdict *v = &q->verdicts[q->n_verdicts];
        int r;

        (void)snprintf(q->cancellation, sizeof(q->cancellation), "tmux-orchestrator-%llu",
                        (unsigned long long)++q->authorizer->n_asked);
        r = polkit_message_check(
                        q->message, action_ids[question->action], question, q->cancellation, &call);
        if (r < 0)
                return r;

        *v = (Verdict){.action = question->action, .owner = question->owner};
        v->which = strdup(question->which ?: "");
        if (!v->which)
                return -ENOMEM;
        q->n_verdicts++;

        (void)sd_event_source_set_enabled(q->done, SD_EVENT_OFF);
        return sd_bus_call_async(sd_bus_message_get_bus(q->message), &q->call, call, on_answer, q,
                        ANSWER_TIMEOUT_USEC);
}

static int refuse(const AuthorizeQuestion *question, PolkitAnswer answer, sd_bus_error *reterr) {
        const char *what = authorize_action_describe(question->action);

        switch (answer) {
        case POLKIT_YES:
                return 0;
        case POLKIT_CHALLENGE:
                return sd_bus_error_setf(reterr, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                                "to %s you must prove who you are, and you did not allow to ask",
                                what);
        case POLKIT_ABSENT:
                return sd_bus_error_setf(reterr, SD_BUS_ERROR_ACCESS_DENIED,
                                "you may not %s: there is no polkit that could allow it", what);
        case POLKIT_NO:
                break;
        }

        return sd_bus_error_setf(reterr, SD_BUS_ERROR_ACCESS_DENIED, "you may not %s", what);
}

static int ask_for(PolkitAuthorizer *p, sd_bus_message *m, const AuthorizeQuestion *question,
                sd_bus_error *reterr) {
        PolkitQuery *q = find_query(p, m);
        const Verdict *v = find_verdict(q, question);
        int r;

        if (v)
                return refuse(question, v->answer, reterr);
        if ((q && q->n_verdicts == VERDICTS_MAX) || (!q && too_many(p, m)))
                return sd_bus_error_set(reterr, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                "too many calls wait for an authorization");

        r = q ? 0 : query_new(p, m, &q);
        if (r < 0)
                return r;
        r = ask(q, question);
        if (r < 0) {
                query_free(q);
                return r;
        }

        return 1;
}

static int check(Authorizer *authorizer, sd_bus_message *m, const AuthorizeQuestion *question,
                sd_bus_error *reterr) {
        PolkitAuthorizer *p = CONTAINER_OF(authorizer, PolkitAuthorizer, authorizer);
        uid_t sender;

        /* Without a name on the bus there is nobody to ask for. */
        if (!sd_bus_message_get_sender(m) || authorize_get_sender(authorizer, m, &sender) < 0)
                return refuse(question, POLKIT_NO, reterr);
        if (owner_authorizer_allows(&p->owner, sender, question->action, question->owner))
                return 0;

        return ask_for(p, m, question, reterr);
}

static void forget(Authorizer *authorizer, sd_bus *bus) {
        PolkitAuthorizer *p = CONTAINER_OF(authorizer, PolkitAuthorizer, authorizer);
        PolkitQuery *q, *next;

        DL_FOREACH_SAFE (p->queries, q, next)
                if (sd_bus_message_get_bus(q->message) == bus)
                        query_free(q);
}

void polkit_authorizer_init(PolkitAuthorizer *p) {
        assert(p);

        *p = (PolkitAuthorizer){.authorizer = {.check = check, .forget = forget}};
        owner_authorizer_init(&p->owner, (uid_t)-1);
}
