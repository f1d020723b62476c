/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/metrics-export.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

static int fill_labels(sd_bus_message *reply, void *userdata) {
        const MetricSample *sample = userdata;
        int r;

        for (size_t i = 0; i < sample->n_labels; i++) {
                r = sd_bus_message_append(reply, "{ss}", sample->labels[i], sample->values[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int append_sample(void *userdata, const MetricSample *sample) {
        sd_bus_message *reply = userdata;
        char name[METRIC_VALUE_MAX];
        int r;

        (void)snprintf(name, sizeof(name), METRIC_PREFIX "%s%s", sample->spec->name,
                        sample->suffix);
        r = sd_bus_message_open_container(reply, 'r', "sa{ss}d");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", name);
        if (r < 0)
                return r;
        r = bus_append_list(reply, "{ss}", fill_labels, (void *)sample);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "d", sample->value);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(reply);
}

static int fill_metrics(sd_bus_message *reply, void *userdata) {
        BusExports *e = userdata;
        int r;

        metrics_collect(e->parts.metrics);
        for (MetricId id = 0; id < _METRIC_MAX; id++) {
                r = metrics_visit(e->parts.metrics, id, append_sample, reply);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What is configured not to be is not; see docs/configuration.md. */
static int check_enabled(const BusExports *e, bool prometheus, sd_bus_error *reterr) {
        if (!e->parts.config->monitoring.metrics.enabled)
                return sd_bus_error_set(reterr, BUS_ERROR_DISABLED,
                                "metrics are switched off: monitoring.metrics.enabled");
        if (prometheus && !e->parts.config->monitoring.metrics.export_prometheus)
                return sd_bus_error_set(reterr, BUS_ERROR_DISABLED,
                                "Prometheus may not fetch metrics: "
                                "monitoring.metrics.export_prometheus");
        return 0;
}

int bus_manager_get_metrics(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        int r = check_enabled(userdata, false, reterr);

        if (r < 0)
                return r;
        return bus_reply_list(m, "(sa{ss}d)", fill_metrics, userdata);
}

int bus_manager_export_metrics(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *text = NULL;
        BusExports *e = userdata;
        MetricsFormat format;
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;

        format = metrics_format_from_string(name);
        if (format < 0)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "there is no format '%.64s': prometheus, openmetrics, json", name);

        r = check_enabled(e, format != METRICS_JSON, reterr);
        if (r < 0)
                return r;

        r = metrics_export(e->parts.metrics, format, &text);
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);

        return sd_bus_reply_method_return(m, "s", text);
}
