/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Strategy call
 *
 * Asks a strategy in its real, walled process for plans for so many agents, one after the other,
 * and prints how long each took, the CPU time of this side, which is the daemon's code, and that of
 * the strategy's process.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/extend/plugins.h"
#include "daemon/plan/past.h"
#include "daemon/plan/plan.h"
#include "daemon/plan/round.h"

#define CALLS 300U
#define TIMEOUT_USEC (10 * USEC_PER_SEC)

typedef struct Bench {
        sd_event *event;
        Registry *registry;
        Past *past;
        Plugins *plugins;
        size_t n_agents;
        unsigned n_done;
        size_t n_looks;
} Bench;

static void must(int r, const char *what) {
        if (r >= 0)
                return;
        (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(EXIT_FAILURE);
}

/* The one child that there is. */
static clockid_t clock_of_host(void) {
        FILE *f = fopen("/proc/thread-self/children", "r");
        clockid_t clock;
        int pid = 0;

        if (!f || fscanf(f, "%d", &pid) != 1)
                must(-ESRCH, "the strategy's process");
        (void)fclose(f);
        must(-clock_getcpuclockid(pid, &clock), "its clock");
        return clock;
}

static void add_agents(Bench *b, unsigned n) {
        static const AgentState states[] = {AGENT_WORKING, AGENT_IDLE, AGENT_WAITING};
        ServerReport server = {
                        .socket = strdup("/tmp/tmux-1000/default"),
                        .liveness = LIVENESS_ALIVE,
                        .reason = strdup(""),
                        .version = strdup("3.3a"),
                        .pid = 100,
        };

        must(registry_report_server(b->registry, 1000, &server), "a server");
        for (unsigned i = 0; i < n; i++) {
                char pane[16];

                (void)snprintf(pane, sizeof(pane), "%%%u", i);
                AgentReport a = {
                                .socket = strdup("/tmp/tmux-1000/default"),
                                .pane = strdup(pane),
                                .type = strdup("claude"),
                                .version = strdup("2.1.0"),
                                .state = states[i % ELEMENTSOF(states)],
                                .rule = strdup("a-rule"),
                                .confidence = 0.9,
                                .since_usec = now_realtime() - i * USEC_PER_SEC,
                                .session = strdup("work"),
                                .window = strdup("parser"),
                                .command = strdup("claude"),
                                .title = strdup("Tidy the parser"),
                                .pid = 4242,
                };
                must(registry_report_agent(b->registry, 1000, &a), "an agent");
        }
}

static bool everybody(void *userdata, const Agent *agent) {
        return true;
}

static void on_planned(void *userdata, int error, const char *sentence, json_object *result) {
        _cleanup_free_ char *reason = NULL;
        _cleanup_(plan_done) Plan plan = {};
        Bench *b = userdata;

        if (error < 0)
                (void)fprintf(stderr, "no plan: %s\n", sentence ?: "");
        must(error, "plan");
        must(plan_read(result, b->n_agents, &plan, &reason), reason ?: "read the plan");
        b->n_looks = plan.n_looks;
        b->n_done++;
}

static void call(Bench *b, const char *name) {
        const RoundShow show = {
                        .registry = b->registry,
                        .past = b->past,
                        .belongs = everybody,
                        .interval_usec = USEC_PER_SEC,
                        .seen_usec = UINT64_MAX,
                        .concurrency = 20,
        };
        _cleanup_(round_done) Round round = {};
        unsigned before = b->n_done;
        PluginsPlan *asked;
        json_object *params;

        must(round_make(&show, &round, &params), "show the agents");
        b->n_agents = round.n_ids;
        must(plugins_plan(b->plugins, name, params, TIMEOUT_USEC, on_planned, b, &asked), name);
        while (b->n_done == before)
                must(sd_event_run(b->event, UINT64_MAX), "the loop");
}

int main(int argc, char *argv[]) {
        unsigned n = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
        Bench b = {};
        sigset_t child;
        clockid_t host;
        PluginsSetup setup = {.runner = {.owner = getuid()}};

        if (n == 0) {
                (void)fprintf(stderr, "usage: %s PLUGIN-HOST STRATEGY AGENTS\n", argv[0]);
                return EXIT_FAILURE;
        }
        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &child, NULL); /* the loop hears of ends */
        must(sd_event_default(&b.event), "a loop");
        must(registry_new(&(RegistryLimits){.agents_per_user = n}, &b.registry), "a registry");
        must(past_new(b.registry, &b.past), "a past");
        add_agents(&b, n);
        setup.runner.event = b.event;
        setup.runner.places.program = argv[1];
        must(plugins_new(&setup, &b.plugins), "plugins");
        must(plugins_scan(b.plugins, NULL), "find plugins");

        call(&b, argv[2]); /* starts it */
        host = clock_of_host();
        (void)printf("{\"looks\": %zu, \"calls\": [", b.n_looks);
        for (unsigned i = 0; i < CALLS; i++) {
                uint64_t begin = now_monotonic(), own = clock_usec(CLOCK_PROCESS_CPUTIME_ID);
                uint64_t its = clock_usec(host);

                call(&b, argv[2]);
                (void)printf("%s[%llu, %llu, %llu]", i > 0 ? ", " : "",
                                (unsigned long long)(now_monotonic() - begin),
                                (unsigned long long)(clock_usec(CLOCK_PROCESS_CPUTIME_ID) - own),
                                (unsigned long long)(clock_usec(host) - its));
        }
        (void)printf("]}\n");
        plugins_free(b.plugins);
        past_free(b.past);
        registry_free(b.registry);
        sd_event_unref(b.event);
        return EXIT_SUCCESS;
}
