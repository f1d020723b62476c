/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/hook-details.h"

/* The agent waits for us: whatever happens, it does not wait longer than this. */
#define LIMIT_USEC 100000
/* OpenCode does not wait for what its plugin starts; that is only not to stay for ever. */
#define LIMIT_APART_SEC 2
#define INPUT_MAX (4U * 1024U * 1024U)

static void on_limit(int signal) {
        _exit(COMMAND_OK);
}

static void set_limit(const char *source) {
        bool apart = strcmp(source, "opencode") == 0;
        const struct itimerval limit = {.it_value = {.tv_sec = apart ? LIMIT_APART_SEC : 0,
                                                        .tv_usec = apart ? 0 : LIMIT_USEC}};

        (void)signal(SIGALRM, on_limit);
        (void)setitimer(ITIMER_REAL, &limit, NULL);
}

/* NULL if there is nothing, or more than anybody has to say. */
static char *read_input(size_t *ret_n) {
        _cleanup_free_ char *text = malloc(INPUT_MAX + 1);
        size_t n;

        if (!text || isatty(STDIN_FILENO))
                return NULL;
        n = fread(text, 1, INPUT_MAX + 1, stdin);
        if (n == 0 || n > INPUT_MAX)
                return NULL;
        *ret_n = n;
        return TAKE_PTR(text);
}

/* "/tmp/tmux-1000/default,1234,0" and "%5": the same number may be on another server as well. */
static char *pane_address(const char *tmux, const char *pane) {
        char *address = NULL;

        if (text_is_empty(tmux) || text_is_empty(pane))
                return NULL;
        return asprintf(&address, "%.*s:%s", (int)strcspn(tmux, ","), tmux, pane) < 0 ? NULL
                                                                                      : address;
}

/* Of its own arguments, or of standard input; NULL if there is nothing of use. */
static json_object *get_details(Context *c) {
        _cleanup_free_ char *input = NULL;
        json_object *details = NULL;
        const char *text = NULL;
        size_t n = 0;

        if (c->n_operands > 1 && c->operands[c->n_operands - 1][0] == '{') {
                text = c->operands[c->n_operands - 1];
                n = strlen(text);
        } else
                text = input = read_input(&n);

        if (!text || hook_details_extract(text, n, &details) < 0)
                return NULL;
        return details;
}

/* "" lets the details name it. */
static const char *named_event(const Context *c) {
        return c->n_operands > 1 && c->operands[1][0] != '{' ? c->operands[1] : "";
}

static int event_of(const Context *c, const json_object *details, char **ret) {
        const char *event = named_event(c);

        if (text_is_empty(event))
                event = json_get_string(details, "hook_event_name")
                                ?: json_get_string(details, "type") ?: "";
        if (text_is_empty(event))
                return -ENODATA;
        *ret = strdup(event);
        return *ret ? 0 : -ENOMEM;
}

static int tell(Context *c, sd_bus_error *reterr) {
        _cleanup_free_ char *event = NULL, *pane = NULL;
        _cleanup_json_ json_object *details = NULL;
        int r;

        pane = pane_address(getenv("TMUX"), getenv("TMUX_PANE"));
        if (!pane)
                return sd_bus_error_set(reterr, SD_BUS_ERROR_FAILED,
                                "this is not a pane of tmux: TMUX and TMUX_PANE are not set");
        details = get_details(c);
        r = event_of(c, details, &event);
        if (r < 0)
                return sd_bus_error_set(reterr, SD_BUS_ERROR_FAILED,
                                "the event is named neither by an argument nor by the input");
        return bus_try(c, BUS_ROOT, BUS_INTERFACE_MANAGER, "ReportEvent", NULL, reterr, "ssss",
                        pane, c->operands[0], event,
                        details ? json_object_to_json_string_ext(details, JSON_C_TO_STRING_PLAIN)
                                : "");
}

CommandResult command_hook(Context *c) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        bool strict = context_has(c, "--strict");
        int r;

        if (!strict)
                set_limit(c->operands[0]);
        r = tell(c, &error);
        if (r >= 0 || !strict)
                return COMMAND_OK; /* an agent is never disturbed by who watches it */

        return bus_failed(c, &error, r);
}
