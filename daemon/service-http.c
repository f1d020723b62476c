/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/service.h"

/* As they are in ServiceHttp. */
static const char *const units[] = {
                "tmux-orchestrator-http.socket", "tmux-orchestrator-http.service", NULL};

static bool is(const char *word, const char *wanted) {
        return strcmp(word, wanted) == 0;
}

void service_http_judge(
                const BusUnitState *socket, const BusUnitState *exporter, ComponentReport *report) {
        if (is(socket->load, ""))
                component_report_set(report, HEALTH_GREEN, "not known: no systemd tells of it");
        else if (is(socket->load, "not-found") || is(socket->load, "masked"))
                component_report_set(report, HEALTH_GREEN, "not installed");
        else if (is(socket->active, "failed"))
                component_report_set(report, HEALTH_YELLOW,
                                "%s has failed: 'systemctl status' says why", units[0]);
        else if (is(exporter->active, "failed"))
                component_report_set(report, HEALTH_YELLOW,
                                "%s has failed: 'systemctl status' says why", units[1]);
        else if (!is(socket->active, "active"))
                component_report_set(report, HEALTH_GREEN, "switched off");
        else if (is(exporter->active, "active"))
                component_report_set(report, HEALTH_GREEN, "answers");
        else
                component_report_set(report, HEALTH_GREEN, "comes when somebody asks");
}

static void on_told(void *userdata, int error, const BusUnitState *states) {
        Service *s = userdata;

        s->http.question = bus_units_question_free(s->http.question);
        s->http.socket = error < 0 ? (BusUnitState){} : states[0];
        s->http.exporter = error < 0 ? (BusUnitState){} : states[1];
        components_check(s->components);
}

void service_http_ask(Service *s) {
        sd_bus *bus = bus_service_bus(s->bus);

        if (bus && !s->http.question)
                (void)bus_units_ask(bus, units, on_told, s, &s->http.question);
}

void service_http_stop(Service *s) {
        s->http = (ServiceHttp){.question = bus_units_question_free(s->http.question)};
}
