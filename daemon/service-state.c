/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/agents/snapshot.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/read-file.h"
#include "daemon/base/state-dir.h"
#include "daemon/base/write-file.h"
#include "daemon/service.h"

#define STATE_MAX ((size_t)64 << 20)
#define NOTICES "notices"
#define HEARD "heard"
#define COUNTERS "counters"
#define STATE_DEPTH 8U
/* What a kill may cost. */
#define SAVE_USEC (15 * USEC_PER_SEC)

#define FIELDS LOG_FIELDS({LOG_FIELD_COMPONENT, "state_store"})

static void note_server(void *userdata, const Server *server) {
        Service *s = userdata;

        s->state_changed = true;
}

static void note_server_change(void *userdata, const Server *server, Liveness old) {
        note_server(userdata, server);
}

static void note_agent(void *userdata, const Agent *agent) {
        Service *s = userdata;

        s->state_changed = true;
}

static void note_agent_change(void *userdata, const Agent *agent, AgentState old) {
        note_agent(userdata, agent);
}

static const RegistryObserver observer = {
                .server_added = note_server,
                .server_changed = note_server_change,
                .server_removed = note_server,
                .agent_added = note_agent,
                .agent_changed = note_agent_change,
                .agent_removed = note_agent,
};

static int read_state(const char *path, json_object **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r;

        r = read_regular_file(path, STATE_MAX, &text, &n);
        return r < 0 ? r : json_parse(text, n, STATE_DEPTH, ret);
}

/* What systemd kept is newer than what is on disk; where it kept nothing that can be used, that is
 * as good as it gets. */
static int read_newest(Service *s, json_object **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n;

        if (state_memory_load(&s->state_memory, STATE_MAX, &text, &n) >= 0 &&
                        json_parse(text, n, STATE_DEPTH, ret) >= 0)
                return 0;
        return read_state(s->state_path, ret);
}

static void set_aside(const char *path, int error) {
        _cleanup_free_ char *aside = NULL;

        if (asprintf(&aside, "%s.damaged", path) < 0) {
                aside = NULL;
                return;
        }
        if (rename(path, aside) < 0)
                log_error("cannot set %s aside: %s", path, strerror(errno));
        log_full(LOG_WARNING, MESSAGE_STATE_DAMAGED, FIELDS,
                        "%s cannot be used (%s): it is kept as %s, and what was known before is "
                        "forgotten in part",
                        path, strerror(-error), aside);
}

/* What was known is good to have, but no condition of the service. */
static void load(Service *s) {
        _cleanup_json_ json_object *state = NULL;
        int r;

        r = read_newest(s, &state);
        if (r == -ENOENT)
                return;
        if (r >= 0)
                s->kept = json_object_get(json_get(state, "kept"));
        if (r >= 0)
                s->kept_drafts = json_object_get(json_get(state, "drafts"));
        if (r >= 0)
                s->heard = json_object_get(json_get(state, HEARD));
        if (r >= 0)
                metrics_restore(s->metrics, json_get(state, COUNTERS));
        if (r >= 0)
                s->kept_alerts = json_object_get(json_get(state, "alerts"));
        if (r >= 0)
                r = snapshot_restore(s->registry, state);
        if (r >= 0 && json_get(state, NOTICES))
                r = notices_restore(s->notices, json_get(state, NOTICES));
        if (r < 0)
                set_aside(s->state_path, r);
}

void service_state_validate(const char *path, FILE *out) {
        _cleanup_json_ json_object *state = NULL;
        int r;

        r = read_state(path, &state);
        if (r >= 0 && !json_get_typed(state, "servers", json_type_array))
                r = -EBADMSG;
        if (r < 0 && r != -ENOENT)
                (void)fprintf(out, "%s: %s\n", path, strerror(-r));
}

int service_state_start(Service *s) {
        _cleanup_free_ char *folder = NULL;
        int r;

        r = state_dir_find(s->options->user, &folder);
        if (r >= 0 && asprintf(&s->state_path, "%s/state.json", folder) < 0) {
                s->state_path = NULL;
                r = -ENOMEM;
        }
        if (r < 0) {
                log_full(LOG_WARNING, NULL, FIELDS,
                                "there is no place for what is known, a restart forgets it: %s",
                                strerror(-r));
                return 0;
        }

        load(s);
        return registry_add_observer(s->registry, &observer, s);
}

static int gather(const Service *s, json_object **ret) {
        _cleanup_json_ json_object *state = NULL;
        json_object *part;
        int r;

        r = snapshot_take(s->registry, &state);
        if (r >= 0)
                r = notices_save(s->notices, &part);
        if (r >= 0)
                r = json_set(state, NOTICES, part);
        if (r >= 0)
                r = watchers_save(s->watchers, &part);
        if (r >= 0)
                r = json_set(state, HEARD, part);
        if (r >= 0)
                r = metrics_save(s->metrics, &part);
        if (r >= 0)
                r = json_set(state, COUNTERS, part);
        if (r >= 0)
                r = service_acting_save(s, state);
        if (r >= 0)
                r = service_alerts_save(s, state);
        if (r >= 0)
                *ret = TAKE_PTR(state);
        return r;
}

/* On a failure the file has to do. */
static void keep_in_memory(Service *s, const char *text) {
        if (s->state_memory.fd >= 0 || s->ready)
                (void)state_memory_save(&s->state_memory, text, strlen(text));
}

static void save_in_memory(Service *s) {
        _cleanup_json_ json_object *state = NULL;
        const char *text;

        if (!s->state_path || !s->state_changed || s->state_forget || !getenv("NOTIFY_SOCKET") ||
                        gather(s, &state) < 0)
                return;
        text = json_object_to_json_string_ext(state, JSON_C_TO_STRING_PLAIN);
        if (text)
                keep_in_memory(s, text);
}

void service_state_save(Service *s) {
        _cleanup_json_ json_object *state = NULL;
        const char *text;
        int r;

        if (!s->state_path || !s->state_changed || s->state_forget)
                return;

        r = gather(s, &state);
        if (r >= 0) {
                text = json_object_to_json_string_ext(state, JSON_C_TO_STRING_PLAIN);
                r = text ? write_file_atomically(s->state_path, text, strlen(text), 0600) : -ENOMEM;
                if (text)
                        keep_in_memory(s, text);
        }
        s->state_saved_usec = now_monotonic();
        s->state_changed = r < 0;
        s->state_failures += r < 0;
        if (r < 0 && s->state_error != r)
                log_full(LOG_WARNING, NULL, FIELDS, "cannot write %s: %s", s->state_path,
                                strerror(-r));
        s->state_error = r;
}

void service_state_forget(Service *s) {
        s->state_forget = true;
        state_memory_forget(&s->state_memory);
        if (s->state_path)
                (void)unlink(s->state_path);
}

int service_state_check(const Service *s) {
        _cleanup_json_ json_object *state = NULL;
        int r;

        if (!s->state_path)
                return 0;
        r = read_state(s->state_path, &state);
        return r == -ENOENT ? 0 : r;
}

void service_state_save_now_and_then(Service *s) {
        if (now_monotonic() - s->state_saved_usec >= SAVE_USEC)
                service_state_save(s);
        save_in_memory(s);
}

void service_state_stop(Service *s) {
        if (!s->registry)
                return;

        /* Of an instance that never ran nothing is kept: another one may. */
        s->state_changed |= s->ready;
        service_state_save(s);
        json_object_putp(&s->kept_alerts);
        s->kept_alerts = NULL;
        registry_remove_observer(s->registry, s);
        (void)json_object_put(s->heard);
        state_memory_done(&s->state_memory);
        free(s->state_path);
        s->state_path = NULL;
}
