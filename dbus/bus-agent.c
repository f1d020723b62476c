/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "daemon/agents/agent-cache.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "dbus/bus-error.h"
#include "dbus/bus-pending.h"

#define SCREEN_LINES_MAX 10000U

static int property_get_state(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;

        return sd_bus_message_append(reply, "s", agent_state_to_string(a->last.state));
}

static int property_get_attention(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;

        return sd_bus_message_append(reply, "s", attention_to_string(a->last.attention));
}

static int property_get_attributes(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "s");
        if (r < 0)
                return r;

        for (unsigned bit = 0; bit < _ATTRIBUTE_COUNT; bit++) {
                if (!(a->last.attributes & (1U << bit)))
                        continue;

                r = sd_bus_message_append(reply, "s", attribute_name(bit));
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(reply);
}

static int property_get_server(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *server = NULL;
        const Agent *a = userdata;
        int r;

        r = bus_path_of_server(a->server, &server);
        if (r < 0)
                return r;

        return sd_bus_message_append(reply, "o", server);
}

static int property_get_owner(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;

        return sd_bus_message_append(reply, "u", (uint32_t)a->server->uid);
}

static int property_get_liveness(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;

        return sd_bus_message_append(reply, "s", liveness_to_string(a->server->last.liveness));
}

static int property_get_memory_scope(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;

        return sd_bus_message_append(reply, "s", memory_scope_to_string(a->last.memory_scope));
}

/* With the time in the present state up to now. */
static uint64_t time_in_state(const Agent *a, AgentState state) {
        uint64_t usec = a->in_state_usec[state], now_usec = now_realtime();

        if (state == a->last.state && now_usec > a->since_usec)
                usec += now_usec - a->since_usec;

        return usec;
}

static int property_get_time_in_state(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Agent *a = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{st}");
        if (r < 0)
                return r;

        for (AgentState s = 0; s < _AGENT_STATE_MAX; s++) {
                uint64_t usec = time_in_state(a, s);

                if (usec == 0)
                        continue;

                r = sd_bus_message_append(reply, "{st}", agent_state_to_string(s), usec);
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(reply);
}

static CacheBlob *find_kept(const BusExports *e, CacheLayer layer, const char *key) {
        return key ? cache_get(e->parts.cache, layer, key, now_monotonic()) : NULL;
}

/* One that does not fit is asked for again. */
static void keep(BusPending *p, CacheLayer layer, const char *text) {
        if (p->key && text && utf8_is_valid(text, strlen(text)))
                (void)cache_put_bytes(p->exports->parts.cache, layer, p->key, text, strlen(text),
                                now_monotonic());
}

static void on_screen(void *userdata, int error, json_object *result) {
        BusPending *p = userdata;

        p->question = NULL;
        if (error < 0)
                bus_pending_fail(p, error);
        else {
                keep(p, CACHE_PANE_CONTENT, json_get_string(result, "screen"));
                bus_pending_reply_string(p, json_get_string(result, "screen"));
        }
}

int bus_agent_read_lines(sd_bus_message *m, const Agent *a, uint32_t *ret, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        int r;

        r = sd_bus_message_read(m, "u", ret);
        if (r < 0)
                return r;
        if (*ret > SCREEN_LINES_MAX)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "at most %u lines can be asked for", SCREEN_LINES_MAX);
        return authorize_about(e->parts.authorizer, m, AUTHORIZE_VIEW_SCREEN, a->server->uid,
                        "agent", a->id, reterr);
}

static int method_get_screen(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_(cache_blob_unrefp) CacheBlob *kept = NULL;
        _cleanup_free_ char *key = NULL;
        const Agent *a = userdata;
        uint32_t lines;
        int r;

        r = bus_agent_read_lines(m, a, &lines, reterr);
        if (r != 0)
                return r;

        r = agent_cache_key(a, lines, &key);
        if (r < 0)
                return r;
        kept = find_kept(e, CACHE_PANE_CONTENT, key);
        if (kept)
                return sd_bus_reply_method_return(m, "s", kept->data);

        r = bus_pending_new(e, m, a->id, &p, reterr);
        if (r < 0)
                return r;
        p->key = TAKE_PTR(key);

        r = e->parts.actions->ask_screen(e->parts.userdata, a, lines, on_screen, p, &p->question);
        if (r < 0)
                return bus_error_set_core(reterr, r, a->id);

        (void)TAKE_PTR(p);
        return 1;
}

/* What is about to change its mind explains itself anew each time. */
static void answer_explained(BusPending *p, json_object *result) {
        const char *text;
        int r;

        /* Ages in it are as of this time, also when it is given again. */
        r = json_object_is_type(result, json_type_object)
                        ? json_set_u64(result, "answered_usec", now_realtime())
                        : -EBADMSG;
        if (r < 0) {
                bus_pending_fail(p, r);
                return;
        }

        text = json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN);
        if (!json_get(result, "pending"))
                keep(p, CACHE_AGENT_STATUS, text);
        bus_pending_reply_string(p, text);
}

static void on_explained(void *userdata, int error, json_object *result) {
        BusPending *p = userdata;

        p->question = NULL;
        if (error < 0)
                bus_pending_fail(p, error);
        else
                answer_explained(p, result);
}

static int method_explain(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_(cache_blob_unrefp) CacheBlob *kept = NULL;
        _cleanup_free_ char *key = NULL;
        const Agent *a = userdata;
        int r;

        /* It quotes what matched on the screen. */
        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_VIEW_SCREEN, a->server->uid, "agent",
                        a->id, reterr);
        if (r != 0)
                return r;

        r = agent_cache_key(a, 0, &key);
        if (r < 0)
                return r;
        kept = find_kept(e, CACHE_AGENT_STATUS, key);
        if (kept)
                return sd_bus_reply_method_return(m, "s", kept->data);

        r = bus_pending_new(e, m, a->id, &p, reterr);
        if (r < 0)
                return r;
        p->key = TAKE_PTR(key);

        r = e->parts.actions->ask_explain(e->parts.userdata, a, on_explained, p, &p->question);
        if (r < 0)
                return bus_error_set_core(reterr, r, a->id);

        (void)TAKE_PTR(p);
        return 1;
}

static int property_get_next_change(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        uint64_t expected = cycle_expect_change(bus_exports_of(bus)->parts.cycle, userdata);

        return sd_bus_message_append(
                        reply, "t", expected == UINT64_MAX ? 0 : now_realtime() + expected);
}

const sd_bus_vtable bus_agent_vtable[] = {
                SD_BUS_VTABLE_START(0),
                PROPERTY_CONST("Id", "s", NULL, offsetof(Agent, id)),
                PROPERTY_CHANGES("Type", "s", NULL, offsetof(Agent, last.type)),
                PROPERTY_CHANGES("AgentVersion", "s", NULL, offsetof(Agent, last.version)),
                PROPERTY_CHANGES("State", "s", property_get_state, 0),
                PROPERTY_CHANGES("Attention", "s", property_get_attention, 0),
                PROPERTY_CHANGES("Attributes", "as", property_get_attributes, 0),
                PROPERTY_CHANGES("ResetTime", "t", NULL, offsetof(Agent, last.reset_usec)),
                PROPERTY_CHANGES("Rule", "s", NULL, offsetof(Agent, last.rule)),
                PROPERTY_CHANGES("Confidence", "d", NULL, offsetof(Agent, last.confidence)),
                PROPERTY_CHANGES("StateSince", "t", NULL, offsetof(Agent, since_usec)),
                PROPERTY_SILENT("NextChange", "t", property_get_next_change, 0),
                PROPERTY_SILENT("TimeInState", "a{st}", property_get_time_in_state, 0),
                PROPERTY_SILENT("LastActivity", "t", NULL, offsetof(Agent, last.activity_usec)),
                PROPERTY_CHANGES("Liveness", "s", property_get_liveness, 0),
                PROPERTY_CHANGES("Target", "s", NULL, offsetof(Agent, target)),
                PROPERTY_CHANGES("Session", "s", NULL, offsetof(Agent, last.session)),
                PROPERTY_CHANGES("Window", "s", NULL, offsetof(Agent, last.window)),
                PROPERTY_CONST("Pane", "s", NULL, offsetof(Agent, last.pane)),
                PROPERTY_CONST("Server", "o", property_get_server, 0),
                PROPERTY_CONST("OwnerUID", "u", property_get_owner, 0),
                PROPERTY_CHANGES("PID", "u", NULL, offsetof(Agent, last.pid)),
                PROPERTY_CHANGES("Command", "s", NULL, offsetof(Agent, last.command)),
                PROPERTY_CHANGES("Title", "s", NULL, offsetof(Agent, last.title)),
                PROPERTY_CHANGES("Failures", "u", NULL, offsetof(Agent, failures)),
                PROPERTY_CHANGES("ControlGroup", "s", NULL, offsetof(Agent, last.control_group)),
                PROPERTY_CHANGES("MemoryScope", "s", property_get_memory_scope, 0),
                PROPERTY_SILENT("MemoryBytes", "t", NULL, offsetof(Agent, last.memory_bytes)),
                PROPERTY_CHANGES("MemoryHigh", "t", NULL, offsetof(Agent, last.memory_high)),
                PROPERTY_CHANGES("MemoryMax", "t", NULL, offsetof(Agent, last.memory_max)),
                PROPERTY_SILENT("MemoryPressure", "d", NULL, offsetof(Agent, last.memory_pressure)),
                PROPERTY_CHANGES("OOMKills", "t", NULL, offsetof(Agent, last.oom_kills)),
                PROPERTY_CHANGES("EndReason", "s", NULL, offsetof(Agent, last.end_reason)),
                PROPERTY_CHANGES("Advice", "s", NULL, offsetof(Agent, last.advice)),
                SD_BUS_METHOD_WITH_ARGS("GetScreen", SD_BUS_ARGS("u", lines),
                                SD_BUS_RESULT("s", screen), method_get_screen,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Explain", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", json),
                                method_explain, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Look", SD_BUS_ARGS("u", lines),
                                SD_BUS_RESULT("s", screen, "s", token), bus_agent_look,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("SendText", SD_BUS_ARGS("s", text, "a{sv}", options),
                                SD_BUS_NO_RESULT, bus_agent_send_text, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Approve", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
                                bus_agent_approve, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Deny", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
                                bus_agent_deny, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("Acknowledge", "", "", bus_agent_acknowledge,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Snooze", SD_BUS_ARGS("t", usec), SD_BUS_NO_RESULT,
                                bus_agent_snooze, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Restart", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                                bus_agent_restart, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_VTABLE_END,
};
