/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wire/acting.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"

static const char *const kinds[_ACT_KIND_MAX] = {
                [ACT_KIND_TEXT] = "text",
                [ACT_KIND_APPROVE] = "approve",
                [ACT_KIND_DENY] = "deny",
                [ACT_KIND_CONTINUE] = "continue",
                [ACT_KIND_RESTART] = "restart",
                [ACT_KIND_SUBMIT] = "submit",
                [ACT_KIND_SHOW] = "show",
};

static const struct {
        const char *word, *sentence;
} refusals[_ACT_REFUSAL_MAX] = {
                [ACT_DONE] = {"done", "done"},
                [ACT_NO_AGENT] = {"no-agent", "its process is not there any more"},
                [ACT_REPLACED] = {"replaced", "another agent is in that pane by now"},
                [ACT_OTHER_PROGRAM] = {"other-program",
                                "another program has the terminal of its pane"},
                [ACT_WORKING] = {"working", "it is working"},
                [ACT_UNSETTLED] = {"unsettled", "what it is doing is not sure enough just now"},
                [ACT_DIALOG] = {"dialog", "it shows a dialog that this is not meant for"},
                [ACT_NO_DIALOG] = {"no-dialog", "it shows no dialog that can be answered so"},
                [ACT_DRAFT] = {"draft", "its input box holds text that was not submitted"},
                [ACT_NO_PROMPT] = {"no-prompt", "its input box is not to be seen"},
                [ACT_COPY_MODE] = {"copy-mode", "its pane is in a mode of tmux, such as copy-mode"},
                [ACT_SYNCHRONIZED] = {"synchronized",
                                "its pane passes keys on to others, or takes none"},
                [ACT_HUMAN] = {"human", "somebody is typing there just now"},
                [ACT_STALE] = {"stale", "it is not as it was when this was decided"},
                [ACT_COMMAND] = {"command", "it would take this text for a command of its own"},
                [ACT_UNSUPPORTED] = {"unsupported",
                                "it is not known how this is done with such an agent"},
                [ACT_RUNNING] = {"running", "it is still running"},
                [ACT_NO_SHELL] = {"no-shell", "its pane shows no shell that waits for a command"},
                [ACT_OWNER] = {"owner", "its owner does not want that"},
                [ACT_OCCUPIED] = {"occupied", "something else is being typed there"},
                [ACT_MOVED] = {"moved", "its pane changed at the last moment"},
                [ACT_DISTURBED] = {"disturbed",
                                "the text was typed, but something came between: not submitted"},
                [ACT_UNVERIFIED] = {"unverified",
                                "it was sent, but the screen does not show that "
                                "it was taken"},
                [ACT_NO_CLIENT] = {"no-client",
                                "nobody of its user is attached to its tmux server"},
                [ACT_TMUX] = {"tmux", "its tmux server does not answer as it should"},
};

const char *act_kind_to_string(ActKind k) {
        return kinds[k];
}

ActKind act_kind_from_string(const char *s) {
        for (ActKind k = 0; k < _ACT_KIND_MAX; k++)
                if (strcmp(kinds[k], s) == 0)
                        return k;
        return _ACT_KIND_INVALID;
}

const char *act_refusal_to_string(ActRefusal r) {
        return refusals[r].word;
}

ActRefusal act_refusal_from_string(const char *s) {
        for (ActRefusal r = 0; r < _ACT_REFUSAL_MAX; r++)
                if (strcmp(refusals[r].word, s) == 0)
                        return r;
        return _ACT_REFUSAL_INVALID;
}

const char *act_refusal_describe(ActRefusal r) {
        return refusals[r].sentence;
}

void act_order_done(ActOrder *o) {
        free(o->text);
        *o = (ActOrder){};
}

/* U+0080 to U+009F are control characters as well. */
static bool is_control(const char *s) {
        unsigned char c = (unsigned char)s[0];

        return (c < ' ' && c != '\n' && c != '\t') || c == 127 ||
                        (c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

int act_text_check(const char *text) {
        size_t n = strlen(text);

        if (n == 0 || n > ACT_TEXT_MAX || !utf8_is_valid(text, n))
                return -EINVAL;
        for (; *text; text++)
                if (is_control(text))
                        return -EINVAL;
        return 0;
}

int act_order_to_json(const ActOrder *order, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "kind", act_kind_to_string(order->kind));
        if (r >= 0)
                r = json_set_string(o, "text", order->text);
        if (r >= 0)
                r = json_set_bool(o, "enter", order->enter);
        if (r >= 0)
                r = json_set_bool(o, "command", order->command);
        if (r >= 0)
                r = json_set_bool(o, "automatic", order->automatic);
        if (r >= 0)
                r = json_set_int(o, "pid", order->pid);
        if (r >= 0)
                r = json_set_string(o, "token", order->token);
        if (r >= 0)
                r = json_set_u64(o, "calm_usec", order->calm_usec);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}

int act_order_from_json(json_object *o, ActOrder *ret) {
        const char *kind = json_get_string(o, "kind"), *text = json_get_string(o, "text");
        const char *token = json_get_string(o, "token");
        int64_t pid = json_get_int(o, "pid", 0);
        ActOrder order = {
                        .kind = kind ? act_kind_from_string(kind) : _ACT_KIND_INVALID,
                        .enter = json_get_bool(o, "enter", false),
                        .command = json_get_bool(o, "command", false),
                        .automatic = json_get_bool(o, "automatic", false),
                        .pid = (pid_t)pid,
                        .calm_usec = json_get_u64(o, "calm_usec", 0),
        };

        if ((int)order.kind < 0 || pid < 0 || pid > INT_MAX || order.calm_usec > USEC_PER_DAY)
                return -EBADMSG;
        if ((order.kind == ACT_KIND_TEXT) != (text != NULL) || (text && act_text_check(text) < 0))
                return -EBADMSG;
        if (token && strlen(token) >= sizeof(order.token))
                return -EBADMSG;

        (void)snprintf(order.token, sizeof(order.token), "%s", token ?: "");
        if (text) {
                order.text = strdup(text);
                if (!order.text)
                        return -ENOMEM;
        }
        *ret = order;
        return 0;
}

int act_outcome_to_json(const ActOutcome *outcome, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "outcome", act_refusal_to_string(outcome->refusal));
        if (r >= 0)
                r = json_set_bool(o, "typed", outcome->typed);
        if (r >= 0)
                r = json_set_bool(o, "entered", outcome->entered);
        if (r >= 0)
                r = json_set_u64(o, "bytes", outcome->n_bytes);
        if (r >= 0)
                r = json_set_string(o, "keys", outcome->keys);
        if (r >= 0)
                r = json_set_string(o, "what", outcome->what);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}

/* A watcher is no more trusted than its user: what it says is cleaned before anybody reads it. */
static int take_text(json_object *o, const char *key, char *ret, size_t n_ret) {
        const char *s = json_get_string(o, key);
        _cleanup_free_ char *clean = text_clean(s ?: "", s ? strlen(s) : 0, n_ret - 1);

        if (!clean)
                return -ENOMEM;
        (void)snprintf(ret, n_ret, "%s", clean);
        return 0;
}

int act_outcome_from_json(json_object *o, ActOutcome *ret) {
        const char *word = json_get_string(o, "outcome");
        ActOutcome outcome = {
                        .refusal = word ? act_refusal_from_string(word) : _ACT_REFUSAL_INVALID,
                        .typed = json_get_bool(o, "typed", false),
                        .entered = json_get_bool(o, "entered", false),
                        .n_bytes = (unsigned)MIN(
                                        json_get_u64(o, "bytes", 0), (uint64_t)ACT_TEXT_MAX),
        };
        int r;

        if ((int)outcome.refusal < 0)
                return -EBADMSG;
        r = take_text(o, "keys", outcome.keys, sizeof(outcome.keys));
        if (r >= 0)
                r = take_text(o, "what", outcome.what, sizeof(outcome.what));
        if (r < 0)
                return r;
        *ret = outcome;
        return 0;
}
