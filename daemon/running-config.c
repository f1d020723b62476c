/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/running-config-private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/data-dir.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/state-dir.h"
#include "daemon/base/strv.h"
#include "daemon/config/config-files.h"
#include "daemon/config/config-set.h"

int running_config_read(const RunningConfig *rc, const char *kept, char *const *environment,
                const Config *overlay, Config *ret, ConfigProblems *problems) {
        _cleanup_strv_free_ char **files = NULL;
        _cleanup_free_ char *vendor = NULL, *kept_path = NULL;
        ConfigPlaces places = {
                        .file = rc->options->config,
                        .user = rc->options->user,
                        .home = getenv("HOME"),
                        .xdg_config_home = getenv("XDG_CONFIG_HOME"),
        };
        ConfigLayers layers = {.kept_text = kept, .environment = environment, .overlay = overlay};
        int r;

        r = data_dir_find(&vendor);
        if (r < 0)
                return r;
        places.vendor = vendor;

        r = config_files_find(&places, &files, problems);
        if (r < 0)
                return r;

        kept_path = kept_config_path(rc->state ?: "");
        if (!kept_path)
                return -ENOMEM;
        layers.files = files;
        layers.kept_path = kept_path;
        return config_load_layers(&layers, ret, problems);
}

int running_config_read_kept(const RunningConfig *rc, char **ret, ConfigProblems *problems) {
        _cleanup_free_ char *path = NULL;
        int r;

        *ret = NULL;
        r = rc->state ? kept_config_read(rc->state, ret) : 0;
        if (r >= 0 || r == -ENOMEM)
                return r;

        path = kept_config_path(rc->state);
        if (!path)
                return -ENOMEM;
        r = config_problems_add(
                        problems, CONFIG_ERROR, path, 0, "", "cannot read: %s", strerror(-r));
        return r < 0 ? r : -EBADMSG;
}

static const int levels[_CONFIG_SEVERITY_MAX] = {
                [CONFIG_NOTE] = LOG_DEBUG,
                [CONFIG_WARNING] = LOG_WARNING,
                [CONFIG_ERROR] = LOG_ERR,
};

/* Told at once, but for the first error: it is given back, for whoever refuses because of it. */
static char *report_problems(const ConfigProblems *problems) {
        char *error = NULL;

        for (size_t i = 0; i < problems->n_items; i++) {
                const ConfigProblem *p = &problems->items[i];
                _cleanup_free_ char *text = config_problem_describe(p);

                if (text && p->severity == CONFIG_ERROR && !error)
                        error = TAKE_PTR(text);
                else if (text)
                        log_full(levels[p->severity], NULL,
                                        LOG_FIELDS({LOG_FIELD_COMPONENT, "config"}), "%s", text);
        }

        return error;
}

int running_config_reload(RunningConfig *rc) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        _cleanup_free_ char *kept = NULL;
        Config config = {};
        char *error;
        int r;

        assert(rc);

        r = running_config_read_kept(rc, &kept, &problems);
        if (r >= 0)
                r = running_config_read(rc, kept, environ, &rc->set, &config, &problems);
        error = report_problems(&problems);
        free(rc->error);
        rc->error = error;

        if (r < 0) {
                rc->refusals++;
                if (!rc->error)
                        rc->error = strdup(strerror(-r));
                return r;
        }

        config_done(&rc->config);
        rc->config = config;
        return 0;
}

int running_config_init(RunningConfig *rc, const Options *options) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        int r;

        assert(rc);
        assert(options);

        *rc = (RunningConfig){.options = options};
        r = config_set_defaults(&rc->set);
        if (r < 0)
                return r;
        r = state_dir_find(options->user, &rc->state);
        if (r < 0)
                rc->state = NULL; /* what is set is not kept: it is told when somebody wants it */

        r = running_config_reload(rc);
        if (r >= 0)
                return 0;

        log_full(LOG_ERR, MESSAGE_CONFIG_REFUSED, LOG_FIELDS({LOG_FIELD_COMPONENT, "config"}),
                        "the configuration is refused: %s", rc->error);
        /* What is built in does until the file is mended. */
        return config_load(NULL, NULL, &rc->config, &problems);
}

void running_config_done(RunningConfig *rc) {
        config_done(&rc->config);
        if (rc->set.sources)
                config_done(&rc->set);
        free(rc->state);
        free(rc->error);
        *rc = (RunningConfig){};
}
