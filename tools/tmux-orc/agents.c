/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/agents.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"

/* Numbers in names count as numbers: "work:2.1" stands before "work:10.0". */
static int compare_by_place(const void *a, const void *b) {
        json_object *x = *(json_object *const *)a, *y = *(json_object *const *)b;
        int r = strverscmp(json_get_string(x, "server") ?: "", json_get_string(y, "server") ?: "");

        if (r == 0)
                r = strverscmp(json_get_string(x, "target") ?: "",
                                json_get_string(y, "target") ?: "");
        return r != 0 ? r
                      : strverscmp(json_get_string(x, "id") ?: "", json_get_string(y, "id") ?: "");
}

static int add_derived(json_object *row, const char *path, uint64_t now_usec) {
        uint64_t since = json_get_u64(row, "state_since", 0);
        int r;

        r = json_set_string(row, "path", path);
        if (r < 0 || since == 0)
                return r;
        /* A clock that was set back makes no time of four hundred thousand years. */
        return json_set_u64(row, "in_state_usec", now_usec > since ? now_usec - since : 0);
}

int agents_rows(json_object *objects, const char *interface, uint64_t now_usec, json_object **ret) {
        _cleanup_json_ json_object *rows = json_object_new_array();

        if (!rows)
                return -ENOMEM;
        if (!json_object_is_type(objects, json_type_object))
                return -EBADMSG;

        json_object_object_foreach(objects, path, interfaces) {
                json_object *properties = json_get_typed(interfaces, interface, json_type_object);
                _cleanup_json_ json_object *row = NULL;
                int r;

                if (!properties)
                        continue;
                r = bus_json_rename(properties, &row);
                if (r < 0)
                        return r;
                r = add_derived(row, path, now_usec);
                if (r < 0)
                        return r;
                r = json_append(rows, TAKE_PTR(row));
                if (r < 0)
                        return r;
        }

        json_object_array_sort(rows, compare_by_place);
        *ret = TAKE_PTR(rows);
        return 0;
}

static CommandResult fetch(Context *c, const char *interface, json_object **ret) {
        _cleanup_json_ json_object *objects = NULL;
        CommandResult result;
        int r;

        result = bus_call(c, BUS_ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                        &objects, NULL);
        if (result != COMMAND_OK)
                return result;

        r = agents_rows(objects, interface, now_realtime(), ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult agents_fetch(Context *c, json_object **ret) {
        return fetch(c, BUS_INTERFACE_AGENT, ret);
}

CommandResult servers_fetch(Context *c, json_object **ret) {
        return fetch(c, BUS_INTERFACE_SERVER, ret);
}

static bool has_value(json_object *row, const char *key, const char *value) {
        const char *s = json_get_string(row, key);

        return s && strcmp(s, value) == 0;
}

/* "session:window.pane" with the window's name in place of its number. */
static bool has_named_target(json_object *row, const char *name) {
        const char *session = json_get_string(row, "session"), *dot = strrchr(name, '.');
        const char *window = json_get_string(row, "window"),
                   *target = json_get_string(row, "target");
        size_t n = session ? strlen(session) : 0, n_window = window ? strlen(window) : 0;
        const char *target_dot = target ? strrchr(target, '.') : NULL;

        return session && window && dot && target_dot && strncmp(name, session, n) == 0 &&
                        name[n] == ':' && dot == name + n + 1 + n_window &&
                        strncmp(name + n + 1, window, n_window) == 0 &&
                        strcmp(dot, target_dot) == 0;
}

static bool is_exact(json_object *row, const char *name) {
        if (name[0] == '%')
                return has_value(row, "pane", name);
        if (strchr(name, ':'))
                return has_value(row, "target", name) || has_named_target(row, name);
        return has_value(row, "id", name);
}

static bool is_prefix(json_object *row, const char *name) {
        return text_starts_with(json_get_string(row, "id") ?: "", name);
}

static int filter(json_object *rows, const char *name, bool (*test)(json_object *, const char *),
                json_object **ret) {
        _cleanup_json_ json_object *found = json_object_new_array();

        if (!found)
                return -ENOMEM;
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (test(row, name) && json_append(found, json_object_get(row)) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(found);
        return 0;
}

int agents_match(json_object *rows, const char *name, json_object **ret) {
        _cleanup_json_ json_object *found = NULL;
        int r;

        r = filter(rows, name, is_exact, &found);
        if (r < 0)
                return r;
        if (json_object_array_length(found) > 0 || strpbrk(name, "%:") || name[0] == '\0') {
                *ret = TAKE_PTR(found);
                return 0;
        }
        return filter(rows, name, is_prefix, ret);
}

static void tell_candidates(const Context *c, const char *name, json_object *found) {
        static const Column columns[] = {
                        {"AGENT", "id"}, {"TYPE", "type"}, {"TARGET", "target"}, {}};
        const Terminal plain = {};

        context_error(c, "'%s' may mean any of:", name);
        (void)table_print(stderr, &plain, columns, found, false);
}

CommandResult agents_pick(
                const Context *c, json_object *rows, const char *name, json_object **ret) {
        _cleanup_json_ json_object *found = NULL;
        _cleanup_free_ char *safe = terminal_text(name);
        int r;

        r = agents_match(rows, name, &found);
        if (r < 0 || !safe)
                return output_failed(c, r < 0 ? r : -ENOMEM);

        switch (json_object_array_length(found)) {
        case 1:
                *ret = json_object_array_get_idx(found, 0);
                return COMMAND_OK;
        case 0:
                context_error(c, "there is no agent '%s'", safe);
                context_hint(c, "'tmux-orc list' names the agents.");
                return COMMAND_FAILED;
        default:
                tell_candidates(c, safe, found);
                return COMMAND_FAILED;
        }
}

CommandResult agents_fetch_one(Context *c, const char *name, json_object **ret) {
        _cleanup_json_ json_object *rows = NULL;
        json_object *row;
        CommandResult result;

        result = agents_fetch(c, &rows);
        if (result != COMMAND_OK)
                return result;
        result = agents_pick(c, rows, name, &row);
        if (result != COMMAND_OK)
                return result;

        *ret = json_object_get(row);
        return COMMAND_OK;
}
