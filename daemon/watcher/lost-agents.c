/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/lost-agents.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/state-dir.h"
#include "daemon/base/write-file.h"
#include "daemon/watcher/agent-memory.h"
#include "daemon/watcher/pane-slot.h"

/* They may have ended a moment before their server was seen to. */
#define BEFORE_USEC (10 * USEC_PER_SEC)

static bool was_lost(const PaneAgent *agent, uint64_t now_usec) {
        const TrackerState *state = pane_agent_state(agent);

        return state->present &&
                        (!agent_state_is_gone(state->state) ||
                                        state->since_usec + BEFORE_USEC > now_usec);
}

static int lost_to_json(const TmuxPane *pane, const PaneAgent *agent, const DetectorSet *rules,
                json_object **ret) {
        const TrackerState *state = pane_agent_state(agent);
        const AgentMemory *memory = pane_agent_memory(agent);
        const ActRules *act = detector_act_rules(rules, state->agent);
        _cleanup_json_ json_object *o = json_object_new_object();
        _cleanup_free_ char *command = NULL;
        int r;

        if (!o)
                return -ENOMEM;
        if (act)
                (void)agent_memory_resume(memory, act, &command); /* without it there is none */
        r = json_set_string(o, "type", state->agent);
        if (r >= 0)
                r = json_set_string(o, "session", pane->row.session);
        if (r >= 0)
                r = json_set_string(o, "window", pane->row.window_name);
        if (r >= 0)
                r = json_set_string(o, "folder", memory->folder);
        if (r >= 0)
                r = json_set_string(o, "command", command);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static int collect(const TmuxServer *server, const DetectorSet *rules, uint64_t now_usec,
                json_object *list) {
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(server, pane))) {
                const PaneSlot *slot = pane_slot_of(pane);
                json_object *o = NULL;
                int r;

                if (!slot || !was_lost(slot->agent, now_usec))
                        continue;
                r = lost_to_json(pane, slot->agent, rules, &o);
                if (r >= 0)
                        r = json_append(list, o);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int write_list(const char *socket, json_object *o) {
        const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
        _cleanup_free_ char *folder = NULL, *path = NULL;
        int r;

        if (!text)
                return -ENOMEM;
        r = state_dir_find(true, &folder);
        if (r < 0)
                return r;
        if (asprintf(&path, "%s/lost-%016" PRIx64 ".json", folder,
                            (uint64_t)XXH3_64bits(socket, strlen(socket))) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return write_file_atomically(path, text, strlen(text), 0600);
}

int lost_agents_note(const TmuxServer *server, const DetectorSet *rules, uint64_t now_usec) {
        const char *socket = tmux_server_socket(server);
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *list = json_object_new_array();
        int r = o && list ? 0 : -ENOMEM;

        if (r >= 0)
                r = collect(server, rules, now_usec, list);
        if (r < 0 || json_object_array_length(list) == 0) {
                (void)json_object_put(list);
                return r;
        }
        r = json_set(o, "agents", list);
        if (r >= 0)
                r = json_set_string(o, "socket", socket);
        if (r >= 0)
                r = json_set_u64(o, "died_usec", now_usec);
        return r < 0 ? r : write_list(socket, o);
}
