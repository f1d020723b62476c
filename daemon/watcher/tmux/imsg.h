/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Imsg
 *
 * The part of tmux's own wire protocol (version 8, tmux 3.2 and later) that runs some commands:
 * messages of ours, each of fixed form, and a reader of those that come back. No descriptor goes
 * along, so on a little-endian machine the bytes are the same for all these versions. Pure. A
 * server may fall over a malformed message, so nothing here is left open; and whatever comes back
 * that the conversation has no place for is an error.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/watcher/tmux/words.h"

/* Its numbers are in the machine's own order; only for this one is the form the same for all. */
#define IMSG_SUPPORTED (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

#define IMSG_HEADER 16U
#define IMSG_MAX 16384U /* with its header */
#define IMSG_READY 24U

/*
 * Of a greeting. What is written at once up to here arrives at once, and has to: a server that has
 * run all that it knows of takes no more commands.
 */
#define IMSG_GREETING_MAX 32768U

/*
 * Who we are, and what is to be run, each command in a message of its own. Returns what
 * tmux_words_check() does, -E2BIG if it is too much, or -ENOMEM.
 */
int imsg_greeting(pid_t pid, const TmuxWords *words, uint8_t **ret, size_t *ret_n);
/* The go-ahead for an output that was opened. */
void imsg_ready(uint32_t stream, uint8_t ret[static IMSG_READY]);

typedef enum ImsgKind {
        IMSG_NEED_MORE, /* no whole message is there yet */
        IMSG_OPEN,      /* it will print on @stream; it may wait for imsg_ready() before it does */
        IMSG_TEXT,      /* it printed @text on @stream */
        IMSG_EXIT,      /* it is done; nothing follows. @text: its last words, mostly none */
} ImsgKind;

typedef struct ImsgEvent {
        ImsgKind kind;
        uint32_t stream;  /* 1: standard output, 2: standard error */
        const char *text; /* borrowed from the bytes that were read */
        size_t n_text;
        int status;
} ImsgEvent;

/* How far the conversation is. Begins as {}. */
typedef struct ImsgReader {
        bool exited;
        bool open[2];
} ImsgReader;

/*
 * Reads the one message at the beginning of @data. Returns how many bytes it took, 0 with
 * IMSG_NEED_MORE, or -EPROTO if this is not how a server answers.
 */
ssize_t imsg_read(ImsgReader *reader, const uint8_t *data, size_t n_data, ImsgEvent *ret);
