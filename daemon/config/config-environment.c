/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config-environment.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/config/config-source.h"
#include "daemon/config/setting-value.h"

#define PLACE "environment"

static const char *find_variable(char *const *environment, const char *name) {
        size_t n = strlen(name);

        for (; environment && *environment; environment++)
                if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
                        return (*environment)[n + 1] != '\0' ? *environment + n + 1 : NULL;
        return NULL;
}

/* A switch that is not on leaves the setting to the files. */
static int set_by_switch(const Setting *s, Config *config, const char *text) {
        bool *field = setting_field(s, config);
        bool before = *field;
        int r;

        r = setting_set_text(s, config, text);
        if (r < 0)
                return r;

        r = *field;
        *field = r ? false : before;
        return r;
}

static int set_plainly(const Setting *s, Config *config, const char *text) {
        int r = setting_set_text(s, config, text);

        return r < 0 ? r : 1;
}

static int apply_variable(Config *config, const Setting *s, const SettingVariable *v,
                const char *text, ConfigProblems *problems) {
        char allowed[SETTING_ALLOWED_MAX];
        int r;

        r = v->switches_off ? set_by_switch(s, config, text) : set_plainly(s, config, text);
        if (r == -EINVAL) {
                setting_describe_allowed(s, allowed, sizeof(allowed));
                return config_problems_add(problems, CONFIG_ERROR, PLACE, 0, v->name,
                                "must be %s, not '%.60s'", allowed, text);
        }
        if (r <= 0)
                return r;

        if (s->no_effect) {
                r = config_problems_add(problems, CONFIG_NOTE, PLACE, 0, v->name,
                                "accepted, has no effect: %s", s->no_effect);
                if (r < 0)
                        return r;
        }
        return config_source_set(config, (size_t)(s - settings_table), CONFIG_SOURCE_ENVIRONMENT,
                        v->name, 0);
}

int config_environment_apply(Config *config, char *const *environment, ConfigProblems *problems) {
        int r;

        for (const Setting *s = settings_table; s < settings_table + settings_count; s++)
                FOREACH_ELEMENT (v, s->variables) {
                        const char *text = v->name ? find_variable(environment, v->name) : NULL;

                        if (!text)
                                continue;
                        r = apply_variable(config, s, v, text, problems);
                        if (r < 0)
                                return r;
                }
        return 0;
}
