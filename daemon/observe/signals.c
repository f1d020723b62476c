/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/signals.h"

#include <assert.h>

static double read_term(const Metrics *m, const SignalTerm *t) {
        const MetricSeries *s = metrics_first(m, t->metric);

        switch (t->part) {
        case SIGNAL_PART_VALUE:
                return metrics_sum(m, t->metric);
        case SIGNAL_PART_SUM:
                return s ? (double)histogram_sum(s->histogram) / (double)USEC_PER_SEC : 0;
        case SIGNAL_PART_COUNT:
                return s ? (double)histogram_count(s->histogram) : 0;
        case SIGNAL_PART_NONE:
        default:
                return 0;
        }
}

static const SignalsNote *newest(const Signals *s) {
        return s->n > 0 ? &s->notes[(s->next + SIGNALS_NOTES_MAX - 1) % SIGNALS_NOTES_MAX] : NULL;
}

/* The oldest that is still within the window. */
static const SignalsNote *oldest(const Signals *s) {
        const SignalsNote *last = newest(s);

        for (size_t i = 0; i < s->n; i++) {
                const SignalsNote *note = &s->notes[(s->next + SIGNALS_NOTES_MAX - s->n + i) %
                                SIGNALS_NOTES_MAX];

                if (last->at_usec - note->at_usec <= SIGNAL_WINDOW_USEC)
                        return note;
        }

        return last;
}

void signals_note(Signals *s, const Metrics *m, uint64_t now_usec) {
        const SignalsNote *last = newest(s);
        SignalsNote *note;

        if (last && now_usec - last->at_usec < SIGNALS_NOTE_USEC)
                return;

        note = &s->notes[s->next];
        *note = (SignalsNote){.at_usec = now_usec};
        for (SignalId id = 0; id < _SIGNAL_MAX; id++) {
                const SignalSpec *spec = &signal_table[id];

                if (spec->kind == SIGNAL_VALUE)
                        continue;
                note->over[id] = read_term(m, &spec->over);
                for (size_t i = 0; i < signal_spec_n_under(spec); i++)
                        note->under[id] += read_term(m, &spec->under[i]);
        }

        s->next = (s->next + 1) % SIGNALS_NOTES_MAX;
        s->n = MIN(s->n + 1, SIGNALS_NOTES_MAX);
}

static void visit_growth(const Signals *s, SignalId id, SignalVisitor visit, void *userdata) {
        const SignalSpec *spec = &signal_table[id];
        const SignalsNote *from, *to = newest(s);
        double over, under, seconds;

        if (!to)
                return;
        from = oldest(s);
        if (to->at_usec - from->at_usec < SIGNALS_LEAST_USEC)
                return;

        over = to->over[id] - from->over[id];
        under = to->under[id] - from->under[id];
        seconds = (double)(to->at_usec - from->at_usec) / (double)USEC_PER_SEC;
        if (spec->kind == SIGNAL_RATE)
                visit(userdata, "", over / seconds * (spec->scale > 0 ? spec->scale : 1));
        else if (under > 0 && under >= spec->least)
                visit(userdata, "", over / under);
}

void signals_visit(const Signals *signals, const Metrics *m, SignalId id, SignalVisitor visit,
                void *userdata) {
        const SignalSpec *spec = &signal_table[id];

        assert(id < _SIGNAL_MAX);

        if (spec->kind != SIGNAL_VALUE) {
                visit_growth(signals, id, visit, userdata);
                return;
        }
        for (const MetricSeries *s = metrics_first(m, spec->over.metric); s; s = s->next)
                visit(userdata, s->values[0] ?: "", s->value);
}
