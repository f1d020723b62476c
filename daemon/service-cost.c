/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/service.h"

#define REASON_MAX 128

static void tell_journal(const Service *s, bool slower) {
        const LogField *fields = LOG_FIELDS({LOG_FIELD_COMPONENT, "tmux_pool"});
        double seconds = (double)s->cost.interval_usec / (double)USEC_PER_SEC;
        char reason[REASON_MAX];

        cost_describe(&s->cost, reason, sizeof(reason));
        if (slower)
                log_full(LOG_NOTICE, MESSAGE_LOOKS_SLOWED, fields,
                                "agents are looked at every %.1f s only: %s", seconds, reason);
        else
                log_full(LOG_INFO, MESSAGE_LOOKS_USUAL, fields,
                                "agents are looked at every %.1f s again", seconds);
}

static void on_reported(void *userdata) {
        Service *s = userdata;
        CostChange change;
        WatchReport sum;

        watchers_sum(s->watchers, &sum);
        cost_take(&s->cost, &sum, clock_usec(CLOCK_PROCESS_CPUTIME_ID), now_monotonic(), &change);
        cycle_note_rounds(s->cycle, change.rounds, sum.round_usec,
                        registry_count_agents(s->registry));
        if (change.interval)
                cycle_set_pace(s->cycle, s->cost.interval_usec, s->cost.told);
        if (change.slower || change.usual)
                tell_journal(s, change.slower);
}

static WatchSettings settings_of(const Config *config) {
        const typeof(config->monitoring) *m = &config->monitoring;
        WatchSettings settings = {
                        .interval_usec = m->cycle_interval_usec,
                        .cost_budget = m->cost_budget,
                        .memory_used = m->memory_used,
                        .memory_pressure = m->memory_pressure,
                        .pool_max = m->tmux_pool.max_connections,
                        .pool_min = MIN(m->tmux_pool.min_connections, m->tmux_pool.max_connections),
                        .pool_wait_usec = m->tmux_pool.connection_timeout_usec,
                        .pool_age_usec = m->tmux_pool.max_age_usec,
        };

        (void)snprintf(settings.transport, sizeof(settings.transport), "%s", m->transport);
        return settings;
}

void service_cost_reload(Service *s) {
        WatchSettings settings = settings_of(&s->config.config);

        s->cost.budget = settings.cost_budget;
        watchers_set_settings(s->watchers, &settings);
        (void)cycle_set_interval(s->cycle, settings.interval_usec);
}

void service_cost_start(Service *s) {
        watchers_set_reported(s->watchers, on_reported, s);
}
