/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/extend/dialect.h"
#include "daemon/extend/plugins-private.h"
#include "daemon/wire/rpc-message.h"

#define PER_PLUGIN_MAX 256U
#define PER_CALLER_MAX 64U
#define CACHE_ENTRIES_MAX 2000U
#define CACHE_BYTES_MAX (8U * 1024U * 1024U)

struct Execution {
        PluginEntry *entry;
        Manifest *manifest; /* of the host that it went to */
        json_object *input;
        json_object *output;
        uint64_t timeout_usec;
        uint64_t start_usec;
        PluginsCaller caller;
        char *key;                 /* of the answer in the cache; NULL: it is not kept */
        sd_event_source *patience; /* while it waits for its turn */
        ExecDone done;             /* NULL: nobody waits any more */
        void *userdata;
        RunnerWait *wait; /* for a host */
        HostCall *call;   /* under way */
        bool running;     /* has one of the plugin's places */
        bool over;
        bool cached;
        int error;
        char *sentence;
        Execution *prev, *next;
};

static void execution_free(Execution *e) {
        DL_DELETE(e->entry->executions, e);
        runner_wait_drop(e->wait);
        host_call_drop(e->call);
        e->entry->n_running -= e->running;
        manifest_unref(e->manifest);
        sd_event_source_disable_unref(e->patience);
        free(e->key);
        if (e->input)
                (void)json_object_put(e->input);
        if (e->output)
                (void)json_object_put(e->output);
        free(e->sentence);
        free(e);
}

static void count(const Execution *e, uint64_t usec) {
        PluginStats *s = &e->entry->plugin->stats;

        if (e->error < 0)
                s->failures++;
        if (e->error == -ETIME)
                s->timeouts++;
        if (e->error >= 0 && !e->cached) {
                histogram_add(s->latency, usec);
                runner_praise(e->entry->runner);
        }
}

/* The last that is heard of it. */
static void tell(Execution *e) {
        const char *version = e->manifest ? e->manifest->version : plugin_version(e->entry->plugin);
        uint64_t usec = now_monotonic() - e->start_usec;
        const ExecInfo info = {.cached = e->cached, .usec = usec, .version = version};
        const PluginsDeed deed = {
                        .action = "execute",
                        .plugin = e->entry->plugin->name,
                        .version = version,
                        .caller = e->caller,
                        .error = e->error,
                        .sentence = e->sentence,
                        .usec = usec,
        };

        count(e, usec);
        /* Who waits for the answer does not wait for the journal. */
        if (e->done)
                e->done(e->userdata, e->error, e->sentence, e->output, &info);
        plugins_tell_done(e->entry->plugins, &deed);
}

static void settle_later(Plugins *p) {
        (void)sd_event_source_set_enabled(p->settle, SD_EVENT_ONESHOT);
}

_printf_(3, 4) static void finish(Execution *e, int error, const char *format, ...) {
        va_list ap;

        if (e->over)
                return;
        e->over = true;
        e->error = error;
        if (format) {
                va_start(ap, format);
                if (vasprintf(&e->sentence, format, ap) < 0)
                        e->sentence = NULL;
                va_end(ap);
        }
        settle_later(e->entry->plugins);
}

/* What the plugin's or the host's word for it is here. */
static int error_of(int error) {
        switch (error) {
        case -ETIMEDOUT:
                return -ETIME;
        case -EINVAL:
                return -EILSEQ;
        default:
                return -EREMOTEIO;
        }
}

/* One that does not fit is not kept. */
static void keep(Execution *e) {
        const char *text;

        if (!e->key)
                return;
        text = json_object_to_json_string_ext(
                        e->output, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        if (text)
                (void)result_cache_put(e->entry->plugins->cache, e->key, text,
                                e->manifest->cache_ttl_usec, now_monotonic());
}

static void take_result(Execution *e, json_object *result) {
        _cleanup_free_ char *reason = NULL;
        int r;

        r = dialect_take_output(e->manifest, result, &e->output, &reason);
        if (r < 0) {
                finish(e, r, "%s", reason ?: "it answered without an output");
                return;
        }
        if (e->manifest->output) {
                r = schema_check(e->manifest->output, e->output, &reason);
                if (r < 0) {
                        finish(e, -EPROTO, "its output does not fit its schema: %s", reason ?: "");
                        return;
                }
        }

        keep(e);
        finish(e, 0, NULL);
}

static void on_answer(void *userdata, int error, const char *sentence, json_object *result) {
        Execution *e = userdata;

        e->call = NULL;
        if (error >= 0)
                take_result(e, result);
        /* It is told to stop when its time is over, and by nobody else while somebody waits. */
        else if (error == -ETIMEDOUT || error == -ECANCELED)
                finish(e, -ETIME, "it did not answer within %g s",
                                (double)e->timeout_usec / USEC_PER_SEC);
        else
                finish(e, error_of(error), "%s", sentence ?: strerror(-error));
}

static void send_to(Execution *e, Host *host) {
        json_object *params;
        const char *method;
        int r;

        e->manifest = manifest_ref(host_manifest(host));
        r = dialect_execute(e->manifest, e->input, e->timeout_usec, &method, &params);
        if (r >= 0)
                r = host_call(host, method, params, e->timeout_usec, on_answer, e, &e->call);
        if (r < 0)
                finish(e, error_of(r), "%s", strerror(-r));
}

static void on_host(void *userdata, int error, const char *sentence, Host *host) {
        Execution *e = userdata;

        e->wait = NULL;
        if (error < 0)
                finish(e, error == -ERFKILL ? -ERFKILL : -ENOEXEC, "%s", sentence);
        else
                send_to(e, host);
}

static void begin(Execution *e) {
        PluginEntry *entry = e->entry;
        Host *host;
        int r;

        e->patience = sd_event_source_disable_unref(e->patience);
        e->running = true;
        entry->n_running++;
        r = runner_need(entry->runner, on_host, e, &host, &e->wait);
        if (r == -ERFKILL || r == -EHOSTDOWN)
                finish(e, r == -ERFKILL ? r : -ENOEXEC, "%s", entry->plugin->error);
        else if (r < 0)
                finish(e, r, "%s", strerror(-r));
        else if (host)
                send_to(e, host);
}

/* Those that have waited longest go first, as many at once as the plugin takes. */
static void begin_waiting(PluginEntry *entry) {
        const Manifest *m = entry->plugin->manifest;
        Execution *e;

        DL_FOREACH (entry->executions, e) {
                if (!m || entry->n_running >= m->concurrency)
                        return;
                if (!e->running && !e->over)
                        begin(e);
        }
}

static bool settle_one(PluginEntry *entry) {
        Execution *e;

        DL_FOREACH (entry->executions, e) {
                if (!e->over)
                        continue;
                tell(e);
                execution_free(e);
                return true;
        }
        return false;
}

static int on_settle(sd_event_source *s, void *userdata) {
        Plugins *p = userdata;
        PluginEntry *entry, *next;

        HASH_ITER (hh, p->entries, entry, next) {
                while (settle_one(entry))
                        ;
                begin_waiting(entry);
        }
        return 0;
}

int executor_init(Plugins *p) {
        int r;

        r = result_cache_new(CACHE_ENTRIES_MAX, CACHE_BYTES_MAX, &p->cache);
        if (r < 0)
                return r;
        r = sd_event_add_defer(p->setup.runner.event, &p->settle, on_settle, p);
        return r < 0 ? r : sd_event_source_set_enabled(p->settle, SD_EVENT_OFF);
}

void executor_done(Plugins *p) {
        p->settle = sd_event_source_disable_unref(p->settle);
        p->cache = result_cache_free(p->cache);
}

void executor_renew(PluginEntry *entry) {
        const Manifest *m = entry->plugin->manifest;

        rate_limit_set(&entry->rate, m->rate_calls, m->rate_usec);
        (void)result_cache_forget(entry->plugins->cache, entry->plugin->name);
}

void executor_give_up(PluginEntry *entry, int error, const char *sentence) {
        while (entry->executions) {
                finish(entry->executions, error, "%s", sentence);
                tell(entry->executions);
                execution_free(entry->executions);
        }
}

static void count_waiting(const Plugins *p, const PluginEntry *entry, uid_t uid,
                unsigned *ret_plugin, unsigned *ret_caller) {
        PluginEntry *other, *next;
        const Execution *e;

        *ret_plugin = *ret_caller = 0;
        HASH_ITER (hh, p->entries, other, next) {
                DL_FOREACH (other->executions, e) {
                        *ret_plugin += other == entry;
                        *ret_caller += e->caller.uid == uid;
                }
        }
}

unsigned plugins_active(const Plugins *p) {
        PluginEntry *entry, *next;
        unsigned n = 0;

        HASH_ITER (hh, p->entries, entry, next)
                n += entry->n_running;
        return n;
}

/* What can be said of the plugin as it is now. */
static int check_plugin(Plugins *p, PluginEntry *entry, const ExecRequest *request, char **reterr) {
        const Plugin *plugin = entry->plugin;
        unsigned n_plugin, n_caller;
        const char *sentence = NULL;
        int r = 0;

        count_waiting(p, entry, request->caller.uid, &n_plugin, &n_caller);
        if (plugin->status == PLUGIN_DISABLED) {
                r = -ERFKILL;
                sentence = plugin->error;
        } else if (!plugin->manifest) {
                r = -ENOEXEC;
                sentence = plugin->error;
        } else if (plugin->manifest->kind == PLUGIN_STRATEGY) {
                r = -EILSEQ;
                sentence = "it is a strategy, and plans only: see SetStrategy";
        } else if (n_plugin >= PER_PLUGIN_MAX || n_caller >= PER_CALLER_MAX) {
                r = -EBUSY;
                sentence = n_caller >= PER_CALLER_MAX ? "too many of your calls are under way"
                                                      : "too many calls of it are under way";
        }
        if (sentence)
                *reterr = strdup(sentence);
        return r;
}

static int check_input(PluginEntry *entry, json_object *input, char **reterr) {
        const Manifest *m = entry->plugin->manifest;
        int r = m->input ? schema_check(m->input, input, reterr) : 0;

        return r == -EBADMSG ? -EILSEQ : r;
}

static int check_rate(PluginEntry *entry, char **reterr) {
        uint64_t wait;

        if (rate_limit_take(&entry->rate, now_monotonic(), &wait))
                return 0;
        entry->plugin->stats.rate_limited++;
        if (asprintf(reterr, "it may be asked %llu times in %g s; again in %.3g s",
                            (unsigned long long)entry->plugin->manifest->rate_calls,
                            (double)entry->plugin->manifest->rate_usec / USEC_PER_SEC,
                            (double)wait / USEC_PER_SEC) < 0)
                *reterr = NULL;
        return -EUSERS;
}

/* A remembered answer: true. It costs the plugin nothing, so it has no part in the rate. */
static bool find_answer(Execution *e, const ExecRequest *request) {
        ResultCache *cache = e->entry->plugins->cache;
        const Manifest *m = e->entry->plugin->manifest;
        const char *text;

        if (m->cache_ttl_usec == 0 ||
                        result_cache_key(e->entry->plugin->name, e->input, &e->key) < 0)
                return false;

        text = request->fresh ? NULL : result_cache_get(cache, e->key, now_monotonic());
        if (!text || json_parse(text, strlen(text), RPC_DEPTH_MAX, &e->output) < 0)
                return false;
        if (request->text)
                result_cache_name(cache, e->key, e->entry->plugin->name, request->text);

        e->cached = true;
        e->entry->plugin->stats.cache_hits++;
        finish(e, 0, NULL);
        return true;
}

static int on_patience_over(sd_event_source *s, uint64_t usec, void *userdata) {
        finish(userdata, -EBUSY, "too many others were before");
        return 0;
}

static int execution_new(Plugins *p, PluginEntry *entry, const ExecRequest *request, ExecDone done,
                void *userdata, Execution **ret) {
        Execution *e = calloc(1, sizeof(*e));

        if (!e)
                return -ENOMEM;
        *e = (Execution){
                        .entry = entry,
                        .input = request->input ? json_object_get(request->input) : NULL,
                        .timeout_usec = request->timeout_usec
                                        ?: entry->plugin->manifest->timeout_usec,
                        .start_usec = now_monotonic(),
                        .caller = request->caller,
                        .done = done,
                        .userdata = userdata,
        };
        DL_APPEND(entry->executions, e);
        *ret = e;
        return 0;
}

/* Either it has an answer already, or it waits for its turn. */
static int line_up(Execution *e, const ExecRequest *request, char **reterr) {
        int r;

        if (find_answer(e, request))
                return 0;

        r = check_rate(e->entry, reterr);
        if (r >= 0)
                r = sd_event_add_time_relative(e->entry->plugins->setup.runner.event, &e->patience,
                                CLOCK_MONOTONIC, e->timeout_usec, 0, on_patience_over, e);
        if (r >= 0)
                settle_later(e->entry->plugins);
        return r;
}

static int take(Plugins *p, PluginEntry *entry, const ExecRequest *request, ExecDone done,
                void *userdata, Execution **ret, char **reterr) {
        Execution *e;
        int r;

        r = check_plugin(p, entry, request, reterr);
        if (r >= 0)
                r = check_input(entry, request->input, reterr);
        if (r >= 0)
                r = execution_new(p, entry, request, done, userdata, &e);
        if (r < 0)
                return r;

        r = line_up(e, request, reterr);
        if (r < 0) {
                execution_free(e);
                return r;
        }
        *ret = e;
        return 0;
}

static void tell_refused(
                PluginEntry *entry, const ExecRequest *request, int error, const char *sentence) {
        const PluginsDeed deed = {
                        .action = "execute",
                        .plugin = entry->plugin->name,
                        .version = plugin_version(entry->plugin),
                        .caller = request->caller,
                        .error = error,
                        .sentence = sentence,
        };

        entry->plugin->stats.failures++;
        plugins_tell_done(entry->plugins, &deed);
}

int plugins_execute(Plugins *p, const ExecRequest *request, ExecDone done, void *userdata,
                Execution **ret, char **reterr) {
        PluginEntry *entry = plugins_entry(p, request->name);
        int r;

        *reterr = NULL;
        if (!entry)
                return -ENXIO;

        entry->plugin->stats.executions++;
        r = take(p, entry, request, done, userdata, ret, reterr);
        if (r < 0)
                tell_refused(entry, request, r, *reterr);
        return r;
}

/* It ends by itself: the journal wants to know how. */
Execution *execution_drop(Execution *e) {
        if (!e || !e->done)
                return NULL;

        e->done = NULL;
        e->call = host_call_drop(e->call);
        e->wait = runner_wait_drop(e->wait);
        finish(e, -ECANCELED, "the caller left");
        return NULL;
}
