/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/registry.h"

#include <assert.h>
#include <string.h>

#include "daemon/agents/registry-private.h"
#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define RETENTION_USEC (10 * USEC_PER_MINUTE)
/* Nobody has been able to say anything of it for so long. */
#define UNKNOWN_RETENTION_USEC USEC_PER_DAY

#define RULE_ENDED "server-ended"
#define RULE_DIED "server-died"

static void remove_agent(Registry *registry, AgentEntry *e) {
        book_remove_agent(&registry->book, e);
        observers_agent_removed(&registry->observers, &e->agent);
        agent_entry_free(e);
}

static void remove_agents_of(Registry *registry, ServerEntry *e) {
        AgentEntry *a, *next;

        if (e->n_agents == 0)
                return;

        BOOK_FOREACH_AGENT(&registry->book, e, a, next) {
                remove_agent(registry, a);
        }
}

static void remove_server(Registry *registry, ServerEntry *e) {
        remove_agents_of(registry, e);
        book_remove_server(&registry->book, e);
        observers_server_removed(&registry->observers, &e->server);
        server_entry_free(e);
}

/* What is absent makes room for what is there: the one that has been so the longest. */
static int make_room_for_server(Registry *registry, uid_t uid) {
        ServerEntry *oldest;

        if (book_count_servers(&registry->book, uid) < registry->limits.servers_per_user)
                return 0;

        oldest = book_oldest_absent(&registry->book, uid);
        if (!oldest)
                return -EDQUOT;

        remove_server(registry, oldest);
        return 0;
}

static bool has_room_for_agent(const Registry *registry, uid_t uid) {
        const RegistryLimits *l = &registry->limits;

        return book_count_agents(&registry->book, uid) < l->agents_per_user &&
                        (l->agents == 0 || registry_count_agents(registry) < l->agents);
}

static int make_room_for_agent(Registry *registry, uid_t uid) {
        AgentEntry *oldest;

        if (has_room_for_agent(registry, uid))
                return 0;

        oldest = book_oldest_gone(&registry->book, uid);
        if (!oldest)
                return -EDQUOT;

        remove_agent(registry, oldest);
        return 0;
}

static int add_server(Registry *registry, uid_t uid, ServerReport *report) {
        _cleanup_free_ char *key = NULL, *id = NULL;
        ServerEntry *e;
        int r;

        r = make_room_for_server(registry, uid);
        if (r < 0)
                return r;

        r = server_key_make(uid, report->socket, &key);
        if (r < 0)
                return r;

        r = book_pick_server_id(&registry->book, uid, report->socket, &id);
        if (r < 0)
                return r;

        r = server_entry_new(uid, key, id, report, now_realtime(), &e);
        if (r < 0)
                return r;
        key = id = NULL;

        book_add_server(&registry->book, e);
        observers_server_added(&registry->observers, &e->server);
        return 0;
}

static int collect_lost(Registry *registry, const ServerEntry *e, char ***ret) {
        _cleanup_strv_free_ char **lost = NULL;
        AgentEntry *a, *next;
        int r;

        BOOK_FOREACH_AGENT(&registry->book, e, a, next) {
                if (agent_state_is_gone(a->agent.last.state))
                        continue;

                r = server_lost_add(&lost, &a->agent);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(lost);
        return 0;
}

static void lose_agents_of(Registry *registry, ServerEntry *e, uint64_t now_usec) {
        bool ended = text_starts_with(e->server.last.reason, "ended");
        AgentEntry *a, *next;

        BOOK_FOREACH_AGENT(&registry->book, e, a, next) {
                a->old = a->agent.last.state;
                if (!agent_entry_lose(a, ended ? AGENT_EXITED : AGENT_CRASHED,
                                    ended ? RULE_ENDED : RULE_DIED, now_usec))
                        continue;

                book_recount_agent(&registry->book, a, a->old);
        }
}

static void tell_lost_agents(Registry *registry, ServerEntry *e) {
        AgentEntry *a, *next;

        BOOK_FOREACH_AGENT(&registry->book, e, a, next) {
                if (a->old != a->agent.last.state)
                        observers_agent_changed(&registry->observers, &a->agent, a->old);
        }
}

/* All of it is done before the first of it is told: the observers find a world that adds up. */
static int server_dies(Registry *registry, ServerEntry *e, ServerReport *report) {
        _cleanup_strv_free_ char **lost = NULL;
        Liveness old = e->server.last.liveness;
        uint64_t now_usec = now_realtime();
        int r;

        r = collect_lost(registry, e, &lost);
        if (r < 0)
                return r;

        server_entry_apply(e, report, now_usec);
        strv_free(e->server.lost);
        e->server.lost = TAKE_PTR(lost);
        e->server.changed |= SERVER_CHANGED_LOST;
        lose_agents_of(registry, e, now_usec);

        observers_server_changed(&registry->observers, &e->server, old);
        tell_lost_agents(registry, e);
        return 0;
}

static int server_dies_unreported(Registry *registry, ServerEntry *e, const char *reason) {
        _cleanup_(server_report_done) ServerReport report = {.liveness = LIVENESS_ABSENT};

        report.socket = strdup(e->server.last.socket);
        report.reason = strdup(reason);
        report.version = strdup(e->server.last.version);
        if (!report.socket || !report.reason || !report.version)
                return -ENOMEM;

        return server_dies(registry, e, &report);
}

static int update_server(Registry *registry, ServerEntry *e, ServerReport *report) {
        Liveness old = e->server.last.liveness;
        int r;

        if (server_entry_is_another(e, report)) {
                if (old != LIVENESS_ABSENT) {
                        r = server_dies_unreported(registry, e, "replaced by another server");
                        if (r < 0)
                                return r;
                        old = LIVENESS_ABSENT;
                }
                remove_agents_of(registry, e);
        }

        if (report->liveness == LIVENESS_ABSENT && old != LIVENESS_ABSENT)
                return server_dies(registry, e, report);

        server_entry_apply(e, report, now_realtime());
        if (e->server.changed != 0)
                observers_server_changed(&registry->observers, &e->server, old);

        return 0;
}

int registry_report_server(Registry *registry, uid_t uid, ServerReport *report) {
        _cleanup_(server_report_done) ServerReport taken = *report;
        ServerEntry *e;
        int r;

        assert(registry);
        assert(registry->observers.telling == 0);

        *report = (ServerReport){};
        r = server_report_complete(&taken);
        if (r < 0)
                return r;

        e = book_find_socket(&registry->book, uid, taken.socket);
        return e ? update_server(registry, e, &taken) : add_server(registry, uid, &taken);
}

static int add_agent(Registry *registry, ServerEntry *server, AgentReport *report) {
        AgentEntry *e;
        int r;

        r = make_room_for_agent(registry, server->server.uid);
        if (r < 0)
                return r;

        r = agent_entry_new(&server->server, report, now_realtime(), &e);
        if (r < 0)
                return r;

        book_add_agent(&registry->book, e);
        observers_agent_added(&registry->observers, &e->agent);
        return 0;
}

static int update_agent(Registry *registry, AgentEntry *e, AgentReport *report) {
        AgentState old = e->agent.last.state;
        int r;

        r = agent_entry_apply(e, report, now_realtime());
        if (r < 0)
                return r;

        book_recount_agent(&registry->book, e, old);
        if (e->agent.changed != 0)
                observers_agent_changed(&registry->observers, &e->agent, old);

        return 0;
}

static int take_agent(Registry *registry, uid_t uid, AgentReport *report) {
        _cleanup_(agent_report_done) AgentReport taken = *report;
        ServerEntry *server;
        AgentEntry *e;
        int r;

        assert(registry);
        assert(registry->observers.telling == 0);

        *report = (AgentReport){};
        r = agent_report_complete(&taken);
        if (r < 0)
                return r;

        server = book_find_socket(&registry->book, uid, taken.socket);
        if (!server)
                return -ENXIO;
        if (server->server.last.liveness == LIVENESS_ABSENT && !agent_state_is_gone(taken.state))
                return -EBADE;

        e = book_find_pane(&registry->book, server, taken.pane);
        return e ? update_agent(registry, e, &taken) : add_agent(registry, server, &taken);
}

int registry_report_agent(Registry *registry, uid_t uid, AgentReport *report) {
        int r = take_agent(registry, uid, report);

        if (r < 0)
                registry->refused++;
        return r;
}

int registry_remove_agent(Registry *registry, uid_t uid, const char *socket, const char *pane) {
        ServerEntry *server;
        AgentEntry *e;

        assert(registry);
        assert(registry->observers.telling == 0);

        server = book_find_socket(&registry->book, uid, socket);
        e = server ? book_find_pane(&registry->book, server, pane) : NULL;
        if (!e)
                return -ENXIO;

        remove_agent(registry, e);
        return 0;
}

static void doubt_server(Registry *registry, ServerEntry *e, const char *reason) {
        Liveness old = e->server.last.liveness;

        /* Without memory the old reason stands. */
        if (server_entry_doubt(e, reason, now_realtime()) < 0 || e->server.changed == 0)
                return;

        observers_server_changed(&registry->observers, &e->server, old);
}

void registry_lose_user(Registry *registry, uid_t uid, const char *reason) {
        ServerEntry *e, *next;

        assert(registry);
        assert(reason);
        assert(registry->observers.telling == 0);

        HASH_ITER (hh, registry->book.servers, e, next)
                if (e->server.uid == uid && e->server.last.liveness != LIVENESS_ABSENT)
                        doubt_server(registry, e, reason);
}

static bool is_too_old(const Server *s, uint64_t now_usec) {
        uint64_t retention = s->last.liveness == LIVENESS_ABSENT ? RETENTION_USEC
                                                                 : UNKNOWN_RETENTION_USEC;

        return s->last.liveness != LIVENESS_ALIVE && s->since_usec + retention < now_usec;
}

void registry_expire(Registry *registry, uint64_t now_usec) {
        ServerEntry *s, *next;

        assert(registry);
        assert(registry->observers.telling == 0);

        HASH_ITER (hh, registry->book.servers, s, next)
                if (is_too_old(&s->server, now_usec))
                        remove_server(registry, s);
}
