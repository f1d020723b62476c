/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/server.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/strv.h"

int server_report_complete(ServerReport *r) {
        assert(r);

        if (!r->socket || r->socket[0] != '/')
                return -EINVAL;
        if (r->liveness < 0 || r->liveness >= _LIVENESS_MAX)
                return -EINVAL;

        if (!r->reason)
                r->reason = strdup("");
        if (!r->version)
                r->version = strdup("");

        return r->reason && r->version ? 0 : -ENOMEM;
}

int server_key_make(uid_t uid, const char *socket, char **ret) {
        assert(socket);
        assert(ret);

        return asprintf(ret, "%lu %s", (unsigned long)uid, socket) < 0 ? -ENOMEM : 0;
}

int server_entry_new(uid_t uid, char *key, char *id, ServerReport *report, uint64_t now_usec,
                ServerEntry **ret) {
        ServerEntry *e;

        assert(key);
        assert(id);
        assert(report);
        assert(ret);

        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;

        e->key = key;
        e->server.id = id;
        e->server.uid = uid;
        e->server.since_usec = now_usec;
        e->life = report->pid;
        e->server.last = *report;
        *report = (ServerReport){};

        *ret = e;
        return 0;
}

ServerEntry *server_entry_free(ServerEntry *e) {
        if (!e)
                return NULL;

        assert(e->n_agents == 0);

        server_report_done(&e->server.last);
        strv_free(e->server.lost);
        free(e->server.id);
        free(e->key);
        free(e);
        return NULL;
}

static void enter_liveness(Server *s, Liveness liveness, uint64_t now_usec) {
        s->last.liveness = liveness;
        s->since_usec = now_usec;
        s->changed |= SERVER_CHANGED_LIVENESS | SERVER_CHANGED_SINCE;
}

static unsigned compare(const ServerReport *a, const ServerReport *b) {
        unsigned changed = 0;

        if (strcmp(a->reason, b->reason) != 0)
                changed |= SERVER_CHANGED_REASON;
        if (strcmp(a->version, b->version) != 0)
                changed |= SERVER_CHANGED_VERSION;
        if (a->pid != b->pid)
                changed |= SERVER_CHANGED_PID;
        if (a->n_panes != b->n_panes)
                changed |= SERVER_CHANGED_PANES;

        return changed;
}

void server_entry_apply(ServerEntry *e, ServerReport *report, uint64_t now_usec) {
        Server *s = &e->server;

        assert(e);
        assert(report);

        s->changed = compare(&s->last, report);
        if (report->liveness != s->last.liveness)
                enter_liveness(s, report->liveness, now_usec);
        if (report->liveness == LIVENESS_ALIVE && s->lost) {
                s->lost = strv_free(s->lost);
                s->changed |= SERVER_CHANGED_LOST;
        }

        /* What is said of one that is not there yet, or not any more, is no life of its own. */
        if (report->pid > 0 && report->liveness == LIVENESS_ALIVE)
                e->life = report->pid;

        server_report_done(&s->last);
        s->last = *report;
        *report = (ServerReport){};
}

int server_entry_doubt(ServerEntry *e, const char *reason, uint64_t now_usec) {
        Server *s = &e->server;
        char *copy;

        assert(e);
        assert(reason);

        copy = strdup(reason);
        if (!copy)
                return -ENOMEM;

        s->changed = strcmp(s->last.reason, reason) != 0 ? SERVER_CHANGED_REASON : 0;
        if (s->last.liveness != LIVENESS_UNKNOWN)
                enter_liveness(s, LIVENESS_UNKNOWN, now_usec);

        free(s->last.reason);
        s->last.reason = copy;
        return 0;
}

bool server_entry_is_another(const ServerEntry *e, const ServerReport *report) {
        assert(e);
        assert(report);

        return report->liveness == LIVENESS_ALIVE && report->pid > 0 && e->life > 0 &&
                        report->pid != e->life;
}

int server_lost_add(char ***lost, const Agent *a) {
        _cleanup_free_ char *line = NULL;
        size_t n = strv_length(*lost);

        assert(lost);
        assert(a);

        if (n == SERVER_LOST_MAX)
                return strv_extend(lost, "and more");
        if (n > SERVER_LOST_MAX)
                return 0;

        if (asprintf(&line, "%s in %s was %s", a->last.type, a->target,
                            agent_state_to_string(a->last.state)) < 0) {
                line = NULL;
                return -ENOMEM;
        }

        return strv_extend(lost, line);
}
