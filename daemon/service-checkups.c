/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/service.h"

static_assert((unsigned)_CHECKUP_MAX == COMPONENT_FAULTS_MAX, "each kind finds its own faults");

static uint64_t interval_of(const Service *s, Checkup kind) {
        const typeof(s->config.config.health) *h = &s->config.config.health;

        switch (kind) {
        case CHECKUP_HEARTBEAT:
                return h->heartbeat_interval_usec;
        case CHECKUP_RESOURCES:
                return h->resources_interval_usec;
        case CHECKUP_PERFORMANCE:
                return h->performance_interval_usec;
        case CHECKUP_STATE:
        case _CHECKUP_MAX:
        default:
                return h->state_interval_usec;
        }
}

static void on_finding(void *userdata, const Alert *finding) {
        static const Health healths[_ALERT_SEVERITY_MAX] = {
                        [ALERT_INFO] = HEALTH_GREEN, /* a target was missed, no more */
                        [ALERT_WARNING] = HEALTH_YELLOW,
                        [ALERT_CRITICAL] = HEALTH_RED,
        };
        Checkup kind = signal_table[finding->rule->signal].checkup;
        char text[ALERT_TEXT_MAX];
        Service *s = userdata;

        components_find_fault(s->components, kind, alert_component(finding),
                        healths[finding->rule->severity], alert_text(finding, text));
}

static void check_state_file(Service *s) {
        char text[COMPONENT_TEXT_MAX];
        int r;

        r = service_state_check(s);
        if (r >= 0)
                return;

        (void)snprintf(text, sizeof(text), "%s could not be read again: %s", s->state_path,
                        strerror(-r));
        components_find_fault(s->components, CHECKUP_STATE, "state_store", HEALTH_RED, text);
}

static void check(Service *s, Checkup kind) {
        if (kind == CHECKUP_HEARTBEAT) {
                components_check(s->components);
                service_http_ask(s);
                return;
        }

        metrics_collect(s->metrics);
        components_forget_faults(s->components, kind);
        alerts_judge(s->alerts, s->metrics, kind, on_finding, s);
        if (kind == CHECKUP_STATE)
                check_state_file(s);
        components_settle_faults(s->components);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        const CheckupTimer *t = userdata;

        check(t->service, t->kind);
        (void)sd_event_source_set_time_relative(source, interval_of(t->service, t->kind));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int service_checkups_start(Service *s) {
        for (Checkup kind = 0; kind < _CHECKUP_MAX; kind++) {
                CheckupTimer *t = &s->checkups[kind];
                int r;

                t->service = s;
                t->kind = kind;
                r = sd_event_add_time_relative(s->event, &t->timer, CLOCK_MONOTONIC,
                                interval_of(s, kind), USEC_PER_SEC, on_time, t);
                if (r < 0)
                        return r;
        }

        return 0;
}

void service_checkups_reload(Service *s) {
        FOREACH_ELEMENT (t, s->checkups)
                if (t->timer)
                        (void)sd_event_source_set_time_relative(t->timer, interval_of(s, t->kind));
}

void service_checkups_stop(Service *s) {
        FOREACH_ELEMENT (t, s->checkups)
                t->timer = sd_event_source_disable_unref(t->timer);
}
