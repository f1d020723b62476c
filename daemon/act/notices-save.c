/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/act/notices-private.h"
#include "daemon/base/json.h"

#define TEXT_MAX 1024U

static int save_episode(const Episode *e, json_object *o) {
        int r = json_set_string(o, "id", e->id);

        if (r >= 0)
                r = json_set_u64(o, "uid", e->uid);
        if (r >= 0)
                r = json_set_string(o, "type", e->type);
        if (r >= 0)
                r = json_set_string(o, "target", e->target);
        if (r >= 0)
                r = json_set_string(o, "cause", episode_cause_to_string(e->cause));
        if (r >= 0)
                r = json_set_string(o, "attention", attention_to_string(e->attention));
        if (r >= 0)
                r = json_set_u64(o, "began", e->began_usec);
        if (r >= 0)
                r = json_set_u64(o, "episode_told", e->told_usec);
        if (r >= 0)
                r = json_set_u64(o, "escalated", e->escalated_usec);
        if (r >= 0)
                r = json_set_u64(o, "not_before", e->not_before_usec);
        if (r >= 0)
                r = json_set_u64(o, "times", e->n_told);
        if (r >= 0)
                r = json_set_bool(o, "acknowledged", e->acknowledged);
        if (r >= 0)
                r = json_set_bool(o, "pm_pending", e->pm_pending);
        return r;
}

static int save_entry(const NoticeEntry *e, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r = o ? 0 : -ENOMEM;

        if (r >= 0)
                r = json_set_string(o, "agent", e->agent);
        if (r >= 0)
                r = json_set_u64(o, "told", e->told_usec);
        if (r >= 0 && e->episode)
                r = save_episode(e->episode, o);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

int notices_save(const Notices *n, json_object **ret) {
        _cleanup_json_ json_object *array = json_object_new_array();
        NoticeEntry *e, *next;

        if (!array)
                return -ENOMEM;
        HASH_ITER (hh, n->entries, e, next) {
                json_object *o;
                int r = save_entry(e, &o);

                if (r >= 0)
                        r = json_append(array, o);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(array);
        return 0;
}

static int get_text(const json_object *o, const char *key, char **ret) {
        const char *text = json_get_string(o, key);

        if (!text || text[0] == '\0' || strlen(text) > TEXT_MAX)
                return -EBADMSG;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static int restore_words(Episode *e, const json_object *o) {
        int r = get_text(o, "id", &e->id);

        if (r >= 0)
                r = get_text(o, "agent", &e->agent);
        if (r >= 0)
                r = get_text(o, "type", &e->type);
        if (r >= 0)
                r = get_text(o, "target", &e->target);
        if (r < 0)
                return r;
        e->cause = episode_cause_from_string(json_get_string(o, "cause") ?: "");
        e->attention = attention_from_string(json_get_string(o, "attention") ?: "");
        return e->cause < 0 || e->attention < 0 ? -EBADMSG : 0;
}

static int restore_episode(const json_object *o, Episode **ret) {
        _cleanup_(episode_freep) Episode *e = calloc(1, sizeof(*e));
        int r;

        if (!e)
                return -ENOMEM;
        r = restore_words(e, o);
        if (r < 0)
                return r;
        e->uid = (uid_t)json_get_u64(o, "uid", 0);
        e->began_usec = json_get_u64(o, "began", 0);
        e->told_usec = json_get_u64(o, "episode_told", 0);
        e->escalated_usec = json_get_u64(o, "escalated", 0);
        e->not_before_usec = json_get_u64(o, "not_before", 0);
        e->n_told = (unsigned)json_get_u64(o, "times", 0);
        e->acknowledged = json_get_bool(o, "acknowledged", false);
        e->pm_pending = json_get_bool(o, "pm_pending", false);
        *ret = TAKE_PTR(e);
        return 0;
}

static int restore_entry(Notices *n, const json_object *o) {
        _cleanup_(episode_freep) Episode *episode = NULL;
        const char *agent = json_get_string(o, "agent");
        NoticeEntry *e;
        int r;

        if (!agent || agent[0] == '\0' || strlen(agent) > TEXT_MAX || notices_entry(n, agent))
                return -EBADMSG;
        if (json_get(o, "id")) {
                r = restore_episode(o, &episode);
                if (r < 0)
                        return r;
        }
        r = notices_entry_get(n, agent, &e);
        if (r < 0)
                return r;
        e->told_usec = json_get_u64(o, "told", 0);
        e->episode = TAKE_PTR(episode);
        return 0;
}

int notices_restore(Notices *n, const json_object *saved) {
        size_t n_saved;

        if (!json_object_is_type(saved, json_type_array))
                return -EBADMSG;
        n_saved = json_object_array_length(saved);
        if (n_saved > NOTICES_MAX)
                return -EBADMSG;
        for (size_t i = 0; i < n_saved; i++) {
                int r = restore_entry(n, json_object_array_get_idx(saved, i));

                if (r < 0)
                        return r;
        }
        return 0;
}
