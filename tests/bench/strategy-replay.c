/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Strategy replay
 *
 * Plays the same trace of agents to polling and to priority_based, the plugin itself, which learns
 * from what it finds as it does in the service, and says how long after each change it was found.
 * Both make as many looks.
 *
 * The trace is made from fixed seeds. How long somebody stays in a state is log-normal: mostly
 * short, sometimes very long; each agent has a tempo of its own, and some are parked.
 */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/plan/learned.h"
#include "plugins/priority_based/priority_based.c"

#define SECONDS(n) ((uint64_t)((n)*1e6))
#define LEARN_USEC SECONDS(3600)
#define END_USEC SECONDS(6 * 3600)
#define PARKED_SHARE 0.3

typedef struct Random {
        uint64_t state;
} Random;

static double uniform(Random *r) {
        r->state ^= r->state << 13;
        r->state ^= r->state >> 7;
        r->state ^= r->state << 17;
        return ((double)(r->state >> 11) + 0.5) / (double)(1ULL << 53);
}

static double normal(Random *r) {
        double u = uniform(r), v = uniform(r);

        return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* Seconds: half of the stays are shorter than @median, two thirds within a factor e^spread. */
static const struct {
        double median, spread;
} stays[_AGENT_STATE_MAX] = {
                [AGENT_WORKING] = {45, 1.2},
                [AGENT_IDLE] = {240, 1.4},
                [AGENT_WAITING] = {90, 1.3},
                [AGENT_ERROR] = {120, 1.0},
                [AGENT_RATE_LIMITED] = {2400, 0.8},
};

static AgentState follow(Random *r, AgentState state) {
        double u = uniform(r);

        if (state == AGENT_WORKING)
                return u < 0.45            ? AGENT_IDLE
                                : u < 0.95 ? AGENT_WAITING
                                : u < 0.98 ? AGENT_ERROR
                                           : AGENT_RATE_LIMITED;
        if (state == AGENT_WAITING)
                return u < 0.9 ? AGENT_WORKING : AGENT_IDLE;
        if (state == AGENT_ERROR)
                return u < 0.7 ? AGENT_WORKING : AGENT_IDLE;
        return state == AGENT_IDLE ? AGENT_WORKING : AGENT_IDLE;
}

typedef struct Change {
        uint64_t usec;
        AgentState state;
} Change;

typedef struct Trace {
        Change *changes; /* the first at 0 */
        size_t n;
} Trace;

static void make_trace(Random *r, Trace *t) {
        double tempo = exp(0.7 * normal(r)), parked = uniform(r) < PARKED_SHARE ? 40 : 1;
        AgentState state = AGENT_IDLE;
        uint64_t at = 0;

        *t = (Trace){};
        while (at < END_USEC) {
                double stay = stays[state].median * exp(stays[state].spread * normal(r)) / tempo;

                if (t->n % 256 == 0) {
                        t->changes = reallocarray(t->changes, t->n + 256, sizeof(Change));
                        if (!t->changes)
                                abort();
                }
                t->changes[t->n++] = (Change){at, state};
                if (state == AGENT_IDLE)
                        stay *= parked;
                at += SECONDS(stay < 0.5 ? 0.5 : stay);
                state = follow(r, state);
        }
}

typedef struct Seen {
        const Trace *trace;
        size_t at; /* the last change that was found */
        AgentState state;
        uint64_t look_usec;
        Learned past;
} Seen;

typedef struct Result {
        double *delays; /* seconds, of changes that were found after learning */
        size_t n, n_allocated;
        size_t n_waiting;
        double waiting; /* the sum of those to "waiting" */
        uint64_t looks;
        uint64_t changes, unseen; /* of all changes, those that were over before a look came */
} Result;

static void add_delay(Result *r, AgentState to, double delay) {
        if (r->n == r->n_allocated) {
                r->n_allocated = r->n_allocated * 2 + 1024;
                r->delays = reallocarray(r->delays, r->n_allocated, sizeof(double));
                if (!r->delays)
                        abort();
        }
        r->delays[r->n++] = delay;
        if (to == AGENT_WAITING) {
                r->waiting += delay;
                r->n_waiting++;
        }
}

static void look(Seen *s, Stays *all, uint64_t now, Result *r) {
        const Trace *t = s->trace;
        AgentState old = s->state;
        size_t first = s->at;

        while (s->at + 1 < t->n && t->changes[s->at + 1].usec <= now) {
                const Change *c = &t->changes[++s->at];

                if (now < LEARN_USEC)
                        continue;
                r->changes++;
                add_delay(r, c->state, (double)(now - c->usec) / 1e6);
        }
        if (now >= LEARN_USEC) {
                r->looks++;
                r->unseen += s->at > first ? s->at - first - 1 : 0;
        }
        s->state = t->changes[s->at].state;
        s->look_usec = now;
        if (s->state != old)
                learned_note_change(&s->past, all, old, s->state, now);
}

static const uint32_t numbers[_AGENT_STATE_MAX] = {
                [AGENT_UNKNOWN] = TMUX_ORC_UNKNOWN,
                [AGENT_WORKING] = TMUX_ORC_WORKING,
                [AGENT_IDLE] = TMUX_ORC_IDLE,
                [AGENT_WAITING] = TMUX_ORC_WAITING,
                [AGENT_RATE_LIMITED] = TMUX_ORC_RATE_LIMITED,
                [AGENT_ERROR] = TMUX_ORC_ERROR,
};

static void show(const Seen *s, const Stays *all, uint64_t now, TmuxOrcAgent *a) {
        *a = (TmuxOrcAgent){
                        .id = "",
                        .type = "claude",
                        .state = numbers[s->state],
                        .state_age = now - s->past.since_usec,
                        .look_age = now - s->look_usec,
                        .change_age = now - s->past.since_usec,
                        .changes = learned_changes(&s->past, now),
                        .next_expected = learned_expect(&s->past, all, s->state, now),
                        .needed_age = s->state == AGENT_WAITING   ? 0
                                        : s->past.needed_usec > 0 ? now - s->past.needed_usec
                                                                  : UINT64_MAX,
                        .role = "work",
                        .server = "s",
        };
}

typedef struct Play {
        Seen *seen;
        TmuxOrcAgent *agents;
        TmuxOrcLook *looks;
        unsigned n;
        uint64_t interval_usec;
        Stays all;
} Play;

static uint64_t round_of_polling(Play *p, uint64_t now, Result *r) {
        for (unsigned i = 0; i < p->n; i++)
                look(&p->seen[i], &p->all, now, r);
        return p->interval_usec;
}

static uint64_t round_of_priority(Play *p, uint64_t now, Result *r) {
        TmuxOrcRound round = {
                        .size = sizeof(round),
                        .agent_size = sizeof(TmuxOrcAgent),
                        .now_usec = now,
                        .interval_usec = p->interval_usec,
                        .n_agents = p->n,
                        .concurrency = 20,
                        .agents = p->agents,
        };
        TmuxOrcPlan answer = {.size = sizeof(answer), .n_looks_max = p->n, .looks = p->looks};

        for (unsigned i = 0; i < p->n; i++)
                show(&p->seen[i], &p->all, now, &p->agents[i]);
        if (tmux_orc_plugin.plan(NULL, NULL, &round, &answer) < 0)
                abort();
        for (uint32_t i = 0; i < answer.n_looks; i++)
                look(&p->seen[answer.looks[i].agent], &p->all, now + answer.looks[i].delay_usec, r);
        return answer.next_usec;
}

static void play(
                const Trace *traces, unsigned n, uint64_t interval_usec, bool priority, Result *r) {
        Play p = {.n = n, .interval_usec = interval_usec};

        p.seen = calloc(n, sizeof(*p.seen));
        p.agents = calloc(n, sizeof(*p.agents));
        p.looks = calloc(n, sizeof(*p.looks));
        if (!p.seen || !p.agents || !p.looks)
                abort();
        for (unsigned i = 0; i < n; i++) {
                p.seen[i] = (Seen){.trace = &traces[i], .state = traces[i].changes[0].state};
                learned_init(&p.seen[i].past, 0, 0);
        }
        for (uint64_t now = interval_usec; now < END_USEC;)
                now += priority ? round_of_priority(&p, now, r) : round_of_polling(&p, now, r);
        free(p.seen);
        free(p.agents);
        free(p.looks);
}

static int compare_doubles(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return x < y ? -1 : x > y;
}

static double mean(const Result *r) {
        double sum = 0;

        for (size_t i = 0; i < r->n; i++)
                sum += r->delays[i];
        return r->n > 0 ? sum / (double)r->n : 0;
}

static void tell(const char *name, Result *r) {
        qsort(r->delays, r->n, sizeof(double), compare_doubles);
        (void)printf("\"%s\": {\"looks\": %llu, \"changes\": %llu, \"unseen\": %llu, "
                     "\"mean\": %.4f, \"p50\": %.4f, \"p90\": %.4f, \"p99\": %.4f, "
                     "\"waiting\": %.4f}",
                        name, (unsigned long long)r->looks, (unsigned long long)r->changes,
                        (unsigned long long)r->unseen, mean(r), r->delays[r->n / 2],
                        r->delays[r->n * 9 / 10], r->delays[r->n * 99 / 100],
                        r->waiting / (double)r->n_waiting);
        free(r->delays);
}

int main(int argc, char *argv[]) {
        unsigned n = argc == 4 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
        double interval = argc == 4 ? strtod(argv[2], NULL) : 0;
        Random r = {argc == 4 ? strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15ULL : 0};
        Result polling = {}, priority = {};
        Trace *traces;

        if (n == 0 || !(interval >= 0.2) || r.state == 0) {
                (void)fprintf(stderr, "usage: %s AGENTS INTERVAL SEED\n", argv[0]);
                return EXIT_FAILURE;
        }
        traces = calloc(n, sizeof(*traces));
        if (!traces)
                abort();
        for (unsigned i = 0; i < n; i++)
                make_trace(&r, &traces[i]);

        play(traces, n, SECONDS(interval), false, &polling);
        play(traces, n, SECONDS(interval), true, &priority);
        (void)printf("{");
        tell("polling", &polling);
        (void)printf(", ");
        tell("priority_based", &priority);
        (void)printf("}\n");
        for (unsigned i = 0; i < n; i++)
                free(traces[i].changes);
        free(traces);
        return EXIT_SUCCESS;
}
