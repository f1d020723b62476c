/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/hook-edit.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"

#define DEPTH_MAX 32U
#define LAYOUT (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)

static int parse(const char *text, json_object **ret) {
        int r;

        if (!text || text[strspn(text, " \t\r\n")] == '\0') {
                *ret = json_object_new_object();
                return *ret ? 0 : -ENOMEM;
        }
        r = json_parse(text, strlen(text), DEPTH_MAX, ret);
        if (r < 0)
                return r;
        if (json_object_is_type(*ret, json_type_object) &&
                        (!json_get(*ret, "hooks") ||
                                        json_get_typed(*ret, "hooks", json_type_object)))
                return 0;
        (void)json_object_put(TAKE_PTR(*ret));
        return -EBADMSG;
}

static int unparse(json_object *o, char **ret) {
        const char *text = json_object_to_json_string_ext(o, LAYOUT);

        return !text || asprintf(ret, "%s\n", text) < 0 ? -ENOMEM : 0;
}

/* "… hook claude Stop || true" */
static bool is_ours(json_object *hook, const HookProgram *program, const char *event) {
        const char *command = json_get_string(hook, "command");
        char words[96];

        (void)snprintf(words, sizeof(words), "tmux-orc hook %s %s ", program->type, event);
        return command && strstr(command, words);
}

static bool group_has(json_object *group, const HookProgram *program, const char *event) {
        json_object *list = json_get_typed(group, "hooks", json_type_array);

        for (size_t i = 0; list && i < json_object_array_length(list); i++)
                if (is_ours(json_object_array_get_idx(list, i), program, event))
                        return true;
        return false;
}

static bool has_event(json_object *hooks, const HookProgram *program, const char *event) {
        json_object *groups = json_get_typed(hooks, event, json_type_array);

        for (size_t i = 0; groups && i < json_object_array_length(groups); i++)
                if (group_has(json_object_array_get_idx(groups, i), program, event))
                        return true;
        return false;
}

int hook_edit_count(const char *text, const HookProgram *program, unsigned *ret) {
        _cleanup_json_ json_object *o = NULL;
        int r = parse(text, &o);

        if (r < 0)
                return r;

        *ret = 0;
        for (const char *const *event = program->events; *event; event++)
                *ret += has_event(json_get(o, "hooks"), program, *event);
        return 0;
}

static int new_group(const HookProgram *program, const char *event, const char *command,
                json_object **ret) {
        _cleanup_json_ json_object *group = json_object_new_object();
        json_object *list = json_object_new_array(), *hook = json_object_new_object();
        _cleanup_free_ char *line = NULL;

        if (!group || json_set(group, "hooks", list) < 0 || json_append(list, hook) < 0)
                return -ENOMEM;
        if (asprintf(&line, "%s hook %s %s || true", command, program->type, event) < 0)
                return -ENOMEM;
        if (json_set_string(hook, "type", "command") < 0 ||
                        json_set_string(hook, "command", line) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(group);
        return 0;
}

static int add_event(json_object *hooks, const HookProgram *program, const char *event,
                const char *command) {
        json_object *groups = json_get(hooks, event), *group;
        int r;

        if (!groups) {
                groups = json_object_new_array();
                r = json_set(hooks, event, groups);
                if (r < 0)
                        return r;
        }
        if (!json_object_is_type(groups, json_type_array))
                return -EBADMSG;
        r = new_group(program, event, command, &group);
        return r < 0 ? r : json_append(groups, group);
}

int hook_edit_add(const char *text, const HookProgram *program, const char *command, char **ret) {
        _cleanup_json_ json_object *o = NULL;
        json_object *hooks;
        int r = parse(text, &o);

        if (r < 0)
                return r;

        hooks = json_get(o, "hooks");
        if (!hooks) {
                hooks = json_object_new_object();
                r = json_set(o, "hooks", hooks);
                if (r < 0)
                        return r;
        }
        for (const char *const *event = program->events; *event; event++) {
                if (has_event(hooks, program, *event))
                        continue;
                r = add_event(hooks, program, *event, command);
                if (r < 0)
                        return r;
        }
        return unparse(o, ret);
}

static void remove_from_group(json_object *group, const HookProgram *program, const char *event) {
        json_object *list = json_get_typed(group, "hooks", json_type_array);

        for (size_t i = list ? json_object_array_length(list) : 0; i-- > 0;)
                if (is_ours(json_object_array_get_idx(list, i), program, event))
                        (void)json_object_array_del_idx(list, i, 1);
}

static bool group_is_empty(json_object *group) {
        json_object *list = json_get_typed(group, "hooks", json_type_array);

        return list && json_object_array_length(list) == 0;
}

static void remove_event(json_object *hooks, const HookProgram *program, const char *event) {
        json_object *groups = json_get_typed(hooks, event, json_type_array);

        if (!has_event(hooks, program, event))
                return; /* what is empty there is not our doing */

        for (size_t i = json_object_array_length(groups); i-- > 0;) {
                json_object *group = json_object_array_get_idx(groups, i);

                if (!group_has(group, program, event))
                        continue;
                remove_from_group(group, program, event);
                if (group_is_empty(group))
                        (void)json_object_array_del_idx(groups, i, 1);
        }
        if (json_object_array_length(groups) == 0)
                json_object_object_del(hooks, event);
}

int hook_edit_remove(const char *text, const HookProgram *program, char **ret) {
        _cleanup_json_ json_object *o = NULL;
        json_object *hooks;
        int r = parse(text, &o);

        if (r < 0)
                return r;

        hooks = json_get(o, "hooks");
        for (const char *const *event = program->events; *event; event++)
                remove_event(hooks, program, *event);
        if (hooks && json_object_object_length(hooks) == 0)
                json_object_object_del(o, "hooks");
        return unparse(o, ret);
}
