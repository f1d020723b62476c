/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal-acts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/text.h"

static const char *describe(const ActDeed *d, char *buffer, size_t n) {
        const ActOutcome *o = d->outcome;

        if (!o)
                (void)snprintf(buffer, n, "it is not known what came of it: %s",
                                strerrordesc_np(-d->error) ?: "unknown error");
        else
                (void)snprintf(buffer, n, "%s%s%s", act_refusal_describe(o->refusal),
                                o->what[0] ? ": " : "", o->what);
        return buffer;
}

static void describe_typed(const ActDeed *d, char *buffer, size_t n) {
        const ActOutcome *o = d->outcome;

        buffer[0] = '\0';
        if (o && o->n_bytes > 0)
                (void)snprintf(buffer, n, "; typed %u bytes%s", o->n_bytes,
                                o->entered ? " and Enter" : ", not submitted");
        else if (o && o->keys[0])
                (void)snprintf(buffer, n, "; typed %s", o->keys);
}

void journal_act(void *userdata, const ActDeed *d) {
        const JournalActs *settings = userdata;
        _cleanup_free_ char *text = settings->with_text && d->text
                        ? text_clean(d->text, d->n_text, 4096)
                        : NULL;
        char uid[16], pid[16], usec[24], bytes[24], hash[24], what[256], typed[96];
        bool done = d->outcome && d->outcome->refusal == ACT_DONE;

        (void)snprintf(uid, sizeof(uid), "%u", (unsigned)d->cause.uid);
        (void)snprintf(pid, sizeof(pid), "%d", (int)d->cause.pid);
        (void)snprintf(usec, sizeof(usec), "%" PRIu64, d->usec);
        (void)snprintf(bytes, sizeof(bytes), "%zu", d->n_text);
        (void)snprintf(hash, sizeof(hash), "%016" PRIx64, d->text_hash);
        describe_typed(d, typed, sizeof(typed));

        log_full(done ? LOG_INFO : LOG_NOTICE, MESSAGE_AGENT_ACT,
                        LOG_FIELDS({LOG_FIELD_AGENT, d->agent}, {LOG_FIELD_PANE, d->pane},
                                        {LOG_FIELD_SERVER, d->server},
                                        {LOG_FIELD_ACTION, act_kind_to_string(d->kind)},
                                        {LOG_FIELD_CAUSE, d->cause.why},
                                        {LOG_FIELD_RESULT,
                                                        d->outcome ? act_refusal_to_string(
                                                                                     d->outcome->refusal)
                                                                   : "unknown"},
                                        {LOG_FIELD_TEXT_BYTES, d->text ? bytes : NULL},
                                        {LOG_FIELD_TEXT_HASH, d->text ? hash : NULL},
                                        {LOG_FIELD_TEXT, text}, {LOG_FIELD_USEC, usec},
                                        {LOG_FIELD_CALLER_UID,
                                                        d->cause.uid == (uid_t)-1 ? NULL : uid},
                                        {LOG_FIELD_CALLER_PID, d->cause.pid > 0 ? pid : NULL}),
                        "%s (%s): %s because of a %s: %s%s", d->type, d->agent,
                        act_kind_to_string(d->kind), d->cause.why, describe(d, what, sizeof(what)),
                        typed);
}
