/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Identity
 *
 * Which command lines are a given agent's program. A name alone proves little: the words of a
 * wrapper are not the program, and a foreign program may bear the name; what the screen must show
 * besides is said in a condition, which is asked elsewhere.
 */

#include "daemon/base/yaml-node.h"
#include "daemon/watcher/detect/condition.h"

typedef struct Identity {
        char **programs;      /* names of the executable or script */
        char **launchers;     /* interpreters that run such a script */
        char **packages;      /* parts of a path that only this program has */
        PatternList without;  /* arguments with which it is no agent */
        PatternList commands; /* pane_current_command, where no process is known */
        Condition *looks;     /* what title or screen must show, if no rule speaks */
} Identity;

int identity_read(RuleContext *c, const RegionSet *regions, const YamlNode *node, Identity *ret);
void identity_done(Identity *i);

/*
 * Whether a command line, its words joined by blanks, is the agent's. @ret_call is then where the
 * program's name begins in it: what precedes is the path or the interpreter.
 */
bool identity_is_process(const Identity *i, Matcher *m, const char *line, const char **ret_call);
bool identity_is_command(const Identity *i, Matcher *m, const char *command);
