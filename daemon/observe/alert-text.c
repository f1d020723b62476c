/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/alert-text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"
#include "daemon/observe/alerts.h"

const char *signal_value_to_text(
                SignalUnit unit, double value, char buffer[static SIGNAL_NUMBER_MAX]) {
        switch (unit) {
        case SIGNAL_UNIT_SECONDS:
                if (value < 1)
                        (void)snprintf(buffer, SIGNAL_NUMBER_MAX, "%.3g ms", value * 1e3);
                else
                        (void)snprintf(buffer, SIGNAL_NUMBER_MAX, "%.3g s", value);
                break;
        case SIGNAL_UNIT_BYTES:
                (void)snprintf(buffer, SIGNAL_NUMBER_MAX, "%.4g MB", value / 1e6);
                break;
        case SIGNAL_UNIT_SHARE:
                (void)snprintf(buffer, SIGNAL_NUMBER_MAX, "%.3g %%", value * 100);
                break;
        case SIGNAL_UNIT_NUMBER:
        default:
                (void)snprintf(buffer, SIGNAL_NUMBER_MAX, "%.3g", value);
                break;
        }

        return buffer;
}

void signal_text_fill(const char *text, const char *label, const char *value, const char *limit,
                char *ret, size_t n_ret) {
        const struct {
                const char *word, *by;
        } rows[] = {{"{label}", label}, {"{value}", value}, {"{limit}", limit}};
        size_t n = 0;

        assert(n_ret > 0);

        while (*text && n + 1 < n_ret) {
                const char *by = NULL;

                FOREACH_ELEMENT (row, rows)
                        if (text_starts_with(text, row->word)) {
                                by = row->by;
                                text += strlen(row->word);
                                break;
                        }
                if (!by) {
                        ret[n++] = *text++;
                        continue;
                }
                (void)snprintf(ret + n, n_ret - n, "%s", by);
                n += strlen(ret + n);
        }
        ret[n] = '\0';
}

const char *alert_text(const Alert *a, char buffer[static ALERT_TEXT_MAX]) {
        const SignalSpec *spec = &signal_table[a->rule->signal];
        char value[SIGNAL_NUMBER_MAX], limit[SIGNAL_NUMBER_MAX];

        signal_text_fill(spec->text, a->label, signal_value_to_text(spec->unit, a->value, value),
                        signal_value_to_text(spec->unit, a->limit, limit), buffer, ALERT_TEXT_MAX);
        return buffer;
}
