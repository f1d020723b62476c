/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/rule-folders.h"

#include <errno.h>

#include "daemon/base/data-dir.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"

static int add_folder(char ***folders, const char *base, const char *below) {
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", base, below) < 0)
                return -ENOMEM;
        return strv_extend(folders, path);
}

static int add_user_folder(char ***folders) {
        const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

        if (!text_is_empty(config))
                return add_folder(folders, config, "tmux-orchestrator/detectors");
        if (!text_is_empty(home))
                return add_folder(folders, home, ".config/tmux-orchestrator/detectors");
        return 0;
}

int rule_folders(char ***ret) {
        _cleanup_strv_free_ char **folders = NULL;
        _cleanup_free_ char *data = NULL;
        int r;

        r = data_dir_find(&data);
        if (r < 0)
                return r;
        r = add_folder(&folders, data, "detectors");
        if (r < 0)
                return r;
        r = strv_extend(&folders, "/etc/tmux-orchestrator/detectors");
        if (r < 0)
                return r;
        r = add_user_folder(&folders);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(folders);
        return 0;
}
