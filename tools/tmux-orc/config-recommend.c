/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/config-recommend.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"

/* Fewer are no ground for anything. */
#define REQUESTS_MIN 100U
#define LOOKUPS_MIN 100U

/* What settings-table.c allows. */
#define POOL_MAX 100U
#define BUDGET_MAX 100.0
#define ENTRIES_MAX 1000000U
#define AGENTS_MAX 100000U

#define VALUE_MAX 32U

_printf_(5, 6) static int add(json_object *rows, const char *key, const char *now,
                const char *recommended, const char *format, ...) {
        _cleanup_json_ json_object *row = json_object_new_object();
        _cleanup_free_ char *because = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&because, format, ap);
        va_end(ap);
        if (n < 0) {
                because = NULL;
                return -ENOMEM;
        }

        if (!row || json_set_string(row, "key", key) < 0 || json_set_string(row, "now", now) < 0 ||
                        json_set_string(row, "recommended", recommended) < 0 ||
                        json_set_string(row, "because", because) < 0)
                return -ENOMEM;
        return json_append(rows, TAKE_PTR(row));
}

static int add_count(json_object *rows, const char *key, uint64_t now, uint64_t recommended,
                const char *because) {
        char before[VALUE_MAX], after[VALUE_MAX];

        (void)snprintf(before, sizeof(before), "%" PRIu64, now);
        (void)snprintf(after, sizeof(after), "%" PRIu64, recommended);
        return add(rows, key, before, after, "%s", because);
}

/* One request in twenty waits: there are too few slots. */
static int judge_pool(json_object *rows, json_object *service) {
        json_object *pool = json_get(service, "pool");
        uint64_t maximum = json_get_u64(pool, "maximum", 0), taken = json_get_u64(pool, "taken", 0),
                 queued = json_get_u64(pool, "queued", 0),
                 wait = json_get_u64(pool, "wait_usec", 0);
        char because[160];

        if (taken < REQUESTS_MIN || queued * 20 < taken || maximum == 0 || maximum >= POOL_MAX)
                return 0;
        (void)snprintf(because, sizeof(because),
                        "%" PRIu64 " of %" PRIu64 " requests waited for a slot, %.1f ms on average",
                        queued, taken, (double)wait / (double)queued / USEC_PER_MSEC);
        return add_count(rows, "monitoring.tmux_pool.max_connections", maximum,
                        MIN(maximum * 2, (uint64_t)POOL_MAX), because);
}

/* The budget is what keeps looks from coming every second. */
static int judge_budget(json_object *rows, json_object *service, json_object *settings) {
        double seconds = (double)json_get_u64(service, "cycle_interval_usec", 0) / USEC_PER_SEC;
        double cost = json_get_double(service, "cost_percent", 0);
        double budget = json_get_double(service, "cost_budget_percent", 0);
        double needed = budget * seconds;
        char before[VALUE_MAX], after[VALUE_MAX];

        /* An interval that is configured is what a person wants; and other things can slow it. */
        if (json_get_double(settings, "monitoring.cycle_interval", 0) > 0 || seconds < 1.5 ||
                        budget <= 0 || cost < budget / 2 || needed > BUDGET_MAX)
                return 0;
        (void)snprintf(before, sizeof(before), "%g", budget);
        (void)snprintf(after, sizeof(after), "%.2g", needed);
        return add(rows, "monitoring.cost_budget", before, after,
                        "agents are looked at every %.1f s only, for that is all that %g %% of a "
                        "core buys; it costs %.2g %% now",
                        seconds, budget, cost);
}

static int judge_cache(json_object *rows, json_object *layers, json_object *settings) {
        uint64_t maximum = json_get_u64(settings, "monitoring.cache.max_entries", 0);
        uint64_t evictions = 0, lookups = 0;
        char because[160];

        for (size_t i = 0; i < json_object_array_length(layers); i++) {
                json_object *layer = json_object_array_get_idx(layers, i);

                evictions += json_get_u64(layer, "evictions", 0);
                lookups += json_get_u64(layer, "hits", 0) + json_get_u64(layer, "misses", 0);
        }
        if (lookups < LOOKUPS_MIN || evictions * 20 < lookups || maximum == 0 ||
                        maximum * 2 > ENTRIES_MAX)
                return 0;
        (void)snprintf(because, sizeof(because),
                        "%" PRIu64 " entries were thrown out for want of room, in %" PRIu64
                        " look-ups",
                        evictions, lookups);
        return add_count(rows, "monitoring.cache.max_entries", maximum, maximum * 2, because);
}

static int judge_agents(json_object *rows, json_object *service, json_object *settings) {
        uint64_t maximum = json_get_u64(settings, "limits.agents_per_user", 0);
        uint64_t agents = json_get_u64(service, "agents_total", 0);
        char because[160];

        if (maximum == 0 || agents * 10 < maximum * 8 || maximum >= AGENTS_MAX)
                return 0;
        (void)snprintf(because, sizeof(because),
                        "there are %" PRIu64 " agents, and %" PRIu64 " may be of one user", agents,
                        maximum);
        return add_count(rows, "limits.agents_per_user", maximum,
                        MIN(maximum * 2, (uint64_t)AGENTS_MAX), because);
}

/* What is logged is more than the journal is made for. */
static int judge_log(json_object *rows, json_object *service, json_object *settings) {
        const char *level = json_get_string(settings, "logging.level");
        uint64_t agents = json_get_u64(service, "agents_total", 0);

        if (!level || strcmp(level, "debug") != 0)
                return 0;
        return add(rows, "logging.level", level, "info",
                        "everything about %" PRIu64 " agents goes to the journal", agents);
}

int recommend(json_object *service, json_object *layers, json_object *settings, json_object **ret) {
        _cleanup_json_ json_object *rows = json_object_new_array();
        int r = rows ? 0 : -ENOMEM;

        if (r >= 0)
                r = judge_budget(rows, service, settings);
        if (r >= 0)
                r = judge_pool(rows, service);
        if (r >= 0)
                r = judge_cache(rows, layers, settings);
        if (r >= 0)
                r = judge_agents(rows, service, settings);
        if (r >= 0)
                r = judge_log(rows, service, settings);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(rows);
        return 0;
}

static const Column columns[] = {
                {"KEY", "key"},
                {"NOW", "now", .flags = COLUMN_RIGHT},
                {"BETTER", "recommended", .flags = COLUMN_RIGHT},
                {"BECAUSE", "because", .flags = COLUMN_FLEXIBLE},
                {},
};

/* Rows of key and value, as one object. */
static int settings_by_key(json_object *tuples, json_object **ret) {
        _cleanup_json_ json_object *settings = json_object_new_object();

        if (!settings || !json_object_is_type(tuples, json_type_array))
                return settings ? -EBADMSG : -ENOMEM;
        for (size_t i = 0; i < json_object_array_length(tuples); i++) {
                json_object *row = json_object_array_get_idx(tuples, i);
                const char *key = json_object_get_string(json_object_array_get_idx(row, 0));
                json_object *value = json_object_array_get_idx(row, 1);

                if (key && json_set(settings, key, json_object_get(value)) < 0)
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(settings);
        return 0;
}

static CommandResult show(Context *c, json_object *service, json_object *rows) {
        json_object *pool = json_get(service, "pool");

        if (c->json || json_object_array_length(rows) > 0)
                return output_rows(c, columns, rows);

        (void)fprintf(c->out,
                        "Nothing speaks for other settings.\n"
                        "Agents are looked at every %.1f s for %.2g %% of a core (%g %% allowed),\n"
                        "and %" PRIu64 " of %" PRIu64 " requests to tmux waited for a slot.\n",
                        (double)json_get_u64(service, "cycle_interval_usec", 0) / USEC_PER_SEC,
                        json_get_double(service, "cost_percent", 0),
                        json_get_double(service, "cost_budget_percent", 0),
                        json_get_u64(pool, "queued", 0), json_get_u64(pool, "taken", 0));
        return COMMAND_OK;
}

CommandResult config_recommend(Context *c) {
        _cleanup_json_ json_object *service = NULL, *layers = NULL, *list = NULL, *settings = NULL,
                                   *rows = NULL;
        CommandResult result;
        int r;

        result = bus_get_all(c, BUS_ROOT, BUS_INTERFACE_MANAGER, &service);
        if (result == COMMAND_OK)
                result = bus_fetch_tuples(c, "GetCacheStats",
                                "layer entries hits misses evictions bytes", &layers);
        if (result == COMMAND_OK)
                result = bus_call_manager(c, "ListConfig", &list, NULL);
        if (result != COMMAND_OK)
                return result;

        r = settings_by_key(list, &settings);
        if (r >= 0)
                r = recommend(service, layers, settings, &rows);
        return r < 0 ? output_failed(c, r) : show(c, service, rows);
}
