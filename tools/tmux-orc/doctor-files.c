/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/config-check.h"
#include "tools/tmux-orc/doctor.h"
#include "tools/tmux-orc/rules.h"

static void on_problem(void *userdata, const char *path, unsigned line, const char *message) {
        doctor_add(userdata, "rules", DOCTOR_BROKEN, NULL, "%s:%u: %s", path, line, message);
}

void doctor_check_rules(Doctor *d) {
        _cleanup_(detector_set_freep) DetectorSet *set = NULL;
        int r = rules_load(NULL, on_problem, d, &set);
        size_t n = r < 0 ? 0 : detector_set_count(set);

        if (r < 0)
                doctor_add(d, "rules", DOCTOR_BROKEN, NULL, "cannot be read: %s", strerror(-r));
        else if (n == 0)
                doctor_add(d, "rules", DOCTOR_BROKEN,
                                "apt-get install --reinstall tmux-orchestrator",
                                "there are no detector files: no agent can be told");
        else
                doctor_add(d, "rules", DOCTOR_OK, NULL, "%zu agents can be told", n);
}

void doctor_check_config(Doctor *d) {
        _cleanup_json_ json_object *verdict = NULL;
        json_object *problems, *files;
        int r;

        r = config_check(NULL, d->c->bus_name && strcmp(d->c->bus_name, "user") == 0, &verdict);
        if (r < 0) {
                doctor_add(d, "configuration", DOCTOR_BROKEN, NULL, "cannot be read: %s",
                                strerror(-r));
                return;
        }

        problems = json_get(verdict, "problems");
        files = json_get(verdict, "files");
        if (!json_get_bool(verdict, "valid", false))
                doctor_add(d, "configuration", DOCTOR_BROKEN, "tmux-orc config validate",
                                "has errors: the service goes on with what it had");
        else if (json_object_array_length(problems) > 0)
                doctor_add(d, "configuration", DOCTOR_WARNING, "tmux-orc config validate",
                                "valid, with %zu remarks", json_object_array_length(problems));
        else
                doctor_add(d, "configuration", DOCTOR_OK, NULL, "%zu file%s, no remarks",
                                json_object_array_length(files),
                                json_object_array_length(files) == 1 ? "" : "s");
}
