/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Acting
 *
 * What the daemon asks of a watcher's hands, and what comes of it. Whoever acts says why it did
 * not: each refusal is a word for programs and a sentence for people.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

#define ACT_TEXT_MAX 8192U
#define ACT_TOKEN_MAX 40U

typedef enum ActKind {
        ACT_KIND_TEXT,    /* a message to an agent that takes one */
        ACT_KIND_APPROVE, /* yes to the dialog that it shows */
        ACT_KIND_DENY,
        ACT_KIND_CONTINUE, /* after a usage limit: its own word for going on */
        ACT_KIND_RESTART,  /* its command once more, where it ended */
        ACT_KIND_SUBMIT,   /* an Enter to the text that stands in its input */
        ACT_KIND_SHOW,     /* its pane to its user: nothing is typed */
        _ACT_KIND_MAX,
        _ACT_KIND_INVALID = -22, /* -EINVAL */
} ActKind;

const char *act_kind_to_string(ActKind k);
ActKind act_kind_from_string(const char *s);

typedef enum ActRefusal {
        ACT_DONE,
        ACT_NO_AGENT,
        ACT_REPLACED,
        ACT_OTHER_PROGRAM,
        ACT_WORKING,
        ACT_UNSETTLED,
        ACT_DIALOG,
        ACT_NO_DIALOG,
        ACT_DRAFT,
        ACT_NO_PROMPT,
        ACT_COPY_MODE,
        ACT_SYNCHRONIZED,
        ACT_HUMAN,
        ACT_STALE,
        ACT_COMMAND,
        ACT_UNSUPPORTED,
        ACT_RUNNING,
        ACT_NO_SHELL,
        ACT_OWNER,
        ACT_OCCUPIED,
        ACT_MOVED,
        ACT_DISTURBED,
        ACT_UNVERIFIED,
        ACT_NO_CLIENT,
        ACT_TMUX,
        _ACT_REFUSAL_MAX,
        _ACT_REFUSAL_INVALID = -22, /* -EINVAL */
} ActRefusal;

const char *act_refusal_to_string(ActRefusal r);
ActRefusal act_refusal_from_string(const char *s);
/* "its input box holds text that somebody wrote"; for ACT_DONE what it is worth. */
const char *act_refusal_describe(ActRefusal r);

typedef struct ActOrder {
        ActKind kind;
        char *text;     /* of ACT_KIND_TEXT, else NULL */
        bool enter;     /* and submit it */
        bool command;   /* it may be one that the program takes for a command of its own */
        bool automatic; /* nobody asked for it but a policy */
        pid_t pid;      /* the agent that is meant; 0: whoever is there */
        char token[ACT_TOKEN_MAX]; /* of what was seen when it was decided; "": not given */
        uint64_t calm_usec; /* so long nobody who sees the pane may have typed; 0: as always */
} ActOrder;

void act_order_done(ActOrder *o);
/* -EINVAL if it is no text that may be typed: control characters, not UTF-8, too long, empty. */
int act_text_check(const char *text);

int act_order_to_json(const ActOrder *o, json_object **ret);
/* -EBADMSG. */
int act_order_from_json(json_object *o, ActOrder *ret);

/* What came of it. */
typedef struct ActOutcome {
        ActRefusal refusal;
        bool typed;       /* something reached the program, whatever came of it */
        bool entered;     /* the separate Enter too */
        unsigned n_bytes; /* of text */
        char keys[64];    /* that were sent, by name, with blanks */
        char what[128];   /* more than the refusal says; "" */
} ActOutcome;

int act_outcome_to_json(const ActOutcome *o, json_object **ret);
/* -EBADMSG. */
int act_outcome_from_json(json_object *o, ActOutcome *ret);
