/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/strv.h"

static void log_agent(const char *message_id, const Agent *a, const char *old, const char *text) {
        log_full(LOG_INFO, message_id,
                        LOG_FIELDS({LOG_FIELD_AGENT, a->id}, {LOG_FIELD_PANE, a->last.pane},
                                        {LOG_FIELD_SERVER, a->server->id},
                                        {LOG_FIELD_STATE, agent_state_to_string(a->last.state)},
                                        {LOG_FIELD_OLD_STATE, old}, {LOG_FIELD_RULE, a->last.rule}),
                        "%s in %s %s", a->last.type, a->target, text);
}

static void on_agent_added(void *userdata, const Agent *a) {
        log_agent(MESSAGE_AGENT_FOUND, a, NULL, "was found");
}

static void on_agent_removed(void *userdata, const Agent *a) {
        log_agent(MESSAGE_AGENT_GONE, a, NULL, "is not there any more");
}

static void log_oom(const Agent *a) {
        log_full(LOG_WARNING, MESSAGE_AGENT_OOM_KILLED,
                        LOG_FIELDS({LOG_FIELD_AGENT, a->id}, {LOG_FIELD_PANE, a->last.pane},
                                        {LOG_FIELD_SERVER, a->server->id},
                                        {LOG_FIELD_STATE, agent_state_to_string(a->last.state)}),
                        "%s in %s %s%s%s", a->last.type, a->target, a->last.end_reason,
                        a->last.advice[0] ? "; " : "", a->last.advice);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        char text[64];

        if (a->last.state == old)
                return;

        (void)snprintf(text, sizeof(text), "is %s (was %s)", agent_state_to_string(a->last.state),
                        agent_state_to_string(old));
        log_agent(MESSAGE_AGENT_STATE_CHANGED, a, agent_state_to_string(old), text);
        if (a->last.attributes & ATTRIBUTE_OOM_KILLED)
                log_oom(a);
}

/* "; lost: claude in work:1.0 was working, …", as much as one line of the journal can take. */
static void describe_lost(const Server *s, char *text, size_t n_text) {
        size_t n = 0;

        text[0] = '\0';
        STRV_FOREACH (l, s->lost) {
                int k = snprintf(text + n, n_text - n, "%s%s", n == 0 ? "; lost: " : ", ", *l);

                if (k < 0 || (size_t)k >= n_text - n)
                        return;
                n += (size_t)k;
        }
}

static void on_server_changed(void *userdata, const Server *s, Liveness old) {
        static const struct {
                int level;
                const char *message_id;
                const char *text;
        } kinds[_LIVENESS_MAX] = {
                        [LIVENESS_ALIVE] = {LOG_NOTICE, MESSAGE_SERVER_BACK, "answers"},
                        [LIVENESS_ABSENT] = {LOG_WARNING, MESSAGE_SERVER_DIED, "is gone"},
                        [LIVENESS_UNKNOWN] = {LOG_WARNING, MESSAGE_SERVER_HUNG, "cannot be judged"},
        };
        Liveness now = s->last.liveness;
        char lost[1024];

        if (now == old)
                return;

        describe_lost(s, lost, sizeof(lost));
        log_full(kinds[now].level, kinds[now].message_id, LOG_FIELDS({LOG_FIELD_SERVER, s->id}),
                        "tmux server %s of uid %u %s%s%s%s", s->last.socket, (unsigned)s->uid,
                        kinds[now].text, s->last.reason[0] ? ": " : "", s->last.reason, lost);
}

static const RegistryObserver observer = {
                .server_changed = on_server_changed,
                .agent_added = on_agent_added,
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

int journal_attach(Registry *registry) {
        return registry_add_observer(registry, &observer, (void *)&observer);
}

void journal_detach(Registry *registry) {
        registry_remove_observer(registry, &observer);
}
