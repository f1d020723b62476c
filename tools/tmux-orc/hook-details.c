/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/hook-details.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"

#define DEPTH_MAX 64U
#define VALUE_MAX 256U

/*
 * All that leaves the agent. What it was asked, does and answers is nobody's business: of an event
 * only its kind is told, and which conversation it belongs to.
 */
static const char *const members[] = {"hook_event_name", "type", "notification_type", "tool_name",
                "error", "reason", "session_id", "thread-id"};

static int copy_member(json_object *to, const json_object *from, const char *key) {
        const char *value = json_get_string(from, key);

        return value && strlen(value) <= VALUE_MAX ? json_set_string(to, key, value) : 0;
}

/* OpenCode says how its session is doing two levels down. */
static int copy_status(json_object *to, const json_object *from) {
        json_object *properties = json_get(from, "properties"), *status, *copy;
        int r;

        status = properties ? json_get(properties, "status") : NULL;
        if (!status)
                return 0;
        copy = json_object_new_object();
        r = json_set(to, "properties", copy);
        if (r < 0)
                return r;
        properties = copy;
        copy = json_object_new_object();
        r = json_set(properties, "status", copy);
        return r < 0 ? r : copy_member(copy, status, "type");
}

int hook_details_extract(const char *text, size_t n_text, json_object **ret) {
        _cleanup_json_ json_object *all = NULL, *some = json_object_new_object();
        int r;

        if (!some)
                return -ENOMEM;
        r = json_parse(text, n_text, DEPTH_MAX, &all);
        if (r < 0)
                return r;
        FOREACH_ELEMENT (key, members) {
                r = copy_member(some, all, *key);
                if (r < 0)
                        return r;
        }
        r = copy_status(some, all);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(some);
        return 0;
}
