/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/screen-file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"

#define JSON_DEPTH 8
#define PROCESSES_MAX 256U

static const Observation nothing_seen = {
                .screen = "",
                .cursor_x = -1,
                .cursor_y = -1,
                .dead_status = -1,
};

/* tmux says 1 and 0, JSON says true and false: both are taken. */
static bool get_flag(const json_object *o, const char *key) {
        return json_get_bool(o, key, false) || json_get_int(o, key, 0) > 0;
}

static int get_int(const json_object *o, const char *key, int fallback) {
        int64_t value = json_get_int(o, key, fallback);

        return value >= INT_MIN && value <= INT_MAX ? (int)value : fallback;
}

static int read_processes(const json_object *o, ScreenFile *f, const char **reterr) {
        json_object *list = json_get(o, "process_tree");
        size_t n;

        if (!list)
                return 0;
        n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
        if (!json_object_is_type(list, json_type_array) || n > PROCESSES_MAX) {
                *reterr = "'process_tree' must be a list of at most 256 command lines";
                return -EBADMSG;
        }

        for (size_t i = 0; i < n; i++) {
                json_object *line = json_object_array_get_idx(list, i);
                int r;

                if (!json_object_is_type(line, json_type_string)) {
                        *reterr = "'process_tree' must hold texts only";
                        return -EBADMSG;
                }
                r = strv_extend(&f->processes, json_object_get_string(line));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_object(ScreenFile *f, const char **reterr) {
        json_object *screen = json_get_typed(f->object, "screen", json_type_string);
        const json_object *o = f->object;
        int r;

        if (!screen) {
                *reterr = "there is no 'screen', or it is no text";
                return -EBADMSG;
        }
        r = read_processes(o, f, reterr);
        if (r < 0)
                return r;

        f->observation = (Observation){
                        .screen = json_object_get_string(screen),
                        .n_screen = (size_t)json_object_get_string_len(screen),
                        .title = json_get_string(o, "pane_title"),
                        .command = json_get_string(o, "pane_current_command"),
                        .processes = f->processes,
                        .agent = json_get_string(o, "agent"),
                        .width = get_int(o, "cols", 0),
                        .height = get_int(o, "rows", 0),
                        .cursor_x = get_int(o, "cursor_x", -1),
                        .cursor_y = get_int(o, "cursor_y", -1),
                        .alternate_on = get_flag(o, "alternate_on"),
                        .in_mode = get_flag(o, "pane_in_mode"),
                        .dead = get_flag(o, "pane_dead"),
                        .dead_status = get_int(o, "pane_dead_status", -1),
                        .dead_signal = get_int(o, "pane_dead_signal", 0),
                        .now_usec = json_get_u64(o, "now_usec", now_realtime()),
        };
        return 0;
}

int screen_file_read_json(const char *text, size_t n, ScreenFile *ret, const char **reterr) {
        _cleanup_(screen_file_done) ScreenFile f = {};
        int r;

        r = json_parse(text, n, JSON_DEPTH, &f.object);
        if (r == -EBADMSG) {
                *reterr = "not a JSON object in UTF-8";
                return r;
        }
        if (r < 0)
                return r;
        if (!json_object_is_type(f.object, json_type_object)) {
                *reterr = "not a JSON object in UTF-8";
                return -EBADMSG;
        }

        r = read_object(&f, reterr);
        if (r < 0)
                return r;
        *ret = f;
        f = (ScreenFile){};
        return 0;
}

void screen_file_read_plain(const char *text, size_t n, ScreenFile *ret) {
        *ret = (ScreenFile){.observation = nothing_seen};
        ret->observation.screen = text;
        ret->observation.n_screen = n;
        ret->observation.now_usec = now_realtime();
}

void screen_file_done(ScreenFile *f) {
        (void)json_object_put(f->object);
        strv_free(f->processes);
        *f = (ScreenFile){};
}
