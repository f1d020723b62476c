/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/state-dir.h"
#include "daemon/observe/machine.h"
#include "daemon/service-history.h"

#define FIELDS LOG_FIELDS({LOG_FIELD_COMPONENT, "state_store"})

struct ServiceHistory {
        Service *service;
        History *history;
        HistorySampler *sampler;
        sd_event_source *timer;
        Machine machine;
};

static HistorySettings settings_of(const Config *config) {
        const typeof(config->history) *h = &config->history;

        return (HistorySettings){
                        .limits =
                                        {
                                                        .raw_usec = config->monitoring.metrics
                                                                                        .retention_minutes *
                                                                        USEC_PER_MINUTE,
                                                        .episodes_usec = h->retention_usec,
                                                        .max_episodes = h->max_episodes,
                                                        .max_bytes = h->max_bytes,
                                        },
                        .backup_usec = h->backup_interval_usec,
        };
}

static void begin_episode(ServiceHistory *h, const Agent *a, uint64_t since_usec) {
        HistoryEpisode episode = {
                        .agent = a->id,
                        .type = a->last.type,
                        .uid = a->server->uid,
                        .state = a->last.state,
                        .attention = a->last.attention,
                        .rule = a->last.rule,
                        .since_usec = since_usec,
        };

        history_begin(h->history, &episode);
}

static void on_agent_added(void *userdata, const Agent *a) {
        begin_episode(userdata, a, a->since_usec);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        if (a->changed & AGENT_CHANGED_STATE)
                begin_episode(userdata, a, a->since_usec);
        else if (a->changed & (AGENT_CHANGED_ATTENTION | AGENT_CHANGED_TYPE))
                begin_episode(userdata, a, now_realtime());
}

static void on_agent_removed(void *userdata, const Agent *a) {
        ServiceHistory *h = userdata;

        history_end(h->history, a->id, now_realtime());
}

static const RegistryObserver observer = {
                .agent_added = on_agent_added,
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

/* Those that are known over a restart, or all of them once more. */
static void begin_all(ServiceHistory *h) {
        const Agent *a = NULL;

        while ((a = registry_next_agent(h->service->registry, a)))
                begin_episode(h, a, a->since_usec);
}

static void on_changed(void *userdata, const HistoryState *state) {
        ServiceHistory *h = userdata;

        if (state->error < 0)
                log_full(LOG_WARNING, NULL, FIELDS, "cannot write %s, it is tried again: %s",
                                history_path(h->history), strerror(-state->error));
        else
                log_full(LOG_NOTICE, NULL, FIELDS, "%s can be written again",
                                history_path(h->history));
        components_check(h->service->components);
}

static void on_mended(void *userdata, HistoryMishap mishap) {
        ServiceHistory *h = userdata;
        const char *path = history_path(h->history);

        log_full(LOG_WARNING, MESSAGE_STATE_DAMAGED, FIELDS,
                        "%s was damaged: it is kept as %s.damaged, and %s", path, path,
                        mishap == HISTORY_RESTORED
                                        ? "the history goes on from its last good copy"
                                        : "the history begins anew, for there was no good copy");
        begin_all(h);
}

static const HistoryEvents events = {.changed = on_changed, .mended = on_mended};

static void sample_machine(ServiceHistory *h) {
        const Machine *m = &h->machine;
        const Cost *cost = &h->service->cost;

        machine_look(&h->machine);
        if (m->cpu_used >= 0)
                history_sampler_gauge(h->sampler, "machine_cpu_used", m->cpu_used);
        if (m->memory_used >= 0)
                history_sampler_gauge(h->sampler, "machine_memory_used", m->memory_used);
        history_sampler_gauge(h->sampler, "machine_memory_bytes", (double)m->memory_bytes);
        history_sampler_counter(h->sampler, "watching_seconds_total",
                        (double)(cost->own_usec + cost->tmux_usec) / USEC_PER_SEC);
}

static int on_sample(sd_event_source *source, uint64_t usec, void *userdata) {
        ServiceHistory *h = userdata;

        if (h->service->config.config.monitoring.metrics.enabled) {
                history_sampler_begin(h->sampler, h->history, now_realtime());
                history_sampler_take(h->sampler, h->service->metrics);
                sample_machine(h);
        }
        (void)sd_event_source_set_time_relative(source, HISTORY_SAMPLE_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int start(ServiceHistory *h) {
        _cleanup_free_ char *folder = NULL, *path = NULL;
        HistorySettings settings = settings_of(&h->service->config.config);
        int r;

        r = state_dir_find(h->service->options->user, &folder);
        if (r < 0)
                return r;
        if (asprintf(&path, "%s/history.db", folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = history_new(h->service->event, path, &settings, &events, h, &h->history);
        if (r >= 0)
                r = history_sampler_new(&h->sampler);
        if (r >= 0)
                r = sd_event_add_time_relative(h->service->event, &h->timer, CLOCK_MONOTONIC,
                                HISTORY_SAMPLE_USEC, 0, on_sample, h);
        if (r < 0)
                return r;

        machine_look(&h->machine);
        begin_all(h);
        return registry_add_observer(h->service->registry, &observer, h);
}

/* What was is good to have, but no condition of the service. */
void service_history_start(Service *s) {
        ServiceHistory *h;
        int r;

        if (!s->config.config.history.enabled)
                return;

        h = calloc(1, sizeof(*h));
        r = h ? 0 : -ENOMEM;
        if (r >= 0) {
                h->service = s;
                s->history = h;
                r = start(h);
        }
        if (r < 0) {
                log_full(LOG_WARNING, NULL, FIELDS, "there is no history: %s", strerror(-r));
                service_history_stop(s);
        }
}

void service_history_reload(Service *s) {
        HistorySettings settings = settings_of(&s->config.config);

        if (s->history)
                history_set_settings(s->history->history, &settings);
}

void service_history_stop(Service *s) {
        ServiceHistory *h = s->history;

        if (!h)
                return;

        s->history = NULL;
        registry_remove_observer(s->registry, h);
        sd_event_source_disable_unref(h->timer);
        history_free(h->history);
        history_sampler_free(h->sampler);
        free(h);
}

int service_history_state(const Service *s, HistoryState *ret) {
        if (!s->history)
                return -ERFKILL;

        *ret = history_state(s->history->history);
        return 0;
}

static json_object *components_now(const Service *s) {
        json_object *array = json_object_new_array();
        const Component *c = NULL;

        while (array && (c = components_next(s->components, c))) {
                json_object *o = json_object_new_object();

                if (json_append(array, o) < 0)
                        break;
                (void)json_set_string(o, "component", c->spec->name);
                (void)json_set_string(o, "health", health_to_string(c->last.health));
                (void)json_set_u64(o, "restarts", c->last.restarts);
        }
        return array;
}

static json_object *plugins_now(const Service *s) {
        json_object *array = json_object_new_array();
        const Plugin *p = NULL;

        while (array && (p = plugins_next(s->plugins, p))) {
                json_object *o = json_object_new_object();

                if (json_append(array, o) < 0)
                        break;
                (void)json_set_string(o, "plugin", p->name);
                (void)json_set_string(o, "version", plugin_version(p));
                (void)json_set_string(o, "status", plugin_status_to_string(p->status));
                (void)json_set_u64(o, "p50_usec", histogram_percentile(p->stats.latency, 50));
                (void)json_set_u64(o, "p95_usec", histogram_percentile(p->stats.latency, 95));
                (void)json_set_u64(o, "p99_usec", histogram_percentile(p->stats.latency, 99));
        }
        return array;
}

static void free_request(void *userdata) {
        report_request_done(userdata);
        free(userdata);
}

static int to_text(json_object *o, char **ret) {
        *ret = strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN) ?: "");
        return *ret ? 0 : -ENOMEM;
}

/* In the reader's thread, as is the next. */
static int read_report(void *userdata, HistoryFile *f, char **ret) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        r = report_make(userdata, f, &o);
        return r >= 0 ? to_text(o, ret) : r;
}

static int read_baseline(void *userdata, HistoryFile *f, char **ret) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        r = report_make_baseline(userdata, f, &o);
        return r >= 0 ? to_text(o, ret) : r;
}

/* Takes over what @request holds. */
static int ask(Service *s, const ReportRequest *request, HistoryRead read, HistoryDone done,
                void *done_userdata, HistoryReading **ret) {
        ReportRequest *q = malloc(sizeof(*q));

        if (!q) {
                ReportRequest lost = *request;

                report_request_done(&lost);
                return -ENOMEM;
        }
        *q = *request;
        q->now_usec = now_realtime();
        return history_read(s->history->history, read, q, free_request, done, done_userdata, ret);
}

int service_history_report(void *userdata, ReportKind kind, uint64_t since_usec,
                uint64_t until_usec, uid_t uid, HistoryDone done, void *done_userdata,
                HistoryReading **ret) {
        Service *s = userdata;
        ReportRequest q;

        if (!s->history)
                return -ERFKILL;

        q = (ReportRequest){
                        .kind = kind,
                        .since_usec = since_usec,
                        .until_usec = until_usec,
                        .uid = uid,
                        .agents = registry_count_agents(s->registry),
                        .agents_max = (unsigned)s->config.config.limits.agents_per_user,
                        .processors = s->history->machine.processors,
                        .cost_budget = s->config.config.monitoring.cost_budget,
                        .components = components_now(s),
                        .plugins = plugins_now(s),
        };
        return ask(s, &q, read_report, done, done_userdata, ret);
}

int service_history_update_baseline(void *userdata, uint64_t since_usec, uint64_t until_usec,
                HistoryDone done, void *done_userdata, HistoryReading **ret) {
        const ReportRequest q = {
                        .kind = REPORT_PERFORMANCE,
                        .since_usec = since_usec,
                        .until_usec = until_usec,
        };
        Service *s = userdata;

        if (!s->history)
                return -ERFKILL;
        return ask(s, &q, read_baseline, done, done_userdata, ret);
}

/* In the reader's thread. */
static int read_validity(void *userdata, HistoryFile *f, char **ret) {
        _cleanup_free_ char *text = NULL, *history = NULL;
        const char *state_path = userdata;
        size_t n_text = 0;
        FILE *out;
        int r;

        r = history_file_validate(f->path, &history);
        if (r < 0)
                return r;
        out = open_memstream(&text, &n_text);
        if (!out)
                return -ENOMEM;
        if (state_path)
                service_state_validate(state_path, out);
        (void)fputs(history, out);
        if (fclose(out) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

int service_history_validate(
                void *userdata, HistoryDone done, void *done_userdata, HistoryReading **ret) {
        Service *s = userdata;

        if (!s->history)
                return -ERFKILL;
        return history_read(s->history->history, read_validity,
                        s->state_path ? strdup(s->state_path) : NULL, free, done, done_userdata,
                        ret);
}
