/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reports as a watcher would send them, for all tests that need a registry with something in it. */

#include <string.h>

#include "daemon/agents/registry.h"

#define TEST_SOCKET "/tmp/tmux-1000/default"
#define TEST_UID 1000

static inline int report_server_full(Registry *r, uid_t uid, const char *socket, Liveness l,
                pid_t pid, const char *reason) {
        ServerReport report = {
                        .socket = strdup(socket),
                        .liveness = l,
                        .reason = strdup(reason),
                        .version = strdup("3.3a"),
                        .pid = pid,
                        .n_panes = 3,
                        .look_usec = 1500,
        };

        return registry_report_server(r, uid, &report);
}

static inline int report_server(Registry *r, Liveness l, pid_t pid, const char *reason) {
        return report_server_full(r, TEST_UID, TEST_SOCKET, l, pid, reason);
}

static inline int report_agent_full(Registry *r, uid_t uid, const char *socket, const char *pane,
                AgentState state, uint64_t since_usec) {
        AgentReport report = {
                        .socket = strdup(socket),
                        .pane = strdup(pane),
                        .type = strdup("claude"),
                        .version = strdup("2.0.1"),
                        .state = state,
                        .attention = state == AGENT_WAITING ? ATTENTION_PERMISSION : ATTENTION_NONE,
                        .rule = strdup("claude/rule"),
                        .confidence = 0.9,
                        .since_usec = since_usec,
                        .session = strdup("work"),
                        .window = strdup("editor"),
                        .window_index = 1,
                        .pane_index = (unsigned)strtoul(pane + 1, NULL, 10),
                        .command = strdup("claude"),
                        .title = strdup("a title"),
                        .pid = 4242,
        };

        return registry_report_agent(r, uid, &report);
}

static inline int report_agent(
                Registry *r, const char *pane, AgentState state, uint64_t since_usec) {
        return report_agent_full(r, TEST_UID, TEST_SOCKET, pane, state, since_usec);
}
