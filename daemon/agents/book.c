/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/book.h"

#include <string.h>

#include "daemon/agents/agent-id.h"

/* Ids that differ in a number stand in the order of that number. */
static int agent_order(const AgentEntry *a, const AgentEntry *b) {
        return strverscmp(a->agent.id, b->agent.id);
}

static int server_order(const ServerEntry *a, const ServerEntry *b) {
        return strverscmp(a->server.id, b->server.id);
}

void book_add_server(Book *book, ServerEntry *e) {
        HASH_ADD_KEYPTR_INORDER(
                        hh, book->servers, e->server.id, strlen(e->server.id), e, server_order);
        HASH_ADD_KEYPTR(hh_key, book->servers_by_key, e->key, strlen(e->key), e);
}

void book_remove_server(Book *book, ServerEntry *e) {
        HASH_DELETE(hh, book->servers, e);
        HASH_DELETE(hh_key, book->servers_by_key, e);
}

ServerEntry *book_find_server(const Book *book, const char *id) {
        ServerEntry *e;

        HASH_FIND_STR(book->servers, id, e);
        return e;
}

ServerEntry *book_find_socket(const Book *book, uid_t uid, const char *socket) {
        _cleanup_free_ char *key = NULL;
        ServerEntry *e;

        if (!socket || server_key_make(uid, socket, &key) < 0)
                return NULL;

        HASH_FIND(hh_key, book->servers_by_key, key, strlen(key), e);
        return e;
}

int book_pick_server_id(const Book *book, uid_t uid, const char *socket, char **ret) {
        unsigned n_digits = 0;
        int r;

        while (n_digits <= SERVER_ID_DIGITS_MAX) {
                _cleanup_free_ char *id = NULL;

                r = server_id_make(uid, socket, n_digits, &id);
                if (r < 0)
                        return r;

                if (!book_find_server(book, id)) {
                        *ret = TAKE_PTR(id);
                        return 0;
                }

                n_digits = MAX(n_digits + 1, SERVER_ID_DIGITS_MIN);
        }

        return -EEXIST;
}

ServerEntry *book_oldest_absent(const Book *book, uid_t uid) {
        ServerEntry *oldest = NULL;

        for (ServerEntry *e = book->servers; e; e = e->hh.next)
                if (e->server.uid == uid && e->server.last.liveness == LIVENESS_ABSENT &&
                                (!oldest || e->server.since_usec < oldest->server.since_usec))
                        oldest = e;

        return oldest;
}

unsigned book_count_servers(const Book *book, uid_t uid) {
        unsigned n = 0;

        for (ServerEntry *e = book->servers; e; e = e->hh.next)
                if (e->server.uid == uid)
                        n++;

        return n;
}

void book_add_agent(Book *book, AgentEntry *e) {
        HASH_ADD_KEYPTR_INORDER(hh, book->agents, e->agent.id, strlen(e->agent.id), e, agent_order);
        server_entry(e->agent.server)->n_agents++;
        book->counts[e->agent.last.state]++;
}

void book_remove_agent(Book *book, AgentEntry *e) {
        HASH_DELETE(hh, book->agents, e);
        server_entry(e->agent.server)->n_agents--;
        book->counts[e->agent.last.state]--;
}

void book_recount_agent(Book *book, const AgentEntry *e, AgentState old) {
        book->counts[old]--;
        book->counts[e->agent.last.state]++;
}

AgentEntry *book_find_agent(const Book *book, const char *id) {
        AgentEntry *e;

        HASH_FIND_STR(book->agents, id, e);
        return e;
}

AgentEntry *book_find_pane(const Book *book, const ServerEntry *server, const char *pane) {
        _cleanup_free_ char *id = NULL;

        if (agent_id_make(server->server.id, pane, &id) < 0)
                return NULL;

        return book_find_agent(book, id);
}

AgentEntry *book_oldest_gone(const Book *book, uid_t uid) {
        AgentEntry *oldest = NULL;

        for (AgentEntry *e = book->agents; e; e = e->hh.next)
                if (e->agent.server->uid == uid && agent_state_is_gone(e->agent.last.state) &&
                                (!oldest || e->agent.since_usec < oldest->agent.since_usec))
                        oldest = e;

        return oldest;
}

unsigned book_count_agents(const Book *book, uid_t uid) {
        unsigned n = 0;

        for (ServerEntry *e = book->servers; e; e = e->hh.next)
                if (e->server.uid == uid)
                        n += e->n_agents;

        return n;
}
