/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/agent.h"

#include <assert.h>
#include <string.h>

#include "daemon/agents/agent-id.h"

int agent_report_complete(AgentReport *r) {
        char **strings[] = {&r->type, &r->version, &r->rule, &r->session, &r->window, &r->command,
                        &r->title, &r->control_group, &r->end_reason, &r->advice};
        unsigned number;

        assert(r);

        if (!r->socket || pane_number(r->pane, &number) < 0)
                return -EINVAL;
        if (r->state < 0 || r->state >= _AGENT_STATE_MAX)
                return -EINVAL;
        if (r->attention < 0 || r->attention >= _ATTENTION_MAX)
                return -EINVAL;
        if (r->memory_scope < 0 || r->memory_scope >= _MEMORY_SCOPE_MAX)
                return -EINVAL;

        FOREACH_ELEMENT (s, strings) {
                if (!**s)
                        **s = strdup("");
                if (!**s)
                        return -ENOMEM;
        }

        return 0;
}

static int format_target(const AgentReport *r, char **ret) {
        return asprintf(ret, "%s:%u.%u", r->session, r->window_index, r->pane_index) < 0 ? -ENOMEM
                                                                                         : 0;
}

/* The watcher's clock is ours; whatever it says, time neither runs backwards nor ahead of us. */
static uint64_t settle_time(uint64_t reported, uint64_t not_before, uint64_t now_usec) {
        if (reported == 0 || reported > now_usec)
                reported = now_usec;

        return MAX(reported, not_before);
}

int agent_entry_new(Server *server, AgentReport *report, uint64_t now_usec, AgentEntry **ret) {
        _cleanup_(agent_entry_freep) AgentEntry *e = NULL;
        int r;

        assert(server);
        assert(report);
        assert(ret);

        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;

        r = agent_id_make(server->id, report->pane, &e->agent.id);
        if (r < 0)
                return r;

        r = format_target(report, &e->agent.target);
        if (r < 0)
                return r;

        e->agent.server = server;
        e->agent.since_usec = settle_time(report->since_usec, 0, now_usec);
        e->agent.failures = report->state == AGENT_CRASHED;
        e->agent.last = *report;
        *report = (AgentReport){};

        *ret = TAKE_PTR(e);
        return 0;
}

AgentEntry *agent_entry_free(AgentEntry *e) {
        if (!e)
                return NULL;

        agent_report_done(&e->agent.last);
        free(e->agent.target);
        free(e->agent.id);
        free(e);
        return NULL;
}

static void enter_state(Agent *a, AgentState state, uint64_t since_usec, uint64_t now_usec) {
        AgentState old = a->last.state;
        uint64_t since = settle_time(since_usec, a->since_usec, now_usec);

        a->in_state_usec[old] += since - a->since_usec;
        a->since_usec = since;
        a->last.state = state;
        a->changed |= AGENT_CHANGED_STATE | AGENT_CHANGED_SINCE;

        if (state == AGENT_CRASHED) {
                a->failures++;
                a->changed |= AGENT_CHANGED_FAILURES;
        }
}

static unsigned compare_strings(const AgentReport *a, const AgentReport *b) {
        const struct {
                const char *a, *b;
                AgentChange change;
        } rows[] = {
                        {a->type, b->type, AGENT_CHANGED_TYPE},
                        {a->version, b->version, AGENT_CHANGED_VERSION},
                        {a->rule, b->rule, AGENT_CHANGED_RULE},
                        {a->session, b->session, AGENT_CHANGED_SESSION | AGENT_CHANGED_TARGET},
                        {a->window, b->window, AGENT_CHANGED_WINDOW},
                        {a->command, b->command, AGENT_CHANGED_COMMAND},
                        {a->title, b->title, AGENT_CHANGED_TITLE},
                        {a->control_group, b->control_group, AGENT_CHANGED_MEMORY},
                        {a->end_reason, b->end_reason, AGENT_CHANGED_END},
                        {a->advice, b->advice, AGENT_CHANGED_END},
        };
        unsigned changed = 0;

        FOREACH_ELEMENT (row, rows)
                if (strcmp(row->a, row->b) != 0)
                        changed |= row->change;

        return changed;
}

static unsigned compare_numbers(const AgentReport *a, const AgentReport *b) {
        unsigned changed = 0;

        if (a->attention != b->attention)
                changed |= AGENT_CHANGED_ATTENTION;
        if (a->attributes != b->attributes)
                changed |= AGENT_CHANGED_ATTRIBUTES;
        if (a->reset_usec != b->reset_usec)
                changed |= AGENT_CHANGED_RESET;
        if (a->confidence < b->confidence || a->confidence > b->confidence)
                changed |= AGENT_CHANGED_CONFIDENCE;
        if (a->window_index != b->window_index || a->pane_index != b->pane_index)
                changed |= AGENT_CHANGED_TARGET;
        if (a->pid != b->pid)
                changed |= AGENT_CHANGED_PID;
        if (a->memory_scope != b->memory_scope || a->memory_high != b->memory_high ||
                        a->memory_max != b->memory_max || a->oom_kills != b->oom_kills)
                changed |= AGENT_CHANGED_MEMORY;

        return changed;
}

int agent_entry_apply(AgentEntry *e, AgentReport *report, uint64_t now_usec) {
        _cleanup_free_ char *target = NULL;
        Agent *a = &e->agent;
        AgentState next;
        int r;

        assert(e);
        assert(report);

        next = report->state;
        if (next != a->last.state && !agent_state_may_become(a->last.state, next))
                return -EBADE;

        r = format_target(report, &target);
        if (r < 0)
                return r;

        a->changed = compare_strings(&a->last, report) | compare_numbers(&a->last, report);
        if (next != a->last.state)
                enter_state(a, next, report->since_usec, now_usec);

        free(a->target);
        a->target = TAKE_PTR(target);
        agent_report_done(&a->last);
        a->last = *report;
        *report = (AgentReport){};
        return 0;
}

static void lose_memory(AgentReport *r) {
        r->memory_scope = MEMORY_UNKNOWN;
        r->memory_bytes = r->memory_high = r->memory_max = r->oom_kills = 0;
        r->memory_pressure = -1;
        r->control_group[0] = r->advice[0] = '\0';
}

bool agent_entry_lose(AgentEntry *e, AgentState gone, const char *rule, uint64_t now_usec) {
        Agent *a = &e->agent;
        char *copy;

        assert(e);
        assert(agent_state_is_gone(gone));

        a->changed = 0;
        if (agent_state_is_gone(a->last.state))
                return false;

        enter_state(a, gone, now_usec, now_usec);
        a->last.attention = ATTENTION_NONE;
        a->last.attributes = 0;
        a->last.reset_usec = 0;
        a->last.confidence = 1;
        a->last.pid = 0;
        lose_memory(&a->last);
        a->changed |= AGENT_CHANGED_ATTENTION | AGENT_CHANGED_ATTRIBUTES | AGENT_CHANGED_RESET |
                        AGENT_CHANGED_CONFIDENCE | AGENT_CHANGED_PID | AGENT_CHANGED_RULE |
                        AGENT_CHANGED_MEMORY | AGENT_CHANGED_END;

        /* Without memory the last rule goes on to be named: the state matters more. */
        copy = strdup(rule);
        if (copy) {
                free(a->last.rule);
                a->last.rule = copy;
        }

        return true;
}

/* "session:window.pane" with the window's name; without its index, which the target has. */
static bool is_at_named_window(const Agent *a, const char *s) {
        size_t n_session = strlen(a->last.session), n_window = strlen(a->last.window);
        char pane[16];

        if (strncmp(s, a->last.session, n_session) != 0 || s[n_session] != ':')
                return false;
        s += n_session + 1;
        if (strncmp(s, a->last.window, n_window) != 0 || s[n_window] != '.')
                return false;

        (void)snprintf(pane, sizeof(pane), "%u", a->last.pane_index);
        return strcmp(s + n_window + 1, pane) == 0;
}

/* "/tmp/tmux-1000/default:%1" */
static bool is_at_socket(const Agent *a, const char *place) {
        const char *socket = a->server->last.socket, *colon = strrchr(place, ':');

        return place[0] == '/' && colon && strlen(socket) == (size_t)(colon - place) &&
                        strncmp(socket, place, (size_t)(colon - place)) == 0 &&
                        strcmp(a->last.pane, colon + 1) == 0;
}

bool agent_is_at(const Agent *a, const char *pane_or_target) {
        assert(a);
        assert(pane_or_target);

        return is_at_socket(a, pane_or_target) || strcmp(pane_or_target, a->last.pane) == 0 ||
                        strcmp(pane_or_target, a->target) == 0 ||
                        is_at_named_window(a, pane_or_target);
}
