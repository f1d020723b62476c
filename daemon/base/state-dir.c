/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/state-dir.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"

#define SYSTEM_FOLDER "/var/lib/tmux-orchestrator"

/* systemd gives a list; the first is the one of the unit. */
static int first_of_list(const char *list, char **ret) {
        *ret = strndup(list, strcspn(list, ":"));
        return *ret ? 0 : -ENOMEM;
}

static int below(const char *folder, const char *rest, char **ret) {
        return asprintf(ret, "%s/%s", folder, rest) < 0 ? -ENOMEM : 0;
}

static int pick(bool user, char **ret) {
        const char *given = secure_getenv("STATE_DIRECTORY"), *state = getenv("XDG_STATE_HOME"),
                   *home = getenv("HOME");

        if (given && given[0] == '/')
                return first_of_list(given, ret);
        if (!user)
                return first_of_list(SYSTEM_FOLDER, ret);
        if (state && state[0] == '/')
                return below(state, "tmux-orchestrator", ret);
        if (home && home[0] == '/')
                return below(home, ".local/state/tmux-orchestrator", ret);

        return -ENXIO;
}

/* All of the path, private as XDG wants it. */
static int make_folders(char *path) {
        for (char *p = strchr(path + 1, '/');; p = strchr(p + 1, '/')) {
                if (p)
                        *p = '\0';
                if (mkdir(path, 0700) < 0 && errno != EEXIST)
                        return -errno;
                if (!p)
                        return 0;
                *p = '/';
        }
}

int state_dir_find(bool user, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        assert(ret);

        r = pick(user, &path);
        if (r < 0)
                return r;
        r = make_folders(path);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(path);
        return 0;
}
