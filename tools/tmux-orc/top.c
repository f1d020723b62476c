/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/alerts.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/health.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/status-text.h"

#define INTERVAL_DEFAULT 2.0
#define ALERTS_SHOWN 3U

/* What is waited for between two looks, and how the terminal was before. */
typedef struct Screen {
        struct termios before;
        bool is_raw;
        int signals;
} Screen;

/* Keys come as they are pressed; signals by a descriptor, so that the terminal is put right. */
static int screen_open(const Context *c, Screen *ret) {
        struct termios raw;
        sigset_t signals;

        *ret = (Screen){.signals = -1};
        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGTERM);
        (void)sigaddset(&signals, SIGHUP);
        (void)sigaddset(&signals, SIGWINCH);
        (void)sigprocmask(SIG_BLOCK, &signals, NULL);
        ret->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        if (ret->signals < 0)
                return -errno;

        if (!c->terminal.is_tty || tcgetattr(STDIN_FILENO, &ret->before) < 0)
                return 0;
        raw = ret->before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        ret->is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
        return 0;
}

static void screen_close(Screen *s) {
        if (s->is_raw)
                (void)tcsetattr(STDIN_FILENO, TCSANOW, &s->before);
        s->signals = close_fd(s->signals);
}

/* Whether somebody wants to leave; any other key or a new size ends the wait. */
static bool screen_wait(const Screen *s, uint64_t usec) {
        struct pollfd polled[] = {{.fd = s->signals, .events = POLLIN},
                        {.fd = s->is_raw ? STDIN_FILENO : -1, .events = POLLIN}};
        struct signalfd_siginfo signal;
        char key = 0;

        if (poll(polled, ELEMENTSOF(polled), (int)(usec / USEC_PER_MSEC)) <= 0)
                return false;
        if (polled[0].revents && read(s->signals, &signal, sizeof(signal)) == sizeof(signal))
                return signal.ssi_signo != SIGWINCH;
        if (polled[1].revents && read(STDIN_FILENO, &key, 1) <= 0)
                return true;
        return key == 'q' || key == 'Q';
}

static int by_need(const void *a, const void *b) {
        return agents_compare_need(*(json_object *const *)a, *(json_object *const *)b);
}

static CommandResult look(Context *c, json_object **ret) {
        _cleanup_json_ json_object *o = NULL, *agents = NULL, *alerts = NULL;
        CommandResult result;

        result = bus_get_all(c, BUS_ROOT, BUS_INTERFACE_MANAGER, &o);
        if (result == COMMAND_OK)
                result = agents_fetch(c, &agents);
        if (result == COMMAND_OK)
                result = alerts_fetch(c, &alerts);
        if (result != COMMAND_OK)
                return result;

        json_object_array_sort(agents, by_need);
        if (json_set(o, "agents", TAKE_PTR(agents)) < 0 ||
                        json_set(o, "alerts", TAKE_PTR(alerts)) < 0)
                return output_failed(c, -ENOMEM);
        *ret = TAKE_PTR(o);
        return COMMAND_OK;
}

static int print_head(const Context *c, FILE *f, json_object *o) {
        const char *health = json_get_string(o, "health") ?: "unknown";
        _cleanup_free_ char *counts =
                        status_text_terminal(json_get(o, "agent_counts"), &c->terminal);
        char clock[DURATION_TEXT_MAX], interval[DURATION_TEXT_MAX];
        Style style = health_style_of(health);

        if (!counts)
                return -ENOMEM;
        (void)fprintf(f, "%s  %s● %s%s  ", clock_to_text(now_realtime(), clock, sizeof(clock)),
                        style_begin(&c->terminal, style), health, style_end(&c->terminal, style));
        (void)fprintf(f, "%slooks every %s for %.2f %% of a core (%g %% allowed)%s\n%s\n",
                        style_begin(&c->terminal, STYLE_DIM),
                        duration_to_text(json_get_u64(o, "cycle_interval_usec", 0), interval,
                                        sizeof(interval)),
                        json_get_double(o, "cost_percent", 0),
                        json_get_double(o, "cost_budget_percent", 0),
                        style_end(&c->terminal, STYLE_DIM), counts);
        return 0;
}

/* A line that went on below would move all that follows. */
static size_t alert_width(const Context *c) {
        return c->terminal.columns > 2 ? c->terminal.columns - 2 : SIZE_MAX;
}

static int print_alerts(const Context *c, FILE *f, json_object *alerts) {
        for (size_t i = 0; i < json_object_array_length(alerts) && i < ALERTS_SHOWN; i++) {
                json_object *row = json_object_array_get_idx(alerts, i);
                _cleanup_free_ char *whole = terminal_text(json_get_string(row, "summary") ?: "");
                _cleanup_free_ char *text = whole ? text_fit(whole, alert_width(c)) : NULL;
                Style style = alerts_is_critical(row) ? STYLE_BRIGHT_RED : STYLE_BRIGHT_YELLOW;

                if (!text)
                        return -ENOMEM;
                (void)fprintf(f, "%s! %s%s\n", style_begin(&c->terminal, style), text,
                                style_end(&c->terminal, style));
        }
        return 0;
}

static int print_frame(const Context *c, FILE *f, json_object *o) {
        json_object *agents = json_get(o, "agents");
        int r;

        r = print_head(c, f, o);
        if (r >= 0)
                r = print_alerts(c, f, json_get(o, "alerts"));
        (void)fputc('\n', f);
        if (r < 0 || json_object_array_length(agents) > 0)
                return r < 0 ? r : table_print(f, &c->terminal, agents_columns, agents, !c->quiet);

        (void)fputs("There are no agents.\n", f);
        return 0;
}

/* On a terminal in place of the frame before, as many lines as there is room for. */
static void show_frame(const Context *c, const char *text) {
        bool in_place = c->terminal.is_tty;

        if (in_place)
                (void)fputs("\033[H", stdout);
        for (unsigned line = 1; *text && (!in_place || line < c->terminal.lines); line++) {
                size_t n = strcspn(text, "\n");

                (void)fprintf(stdout, "%.*s%s\n", (int)n, text, in_place ? "\033[K" : "");
                text += n + (text[n] == '\n');
        }
        (void)fputs(in_place ? "\033[J" : "\n", stdout);
}

static CommandResult draw(Context *c) {
        _cleanup_json_ json_object *o = NULL;
        _cleanup_free_ char *text = NULL;
        CommandResult result;
        size_t n = 0;
        FILE *f;
        int r;

        result = look(c, &o);
        if (result != COMMAND_OK)
                return result;
        if (c->json) {
                r = output_json(stdout, o, true);
                return r < 0 || fflush(stdout) != 0 ? COMMAND_FAILED : COMMAND_OK;
        }

        f = open_memstream(&text, &n);
        if (!f)
                return output_failed(c, -ENOMEM);
        c->terminal = terminal_get();
        r = print_frame(c, f, o);
        if (fclose(f) != 0 || r < 0)
                return output_failed(c, -ENOMEM);
        show_frame(c, text);
        return fflush(stdout) == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int parse_interval(const Context *c, uint64_t *ret) {
        const char *text = context_option(c, "--interval");
        double seconds = INTERVAL_DEFAULT;
        char *end = NULL;

        if (text)
                seconds = strtod(text, &end);
        if ((end && *end) || !(seconds >= 0.1 && seconds <= 3600))
                return -EINVAL;
        *ret = (uint64_t)(seconds * (double)USEC_PER_SEC);
        return 0;
}

CommandResult command_top(Context *c) {
        const char *times = context_option(c, "--count");
        uint64_t interval, count = UINT64_MAX;
        CommandResult result;
        Screen screen;
        int r;

        if (parse_interval(c, &interval) < 0)
                return context_usage(c, "--interval is a number of seconds from 0.1 to 3600");
        if (times && parse_u64(times, 1, UINT32_MAX, &count) < 0)
                return context_usage(c, "--count is a number from 1 on");

        r = screen_open(c, &screen);
        if (r < 0)
                return output_failed(c, r);
        if (c->terminal.is_tty && !c->json)
                (void)fputs("\033[2J", stdout);
        result = draw(c);
        while (result == COMMAND_OK && --count > 0 && !screen_wait(&screen, interval))
                result = draw(c);
        screen_close(&screen);
        return result;
}
