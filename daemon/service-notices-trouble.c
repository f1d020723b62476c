/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/service.h"

void service_notices_note_trouble(Service *s, const char *channel, const char *sentence) {
        NoticeTroubles *t = &s->notice_troubles;

        t->n++;
        free(t->channel);
        free(t->sentence);
        t->channel = strdup(channel);
        t->sentence = strdup(sentence);
}

void service_notices_forget_trouble(Service *s, const char *channel) {
        NoticeTroubles *t = &s->notice_troubles;

        if (channel && (!t->channel || strcmp(t->channel, channel) != 0))
                return;
        free(t->channel);
        free(t->sentence);
        t->channel = t->sentence = NULL;
}

static unsigned count_open(const Service *s) {
        const Episode *e = NULL;
        unsigned n = 0;

        while ((e = notices_next(s->notices, e)))
                n++;
        return n;
}

static const char *find_missing_channel(const Service *s) {
        STRV_FOREACH (channel, s->config.config.notify.channels)
                if (service_notices_is_plugin(*channel) && !plugins_find(s->plugins, *channel))
                        return *channel;
        return NULL;
}

void service_notices_check(const Service *s, ComponentReport *report) {
        const NoticeTroubles *t = &s->notice_troubles;
        const char *missing = find_missing_channel(s);
        unsigned n = count_open(s);

        report->errors = t->n;
        if (missing)
                component_report_set(report, HEALTH_YELLOW,
                                "notify.channels names %s, and there is no such plugin", missing);
        else if (t->channel)
                component_report_set(report, HEALTH_YELLOW, "cannot tell by %s: %s", t->channel,
                                t->sentence ?: "");
        else
                component_report_set(report, HEALTH_GREEN, "%u agent%s somebody", n,
                                n == 1 ? " needs" : "s need");
}
