/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/rules.h"

#include "daemon/base/strv.h"
#include "daemon/watcher/detect/rule-folders.h"

int rules_load(char *const *more, DetectorProblem problem, void *userdata, DetectorSet **ret) {
        _cleanup_strv_free_ char **folders = NULL;
        int r;

        r = rule_folders(&folders);
        for (char *const *folder = more; folder && *folder && r >= 0; folder++)
                r = strv_extend(&folders, *folder);
        return r < 0 ? r : detector_set_load(folders, problem, userdata, ret);
}
