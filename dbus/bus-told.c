/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-told.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "dbus/bus-names.h"

/* As many agents as a machine may have, and then some. */
#define ENTRIES_MAX 20000U

typedef struct Entry {
        char *path;
        AgentState state;
        uint64_t usec;
        UT_hash_handle hh;
} Entry;

struct BusTold {
        sd_bus_slot *changes;
        sd_bus_slot *list;
        Entry *entries;
};

static void entry_free(BusTold *t, Entry *e) {
        HASH_DEL(t->entries, e);
        free(e->path);
        free(e);
}

static int note(BusTold *t, const char *path, const char *text, uint64_t usec) {
        AgentState state = agent_state_from_string(text);
        Entry *e;

        if (state < 0)
                return 0; /* of a later version: we cannot tell it either */

        HASH_FIND_STR(t->entries, path, e);
        if (!e) {
                if (HASH_COUNT(t->entries) >= ENTRIES_MAX)
                        return 0;
                e = calloc(1, sizeof(*e));
                if (!e)
                        return -ENOMEM;
                e->path = strdup(path);
                if (!e->path) {
                        free(e);
                        return -ENOMEM;
                }
                HASH_ADD_KEYPTR(hh, t->entries, e->path, strlen(e->path), e);
        }

        e->state = state;
        e->usec = usec;
        return 0;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *path, *old, *now, *rule;

        if (sd_bus_message_read(m, "osss", &path, &old, &now, &rule) >= 0)
                (void)note(userdata, path, now, now_realtime());
        return 0;
}

/* What was told before we came. A signal that came first was earlier than this answer. */
static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *id, *type, *state, *target, *path;
        BusTold *t = userdata;

        if (sd_bus_message_is_method_error(m, NULL) ||
                        sd_bus_message_enter_container(m, 'a', "(sssso)") < 0)
                return 0;
        while (sd_bus_message_read(m, "(sssso)", &id, &type, &state, &target, &path) > 0)
                (void)note(t, path, state, 0);
        return 0;
}

static int ask_list(BusTold *t, sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                        bus, &m, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER, "ListAgents");
        if (r < 0)
                return r;
        /* If it is gone, so be it. */
        r = sd_bus_message_set_auto_start(m, false);
        if (r < 0)
                return r;
        return sd_bus_call_async(bus, &t->list, m, on_list, t, 0);
}

int bus_told_new(sd_bus *bus, BusTold **ret) {
        _cleanup_(bus_told_freep) BusTold *t = NULL;
        int r;

        assert(bus);
        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;

        /* By name: the bus lets through only what comes from whoever has it at that moment. */
        r = sd_bus_match_signal_async(bus, &t->changes, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER,
                        "AgentStateChanged", on_changed, NULL, t);
        if (r < 0)
                return r;
        r = ask_list(t, bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

void bus_told_close(BusTold *t) {
        assert(t);

        t->list = sd_bus_slot_unref(t->list);
        t->changes = sd_bus_slot_unref(t->changes);
}

BusTold *bus_told_free(BusTold *t) {
        if (!t)
                return NULL;

        bus_told_close(t);
        while (t->entries)
                entry_free(t, t->entries);
        free(t);
        return NULL;
}

static Entry *find(const BusTold *t, const char *path) {
        Entry *e = NULL;

        if (t)
                HASH_FIND_STR(t->entries, path, e);
        return e;
}

AgentState bus_told_state(const BusTold *t, const char *path, uint64_t *ret_usec) {
        const Entry *e = find(t, path);

        if (!e)
                return -ENXIO;
        if (ret_usec)
                *ret_usec = e->usec;
        return e->state;
}

void bus_told_forget(BusTold *t, const char *path) {
        Entry *e = find(t, path);

        if (e)
                entry_free(t, e);
}
