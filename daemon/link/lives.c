/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/link/lives.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/json.h"

struct Life {
        uid_t uid;
        char name[LIFE_NAME_MAX + 1];
        uint64_t taken;
        UT_hash_handle hh;
};

void lives_done(Lives *l) {
        Life *life, *next;

        HASH_ITER (hh, l->items, life, next) {
                HASH_DEL(l->items, life);
                free(life);
        }
}

static Life *find(const Lives *l, uid_t uid) {
        Life *life;

        HASH_FIND(hh, l->items, &uid, sizeof(uid), life);
        return life;
}

/* NULL: too many, or no memory. That only costs the certainty that a restart misses nothing. */
static Life *obtain(Lives *l, uid_t uid) {
        Life *life = find(l, uid);

        if (life || HASH_COUNT(l->items) >= LIVES_MAX)
                return life;
        life = calloc(1, sizeof(*life));
        if (!life)
                return NULL;
        life->uid = uid;
        HASH_ADD(hh, l->items, uid, sizeof(life->uid), life);
        return life;
}

static bool is_name(const char *name) {
        return name && *name && strlen(name) <= LIFE_NAME_MAX;
}

bool lives_begin(Lives *l, uid_t uid, const char *name, uint64_t *ret_taken) {
        Life *life;

        assert(l && ret_taken);

        life = is_name(name) ? obtain(l, uid) : NULL;
        if (!life)
                return false;
        if (strcmp(life->name, name) == 0) {
                *ret_taken = life->taken;
                return true;
        }
        (void)strcpy(life->name, name);
        life->taken = 0;
        return false;
}

bool lives_take(Lives *l, uid_t uid, uint64_t number) {
        Life *life = find(l, uid);

        if (!life)
                return true;
        if (number <= life->taken)
                return false;
        life->taken = number;
        return true;
}

static int life_to_json(const Life *life, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r = o ? json_set_u64(o, "uid", life->uid) : -ENOMEM;

        if (r >= 0)
                r = json_set_string(o, "life", life->name);
        if (r >= 0)
                r = json_set_u64(o, "taken", life->taken);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

int lives_save(const Lives *l, json_object **ret) {
        _cleanup_json_ json_object *all = json_object_new_array();
        const Life *life, *next;
        int r = all ? 0 : -ENOMEM;

        HASH_ITER (hh, l->items, life, next) {
                json_object *o = NULL;

                if (r >= 0)
                        r = life_to_json(life, &o);
                if (r >= 0)
                        r = json_append(all, o);
        }
        if (r >= 0)
                *ret = TAKE_PTR(all);
        return r;
}

static void restore_one(Lives *l, json_object *o) {
        uint64_t uid = json_get_u64(o, "uid", UINT64_MAX), taken;
        Life *life;

        if (uid >= UINT32_MAX || lives_begin(l, (uid_t)uid, json_get_string(o, "life"), &taken))
                return;
        life = find(l, (uid_t)uid);
        if (life)
                life->taken = json_get_u64(o, "taken", 0);
}

void lives_restore(Lives *l, json_object *saved) {
        size_t n = json_object_is_type(saved, json_type_array) ? json_object_array_length(saved)
                                                               : 0;

        for (size_t i = 0; i < n && i < LIVES_MAX; i++)
                restore_one(l, json_object_array_get_idx(saved, i));
}
