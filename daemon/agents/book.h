/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The book
 *
 * The tables behind the registry: servers by id and by socket, agents by id, counts by state. It
 * holds what it is given and neither makes, frees nor changes it.
 */

#include "daemon/agents/agent.h"
#include "daemon/agents/server.h"

typedef struct Book {
        ServerEntry *servers;        /* by id, in order */
        ServerEntry *servers_by_key; /* the same, by user and socket */
        AgentEntry *agents;          /* by id, in order */
        unsigned counts[_AGENT_STATE_MAX];
} Book;

/* The agents of one server; the one at hand may be removed. Needs braces. */
#define BOOK_FOREACH_AGENT(book, server_entry, a, next) \
        HASH_ITER (hh, (book)->agents, a, next) \
                if (a->agent.server == &(server_entry)->server)

void book_add_server(Book *book, ServerEntry *e);
void book_remove_server(Book *book, ServerEntry *e);
ServerEntry *book_find_server(const Book *book, const char *id);
ServerEntry *book_find_socket(const Book *book, uid_t uid, const char *socket);
/* An id that is free, with as many digits as that takes. -EEXIST. */
int book_pick_server_id(const Book *book, uid_t uid, const char *socket, char **ret);
/* The user's absent server that is so the longest, or NULL. */
ServerEntry *book_oldest_absent(const Book *book, uid_t uid);
unsigned book_count_servers(const Book *book, uid_t uid);

void book_add_agent(Book *book, AgentEntry *e);
void book_remove_agent(Book *book, AgentEntry *e);
/* Its state is another one now. */
void book_recount_agent(Book *book, const AgentEntry *e, AgentState old);
AgentEntry *book_find_agent(const Book *book, const char *id);
AgentEntry *book_find_pane(const Book *book, const ServerEntry *server, const char *pane);
AgentEntry *book_oldest_gone(const Book *book, uid_t uid);
unsigned book_count_agents(const Book *book, uid_t uid);
