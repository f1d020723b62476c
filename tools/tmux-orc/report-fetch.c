/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/report.h"

#define DEPTH 16U

static int parse(json_object *answer, json_object **ret) {
        const char *text = json_object_is_type(answer, json_type_string)
                        ? json_object_get_string(answer)
                        : "";

        return json_parse(text, strlen(text), DEPTH, ret);
}

CommandResult report_fetch(Context *c, const char *kind, uint64_t since_usec, json_object **ret) {
        _cleanup_json_ json_object *answer = NULL;
        CommandResult result;
        int r;

        result = bus_call_manager(c, "GetReport", &answer, "stt", kind, since_usec, (uint64_t)0);
        if (result != COMMAND_OK)
                return result;

        r = parse(answer, ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult report_update_baseline(Context *c, json_object **ret) {
        _cleanup_json_ json_object *answer = NULL;
        CommandResult result;
        int r;

        result = bus_call_manager(c, "UpdateBaseline", &answer, "tt", (uint64_t)0, (uint64_t)0);
        if (result != COMMAND_OK)
                return result;

        r = parse(answer, ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static const struct {
        const char *option, *kind, *words;
        uint64_t days;
} spans[] = {
                {"--day", "daily", "24 hours", 1},
                {"--week", "weekly", "7 days", 7},
                {"--month", "monthly", "30 days", 30},
};

int report_span(const Context *c, const char **ret_kind, const char **ret_words) {
        size_t chosen = 0, n = 0;

        for (size_t i = 0; i < ELEMENTSOF(spans); i++)
                for (size_t k = 0; k < COMMAND_OPTIONS_MAX && c->command->options[k].name; k++)
                        if (strcmp(c->command->options[k].name, spans[i].option) == 0 &&
                                        c->values[k]) {
                                chosen = i;
                                n++;
                        }
        *ret_kind = spans[chosen].kind;
        *ret_words = spans[chosen].words;
        return n > 1 ? -E2BIG : (int)spans[chosen].days;
}
