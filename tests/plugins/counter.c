/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plugin that tells a listener, whose port is in its settings, of everything that it does: so it
 * is known what was done twice, or not at all. {"n": N} */

#define TMUX_ORC_PLUGIN_API 1
#include "plugins/sdk/tmux-orc-plugin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif

static int load(TmuxOrcCall *call, const char *settings, void **state) {
        const char *port = strstr(settings, "\"port\":");
        struct sockaddr_in address = {
                        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        if (fd < 0 || !port)
                return tmux_orc_fail(call, -EIO, "no socket, or no port");
        address.sin_port = htons((uint16_t)atoi(port + strlen("\"port\":")));
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return tmux_orc_fail(call, -errno, "nobody listens");
        *state = (void *)(intptr_t)fd;
        return 0;
}

static int execute(TmuxOrcCall *call, void *state, const char *input) {
        char line[64];
        int n;

        /* "{" is one character, the closing one too. */
        n = snprintf(line, sizeof(line), "%s\n", input);
        if (n <= 0 || n >= (int)sizeof(line) ||
                        send((int)(intptr_t)state, line, (size_t)n, MSG_NOSIGNAL) != n)
                return tmux_orc_fail(call, -EIO, "it cannot be told");
        return tmux_orc_answer(call, input);
}

TMUX_ORC_PLUGIN(.name = "counter", .version = VERSION, .threads = TMUX_ORC_PARALLEL, .load = load,
                .execute = execute);
