/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

typedef void (*DoctorCheck)(Doctor *d);

/* Later ones build on what earlier ones found. */
static const DoctorCheck checks[] = {
                doctor_check_tmux,
                doctor_check_servers,
                doctor_check_bus,
                doctor_check_service,
                doctor_check_health,
                doctor_check_watcher,
                doctor_check_rules,
                doctor_check_config,
                doctor_check_runtime,
                doctor_check_proc,
                doctor_check_clock,
};

static const struct {
        const char *name;
        const char *sign;
        Style style;
} results[] = {
                [DOCTOR_OK] = {"ok", "✓", STYLE_GREEN},
                [DOCTOR_WARNING] = {"warning", "!", STYLE_BRIGHT_YELLOW},
                [DOCTOR_BROKEN] = {"broken", "✗", STYLE_BRIGHT_RED},
};

void doctor_add(Doctor *d, const char *check, DoctorResult result, const char *mend,
                const char *format, ...) {
        json_object *row = json_object_new_object();
        _cleanup_free_ char *text = NULL;
        va_list arguments;
        int n;

        d->broken = d->broken || result == DOCTOR_BROKEN;
        va_start(arguments, format);
        n = vasprintf(&text, format, arguments);
        va_end(arguments);

        if (n < 0 || json_append(d->findings, row) < 0 ||
                        json_set_string(row, "check", check) < 0 ||
                        json_set_string(row, "result", results[result].name) < 0 ||
                        json_set_string(row, "text", text) < 0 ||
                        json_set_string(row, "mend", mend) < 0)
                d->out_of_memory = true;
}

static size_t result_index(json_object *row) {
        const char *name = json_get_string(row, "result");

        for (size_t i = 0; i < ELEMENTSOF(results); i++)
                if (name && strcmp(results[i].name, name) == 0)
                        return i;
        return DOCTOR_BROKEN;
}

static int print_finding(Context *c, json_object *row) {
        size_t i = result_index(row);
        _cleanup_free_ char *text = terminal_text(json_get_string(row, "text") ?: "");
        const char *mend = json_get_string(row, "mend");

        if (!text)
                return -ENOMEM;
        (void)fprintf(c->out, "%s%s%s %-14s %s\n", style_begin(&c->terminal, results[i].style),
                        results[i].sign, style_end(&c->terminal, results[i].style),
                        json_get_string(row, "check"), text);
        if (mend)
                (void)fprintf(c->out, "%17s%s→ %s%s\n", "", style_begin(&c->terminal, STYLE_BOLD),
                                mend, style_end(&c->terminal, STYLE_BOLD));
        return 0;
}

static int print_findings(Context *c, json_object *findings) {
        if (c->json)
                return output_json(c->out, findings, false);

        for (size_t i = 0; i < json_object_array_length(findings); i++) {
                json_object *row = json_object_array_get_idx(findings, i);
                int r;

                if (c->quiet && result_index(row) == DOCTOR_OK)
                        continue;
                r = print_finding(c, row);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void doctor_done(Doctor *d) {
        (void)json_object_put(d->findings);
        (void)json_object_put(d->sockets);
}

CommandResult command_doctor(Context *c) {
        _cleanup_(doctor_done) Doctor d = {.c = c};
        int r;

        d.findings = json_object_new_array();
        d.sockets = json_object_new_array();
        if (!d.findings || !d.sockets)
                return output_failed(c, -ENOMEM);

        FOREACH_ELEMENT (check, checks)
                (*check)(&d);

        r = d.out_of_memory ? -ENOMEM : print_findings(c, d.findings);
        if (r < 0)
                return output_failed(c, r);
        return d.broken ? COMMAND_FAILED : COMMAND_OK;
}
