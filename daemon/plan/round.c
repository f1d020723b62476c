/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/round.h"

#include <assert.h>
#include <errno.h>
#include <json-c/printbuf.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

/* The numbers of the plugin interface are for ever; ours are not. */
static const int state_numbers[_AGENT_STATE_MAX] = {
                [AGENT_UNKNOWN] = 0,
                [AGENT_STARTING] = 1,
                [AGENT_WORKING] = 2,
                [AGENT_IDLE] = 3,
                [AGENT_WAITING] = 4,
                [AGENT_RATE_LIMITED] = 5,
                [AGENT_ERROR] = 6,
                [AGENT_CRASHED] = 7,
                [AGENT_EXITED] = 8,
};

void round_done(Round *round) {
        for (size_t i = 0; i < round->n_ids; i++)
                free(round->ids[i]);
        free(round->ids);
        *round = (Round){};
}

static uint64_t passed(uint64_t now, uint64_t then) {
        return then == 0 ? UINT64_MAX : now > then ? now - then : 0;
}

/* Nobody else writes to it: putc_unlocked() and the like spare a lock for each byte. */
static void put(FILE *f, const char *s) {
        (void)fputs_unlocked(s, f);
}

static void put_number(FILE *f, uint64_t n) {
        char digits[24], *p = digits + sizeof(digits);

        *--p = '\0';
        do {
                *--p = (char)('0' + n % 10);
                n /= 10;
        } while (n > 0);
        put(f, p);
}

static void put_count(FILE *f, uint64_t n) {
        (void)putc_unlocked(',', f);
        put_number(f, n);
}

/* Reports were cleaned of control characters. */
static void put_string(FILE *f, const char *s) {
        put(f, ",\"");
        for (size_t plain; *s; s += plain) {
                plain = strcspn(s, "\"\\");
                (void)fwrite_unlocked(s, 1, plain, f);
                if (s[plain] == '\0')
                        continue;
                (void)putc_unlocked('\\', f);
                (void)putc_unlocked(s[plain++], f);
        }
        (void)putc_unlocked('"', f);
}

/* One that is not known is null. */
static void put_age(FILE *f, uint64_t usec) {
        if (usec > INT64_MAX)
                put(f, ",null");
        else
                put_count(f, usec);
}

/* With three digits behind the point; a count in a minute is never large. */
static void put_rate(FILE *f, double rate) {
        uint64_t thousandths = (uint64_t)(rate * 1000 + 0.5);

        put_count(f, thousandths / 1000);
        (void)putc_unlocked('.', f);
        (void)putc_unlocked((int)('0' + thousandths / 100 % 10), f);
        (void)putc_unlocked((int)('0' + thousandths / 10 % 10), f);
        (void)putc_unlocked((int)('0' + thousandths % 10), f);
}

static void put_row(FILE *f, const RoundShow *show, const Agent *a, uint64_t now, uint64_t wall) {
        AgentPast past;

        past_get(show->past, a, now, &past);
        put(f, "[\"");
        put(f, a->id); /* letters, digits, '-' and '_' */
        put(f, "\"");
        put_string(f, a->last.type);
        put_count(f, (uint64_t)state_numbers[a->last.state]);
        put_count(f, a->failures);
        put_age(f, passed(wall, a->since_usec));
        put_age(f, MIN(passed(now, past.look_usec), show->seen_usec));
        put_age(f, passed(wall, MAX(a->last.activity_usec, a->since_usec)));
        put_rate(f, past.changes);
        put_age(f, past.expected_usec);
        put_age(f, passed(now, past.needed_usec));
        put_string(f, a->last.window);
        put(f, ",\"");
        put(f, a->server->id);
        put(f, "\"]");
}

static bool is_shown(const RoundShow *show, const Agent *a) {
        return a->server->last.liveness == LIVENESS_ALIVE && !agent_state_is_gone(a->last.state) &&
                        show->belongs(show->userdata, a);
}

static int take(const RoundShow *show, Round *round, FILE *rows) {
        uint64_t now = now_monotonic(), wall = now_realtime();
        const Server *server = NULL;
        const Agent *a = NULL;

        /* In order of id, and so of server. */
        while (round->n_ids < ROUND_AGENTS_MAX && (a = registry_next_agent(show->registry, a))) {
                if (!is_shown(show, a))
                        continue;
                if (rows && round->n_ids > 0)
                        (void)putc_unlocked(',', rows);
                if (rows)
                        put_row(rows, show, a, now, wall);
                round->ids[round->n_ids] = strdup(a->id);
                if (!round->ids[round->n_ids])
                        return -ENOMEM;
                round->n_ids++;
                round->n_servers += a->server != server;
                server = a->server;
        }
        return 0;
}

static int make_ids(const RoundShow *show, Round *ret, FILE *rows) {
        _cleanup_(round_done) Round round = {};
        int r;

        round.ids = calloc(registry_count_agents(show->registry) + 1, sizeof(char *));
        if (!round.ids)
                return -ENOMEM;
        r = take(show, &round, rows);
        if (r < 0)
                return r;
        *ret = round;
        round = (Round){};
        return 0;
}

static int print_rows(json_object *o, struct printbuf *buffer, int level, int flags) {
        const char *text = json_object_get_userdata(o);

        return printbuf_memappend(buffer, text, (int)strlen(text));
}

static void free_rows(json_object *o, void *text) {
        free(text);
}

/* A thousand agents are twelve thousand values, which nobody needs but as text. */
static int wrap_rows(const RoundShow *show, char *rows, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *agents = json_object_new_array_ext(1);
        int r;

        if (!agents) {
                free(rows);
                return -ENOMEM;
        }
        json_object_set_serializer(agents, print_rows, rows, free_rows);
        r = o ? json_set(o, "agents", agents) : -ENOMEM;
        if (!o)
                (void)json_object_put(agents);
        if (r >= 0)
                r = json_set_u64(o, "interval", show->interval_usec);
        if (r >= 0)
                r = json_set_u64(o, "concurrency", show->concurrency);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

int round_make(const RoundShow *show, Round *ret, json_object **ret_params) {
        _cleanup_(round_done) Round round = {};
        _cleanup_free_ char *rows = NULL;
        size_t n_rows;
        FILE *f;
        int r;

        if (!ret_params)
                return make_ids(show, ret, NULL);

        f = open_memstream(&rows, &n_rows);
        if (!f)
                return -ENOMEM;
        (void)fputc('[', f);
        r = make_ids(show, &round, f);
        (void)fputc(']', f);
        if (fclose(f) != 0)
                return -ENOMEM;
        if (r >= 0)
                r = wrap_rows(show, TAKE_PTR(rows), ret_params);
        if (r < 0)
                return r;
        *ret = round;
        round = (Round){};
        return 0;
}
