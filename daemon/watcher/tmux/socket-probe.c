/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/socket-probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/base/cleanup.h"

int socket_probe(const char *path, pid_t *ret_pid) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = -1;
        struct ucred peer;
        socklen_t n_peer = sizeof(peer);

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        /* As of listen(): tmux listens after it became a daemon, so this is the server itself. */
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n_peer) < 0)
                return -errno;
        if (peer.uid != geteuid())
                return -EPERM;

        *ret_pid = peer.pid;
        return 0;
}
