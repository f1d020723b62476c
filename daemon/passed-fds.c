/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/passed-fds.h"

#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "daemon/base/strv.h"

int passed_fd_find(const char *name) {
        _cleanup_strv_free_ char **names = NULL;
        int n = sd_listen_fds_with_names(false, &names);

        for (int i = 0; i < n; i++)
                if (strcmp(names[i], name) == 0)
                        return SD_LISTEN_FDS_START + i;
        return -1;
}

int passed_fd_find_socket(void) {
        int n = sd_listen_fds(false);

        for (int i = 0; i < n; i++)
                if (sd_is_socket(SD_LISTEN_FDS_START + i, AF_UNIX, SOCK_STREAM, true) > 0)
                        return SD_LISTEN_FDS_START + i;
        return -1;
}

void passed_fds_forget(void) {
        (void)sd_listen_fds(true);
}
