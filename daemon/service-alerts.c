/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/observe/alerts-save.h"
#include "daemon/service.h"

#define EVALUATE_USEC SIGNALS_NOTE_USEC

static void tell_journal(int level, const char *message_id, const char *words, const Alert *a) {
        const char *severity = alert_severity_to_string(a->rule->severity);
        char text[ALERT_TEXT_MAX];

        log_full(level, message_id,
                        LOG_FIELDS({LOG_FIELD_ALERT, a->id}, {LOG_FIELD_SEVERITY, severity},
                                        {LOG_FIELD_COMPONENT, alert_component(a)}),
                        "%s%s: %s", words, severity, alert_text(a, text));
}

static void on_raised(void *userdata, const Alert *a) {
        Service *s = userdata;

        static const int levels[_ALERT_SEVERITY_MAX] = {
                        [ALERT_INFO] = LOG_INFO,
                        [ALERT_WARNING] = LOG_WARNING,
                        [ALERT_CRITICAL] = LOG_CRIT,
        };

        tell_journal(levels[a->rule->severity], MESSAGE_ALERT_RAISED, "", a);
        s->state_changed = true;
}

static void on_cleared(void *userdata, const Alert *a) {
        Service *s = userdata;

        s->state_changed = true;
        tell_journal(LOG_INFO, MESSAGE_ALERT_CLEARED, "over, ", a);
}

static const AlertsObserver observer = {.raised = on_raised, .cleared = on_cleared};

static int on_evaluate(sd_event_source *source, uint64_t usec, void *userdata) {
        Service *s = userdata;

        if (s->config.config.monitoring.metrics.enabled) {
                metrics_collect(s->metrics);
                alerts_evaluate(s->alerts, s->metrics, now_monotonic(), now_realtime());
        }

        (void)sd_event_source_set_time_relative(source, EVALUATE_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int service_alerts_start(Service *s) {
        int r;

        r = alerts_new(&s->alerts);
        if (r < 0)
                return r;
        r = alerts_add_observer(s->alerts, &observer, s);
        if (r >= 0)
                r = alerts_restore(s->alerts, s->kept_alerts);
        if (r < 0)
                return r;

        return sd_event_add_time_relative(s->event, &s->alerts_timer, CLOCK_MONOTONIC,
                        EVALUATE_USEC, USEC_PER_SEC, on_evaluate, s);
}

int service_alerts_save(const Service *s, json_object *state) {
        json_object *alerts = NULL;
        int r = 0;

        if (s->alerts)
                r = alerts_save(s->alerts, now_realtime(), &alerts);
        else
                alerts = json_object_get(s->kept_alerts);
        return r >= 0 && alerts ? json_set(state, "alerts", alerts) : r;
}

/* What is known is saved last of all. */
static void keep(Service *s) {
        json_object *alerts;

        if (!s->alerts || alerts_save(s->alerts, now_realtime(), &alerts) < 0)
                return;
        json_object_putp(&s->kept_alerts);
        s->kept_alerts = alerts;
}

void service_alerts_stop(Service *s) {
        keep(s);
        s->alerts_timer = sd_event_source_disable_unref(s->alerts_timer);
        s->alerts = alerts_free(s->alerts);
}
