/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/strv.h"
#include "daemon/observe/metrics-export.h"
#include "daemon/service.h"

/*
 * Hands exporters what is measured, at an interval. One that has not come to its end with what it
 * was given is left out, so nothing piles up; spans that nobody took are lost, and counted.
 */

/* Deeper than what we write. */
#define METRICS_DEPTH 8U

static char *const *exporters_of(const Service *s) {
        return s->config.config.exporters.plugins;
}

static int make_metrics(Service *s, json_object **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = metrics_export(s->metrics, METRICS_JSON, &text);
        return r < 0 ? r : json_parse(text, strlen(text), METRICS_DEPTH, ret);
}

static int make_input(Service *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object(), *metrics = NULL, *spans = NULL;
        const char *environment = s->config.config.environment;
        int r;

        if (!o)
                return -ENOMEM;
        r = make_metrics(s, &metrics);
        if (r >= 0)
                r = spans_take(&s->spans, &spans);
        if (r >= 0)
                r = json_set_u64(o, "time_usec", now_realtime());
        if (r >= 0)
                r = json_set_u64(o, "started_usec", s->started_usec);
        if (r >= 0)
                r = json_set_string(o, "version", PROJECT_VERSION);
        if (r >= 0)
                r = json_set_string(o, "environment", environment);
        if (r >= 0)
                r = json_set(o, "metrics", TAKE_PTR(metrics));
        if (r >= 0)
                r = json_set(o, "spans", TAKE_PTR(spans));
        if (r >= 0)
                r = json_set_u64(o, "spans_lost", s->spans.lost);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

static void on_exported(void *userdata, int error, const char *sentence, json_object *output,
                const ExecInfo *info) {
        Execution **place = userdata;

        *place = NULL; /* what went wrong is in the journal, as every deed of a plugin */
}

static void hand_over(Service *s, size_t i, const char *name, json_object *input) {
        const Plugin *plugin = plugins_find(s->plugins, name);
        ExecRequest request = {
                        .name = name,
                        .input = input,
                        .fresh = true,
                        .caller.uid = UID_INVALID,
        };
        _cleanup_free_ char *sentence = NULL;
        int r;

        if (s->exports[i])
                return;
        r = plugin && plugin->manifest && plugin->manifest->kind != PLUGIN_EXPORTER
                        ? -EINVAL
                        : plugins_execute(s->plugins, &request, on_exported, &s->exports[i],
                                          &s->exports[i], &sentence);
        if (r < 0 && s->export_errors[i] != r)
                log_full(LOG_WARNING, NULL,
                                LOG_FIELDS({LOG_FIELD_PLUGIN, name},
                                                {LOG_FIELD_COMPONENT, "metrics"}),
                                "nothing is exported by %s: %s", name,
                                r == -EINVAL     ? "it is no exporter"
                                                : sentence ?: strerror(-r));
        s->export_errors[i] = r;
}

/* While all are busy what was done waits for them, as much as there is room for. */
static bool somebody_is_free(const Service *s, char *const *names) {
        for (size_t i = 0; names[i] && i < SERVICE_EXPORTS_MAX; i++)
                if (!s->exports[i])
                        return true;
        return false;
}

static int on_export(sd_event_source *source, uint64_t usec, void *userdata) {
        _cleanup_json_ json_object *input = NULL;
        char *const *names;
        Service *s = userdata;
        size_t i = 0;

        names = exporters_of(s);
        if (names && names[0] && s->config.config.monitoring.metrics.enabled &&
                        somebody_is_free(s, names) && make_input(s, &input) >= 0)
                for (; names[i] && i < SERVICE_EXPORTS_MAX; i++)
                        hand_over(s, i, names[i], input);

        (void)sd_event_source_set_time_relative(source, s->config.config.exporters.interval_usec);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* With nobody to export to, not even the timer runs. */
void service_export_reload(Service *s) {
        char *const *names = exporters_of(s);

        if (!s->export_timer)
                return;
        FOREACH_ELEMENT (e, s->exports)
                *e = execution_drop(*e);
        memset(s->export_errors, 0, sizeof(s->export_errors));
        (void)sd_event_source_set_time_relative(
                        s->export_timer, s->config.config.exporters.interval_usec);
        (void)sd_event_source_set_enabled(
                        s->export_timer, names && names[0] ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* What exporters do is no news for exporters. */
void service_export_note(
                Service *s, const char *name, const char *subject, uint64_t usec, bool failed) {
        char *const *names = exporters_of(s);

        if (!names || !names[0] || (subject && strv_contains((char **)names, subject)))
                return;
        spans_add(&s->spans, name, subject, now_realtime(), usec, failed);
}

int service_export_start(Service *s) {
        int r;

        s->started_usec = now_realtime();
        r = sd_event_add_time_relative(s->event, &s->export_timer, CLOCK_MONOTONIC,
                        s->config.config.exporters.interval_usec, 0, on_export, s);
        if (r < 0)
                return r;

        service_export_reload(s);
        return 0;
}

void service_export_stop(Service *s) {
        FOREACH_ELEMENT (e, s->exports)
                *e = execution_drop(*e);
        s->export_timer = sd_event_source_disable_unref(s->export_timer);
}
