/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service.h"

#include <assert.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "daemon/agents/agent-cache.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/journal.h"

#define HOUSEKEEPING_USEC (2 * USEC_PER_SEC)

static int fail(int r, const char *what) {
        log_error("cannot %s: %s", what, strerror(-r));
        return r;
}

static void tell_status(const Service *s) {
        unsigned n = registry_count_agents(s->registry);

        (void)sd_notifyf(false, "STATUS=%u agent%s, %u waiting%s", n, n == 1 ? "" : "s",
                        registry_count_state(s->registry, AGENT_WAITING),
                        bus_service_is_up(s->bus) ? "" : "; not on the bus");
}

/* Only now, when we are sure that no other instance has the socket. */
static void be_ready(Service *s) {
        if (s->ready)
                return;

        s->ready = true;
        if (service_watch(s) < 0) {
                (void)sd_event_exit(s->event, EXIT_FAILURE);
                return;
        }

        service_history_start(s);
        (void)sd_notify(false, "READY=1");
        log_full(LOG_INFO, MESSAGE_SERVICE_STARTED, NULL, "tmux-orchestrator %s is running",
                        PROJECT_VERSION);
}

static void on_bus_up(void *userdata) {
        Service *s = userdata;

        log_full(LOG_INFO, MESSAGE_BUS_BACK, LOG_FIELDS({LOG_FIELD_COMPONENT, "bus"}),
                        "on the %s bus", s->options->user ? "session" : "system");
        be_ready(s);
        components_check(s->components);
        service_http_ask(s);
        tell_status(s);
}

static void on_bus_active(void *userdata, bool active) {
        Service *s = userdata;

        log_full(LOG_NOTICE, active ? MESSAGE_NAME_TAKEN : MESSAGE_NAME_GIVEN,
                        LOG_FIELDS({LOG_FIELD_COMPONENT, "bus"}),
                        active ? "the name is ours: what happens is ours to tell"
                               : "another instance has the name: looking on");
        s->looks_on = !active;
        tell_status(s);
}

static void on_bus_down(void *userdata, const char *reason) {
        Service *s = userdata;

        log_full(LOG_WARNING, MESSAGE_BUS_LOST, LOG_FIELDS({LOG_FIELD_COMPONENT, "bus"}),
                        "no bus (%s): watching goes on", reason);
        service_http_stop(s);
        be_ready(s);
        components_check(s->components);
        tell_status(s);
}

static void on_bus_refused(void *userdata, const char *reason) {
        Service *s = userdata;

        log_full(LOG_ERR, MESSAGE_BUS_REFUSED, LOG_FIELDS({LOG_FIELD_COMPONENT, "bus"}),
                        "cannot own the bus name: %s", reason);
        (void)sd_event_exit(s->event, EXIT_FAILURE);
}

static const BusServiceEvents bus_events = {
                .up = on_bus_up,
                .active = on_bus_active,
                .down = on_bus_down,
                .refused = on_bus_refused,
};

/* Sooner than by the next heartbeat. */
static void check_if_need_be(Service *s) {
        unsigned n = watchers_count(s->watchers);

        if (n != s->watchers_seen || service_has_silent_watcher(s) ||
                        components_health(s->components) == HEALTH_RED)
                components_check(s->components);
        s->watchers_seen = n;
}

static int on_housekeeping(sd_event_source *source, uint64_t usec, void *userdata) {
        Service *s = userdata;

        registry_expire(s->registry, now_realtime());
        (void)cache_expire(s->cache, now_monotonic());
        check_if_need_be(s);
        service_heal(s);
        tell_status(s);
        service_notices_run(s);
        service_acting_tick(s);
        service_state_save_now_and_then(s);

        (void)sd_event_source_set_time_relative(source, HOUSEKEEPING_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static CacheLimits cache_limits_of(const Config *config) {
        const typeof(config->monitoring.cache) *c = &config->monitoring.cache;
        CacheLimits l = {
                        .max_entries = c->max_entries,
                        .max_bytes = c->max_bytes,
                        .eviction = cache_eviction_from_string(c->strategy),
        };

        if (l.eviction < 0)
                l.eviction = cache_default_limits.eviction;
        if (!c->enabled)
                return l;

        l.ttl_usec[CACHE_PANE_CONTENT] = c->pane_content_ttl_usec;
        l.ttl_usec[CACHE_AGENT_STATUS] = c->agent_status_ttl_usec;
        l.ttl_usec[CACHE_SESSION_INFO] = c->session_info_ttl_usec;
        l.ttl_usec[CACHE_CONFIG] = c->config_ttl_usec;
        l.ttl_usec[CACHE_CONTENT_HASH] = config->health.content_hash_ttl_usec;
        l.ttl_usec[CACHE_HEALTH_STATUS] = config->health.status_ttl_usec;
        return l;
}

static RegistryLimits registry_limits_of(const Config *config) {
        return (RegistryLimits){
                        .servers_per_user = (unsigned)config->limits.servers_per_user,
                        .agents_per_user = (unsigned)config->limits.agents_per_user,
                        .agents = (unsigned)config->monitoring.max_agents,
        };
}

void service_apply_config(Service *s) {
        const Config *config = &s->config.config;
        RegistryLimits per_user = registry_limits_of(config);
        CacheLimits limits = cache_limits_of(config);

        log_set_level(log_level_from_string(config->logging.level));
        registry_set_limits(s->registry, &per_user);
        cache_set_limits(s->cache, &limits, now_monotonic());
        service_health_reload(s);
        service_checkups_reload(s);
        service_export_reload(s);
        service_cost_reload(s);
        service_notices_reload(s);
        service_history_reload(s);
        service_acting_reload(s);
}

int service_reload(Service *s) {
        int r;

        assert(s);

        (void)sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%llu",
                        (unsigned long long)now_monotonic());
        r = running_config_reload(&s->config);
        if (r < 0)
                log_full(LOG_ERR, MESSAGE_CONFIG_REFUSED,
                                LOG_FIELDS({LOG_FIELD_COMPONENT, "config"}),
                                "the configuration is refused, the one before goes on: %s",
                                s->config.error);
        else {
                s->config.reloads++;
                service_plugins_reload(s);
                service_apply_config(s);
                service_strategy_reload(s);
                bus_service_config_changed(s->bus);
                watchers_reload(s->watchers);
                /* Rules are read anew too, so explanations may be others. */
                (void)cache_clear(s->cache, CACHE_CONFIG);
                (void)cache_clear(s->cache, CACHE_AGENT_STATUS);
                log_full(LOG_INFO, MESSAGE_CONFIG_RELOADED,
                                LOG_FIELDS({LOG_FIELD_COMPONENT, "config"}),
                                "the configuration was read anew");
        }

        components_check(s->components);
        (void)sd_notify(false, "READY=1");
        return r;
}

/* How long it took since the last one to make this part. */
static void note_load(Service *s, const char *component) {
        uint64_t now = now_monotonic();

        metrics_set(s->metrics, METRIC_COMPONENT_LOAD_SECONDS, component, NULL,
                        (double)(now - s->loaded_usec) / (double)USEC_PER_SEC);
        s->loaded_usec = now;
}

static int start_registry(Service *s) {
        RegistryLimits limits = registry_limits_of(&s->config.config);

        return registry_new(&limits, &s->registry);
}

static int start_journal(Service *s) {
        return journal_attach(s->registry);
}

static int start_cache(Service *s) {
        CacheLimits limits = cache_limits_of(&s->config.config);
        int r = cache_new(&limits, &s->cache);

        return r < 0 ? r : agent_cache_attach(s->cache, s->registry);
}

static int start_watching(Service *s) {
        int r = watchers_new(s->event, s->registry, &s->watchers);

        if (r >= 0)
                watchers_restore(s->watchers, s->heard);
        if (r >= 0)
                r = cycle_new(s->event, s->registry, s->watchers, 0, &s->cycle);
        if (r < 0)
                return r;
        service_cost_start(s);
        service_strategy_start(s);
        return 0;
}

static int start_components(Service *s) {
        service_apply_config(s);
        service_strategy_reload(s);
        return components_new(service_components, s, &s->components);
}

/* In this order: each needs those above it. What is remembered comes before those who would tell
 * somebody of it as if it were new. */
static int make_core(Service *s) {
        static const struct {
                int (*start)(Service *s);
                const char *loaded; /* the component that is there after it; NULL: none yet */
        } parts[] = {
                        {start_registry, NULL},
                        {service_notices_new, NULL},
                        {service_state_start, "state_store"},
                        {start_journal, NULL},
                        {start_cache, "cache"},
                        {start_watching, "agent_monitor"},
                        {service_health_start, NULL},
                        {service_plugins_start, NULL},
                        {service_acting_start, "plugin_manager"},
                        {start_components, NULL},
                        {service_metrics_start, NULL},
                        {service_notices_start, NULL},
                        {service_alerts_start, NULL},
                        {service_checkups_start, NULL},
                        {service_export_start, NULL},
        };

        FOREACH_ELEMENT (part, parts) {
                int r = part->start(s);

                if (r < 0)
                        return r;
                if (part->loaded)
                        note_load(s, part->loaded);
        }
        return 0;
}

static int make_bus(Service *s) {
        BusParts parts = {
                        .event = s->event,
                        .registry = s->registry,
                        .cycle = s->cycle,
                        .cost = &s->cost,
                        .components = s->components,
                        .metrics = s->metrics,
                        .alerts = s->alerts,
                        .notices = s->notices,
                        .cache = s->cache,
                        .health = s->health,
                        .plugins = s->plugins,
                        .acts = s->acts,
                        .config = &s->config.config,
                        .authorizer = s->options->user ? &s->owner.authorizer
                                                       : &s->polkit.authorizer,
                        .actions = &service_actions,
                        .userdata = s,
                        .user_mode = s->options->user,
                        .instance = s->options->environment,
        };

        owner_authorizer_init(&s->owner, getuid());
        polkit_authorizer_init(&s->polkit);
        return bus_service_new(&parts, &bus_events, s, &s->bus);
}

int service_start(Service *s, const Options *options, sd_event *event) {
        int r;

        assert(s);
        assert(options);
        assert(event);

        *s = (Service){.options = options, .event = event, .state_memory.fd = -1};

        r = metrics_new(&s->metrics);
        if (r < 0)
                return fail(r, "make the parts");
        s->loaded_usec = now_monotonic();
        r = running_config_init(&s->config, options);
        if (r < 0)
                return fail(r, "use the configuration");
        note_load(s, "config");
        r = make_core(s);
        if (r < 0)
                return fail(r, "make the parts");
        r = sd_event_add_time_relative(event, &s->housekeeping, CLOCK_MONOTONIC, HOUSEKEEPING_USEC,
                        0, on_housekeeping, s);
        if (r < 0)
                return fail(r, "keep house");
        r = make_bus(s);
        if (r < 0)
                return fail(r, "prepare for the bus");

        return 0;
}

void service_done(Service *s) {
        sd_event_source_disable_unref(s->housekeeping);
        service_http_stop(s);
        bus_service_free(s->bus);
        service_export_stop(s);
        service_checkups_stop(s);
        service_alerts_stop(s);
        /* While agents are known: they were there until now. */
        service_history_stop(s);
        /* While those are there that count. */
        if (s->metrics)
                metrics_collect(s->metrics);
        components_free(s->components);
        s->cycle = cycle_free(s->cycle);
        service_plugins_stop(s);
        service_health_stop(s);
        /* While watchers are there: what they leave behind is not what is known. */
        service_state_stop(s);
        service_metrics_stop(s);
        service_notices_stop(s);
        service_acting_stop(s);
        watchers_free(s->watchers);
        if (s->cache)
                agent_cache_detach(s->cache, s->registry);
        cache_free(s->cache);
        if (s->registry)
                journal_detach(s->registry);
        registry_free(s->registry);
        running_config_done(&s->config);
        *s = (Service){};
}
