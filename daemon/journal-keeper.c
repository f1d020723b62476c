/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal-keeper.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"

static const struct {
        int level;
        const char *message_id;
        const char *result;
        const char *text; /* after what is done */
} kinds[_KEEPER_NEWS_MAX] = {
                [KEEPER_PLANNED] = {LOG_INFO, MESSAGE_KEEPER_PLANNED, "planned", "is planned"},
                [KEEPER_WOULD] = {LOG_NOTICE, MESSAGE_KEEPER_WOULD, "would", "would help"},
                [KEEPER_REFUSED] = {LOG_NOTICE, NULL, "refused", "was not possible"},
                [KEEPER_DONE] = {LOG_NOTICE, MESSAGE_KEEPER_DONE, "done", "worked: it runs again"},
                [KEEPER_GIVEN_UP] = {LOG_ERR, MESSAGE_KEEPER_GIVEN_UP, "given-up",
                                "is given up until a human sees to it"},
};

/* " in 12 s" */
static const char *describe_when(uint64_t when_usec, char *buffer, size_t n) {
        uint64_t now_usec = now_realtime();

        buffer[0] = '\0';
        if (when_usec > now_usec)
                (void)snprintf(buffer, n, " in %" PRIu64 " s",
                                (uint64_t)((when_usec - now_usec) / USEC_PER_SEC));
        return buffer;
}

/* Of a text that was submitted its effect is known, and not more. */
static const char *what_came(ActKind kind, KeeperNews news) {
        return kind == ACT_KIND_SUBMIT && news == KEEPER_DONE ? "worked: it took the text"
                                                              : kinds[news].text;
}

void journal_keeper(void *userdata, const Agent *a, ActKind kind, KeeperNews news,
                uint64_t when_usec, const char *why) {
        char when[32];

        log_full(kinds[news].level, kinds[news].message_id,
                        LOG_FIELDS({LOG_FIELD_AGENT, a->id}, {LOG_FIELD_PANE, a->last.pane},
                                        {LOG_FIELD_SERVER, a->server->id},
                                        {LOG_FIELD_ACTION, act_kind_to_string(kind)},
                                        {LOG_FIELD_RESULT, kinds[news].result},
                                        {LOG_FIELD_COMPONENT, "recovery"}),
                        "%s in %s: %s %s%s%s%s", a->last.type, a->target, act_kind_to_string(kind),
                        what_came(kind, news), describe_when(when_usec, when, sizeof(when)),
                        why[0] ? ": " : "", why);
}
