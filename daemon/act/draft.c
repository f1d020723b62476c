/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/draft.h"

#include <string.h>

bool draft_wants_look(const Draft *d, const DraftRules *rules, uint64_t now_usec) {
        if (d->over)
                return false;
        return !d->token[0] || now_usec >= d->since_usec + rules->after_usec;
}

bool draft_looked(Draft *d, const DraftRules *rules, const char *token, uint64_t now_usec) {
        if (strcmp(d->token, token) == 0)
                return !d->over && now_usec >= d->since_usec + rules->after_usec;
        (void)snprintf(d->token, sizeof(d->token), "%s", token);
        d->since_usec = now_usec;
        return false;
}

void draft_put_off(Draft *d) {
        d->token[0] = '\0';
}

bool draft_failed(Draft *d, const DraftRules *rules) {
        draft_put_off(d);
        d->over = ++d->attempts >= rules->attempts;
        return d->over;
}
