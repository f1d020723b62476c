/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/terminal-watch.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "daemon/watcher/proc/proc-stat.h"

#define PTY_MAJOR 136U /* of what tmux opens for a pane */
#define PATH_SIZE 32U

static void name_terminal(unsigned terminal, char ret[static PATH_SIZE]) {
        (void)snprintf(ret, PATH_SIZE, "/dev/pts/%u", terminal);
}

int terminal_find(pid_t pid, unsigned *ret) {
        char path[PATH_SIZE];
        ProcStat stat_line;
        struct stat st;
        int r;

        assert(ret);

        r = proc_stat_read(pid, &stat_line);
        if (r < 0)
                return r;
        if (major(stat_line.tty) != PTY_MAJOR)
                return -ENOTTY;
        name_terminal(minor(stat_line.tty), path);
        if (stat(path, &st) < 0)
                return -errno;
        /* The process may live in another mount namespace, where a name is of another terminal. */
        if (!S_ISCHR(st.st_mode) || st.st_rdev != stat_line.tty)
                return -ENOTTY;

        *ret = minor(stat_line.tty);
        return 0;
}

int terminal_watch(int fd, unsigned terminal) {
        char path[PATH_SIZE];
        int wd;

        name_terminal(terminal, path);
        wd = inotify_add_watch(fd, path, IN_MODIFY | IN_ONESHOT);
        return wd < 0 ? -errno : wd;
}
