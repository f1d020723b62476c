/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How an agent is acted on
 *
 * The part "act" of a rule file: when its prompt takes text, how text gets there, which keys answer
 * which dialog, and which command brings the agent back. Data only: nothing here types anything.
 */

#include "daemon/base/agent-state.h"
#include "daemon/watcher/detect/condition.h"

#define ACT_ANSWERS_MAX 16U
#define ACT_KEYS_MAX 8U
#define ACT_WORDS_MAX 16U
#define ACT_DELAY_MSEC_MAX 5000

typedef enum ActAnswerKind {
        ACT_APPROVE,
        ACT_DENY,
        ACT_LEAVE, /* a menu that a usage limit opens, back to the prompt */
        _ACT_ANSWER_KIND_MAX,
        _ACT_ANSWER_KIND_INVALID = -22, /* -EINVAL */
} ActAnswerKind;

ActAnswerKind act_answer_kind_from_string(const char *s);

/* The keys that answer a dialog, if the screen shows it. */
typedef struct ActAnswer {
        ActAnswerKind kind;
        Attention attention; /* of the dialogs that it answers; none for ACT_LEAVE */
        char **keys;         /* names as tmux has them */
        Condition *when;     /* NULL: whatever the dialog looks like */
} ActAnswer;

typedef struct ActRules {
        Condition *prompt; /* it takes text; NULL: it is never typed to */
        Condition *submit; /* its prompt holds a message that an Enter submits; NULL: not known */
        Pattern *command;  /* text that the program would not take for a message */
        char *go_on;       /* what is said to it when a limit is over */
        unsigned enter_delay_msec;
        ActAnswer answers[ACT_ANSWERS_MAX];
        size_t n_answers;
        char **resume;         /* with "{session}" in it; NULL: it cannot */
        char **resume_last;    /* the conversation that it had last in this folder */
        Pattern *session;      /* its first group, in the process's arguments, is the session */
        char *session_file;    /* "~/…/{pid}.json" */
        char *session_key;     /* of that object */
        char *session_hook;    /* member of what its hooks hand over */
        Pattern *hook_service; /* a process that runs the hooks of all its panes; NULL: none does */
} ActRules;

int act_rules_read(RuleContext *c, const RegionSet *regions, const YamlNode *node, ActRules *ret);
void act_rules_done(ActRules *a);
