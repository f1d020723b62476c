/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Server finder
 *
 * Where our user's tmux servers are: in tmux's folders at once, by inotify; anywhere else (-S)
 * within seconds, by their processes. Other users' are not seen, whoever we are. It does not ask
 * them anything.
 */

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

#define SERVERS_MAX 64U

typedef struct ServerFinder ServerFinder;

/* The finder must not be freed in these. */
typedef struct ServerFinderEvents {
        /* @pid is 0 if it does not keep up with connections. After lost() it may be found again at
         * the same place: another server, or the same one with a new socket. */
        void (*found)(void *userdata, const char *socket, pid_t pid);
        void (*lost)(void *userdata, const char *socket);
} ServerFinderEvents;

/* @events is borrowed. */
int server_finder_new(sd_event *event, const ServerFinderEvents *events, void *userdata,
                ServerFinder **ret);
ServerFinder *server_finder_free(ServerFinder *finder);
DEFINE_CLEANUP(ServerFinder *, server_finder_free)

/* A folder with sockets in it. It need not be there yet; its parent should. */
int server_finder_add_folder(ServerFinder *finder, const char *path);
/* /tmp/tmux-UID, and that below TMUX_TMPDIR. */
int server_finder_add_usual_folders(ServerFinder *finder);

/* Looks everywhere now, and from now on. What is there is told before it returns. */
int server_finder_start(ServerFinder *finder);

unsigned server_finder_count(const ServerFinder *finder);
