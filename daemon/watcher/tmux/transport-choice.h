/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Transport choice
 *
 * A transport that takes the native one where that is known to be good, and the stock client
 * everywhere else: before a self-test of the server's executable has passed, where it failed, and
 * for a server that ever answers natively as none should. What went wrong natively is asked again
 * through the stock client, so that its user sees one answer and no difference.
 */

#include "daemon/watcher/tmux/transport.h"

typedef enum TmuxTransportMode {
        TMUX_TRANSPORT_AUTO,   /* native after the self-test */
        TMUX_TRANSPORT_SOURCE, /* the stock client only */
        TMUX_TRANSPORT_NATIVE, /* native without the self-test; still not after a wrong answer */
        _TMUX_TRANSPORT_MODE_INVALID = -22, /* -EINVAL */
} TmuxTransportMode;

TmuxTransportMode tmux_transport_mode_from_string(const char *s);

/* One line for the log: about this server, native was switched on or off, and why. */
typedef void (*TmuxTransportNotice)(
                void *userdata, const char *socket, bool native, const char *text);

typedef struct TmuxTransportStats {
        uint64_t n_source;
        uint64_t n_native;
        uint64_t n_repeated; /* native, and then source */
        uint64_t n_tests;
} TmuxTransportStats;

/* @notice may be NULL. Without a native transport for this machine there is the other one. */
int tmux_transport_choice_new(sd_event *event, TmuxTransportMode mode, TmuxTransportNotice notice,
                void *userdata, TmuxTransport **ret);

/* Both only for what tmux_transport_choice_new() made. Calls under way go on as they began. */
void tmux_transport_choice_set_mode(TmuxTransport *transport, TmuxTransportMode mode);
TmuxTransportStats tmux_transport_choice_stats(const TmuxTransport *transport);
