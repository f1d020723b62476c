/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/runner.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/extend/breaker.h"

/* What was replaced may finish its calls for so long. */
#define DRAIN_MAX_USEC (10 * USEC_PER_MINUTE)
#define DRAIN_LOOK_USEC (100 * USEC_PER_MSEC)
#define UNLOAD_MAX_USEC USEC_PER_SEC

struct RunnerWait {
        Runner *runner;
        RunnerReady ready;
        void *userdata;
        unsigned round;
        RunnerWait *prev, *next;
};

/* A host that was replaced, until its calls are done. */
typedef struct Drain {
        Host *host;
        uint64_t since_usec;
        bool is_told; /* that this is its end */
        struct Drain *prev, *next;
} Drain;

struct Runner {
        const RunnerSetup *setup;
        Plugin *plugin;
        const RunnerEvents *events;
        void *userdata;
        Host *host;         /* ready */
        Host *coming;       /* not ready yet */
        Manifest *manifest; /* of the one that is coming */
        bool is_reload;     /* the one that is coming replaces one that does */
        RunnerWait *waits;  /* for the one that is coming */
        unsigned round;     /* rises with every answer to those */
        Drain *drains;
        Breaker breaker;
        sd_event_source *again; /* armed while it is to be started anew */
        sd_event_source *look;  /* armed while something drains */
};

static void tell(Runner *r, PluginStatus status, const char *sentence) {
        if (plugin_set_status(r->plugin, status, sentence) >= 0)
                r->events->changed(r->userdata, r->plugin);
}

/* Who asks anew meanwhile waits for the next one. */
static void answer_waits(Runner *r, int error, const char *sentence, Host *host) {
        unsigned round = r->round++;

        while (r->waits && r->waits->round == round) {
                RunnerWait w = *r->waits;

                runner_wait_drop(r->waits);
                w.ready(w.userdata, error, sentence, host);
        }
}

static void arm_again(Runner *r) {
        uint64_t now = now_monotonic(), at = r->breaker.not_before_usec;

        (void)sd_event_source_set_time_relative(r->again, at > now ? at - now : 0);
        (void)sd_event_source_set_enabled(r->again, SD_EVENT_ONESHOT);
}

/* It failed: when it is tried again, and what is said of it. @again: without being asked. */
static void take_failure(Runner *r, const char *sentence, bool again) {
        _cleanup_free_ char *text = NULL;
        bool open = breaker_fail(&r->breaker, now_monotonic());
        int n;

        if (r->plugin->manifest && r->plugin->manifest->failure == PLUGIN_FAILURE_STOP) {
                r->breaker.not_before_usec = UINT64_MAX;
                n = asprintf(&text, "%s; it stays so until it is enabled again", sentence);
                open = true;
        } else if (open)
                n = asprintf(&text, "%s; it failed %u times, and is left alone for %llu s",
                                sentence, r->breaker.failures,
                                (unsigned long long)(r->breaker.open_usec / USEC_PER_SEC));
        else
                n = asprintf(&text, "%s", sentence);
        if (n < 0)
                text = NULL;

        tell(r, open ? PLUGIN_QUARANTINED : PLUGIN_FAILED, text ?: sentence);
        if (again && !open)
                arm_again(r);
}

static int start(Runner *r, Manifest *manifest, bool is_reload);

static int on_again(sd_event_source *s, uint64_t usec, void *userdata) {
        Runner *r = userdata;

        if (!r->host && !r->coming && r->plugin->manifest) {
                r->plugin->stats.restarts++;
                (void)start(r, r->plugin->manifest, false);
        }
        return 0;
}

/* Whatever it says: it goes. */
static void on_unloaded(void *userdata, int error, const char *sentence, json_object *result) {}

/* A shared object is told of its end once it has nothing else to do, as the SDK promises. */
static bool tell_end(Drain *d) {
        if (d->is_told || manifest_is_program(host_manifest(d->host)))
                return false;
        d->is_told = true;
        return host_call(d->host, "unload", json_object_new_object(), UNLOAD_MAX_USEC, on_unloaded,
                               NULL, NULL) >= 0;
}

static bool is_busy(Drain *d) {
        if (now_monotonic() - d->since_usec >= DRAIN_MAX_USEC)
                return false;
        return host_pending(d->host) > 0 || tell_end(d);
}

static int on_look(sd_event_source *s, uint64_t usec, void *userdata) {
        Runner *r = userdata;
        Drain *d, *next;

        DL_FOREACH_SAFE (r->drains, d, next) {
                if (is_busy(d))
                        continue;
                DL_DELETE(r->drains, d);
                host_free(d->host);
                free(d);
        }
        if (!r->drains)
                return 0;

        (void)sd_event_source_set_time_relative(r->look, DRAIN_LOOK_USEC);
        return sd_event_source_set_enabled(r->look, SD_EVENT_ONESHOT);
}

static void drain(Runner *r, Host *host) {
        Drain *d = calloc(1, sizeof(*d));

        if (!d) {
                host_free(host);
                return;
        }
        *d = (Drain){.host = host, .since_usec = now_monotonic()};
        DL_APPEND(r->drains, d);
        (void)sd_event_source_set_time_relative(r->look, 0);
        (void)sd_event_source_set_enabled(r->look, SD_EVENT_ONESHOT);
}

static void on_ready(Runner *r, Host *host) {
        Host *old = r->host;

        r->host = host;
        r->coming = NULL;
        plugin_set_manifest(r->plugin, r->manifest);
        r->manifest = manifest_unref(r->manifest);
        r->plugin->stats.reloads += r->is_reload;
        r->plugin->sandbox = host_sandbox_to_string(host_sandbox(host));
        if (r->plugin->status == PLUGIN_LOADED) /* another version of it */
                r->events->changed(r->userdata, r->plugin);
        else
                tell(r, PLUGIN_LOADED, NULL);
        if (old)
                drain(r, old);
        answer_waits(r, 0, NULL, host);
}

static void on_not_ready(Runner *r, int error, const char *sentence) {
        _cleanup_free_ char *words = strdup(sentence ?: "it cannot be started");

        r->coming = host_free(r->coming);
        r->manifest = manifest_unref(r->manifest);
        /* What runs goes on; whoever wanted the new one is told. */
        if (!r->is_reload)
                take_failure(r, words ?: "", r->plugin->stats.restarts > 0);
        answer_waits(r, error < 0 ? error : -EHOSTDOWN, words, NULL);
}

static void on_started(void *userdata, Host *host, int error, const char *sentence) {
        Runner *r = userdata;

        assert(host == r->coming);

        if (error < 0)
                on_not_ready(r, error, sentence);
        else
                on_ready(r, host);
}

static void on_ended(void *userdata, Host *host, const char *sentence) {
        _cleanup_free_ char *words = strdup(sentence ?: "");
        Runner *r = userdata;
        Drain *d;

        if (host == r->host) {
                r->host = host_free(host);
                take_failure(r, words ?: "", true);
                return;
        }

        DL_FOREACH (r->drains, d)
                if (d->host == host) {
                        DL_DELETE(r->drains, d);
                        host_free(host);
                        free(d);
                        return;
                }
}

static void on_log(void *userdata, Host *host, int level, const char *line) {
        Runner *r = userdata;

        if (r->events->log)
                r->events->log(r->userdata, r->plugin, level, line);
}

static void on_refused(void *userdata, Host *host, const char *what) {
        Runner *r = userdata;

        if (r->events->refused)
                r->events->refused(r->userdata, r->plugin, what);
}

static const HostEvents host_events = {
                .started = on_started,
                .ended = on_ended,
                .log = on_log,
                .refused = on_refused,
};

static int start(Runner *r, Manifest *manifest, bool is_reload) {
        HostSetup setup = {
                        .event = r->setup->event,
                        .places = &r->setup->places,
                        .manifest = manifest,
                        .folder = r->plugin->folder,
                        .owner = r->setup->owner,
                        .sandbox_min = r->setup->sandbox_min,
                        .events = &host_events,
                        .userdata = r,
        };
        int k;

        k = host_new(&setup, &r->coming);
        if (k < 0)
                return k;

        (void)sd_event_source_set_enabled(r->again, SD_EVENT_OFF);
        r->is_reload = is_reload;
        r->manifest = manifest_ref(manifest);
        return 0;
}

static int add_wait(Runner *r, RunnerReady ready, void *userdata, RunnerWait **ret) {
        RunnerWait *w = calloc(1, sizeof(*w));

        if (!w)
                return -ENOMEM;
        *w = (RunnerWait){.runner = r, .ready = ready, .userdata = userdata, .round = r->round};
        DL_APPEND(r->waits, w);
        *ret = w;
        return 0;
}

RunnerWait *runner_wait_drop(RunnerWait *w) {
        if (!w)
                return NULL;
        DL_DELETE(w->runner->waits, w);
        free(w);
        return NULL;
}

int runner_need(Runner *r, RunnerReady ready, void *userdata, Host **ret_host, RunnerWait **ret) {
        int k;

        *ret_host = NULL;
        if (r->plugin->status == PLUGIN_DISABLED)
                return -ERFKILL;
        if (r->host) {
                *ret_host = r->host;
                return 0;
        }
        if (!r->coming) {
                if (!r->plugin->manifest || !breaker_allows(&r->breaker, now_monotonic()))
                        return -EHOSTDOWN;
                k = start(r, r->plugin->manifest, false);
                if (k < 0)
                        return k;
        }
        return add_wait(r, ready, userdata, ret);
}

int runner_reload(Runner *r, Manifest *manifest, RunnerReady ready, void *userdata,
                RunnerWait **ret) {
        int k;

        if (r->plugin->status == PLUGIN_DISABLED)
                return -ERFKILL;
        if (r->coming)
                return -EBUSY;

        k = start(r, manifest, r->host != NULL);
        return k < 0 ? k : add_wait(r, ready, userdata, ret);
}

void runner_stop(Runner *r, PluginStatus status, const char *sentence) {
        (void)sd_event_source_set_enabled(r->again, SD_EVENT_OFF);
        r->coming = host_free(r->coming);
        r->manifest = manifest_unref(r->manifest);
        if (r->host) {
                Host *old = r->host;

                r->host = NULL;
                drain(r, old);
        }
        tell(r, status, sentence);
        answer_waits(r, -ERFKILL, sentence, NULL);
}

void runner_pardon(Runner *r) {
        breaker_succeed(&r->breaker);
}

void runner_praise(Runner *r) {
        if (r->breaker.failures > 0)
                breaker_succeed(&r->breaker);
}

bool runner_is_running(const Runner *r) {
        return r->host != NULL;
}

static int add_timer(Runner *r, sd_event_time_handler_t on_time, sd_event_source **ret) {
        int k = sd_event_add_time(r->setup->event, ret, CLOCK_MONOTONIC, 0, 0, on_time, r);

        return k < 0 ? k : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

int runner_new(const RunnerSetup *setup, Plugin *plugin, const RunnerEvents *events, void *userdata,
                Runner **ret) {
        _cleanup_(runner_freep) Runner *r = calloc(1, sizeof(*r));
        int k;

        if (!r)
                return -ENOMEM;
        r->setup = setup;
        r->plugin = plugin;
        r->events = events;
        r->userdata = userdata;

        k = add_timer(r, on_again, &r->again);
        if (k >= 0)
                k = add_timer(r, on_look, &r->look);
        if (k < 0)
                return k;

        *ret = TAKE_PTR(r);
        return 0;
}

Runner *runner_free(Runner *r) {
        Drain *d, *next;

        if (!r)
                return NULL;

        sd_event_source_disable_unref(r->again);
        sd_event_source_disable_unref(r->look);
        host_free(r->coming);
        host_free(r->host);
        DL_FOREACH_SAFE (r->drains, d, next) {
                host_free(d->host);
                free(d);
        }
        answer_waits(r, -ECONNRESET, "the service ends", NULL);
        manifest_unref(r->manifest);
        free(r);
        return NULL;
}
