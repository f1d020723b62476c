/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The log
 *
 * Goes to the journal with structured fields, and as text to standard error where there is no
 * journal or somebody watches on a terminal. Libraries below main and adapters do not log: they
 * return what went wrong.
 */

#include <sys/syslog.h>

#include "daemon/base/cleanup.h"

/* Field names get this prefix; the name in code has it already, so that it can be searched. */
#define LOG_FIELD_AGENT "TMUX_ORC_AGENT"
#define LOG_FIELD_PANE "TMUX_ORC_PANE"
#define LOG_FIELD_SERVER "TMUX_ORC_SERVER"
#define LOG_FIELD_STATE "TMUX_ORC_STATE"
#define LOG_FIELD_OLD_STATE "TMUX_ORC_OLD_STATE"
#define LOG_FIELD_RULE "TMUX_ORC_RULE"
#define LOG_FIELD_COMPONENT "TMUX_ORC_COMPONENT"
#define LOG_FIELD_STRATEGY "TMUX_ORC_STRATEGY"
#define LOG_FIELD_ACTION "TMUX_ORC_ACTION"
#define LOG_FIELD_CALLER_UID "TMUX_ORC_CALLER_UID"
#define LOG_FIELD_CALLER_PID "TMUX_ORC_CALLER_PID"
#define LOG_FIELD_RESULT "TMUX_ORC_RESULT"
#define LOG_FIELD_PLUGIN "TMUX_ORC_PLUGIN"
#define LOG_FIELD_USEC "TMUX_ORC_USEC"
#define LOG_FIELD_ALERT "TMUX_ORC_ALERT"
#define LOG_FIELD_SEVERITY "TMUX_ORC_SEVERITY"
#define LOG_FIELD_CAUSE "TMUX_ORC_CAUSE"
#define LOG_FIELD_TEXT "TMUX_ORC_TEXT"
#define LOG_FIELD_TEXT_BYTES "TMUX_ORC_TEXT_BYTES"
#define LOG_FIELD_TEXT_HASH "TMUX_ORC_TEXT_HASH"
#define LOG_FIELD_CYCLE_USEC "TMUX_ORC_CYCLE_USEC"

typedef struct LogField {
        const char *name;
        const char *value; /* NULL: the field is left out */
} LogField;

/* Call once. @level: messages above it (LOG_DEBUG is highest) are dropped. */
void log_open(const char *identifier, int level);
void log_set_level(int level);
int log_get_level(void);
const char *log_get_identifier(void);

/* "auto": the journal where systemd has connected us to it, else standard error; "journal",
 * "console", "null". -EINVAL. */
int log_set_target(const char *target);
const char *log_get_target(void);

/* "debug", "info", "INFO", "warning" …; -EINVAL. */
int log_level_from_string(const char *s);
/* As systemd calls them: "err" for what we call "error" elsewhere. */
const char *log_level_to_string(int level);

/* @fields ends with a NULL name and may be NULL; @message_id is 32 hex digits or NULL. */
void log_full(int level, const char *message_id, const LogField *fields, const char *format, ...)
                _printf_(4, 5);

#define log_debug(...) log_full(LOG_DEBUG, NULL, NULL, __VA_ARGS__)
#define log_info(...) log_full(LOG_INFO, NULL, NULL, __VA_ARGS__)
#define log_notice(...) log_full(LOG_NOTICE, NULL, NULL, __VA_ARGS__)
#define log_warning(...) log_full(LOG_WARNING, NULL, NULL, __VA_ARGS__)
#define log_error(...) log_full(LOG_ERR, NULL, NULL, __VA_ARGS__)

/* log_event(LOG_INFO, MESSAGE_FOO, "text %s", x, {LOG_FIELD_AGENT, id}, …) without the braces'
 * pain. */
#define LOG_FIELDS(...) ((const LogField[]){__VA_ARGS__, {NULL, NULL}})
