/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "dbus/bus-exports-private.h"

/* What the manifest says: nothing if it cannot be read. */
#define MANIFEST_PROPERTY(function, type, expression, otherwise) \
        static int property_get_##function(sd_bus *bus, const char *path, const char *interface, \
                        const char *property, sd_bus_message *reply, void *userdata, \
                        sd_bus_error *reterr) { \
                const Plugin *p = userdata; \
                const Manifest *m = p->manifest; \
\
                return sd_bus_message_append(reply, type, m ? (expression) : (otherwise)); \
        }

MANIFEST_PROPERTY(version, "s", m->version, "")
MANIFEST_PROPERTY(kind, "s", plugin_kind_to_string(m->kind), "")
MANIFEST_PROPERTY(category, "s", m->category, "")
MANIFEST_PROPERTY(description, "s", m->description, "")
MANIFEST_PROPERTY(api, "u", (uint32_t)m->api, 0U)
MANIFEST_PROPERTY(requires_auth, "b", (int)m->requires_auth, 1)
MANIFEST_PROPERTY(estimated, "t", m->estimated_usec, (uint64_t)0)
MANIFEST_PROPERTY(timeout, "t", m->timeout_usec, (uint64_t)0)
MANIFEST_PROPERTY(rate_calls, "t", m->rate_calls, (uint64_t)0)
MANIFEST_PROPERTY(rate_usec, "t", m->rate_usec, (uint64_t)0)
MANIFEST_PROPERTY(cache_ttl, "t", m->cache_ttl_usec, (uint64_t)0)
MANIFEST_PROPERTY(concurrency, "t", m->concurrency, (uint64_t)0)
MANIFEST_PROPERTY(profile, "s", m->network ? "network" : "strict", "")
MANIFEST_PROPERTY(memory, "t", m->memory_bytes, (uint64_t)0)
MANIFEST_PROPERTY(cpu, "t", m->cpu_percent, (uint64_t)0)
MANIFEST_PROPERTY(tasks, "t", m->tasks, (uint64_t)0)
MANIFEST_PROPERTY(on_failure, "s", m->failure == PLUGIN_FAILURE_STOP ? "stop" : "restart", "")
MANIFEST_PROPERTY(input_schema, "s",
                m->input_schema ? json_object_to_json_string_ext(
                                                  m->input_schema, JSON_C_TO_STRING_PLAIN)
                                : "",
                "")
MANIFEST_PROPERTY(output_schema, "s",
                m->output_schema ? json_object_to_json_string_ext(
                                                   m->output_schema, JSON_C_TO_STRING_PLAIN)
                                 : "",
                "")

static int property_get_tags(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Plugin *p = userdata;

        return sd_bus_message_append_strv(reply, p->manifest ? p->manifest->tags : NULL);
}

static int property_get_status(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Plugin *p = userdata;

        return sd_bus_message_append(reply, "s", plugin_status_to_string(p->status));
}

static int property_get_latency(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Plugin *p = userdata;
        const Histogram *h = p->stats.latency;

        return sd_bus_message_append(reply, "(ddd)", (double)histogram_percentile(h, 50),
                        (double)histogram_percentile(h, 95), (double)histogram_percentile(h, 99));
}

const sd_bus_vtable bus_plugin_vtable[] = {
                SD_BUS_VTABLE_START(0),
                PROPERTY_CONST("Name", "s", NULL, offsetof(Plugin, name)),
                PROPERTY_CHANGES("Version", "s", property_get_version, 0),
                PROPERTY_CHANGES("Kind", "s", property_get_kind, 0),
                PROPERTY_CHANGES("API", "u", property_get_api, 0),
                PROPERTY_CHANGES("Category", "s", property_get_category, 0),
                PROPERTY_CHANGES("Description", "s", property_get_description, 0),
                PROPERTY_CHANGES("Tags", "as", property_get_tags, 0),
                PROPERTY_CHANGES("Folder", "s", NULL, offsetof(Plugin, folder)),
                PROPERTY_CHANGES("Origin", "s", NULL, offsetof(Plugin, origin)),
                PROPERTY_CHANGES("Status", "s", property_get_status, 0),
                PROPERTY_CHANGES("Error", "s", NULL, offsetof(Plugin, error)),
                PROPERTY_CHANGES("SandboxLevel", "s", NULL, offsetof(Plugin, sandbox)),
                PROPERTY_CHANGES("StatusSince", "t", NULL, offsetof(Plugin, since_usec)),
                PROPERTY_CHANGES("RequiresAuth", "b", property_get_requires_auth, 0),
                PROPERTY_CHANGES("EstimatedUSec", "t", property_get_estimated, 0),
                PROPERTY_CHANGES("TimeoutUSec", "t", property_get_timeout, 0),
                PROPERTY_CHANGES("RateLimitCalls", "t", property_get_rate_calls, 0),
                PROPERTY_CHANGES("RateLimitUSec", "t", property_get_rate_usec, 0),
                PROPERTY_CHANGES("CacheTTLUSec", "t", property_get_cache_ttl, 0),
                PROPERTY_CHANGES("Concurrency", "t", property_get_concurrency, 0),
                PROPERTY_CHANGES("InputSchema", "s", property_get_input_schema, 0),
                PROPERTY_CHANGES("OutputSchema", "s", property_get_output_schema, 0),
                PROPERTY_CHANGES("Profile", "s", property_get_profile, 0),
                PROPERTY_CHANGES("MemoryMax", "t", property_get_memory, 0),
                PROPERTY_CHANGES("CPUQuota", "t", property_get_cpu, 0),
                PROPERTY_CHANGES("TasksMax", "t", property_get_tasks, 0),
                PROPERTY_CHANGES("OnFailure", "s", property_get_on_failure, 0),
                PROPERTY_SILENT("Executions", "t", NULL, offsetof(Plugin, stats.executions)),
                PROPERTY_SILENT("Failures", "t", NULL, offsetof(Plugin, stats.failures)),
                PROPERTY_SILENT("Timeouts", "t", NULL, offsetof(Plugin, stats.timeouts)),
                PROPERTY_SILENT("CacheHits", "t", NULL, offsetof(Plugin, stats.cache_hits)),
                PROPERTY_SILENT("RateLimited", "t", NULL, offsetof(Plugin, stats.rate_limited)),
                PROPERTY_SILENT("Restarts", "t", NULL, offsetof(Plugin, stats.restarts)),
                PROPERTY_SILENT("Reloads", "t", NULL, offsetof(Plugin, stats.reloads)),
                PROPERTY_SILENT("LatencyUSec", "(ddd)", property_get_latency, 0),
                SD_BUS_VTABLE_END,
};

static void note_strategy(BusExports *e, const Plugin *p) {
        if (p->manifest && p->manifest->kind == PLUGIN_STRATEGY)
                bus_signals_strategies_changed(e);
}

static void on_added(void *userdata, const Plugin *p) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        note_strategy(e, p);
        if (bus_path_of_plugin(p, &path) >= 0)
                (void)sd_bus_emit_interfaces_added(e->bus, path, BUS_INTERFACE_PLUGIN, NULL);
}

/* A reload may change anything that the manifest says, so it is all told. */
static void on_changed(void *userdata, const Plugin *p) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        note_strategy(e, p);
        if (bus_path_of_plugin(p, &path) < 0)
                return;
        (void)sd_bus_emit_properties_changed(e->bus, path, BUS_INTERFACE_PLUGIN, "Status", "Error",
                        "SandboxLevel", "StatusSince", "Version", "Kind", "API", "Category",
                        "Description", "Tags", "Folder", "Origin", "RequiresAuth", "EstimatedUSec",
                        "TimeoutUSec", "RateLimitCalls", "RateLimitUSec", "CacheTTLUSec",
                        "Concurrency", "InputSchema", "OutputSchema", "Profile", "MemoryMax",
                        "CPUQuota", "TasksMax", "OnFailure", NULL);
        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "PluginChanged", "sss",
                        p->name, plugin_status_to_string(p->status), plugin_version(p));
}

static void on_removed(void *userdata, const Plugin *p) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        note_strategy(e, p);
        if (bus_path_of_plugin(p, &path) >= 0)
                (void)sd_bus_emit_interfaces_removed(e->bus, path, BUS_INTERFACE_PLUGIN, NULL);
}

const PluginsObserver bus_plugin_observer = {
                .added = on_added,
                .changed = on_changed,
                .removed = on_removed,
};
