/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/report.h"

#include <string.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"

#define TIME_TEXT_MAX 32

typedef enum Format {
        FORMAT_TEXT,
        FORMAT_JSON,
        FORMAT_MARKDOWN,
        _FORMAT_MAX,
} Format;

static const char *const formats[_FORMAT_MAX] = {"text", "json", "markdown"};

static Format find_format(const Context *c) {
        const char *wanted = context_option(c, "--format") ?: formats[c->json ? 1 : 0];

        for (Format f = 0; f < _FORMAT_MAX; f++)
                if (strcmp(formats[f], wanted) == 0)
                        return f;
        return _FORMAT_MAX;
}

static const char *minute_of(uint64_t usec, char text[static TIME_TEXT_MAX]) {
        time_t then = (time_t)(usec / USEC_PER_SEC);
        struct tm tm;

        text[0] = '\0';
        if (localtime_r(&then, &tm))
                (void)strftime(text, TIME_TEXT_MAX, "%Y-%m-%d %H:%M", &tm);
        return text;
}

static int print(Context *c, json_object *report, const char *words, Format format) {
        bool detailed = context_has(c, "--detailed");
        char since[TIME_TEXT_MAX], until[TIME_TEXT_MAX];
        Document d = {.context = c, .markdown = format == FORMAT_MARKDOWN};

        document_title(&d, "Agents and their service, %s", words);
        document_line(&d, "%s to %s", minute_of(json_get_u64(report, "since_usec", 0), since),
                        minute_of(json_get_u64(report, "until_usec", 0), until));
        report_print_agents(&d, report, detailed);
        report_print_performance(&d, report);
        report_print_service(&d, report, detailed);
        return d.error;
}

static CommandResult show(Context *c, const char *kind, const char *words, Format format) {
        _cleanup_json_ json_object *report = NULL;
        CommandResult result;
        char wanted[32];
        int r;

        (void)snprintf(wanted, sizeof(wanted), "%s%s", kind, context_has(c, "--all") ? ":all" : "");
        result = report_fetch(c, wanted, 0, &report);
        if (result != COMMAND_OK)
                return result;

        r = format == FORMAT_JSON ? output_json(c->out, report, false)
                                  : print(c, report, words, format);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

/* What a timer wants that comes once a day. */
static CommandResult show_due(Context *c, Format format) {
        time_t now = time(NULL);
        CommandResult result;
        struct tm tm = {};

        (void)localtime_r(&now, &tm);
        result = show(c, "daily", "24 hours", format);
        if (result == COMMAND_OK && tm.tm_wday == 1)
                result = show(c, "weekly", "7 days", format);
        if (result == COMMAND_OK && tm.tm_mday == 1)
                result = show(c, "monthly", "30 days", format);
        return result;
}

CommandResult command_report(Context *c) {
        const char *kind, *words;
        Format format = find_format(c);

        if (format == _FORMAT_MAX)
                return context_usage(c, "there is no format '%s': text, json, markdown",
                                context_option(c, "--format"));
        if (report_span(c, &kind, &words) < 0)
                return context_usage(c, "only one of --day, --week, --month");

        return context_has(c, "--due") ? show_due(c, format) : show(c, kind, words, format);
}
