/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/reporter.h"

#include <errno.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "daemon/wire/report.h"

/* The report only borrows: nothing of it is freed. */
#define BORROWED(s) ((char *)(s))

/* The daemon tells by the first word what becomes of the agents. */
static int make_reason(const TmuxServer *server, char **ret) {
        const char *reason = tmux_server_reason(server);
        bool clean = tmux_server_liveness(server) == LIVENESS_ABSENT &&
                        tmux_server_end(server) == TMUX_SERVER_END_CLEAN;
        int n;

        if (clean && !text_starts_with(reason, "ended"))
                n = asprintf(ret, "ended: %s", reason);
        else
                n = asprintf(ret, "%s", reason);
        return n < 0 ? -ENOMEM : 0;
}

int report_server(Uplink *uplink, const TmuxServer *server) {
        _cleanup_free_ char *reason = NULL;
        json_object *o;
        int r;

        r = make_reason(server, &reason);
        if (r < 0)
                return r;

        ServerReport report = {
                        .socket = BORROWED(tmux_server_socket(server)),
                        .liveness = tmux_server_liveness(server),
                        .reason = reason,
                        .version = BORROWED(tmux_server_version(server)),
                        .pid = tmux_server_pid(server),
                        .start_usec = tmux_server_start_usec(server),
                        .n_panes = tmux_server_count(server),
                        .look_usec = tmux_server_last_look(server)->usec,
        };
        r = server_report_to_json(&report, &o);
        return r < 0 ? r : uplink_report(uplink, "server", o);
}

int report_agent(Uplink *uplink, const TmuxServer *server, const TmuxPane *pane,
                const PaneAgent *agent, bool changed) {
        const TrackerState *state = pane_agent_state(agent);
        const MemoryFigures memory = pane_agent_figures(agent);
        const TmuxRow *row = &pane->row;
        AgentReport report = {
                        .socket = BORROWED(tmux_server_socket(server)),
                        .pane = BORROWED(pane->name),
                        .type = BORROWED(state->agent),
                        .version = BORROWED(state->version),
                        .state = state->state,
                        .attention = state->attention,
                        .attributes = state->attributes |
                                        (memory.low ? (unsigned)ATTRIBUTE_LOW_MEMORY : 0),
                        .reset_usec = state->reset_usec,
                        .rule = BORROWED(state->rule),
                        .confidence = state->confidence,
                        .since_usec = state->since_usec,
                        .activity_usec = state->activity_usec,
                        .session = row->session,
                        .window = row->window_name,
                        .window_index = row->window_index,
                        .pane_index = row->pane_index,
                        .command = BORROWED(pane_agent_command(agent)),
                        .title = row->title,
                        .pid = state->process.pid,
                        .control_group = BORROWED(memory.group),
                        .memory_scope = memory.scope,
                        .memory_bytes = memory.bytes,
                        .memory_high = memory.high,
                        .memory_max = memory.max,
                        .memory_pressure = memory.pressure,
                        .oom_kills = memory.oom_kills,
                        .end_reason = BORROWED(pane_agent_end_reason(agent)),
                        .advice = BORROWED(
                                        memory.low ? memory.advice : pane_agent_end_advice(agent)),
        };
        json_object *o;
        int r;

        r = agent_report_to_json(&report, &o);
        if (r < 0)
                return r;
        return changed ? uplink_report(uplink, "agent", o) : uplink_notify(uplink, "agent", o);
}

int report_agent_gone(Uplink *uplink, const TmuxServer *server, const TmuxPane *pane) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "socket", tmux_server_socket(server));
        if (r < 0)
                return r;
        r = json_set_string(o, "pane", pane->name);
        if (r < 0)
                return r;
        return uplink_report(uplink, "agent-gone", TAKE_PTR(o));
}

int report_ready(Uplink *uplink) {
        return uplink_notify(uplink, "ready", NULL);
}
