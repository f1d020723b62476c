/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The plugin interface of tmux-orchestrator
 *
 * A plugin is a shared object that exports one variable:
 *
 *     #define TMUX_ORC_PLUGIN_API 1
 *     #include <tmux-orc-plugin.h>
 *
 *     TMUX_ORC_PLUGIN(.name = "hello", .version = "1.0.0", .execute = execute);
 *
 * It is loaded into a process of its own, which holds nothing but this plugin. Everything reaches
 * it as arguments, and everything that it has to say leaves by the functions below.
 *
 * Its life:  constructor → load → selftest → (execute | plan)… → unload
 *
 * Until load() has returned the plugin may read files in system folders and map code. Afterwards a
 * plugin of the profile "strict" can compute, allocate memory within its limit, tell the time and
 * answer: no files, no sockets, no processes, no threads. One of the profile "network" can in
 * addition resolve names and open TCP and UDP connections, and read system files. Whatever is
 * refused fails with EPERM or EACCES (before: ENOSYS), and the journal says what it was.
 *
 * Functions return 0 or a negative errno. tmux_orc_fail() adds the sentence that the caller reads.
 * A plugin that crashes, calls exit() or does not return is ended, and started anew later; nobody
 * but the callers that wait for it notices.
 *
 * Strings are UTF-8 and end in NUL. Times are in microseconds of CLOCK_MONOTONIC.
 *
 * How this file ages: fields are added at the end of structs only, and every struct that crosses
 * the border begins with its size, so a plugin that was built with an older header goes on to work,
 * and one that was built with a newer header can see what is there. What a number means never
 * changes. TMUX_ORC_PLUGIN_API is the version that the plugin's author wrote for; a version is
 * dropped no earlier than two years after the one that replaces it.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifndef TMUX_ORC_PLUGIN_API
#error "say which interface the plugin is written for: #define TMUX_ORC_PLUGIN_API 1"
#endif
#if TMUX_ORC_PLUGIN_API < 1 || TMUX_ORC_PLUGIN_API > 1
#error "this header knows version 1 of the plugin interface"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TmuxOrcCall TmuxOrcCall;

/*
 * What the host does for a plugin. Only ever added to at its end: check @size before using what is
 * newer than your API version; all of version 1 is always there. The functions may be called from
 * any thread of the plugin, but only while the call they are given has not returned.
 */
typedef struct TmuxOrcHost {
        uint32_t size;
        uint32_t reserved; /* 0 */

        /*
         * Gives the answer of execute(): one JSON value, copied. The last one counts. -EBADMSG if
         * it is not JSON, -EMSGSIZE if it is longer than 1 MiB, -ENOMEM.
         */
        int (*answer)(TmuxOrcCall *call, const char *json);
        /* Says in one sentence what went wrong, copied, at most 512 bytes; then return an errno. */
        void (*fail)(TmuxOrcCall *call, const char *sentence);
        /* 1 as soon as nobody waits for the answer any more; return then, with -ECANCELED. */
        int (*is_cancelled)(const TmuxOrcCall *call);
        /*
         * One line for the journal, under the name of the plugin. @level as in syslog(3), 3 to 7.
         * At most 512 bytes; more than 50 lines a second count as a flood, and end the plugin.
         */
        void (*log)(const TmuxOrcCall *call, int level, const char *line);
} TmuxOrcHost;

/* One call of one of the plugin's functions. Valid until that function returns. */
struct TmuxOrcCall {
        const TmuxOrcHost *host;
        /* When the host stops waiting; a plugin that has not returned a second later is ended. */
        uint64_t deadline_usec;
};

static inline int tmux_orc_answer(TmuxOrcCall *call, const char *json) {
        return call->host->answer(call, json);
}

static inline int tmux_orc_fail(TmuxOrcCall *call, int error, const char *sentence) {
        call->host->fail(call, sentence);
        return error;
}

/* The same as printf() has it: return tmux_orc_failf(call, -EINVAL, "no model '%s'", name); */
__attribute__((format(printf, 3, 4))) static inline int tmux_orc_failf(
                TmuxOrcCall *call, int error, const char *format, ...) {
        char sentence[512];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(sentence, sizeof(sentence), format, ap);
        va_end(ap);
        return tmux_orc_fail(call, error, sentence);
}

static inline int tmux_orc_is_cancelled(const TmuxOrcCall *call) {
        return call->host->is_cancelled(call);
}

static inline void tmux_orc_log(const TmuxOrcCall *call, int level, const char *line) {
        call->host->log(call, level, line);
}

/* How the functions of a plugin may be called. */
typedef enum TmuxOrcThreads {
        TMUX_ORC_SERIAL = 0,   /* one after the other, always on the same thread */
        TMUX_ORC_PARALLEL = 1, /* execute() on up to four threads at once, with one state */
} TmuxOrcThreads;

/* Numbers are for ever; new states get new ones, so be ready for those that you do not know. */
typedef enum TmuxOrcState {
        TMUX_ORC_UNKNOWN = 0,
        TMUX_ORC_STARTING = 1,
        TMUX_ORC_WORKING = 2,
        TMUX_ORC_IDLE = 3,
        TMUX_ORC_WAITING = 4, /* for a human */
        TMUX_ORC_RATE_LIMITED = 5,
        TMUX_ORC_ERROR = 6,
        TMUX_ORC_CRASHED = 7,
        TMUX_ORC_EXITED = 8,
} TmuxOrcState;

/* An agent, as a strategy sees it. Ages are counted back from TmuxOrcRound.now_usec. */
typedef struct TmuxOrcAgent {
        const char *id;         /* unique among all agents */
        const char *type;       /* "claude", "codex", … */
        uint32_t state;         /* TmuxOrcState */
        uint32_t failures;      /* crashes since it was first seen */
        uint64_t state_age;     /* in this state for so long */
        uint64_t look_age;      /* looked at so long ago; 0: or else its pane tells when it is
                                   written to; UINT64_MAX: never */
        uint64_t change_age;    /* something about it changed so long ago */
        double changes;         /* changes per minute, an average that forgets */
        uint64_t next_expected; /* learned time until its next change; UINT64_MAX: not known */
        uint64_t needed_age;    /* it waited for a human so long ago; UINT64_MAX: never */
        const char *role;       /* what its owner calls its window */
        const char *server;     /* unique among all tmux servers: looks at agents of one server at
                                   one time cost little more than one */
} TmuxOrcAgent;

/* What a strategy is shown. */
typedef struct TmuxOrcRound {
        uint32_t size;
        uint32_t agent_size; /* sizeof(TmuxOrcAgent) of the host: use tmux_orc_agent() */
        uint64_t now_usec;
        uint64_t interval_usec; /* between two rounds that look at everybody: configured, or as
                                   often as the budget allows */
        uint32_t n_agents;
        uint32_t concurrency; /* looks side by side that the service allows */
        const TmuxOrcAgent *agents;
} TmuxOrcRound;

/* Agents lie as far apart as they are large on the host's side. A field that is newer than your API
 * version is there if agent_size reaches beyond it. */
static inline const TmuxOrcAgent *tmux_orc_agent(const TmuxOrcRound *round, uint32_t i) {
        return (const TmuxOrcAgent *)(const void *)((const char *)round->agents +
                        (size_t)i * round->agent_size);
}

/* "Look at this agent in this round." Never grows. */
typedef struct TmuxOrcLook {
        uint32_t agent;      /* index in the round */
        uint32_t reserved;   /* 0 */
        uint64_t delay_usec; /* from the beginning of the round; at most 60 s */
} TmuxOrcLook;

/* Who says when agents are looked at. */
typedef enum TmuxOrcPace {
        /* The plan: an agent is looked at when a plan says so, and when something of it reaches us
         * unasked: its process ends, its hook speaks, or a state waits for its confirmation. */
        TMUX_ORC_PACE_ROUNDS = 0,
        /* Those who look, as often as the budget allows, and more often where something changes.
         * The looks of the plan are added to theirs. */
        TMUX_ORC_PACE_OWN = 1,
} TmuxOrcPace;

/*
 * What a strategy answers. The host has filled @size, @looks and @n_looks_max (one for each agent),
 * and set the rest to 0. Agents that get no look are left alone in this round. A plan with a look
 * at an agent twice, or with any number that is not within its limits, is refused as a whole; a
 * round that would cost more than the budget allows comes later.
 */
typedef struct TmuxOrcPlan {
        uint32_t size;
        uint32_t n_looks_max;
        TmuxOrcLook *looks;
        uint32_t n_looks;
        uint32_t concurrency; /* looks side by side; 0: as many as allowed */
        uint64_t next_usec;   /* time until the next round, 50 ms to 60 s; 0: the interval */
        uint32_t pace;        /* TmuxOrcPace */
        uint32_t reserved;    /* 0 */
} TmuxOrcPlan;

static inline void tmux_orc_plan_look(TmuxOrcPlan *plan, uint32_t agent, uint64_t delay_usec) {
        if (plan->n_looks < plan->n_looks_max)
                plan->looks[plan->n_looks++] = (TmuxOrcLook){agent, 0, delay_usec};
}

typedef struct TmuxOrcPlugin {
        /* Set by TMUX_ORC_PLUGIN(); do not set by hand. */
        uint32_t api;
        uint32_t size;

        /* Required, and the same as in the manifest. */
        const char *name;
        const char *version;

        uint32_t threads;  /* TmuxOrcThreads */
        uint32_t reserved; /* 0 */

        /*
         * Optional. Called once, first. @settings is a JSON object, what the manifest has under
         * "settings". *state is handed to all other functions; it is the plugin's own. Whatever
         * needs files belongs here.
         */
        int (*load)(TmuxOrcCall *call, const char *settings, void **state);
        /*
         * Optional. Called once, last, if load() succeeded, when the plugin is replaced or disabled
         * and has finished its calls; it has a second. After it the process ends. A process that is
         * cut off, or ends with the service, is not asked: memory and descriptors go with it
         * anyway.
         */
        void (*unload)(void *state);

        /*
         * Optional. Finds out whether the plugin can do its work, in at most 5 s. If it cannot, it
         * is not used; when it was to replace an older version, that one stays.
         */
        int (*selftest)(TmuxOrcCall *call, void *state);

        /*
         * Required unless the plugin is a strategy. @input is a JSON value that fits the manifest's
         * input_schema. Gives its output by tmux_orc_answer(), which must fit the output_schema.
         * -EINVAL: this input cannot be worked with, and that is the caller's doing, who gets
         * InvalidInput; any other errno is the plugin's failure. Both come with the sentence.
         */
        int (*execute)(TmuxOrcCall *call, void *state, const char *input);

        /* Required if the plugin is a strategy. Has a second to answer. */
        int (*plan)(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *plan);
} TmuxOrcPlugin;

#define TMUX_ORC_PLUGIN_SYMBOL "tmux_orc_plugin"

/* Once in every plugin, outside of functions. */
#define TMUX_ORC_PLUGIN(...) \
        extern __attribute__((visibility("default"))) const TmuxOrcPlugin tmux_orc_plugin; \
        const TmuxOrcPlugin tmux_orc_plugin = {.api = TMUX_ORC_PLUGIN_API, \
                        .size = (uint32_t)sizeof(TmuxOrcPlugin), \
                        __VA_ARGS__}

#ifdef __cplusplus
}
#endif
