/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Words
 *
 * Commands for a tmux server, each made of words in which nothing is special. They are kept as the
 * words, for who can send each command by itself, and as a text of one command a line. Either way
 * one that fails leaves the others alone. Never are they parted by ";", or nested: a server up to
 * 3.5 loses memory for good with each of those.
 *
 * An error sticks: what is added after it is dropped, and whoever uses the words is told.
 */

#include <stddef.h>

#include "daemon/base/cleanup.h"

/* The words of one command go in one message of tmux's protocol. */
#define TMUX_WORDS_MAX 16000U
#define TMUX_COMMANDS_MAX (256U * 1024U) /* bytes */

typedef struct TmuxBytes {
        char *data;
        size_t n;
        size_t n_allocated;
} TmuxBytes;

typedef struct TmuxCommand {
        unsigned n_words;
        size_t n_bytes; /* of these words, each with its NUL */
} TmuxCommand;

typedef struct TmuxWords {
        TmuxBytes words; /* of all commands, each with a NUL after it */
        TmuxBytes text;  /* all commands, as source-file reads them */
        TmuxCommand *commands;
        size_t n_commands;
        size_t n_allocated;
        int error; /* -ENOMEM; -E2BIG; -EINVAL: a word that would not come through as it is */
} TmuxWords;

/* Begins the next command. */
void tmux_words_command(TmuxWords *words, const char *name);
void tmux_words_add(TmuxWords *words, const char *word);
/*
 * Any text at all, as one word. Only for what goes as a text: not in the first command, which may
 * go alone.
 */
void tmux_words_add_text(TmuxWords *words, const char *text);
void tmux_words_addf(TmuxWords *words, const char *format, ...) _printf_(2, 3);

/* 0, or why these cannot be sent; -EINVAL if there are none, which tmux takes for new-session. */
int tmux_words_check(const TmuxWords *words);
/* Of the first command: the word that follows, or the first after NULL; NULL at the end. */
const char *tmux_words_next(const TmuxWords *words, const char *word);
int tmux_words_copy(const TmuxWords *words, TmuxWords *ret);
void tmux_words_done(TmuxWords *words);
