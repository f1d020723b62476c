/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading episodes: sums by agent and by type, and the times that agents waited. */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/agents/registry.h"
#include "daemon/base/histogram.h"
#include "daemon/base/json.h"
#include "daemon/observe/history-schema.h"
#include "daemon/observe/report-parts.h"

/* Of the agents that are named; those that waited longest come first. */
#define AGENTS_MAX 1000U

typedef struct Key {
        int64_t agent, type, uid;
} Key;

typedef struct Sum {
        Key key;
        uint64_t in_state_usec[_AGENT_STATE_MAX];
        uint64_t times[_AGENT_STATE_MAX]; /* that it came into that state */
        uint64_t longest_wait_usec;
        UT_hash_handle hh;
} Sum;

typedef struct Episodes {
        Sum *agents, *types;
        Histogram *waits;
        uint64_t waited_for_usec[_ATTENTION_MAX], waits_for[_ATTENTION_MAX];
        /* Ids of names are small for these, for they come first. */
        AgentState *states;
        Attention *attentions;
        size_t n_words;
} Episodes;

static void sums_free(Sum *sums) {
        Sum *s, *next;

        HASH_ITER (hh, sums, s, next) {
                HASH_DEL(sums, s);
                free(s);
        }
}

static void episodes_done(Episodes *e) {
        sums_free(e->agents);
        sums_free(e->types);
        histogram_free(e->waits);
        free(e->states);
        free(e->attentions);
}

static int find_sum(Sum **sums, const Key *key, Sum **ret) {
        Sum *s;

        HASH_FIND(hh, *sums, key, sizeof(*key), s);
        if (!s) {
                s = calloc(1, sizeof(*s));
                if (!s)
                        return -ENOMEM;
                s->key = *key;
                HASH_ADD(hh, *sums, key, sizeof(s->key), s);
        }
        *ret = s;
        return 0;
}

static int add_word(Episodes *e, int64_t id, const char *text) {
        size_t n = e->n_words;

        if (id < 0 || id > 1000000)
                return 0;
        if ((size_t)id >= n) {
                size_t wanted = MAX((size_t)id + 1, n * 2);
                AgentState *states = reallocarray(e->states, wanted, sizeof(*states));
                Attention *attentions;

                if (!states)
                        return -ENOMEM;
                e->states = states;
                attentions = reallocarray(e->attentions, wanted, sizeof(*attentions));
                if (!attentions)
                        return -ENOMEM;
                e->attentions = attentions;
                for (; n < wanted; n++) {
                        states[n] = AGENT_UNKNOWN;
                        attentions[n] = ATTENTION_NONE;
                }
                e->n_words = wanted;
        }

        if (agent_state_from_string(text) >= 0)
                e->states[id] = agent_state_from_string(text);
        if (attention_from_string(text) >= 0)
                e->attentions[id] = attention_from_string(text);
        return 0;
}

/* The few names that are states or what is waited for. */
static int load_words(sqlite3 *db, Episodes *e) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = sql_prepare(db, &s, "SELECT id, text FROM name WHERE text = ?1", NULL);
        for (int i = 0; r >= 0 && i < _AGENT_STATE_MAX + _ATTENTION_MAX; i++) {
                const char *word = i < _AGENT_STATE_MAX
                                ? agent_state_to_string((AgentState)i)
                                : attention_to_string((Attention)(i - _AGENT_STATE_MAX));

                r = sql_bind(s, "s", word);
                if (r >= 0)
                        r = sql_step(s);
                if (r > 0)
                        r = add_word(e, sqlite3_column_int64(s, 0), word);
        }
        return r;
}

static void note_wait(Episodes *e, Sum *agent, Attention attention, uint64_t usec) {
        histogram_add(e->waits, usec);
        e->waited_for_usec[attention] += usec;
        e->waits_for[attention]++;
        agent->longest_wait_usec = MAX(agent->longest_wait_usec, usec);
}

static int take(Episodes *e, sqlite3_stmt *row) {
        Key agent_key = {sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                        sqlite3_column_int64(row, 2)};
        Key type_key = {.type = agent_key.type};
        int64_t state_id = sqlite3_column_int64(row, 3), what = sqlite3_column_int64(row, 4);
        AgentState state = (uint64_t)state_id < e->n_words ? e->states[state_id] : AGENT_UNKNOWN;
        Attention attention = (uint64_t)what < e->n_words ? e->attentions[what] : ATTENTION_NONE;
        uint64_t since = sql_column_u64(row, 5), until = sql_column_u64(row, 6);
        uint64_t usec = until > since ? until - since : 0;
        Sum *agent, *type;
        int r;

        r = find_sum(&e->agents, &agent_key, &agent);
        if (r >= 0)
                r = find_sum(&e->types, &type_key, &type);
        if (r < 0)
                return r;

        agent->in_state_usec[state] += usec;
        agent->times[state]++;
        type->in_state_usec[state] += usec;
        type->times[state]++;
        if (state == AGENT_WAITING)
                note_wait(e, agent, attention, usec);
        return 0;
}

/* What began before or goes on after the time counts for what lies within. */
static int load(const ReportRequest *q, sqlite3 *db, Episodes *e) {
#define WHAT "SELECT agent, type, uid, state, attention, max(since, ?1), "
#define WHOSE " AND since < ?2 AND (?3 < 0 OR uid = ?3)"
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int64_t uid = q->uid == UID_INVALID ? -1 : (int64_t)q->uid;
        int r;

        r = histogram_new(NULL, 0, &e->waits);
        if (r >= 0)
                r = load_words(db, e);
        if (r >= 0)
                r = sql_prepare(db, &s,
                                WHAT "min(until, ?2) FROM episode WHERE until > ?1" WHOSE
                                     " UNION ALL " WHAT "min(coalesce(-until, ?2), ?2) "
                                     "FROM episode WHERE " HISTORY_EPISODE_IS_OPEN
                                     " AND coalesce(-until, ?2) > ?1" WHOSE,
                                "uui", q->since_usec, q->until_usec, uid);
        while (r >= 0 && (r = sql_step(s)) > 0)
                r = take(e, s);
        return r;
}

static int states_to_json(const Sum *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r = o ? 0 : -ENOMEM;

        for (AgentState i = 0; i < _AGENT_STATE_MAX && r >= 0; i++)
                if (s->times[i] > 0)
                        r = json_set_u64(o, agent_state_to_string(i), s->in_state_usec[i]);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static int add_figures(const Sum *s, json_object *o) {
        json_object *states;
        int r;

        r = states_to_json(s, &states);
        if (r >= 0)
                r = json_set(o, "states", states);
        if (r >= 0)
                r = json_set_u64(o, "waits", s->times[AGENT_WAITING]);
        if (r >= 0)
                r = json_set_u64(o, "waited_usec", s->in_state_usec[AGENT_WAITING]);
        if (r >= 0)
                r = json_set_u64(o, "limited_usec", s->in_state_usec[AGENT_RATE_LIMITED]);
        if (r >= 0)
                r = json_set_u64(o, "errors", s->times[AGENT_ERROR]);
        if (r >= 0)
                r = json_set_u64(o, "crashes", s->times[AGENT_CRASHED]);
        return r;
}

static int set_name(sqlite3 *db, json_object *o, const char *key, int64_t id) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = sql_prepare(db, &s, "SELECT text FROM name WHERE id = ?1", "i", id);
        if (r >= 0)
                r = sql_step(s);
        return r >= 0 ? json_set_string(o, key, r > 0 ? sql_column_text(s, 0) : "?") : r;
}

static int agent_to_json(sqlite3 *db, const Sum *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = set_name(db, o, "agent", s->key.agent);
        if (r >= 0)
                r = set_name(db, o, "type", s->key.type);
        if (r >= 0)
                r = json_set_int(o, "uid", s->key.uid);
        if (r >= 0)
                r = json_set_u64(o, "longest_wait_usec", s->longest_wait_usec);
        if (r >= 0)
                r = add_figures(s, o);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static uint64_t lived(const Sum *s) {
        uint64_t usec = 0;

        for (AgentState i = 0; i < _AGENT_STATE_MAX; i++)
                usec += agent_state_is_gone(i) ? 0 : s->in_state_usec[i];
        return usec;
}

static int by_wait(const Sum *a, const Sum *b) {
        uint64_t wait_a = a->in_state_usec[AGENT_WAITING], lived_a = lived(a);
        uint64_t wait_b = b->in_state_usec[AGENT_WAITING], lived_b = lived(b);

        if (wait_a != wait_b)
                return wait_a < wait_b ? 1 : -1;
        return lived_a < lived_b ? 1 : lived_a > lived_b ? -1 : 0;
}

static int agents_to_json(sqlite3 *db, Episodes *e, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        unsigned n = 0;
        Sum *s, *next;

        if (!array)
                return -ENOMEM;
        HASH_SORT(e->agents, by_wait);
        HASH_ITER (hh, e->agents, s, next) {
                json_object *o;
                int r;

                if (n++ == AGENTS_MAX)
                        break;
                r = agent_to_json(db, s, &o);
                if (r >= 0)
                        r = json_append(array, o);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}

static unsigned count_type(const Episodes *e, int64_t type) {
        unsigned n = 0;

        for (const Sum *s = e->agents; s; s = s->hh.next)
                n += s->key.type == type;
        return n;
}

static int types_to_json(sqlite3 *db, Episodes *e, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        Sum *s, *next;

        if (!array)
                return -ENOMEM;
        HASH_SORT(e->types, by_wait);
        HASH_ITER (hh, e->types, s, next) {
                json_object *o = json_object_new_object();
                int r = json_append(array, o);

                if (r >= 0)
                        r = set_name(db, o, "type", s->key.type);
                if (r >= 0)
                        r = json_set_u64(o, "agents", count_type(e, s->key.type));
                if (r >= 0)
                        r = add_figures(s, o);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}

static int waiting_to_json(const Episodes *e, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *what = json_object_new_object();
        int r = json_set(o, "for", what);

        for (Attention i = 0; i < _ATTENTION_MAX && r >= 0; i++)
                if (e->waits_for[i] > 0)
                        r = json_set_u64(what, attention_to_string(i), e->waited_for_usec[i]);
        if (r >= 0)
                r = json_set_u64(o, "times", histogram_count(e->waits));
        if (r >= 0)
                r = json_set_u64(o, "total_usec", histogram_sum(e->waits));
        if (r >= 0)
                r = json_set_u64(o, "p50_usec", histogram_percentile(e->waits, 50));
        if (r >= 0)
                r = json_set_u64(o, "p95_usec", histogram_percentile(e->waits, 95));
        if (r >= 0)
                r = json_set_u64(o, "longest_usec", histogram_max(e->waits));
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static int total_to_json(const Episodes *e, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        Sum total = {};
        int r;

        for (const Sum *s = e->types; s; s = s->hh.next)
                for (AgentState i = 0; i < _AGENT_STATE_MAX; i++) {
                        total.in_state_usec[i] += s->in_state_usec[i];
                        total.times[i] += s->times[i];
                }
        if (!o)
                return -ENOMEM;
        r = json_set_u64(o, "agents", HASH_COUNT(e->agents));
        if (r >= 0)
                r = add_figures(&total, o);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

int report_add_agents(const ReportRequest *request, sqlite3 *db, json_object *o) {
        _cleanup_(episodes_done) Episodes e = {};
        json_object *part = NULL;
        int r;

        assert(request && db && o);

        r = load(request, db, &e);
        if (r >= 0)
                r = total_to_json(&e, &part);
        if (r >= 0)
                r = json_set(o, "total", part);
        if (r >= 0)
                r = waiting_to_json(&e, &part);
        if (r >= 0)
                r = json_set(o, "waiting", part);
        if (r >= 0)
                r = types_to_json(db, &e, &part);
        if (r >= 0)
                r = json_set(o, "types", part);
        if (r >= 0)
                r = agents_to_json(db, &e, &part);
        return r >= 0 ? json_set(o, "agents", part) : r;
}
