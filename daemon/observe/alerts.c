/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/alerts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

#define OBSERVERS_MAX 4U

/* One rule and label, from the first time that its condition held. */
typedef struct Watch {
        Alert alert;
        uint64_t held_since_usec; /* without a break; 0: it does not hold */
        uint64_t held_last_usec;
        bool holds; /* at this evaluation */
        bool raised;
        struct Watch *prev, *next;
} Watch;

struct Alerts {
        Signals signals;
        Watch *watches;
        Alert past[ALERTS_HISTORY_MAX]; /* a ring */
        size_t past_next;
        struct {
                const AlertsObserver *observer;
                void *userdata;
        } observers[OBSERVERS_MAX];
        size_t n_observers;
};

const char *alert_component(const Alert *a) {
        return signal_table[a->rule->signal].component ?: a->label;
}

static void alert_done(Alert *a) {
        free(a->id);
        free(a->label);
        *a = (Alert){};
}

static int alert_init(Alert *a, const AlertRule *rule, const char *label) {
        const char *severity = alert_severity_to_string(rule->severity);

        *a = (Alert){.rule = rule, .label = strdup(label)};
        if (!a->label ||
                        asprintf(&a->id, "%s.%s%s%s", rule->name, severity, label[0] ? "." : "",
                                        label) < 0) {
                free(a->label);
                *a = (Alert){};
                return -ENOMEM;
        }

        return 0;
}

int alerts_new(Alerts **ret) {
        assert(ret);

        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

static void watch_free(Alerts *all, Watch *w) {
        DL_DELETE(all->watches, w);
        alert_done(&w->alert);
        free(w);
}

Alerts *alerts_free(Alerts *all) {
        if (!all)
                return NULL;

        while (all->watches)
                watch_free(all, all->watches);
        FOREACH_ELEMENT (a, all->past)
                alert_done(a);
        free(all);
        return NULL;
}

int alerts_add_observer(Alerts *all, const AlertsObserver *observer, void *userdata) {
        assert(all && observer);

        if (all->n_observers == OBSERVERS_MAX)
                return -ENOSPC;

        all->observers[all->n_observers].observer = observer;
        all->observers[all->n_observers++].userdata = userdata;
        return 0;
}

void alerts_remove_observer(Alerts *all, const void *userdata) {
        size_t n = 0;

        for (size_t i = 0; i < all->n_observers; i++)
                if (all->observers[i].userdata != userdata)
                        all->observers[n++] = all->observers[i];
        all->n_observers = n;
}

static void tell(const Alerts *all, const Alert *a) {
        for (size_t i = 0; i < all->n_observers; i++) {
                const AlertsObserver *o = all->observers[i].observer;

                if (a->until_usec == 0 && o->raised)
                        o->raised(all->observers[i].userdata, a);
                if (a->until_usec > 0 && o->cleared)
                        o->cleared(all->observers[i].userdata, a);
        }
}

static Watch *find(const Alerts *all, const AlertRule *rule, const char *label) {
        Watch *w;

        DL_FOREACH (all->watches, w)
                if (w->alert.rule == rule && strcmp(w->alert.label, label) == 0)
                        return w;

        return NULL;
}

static Watch *obtain(Alerts *all, const AlertRule *rule, const char *label) {
        Watch *w = find(all, rule, label);

        if (w)
                return w;

        w = calloc(1, sizeof(*w));
        if (!w || alert_init(&w->alert, rule, label) < 0) {
                free(w);
                return NULL;
        }

        DL_APPEND(all->watches, w);
        return w;
}

typedef struct Evaluation {
        Alerts *all;
        const AlertRule *rule;
        double limit;
        uint64_t now_usec;
} Evaluation;

/* Memory that is out loses an alert now; it is tried again the next time. */
static void note_value(void *userdata, const char *label, double value) {
        Evaluation *e = userdata;
        Watch *w;

        if (!alert_rule_holds(e->rule, value, e->limit))
                return;
        w = obtain(e->all, e->rule, label);
        if (!w)
                return;

        w->holds = true;
        w->alert.value = value;
        w->alert.limit = e->limit;
        w->held_last_usec = e->now_usec;
        if (w->held_since_usec == 0)
                w->held_since_usec = e->now_usec;
}

static void remember(Alerts *all, Alert *a) {
        Alert *place = &all->past[all->past_next];

        alert_done(place);
        *place = *a;
        *a = (Alert){};
        all->past_next = (all->past_next + 1) % ALERTS_HISTORY_MAX;
}

static void settle(Alerts *all, Watch *w, uint64_t now_usec, uint64_t realtime_usec) {
        if (w->holds && !w->raised && now_usec - w->held_since_usec >= w->alert.rule->hold_usec) {
                w->raised = true;
                w->alert.since_usec = realtime_usec;
                tell(all, &w->alert);
        }
        if (w->holds)
                return;

        w->held_since_usec = 0;
        if (!w->raised)
                watch_free(all, w);
        else if (now_usec - w->held_last_usec >= ALERT_KEEP_USEC) {
                w->raised = false;
                w->alert.until_usec = realtime_usec;
                tell(all, &w->alert);
                remember(all, &w->alert);
                watch_free(all, w);
        }
}

static double count_agents(const Metrics *m) {
        return metrics_sum(m, METRIC_AGENTS_TOTAL);
}

void alerts_evaluate(Alerts *all, const Metrics *m, uint64_t now_usec, uint64_t realtime_usec) {
        Watch *w, *next;

        assert(all && m);

        signals_note(&all->signals, m, now_usec);
        DL_FOREACH (all->watches, w)
                w->holds = false;
        for (size_t i = 0; i < alert_n_rules; i++) {
                Evaluation e = {
                                .all = all,
                                .rule = &alert_rules[i],
                                .limit = alert_rule_limit(&alert_rules[i], count_agents(m)),
                                .now_usec = now_usec,
                };

                signals_visit(&all->signals, m, e.rule->signal, note_value, &e);
        }
        DL_FOREACH_SAFE (all->watches, w, next)
                settle(all, w, now_usec, realtime_usec);
}

const Alert *alerts_next(const Alerts *all, const Alert *previous) {
        Watch *w = previous ? CONTAINER_OF(previous, Watch, alert)->next : all->watches;

        while (w && (!w->raised || w->alert.rule->severity == ALERT_INFO))
                w = w->next;
        return w ? &w->alert : NULL;
}

const Alert *alerts_find(const Alerts *all, const char *id) {
        const Alert *a = NULL;

        while ((a = alerts_next(all, a)))
                if (strcmp(a->id, id) == 0)
                        return a;

        return NULL;
}

unsigned alerts_count(const Alerts *all, AlertSeverity severity) {
        unsigned n = 0;
        Watch *w;

        DL_FOREACH (all->watches, w)
                n += w->raised && w->alert.rule->severity == severity;

        return n;
}

const Alert *alerts_past(const Alerts *all, size_t i) {
        const Alert *a;

        if (i >= ALERTS_HISTORY_MAX)
                return NULL;

        a = &all->past[(all->past_next + ALERTS_HISTORY_MAX - 1 - i) % ALERTS_HISTORY_MAX];
        return a->rule ? a : NULL;
}

int alerts_remember(Alerts *all, const Alert *past) {
        Alert a;
        int r;

        assert(all && past->rule && past->label);

        r = alert_init(&a, past->rule, past->label);
        if (r < 0)
                return r;
        a.value = past->value;
        a.limit = past->limit;
        a.since_usec = past->since_usec;
        a.until_usec = past->until_usec;
        remember(all, &a);
        return 0;
}

typedef struct Judgement {
        const AlertRule *rule;
        double limit;
        AlertsFinding found;
        void *userdata;
} Judgement;

static void judge_value(void *userdata, const char *label, double value) {
        const Judgement *j = userdata;
        Alert finding = {
                        .rule = j->rule,
                        .label = (char *)label, /* not owned: it lasts as long as the call */
                        .value = value,
                        .limit = j->limit,
        };

        if (alert_rule_holds(j->rule, value, j->limit))
                j->found(j->userdata, &finding);
}

void alerts_judge(const Alerts *all, const Metrics *m, Checkup checkup, AlertsFinding found,
                void *userdata) {
        for (size_t i = 0; i < alert_n_rules; i++) {
                Judgement j = {
                                .rule = &alert_rules[i],
                                .limit = alert_rule_limit(&alert_rules[i], count_agents(m)),
                                .found = found,
                                .userdata = userdata,
                };

                if (signal_table[j.rule->signal].checkup == checkup)
                        signals_visit(&all->signals, m, j.rule->signal, judge_value, &j);
        }
}
