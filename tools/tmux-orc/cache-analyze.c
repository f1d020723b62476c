/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/cache-analyze.h"

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/report.h"

static int print(Context *c, json_object *report, bool week) {
        json_object *advice = json_get(report, "advice");
        Document d = {.context = c};

        document_title(&d, "The cache, %s", week ? "7 days" : "24 hours");
        report_print_cache(&d, report);
        document_heading(&d, "What that means");
        if (!advice || json_object_array_length(advice) == 0)
                document_line(&d, "Nothing stands out.");
        for (size_t i = 0; advice && i < json_object_array_length(advice); i++)
                document_line(&d, "%s.",
                                json_object_get_string(json_object_array_get_idx(advice, i)));
        return d.error;
}

CommandResult cache_analyze(Context *c) {
        _cleanup_json_ json_object *report = NULL;
        bool week = context_has(c, "--week");
        CommandResult result;
        int r;

        result = report_fetch(c, "cache", week ? now_realtime() - 7 * USEC_PER_DAY : 0, &report);
        if (result != COMMAND_OK)
                return result;

        r = c->json ? output_json(c->out, report, false) : print(c, report, week);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
