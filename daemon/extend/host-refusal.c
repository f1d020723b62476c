/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/socket.h>

#include "daemon/base/text.h"
#include "daemon/extend/host-private.h"

#define LINE_MAX_BYTES 512U

/* What the walls refused: a system call, and the file that it was about. */
static int on_refusal(sd_event_source *s, int fd, uint32_t events, void *userdata) {
        _cleanup_free_ char *clean = NULL;
        char line[LINE_MAX_BYTES];
        Host *h = userdata;
        ssize_t n = recv(fd, line, sizeof(line), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        /* Its end, or more than an honest host ever tells. */
        if (n <= 0 || ++h->n_refusals > HOST_REFUSALS_MAX) {
                h->refusals = sd_event_source_disable_unref(h->refusals);
                return 0;
        }
        clean = text_clean(line, (size_t)n, sizeof(line));
        if (clean && h->events->refused)
                h->events->refused(h->userdata, h, clean);
        return 0;
}

int host_hear_refusals(Host *h, int *ret_tell) {
        _cleanup_close_ int ours = -1, theirs = -1;
        int fds[2], r;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        ours = fds[0];
        theirs = fds[1];
        r = sd_event_add_io(h->event, &h->refusals, ours, EPOLLIN, on_refusal, h);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(h->refusals, true);
        if (r < 0)
                return r;
        (void)TAKE_FD(ours);
        *ret_tell = TAKE_FD(theirs);
        return 0;
}
