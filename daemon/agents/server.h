/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One tmux server
 *
 * Takes over reports; keeps its agents in a list and what its death took along. Tells nobody; the
 * registry does.
 */

#include <uthash.h>

#include "daemon/agents/registry.h"

/* As much of an obituary as anybody reads. */
#define SERVER_LOST_MAX 100U

typedef struct ServerEntry {
        Server server; /* what others see */
        char *key;     /* uid and socket: what a report names it by */
        pid_t life;    /* the last process id that was reported; 0: none was */
        unsigned n_agents;
        UT_hash_handle hh;
        UT_hash_handle hh_key;
} ServerEntry;

static inline ServerEntry *server_entry(const Server *s) {
        return CONTAINER_OF(s, ServerEntry, server);
}

/* All strings present, a socket by its absolute path. -EINVAL, -ENOMEM. */
int server_report_complete(ServerReport *report);

int server_key_make(uid_t uid, const char *socket, char **ret);

/* Takes over @report, which must be complete, @key and @id; on failure none of them. */
int server_entry_new(uid_t uid, char *key, char *id, ServerReport *report, uint64_t now_usec,
                ServerEntry **ret);
ServerEntry *server_entry_free(ServerEntry *e);
DEFINE_CLEANUP(ServerEntry *, server_entry_free)

/*
 * Takes over @report and notes in Server.changed what is new; nothing but the cost of the last look
 * may change without a bit there.
 */
void server_entry_apply(ServerEntry *e, ServerReport *report, uint64_t now_usec);
/* Nothing can be said of it now. */
int server_entry_doubt(ServerEntry *e, const char *reason, uint64_t now_usec);

/* Whether @report tells of another server at the same socket. */
bool server_entry_is_another(const ServerEntry *e, const ServerReport *report);

/* "claude in work:1.0 was working"; what does not fit is counted in a last line. */
int server_lost_add(char ***lost, const Agent *a);
