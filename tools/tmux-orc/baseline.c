/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/report.h"

static CommandResult print(Context *c, json_object *performance) {
        Document d = {.context = c};
        int r;

        if (c->json) {
                r = output_json(c->out, performance, false);
                return r < 0 ? output_failed(c, r) : COMMAND_OK;
        }
        report_print_figures(&d, performance);
        return d.error < 0 ? output_failed(c, d.error) : COMMAND_OK;
}

static CommandResult show(Context *c) {
        _cleanup_json_ json_object *report = NULL;
        json_object *baseline;
        CommandResult result;

        result = report_fetch(c, "baseline", 0, &report);
        if (result != COMMAND_OK)
                return result;
        baseline = json_get(report, "baseline");
        if (!baseline) {
                context_error(c, "there is no baseline");
                context_hint(c, "'tmux-orc baseline update' makes one of the last 24 hours.");
                return COMMAND_FAILED;
        }
        return print(c, baseline);
}

static CommandResult update(Context *c) {
        _cleanup_json_ json_object *performance = NULL;
        CommandResult result;

        result = report_update_baseline(c, &performance);
        if (result != COMMAND_OK)
                return result;
        if (!c->json && !c->quiet)
                (void)fprintf(c->out, "The last 24 hours are the baseline now.\n");
        return print(c, performance);
}

CommandResult command_baseline(Context *c) {
        if (strcmp(c->operands[0], "show") == 0)
                return show(c);
        if (strcmp(c->operands[0], "update") == 0)
                return update(c);
        return context_usage(c, "'baseline' does not know '%s'", c->operands[0]);
}
