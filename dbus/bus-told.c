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

typedef struct Told {
        AgentState state;
        uint64_t usec;
} Told;

typedef struct Entry {
        char *path;
        Told told;  /* as far as we know, what we have just said included */
        Told heard; /* what has come back from the bus */
        UT_hash_handle hh;
} Entry;

struct BusTold {
        sd_bus *bus; /* borrowed */
        bool speaking;
        bool spoken; /* there is no need to ask what was told before */
        sd_bus_slot *changes;
        sd_bus_slot *list;
        Entry *entries;
};

static void entry_free(BusTold *t, Entry *e) {
        HASH_DEL(t->entries, e);
        free(e->path);
        free(e);
}

static Entry *find(const BusTold *t, const char *path) {
        Entry *e = NULL;

        if (t)
                HASH_FIND_STR(t->entries, path, e);
        return e;
}

/* NULL: there is no room. */
static Entry *find_or_add(BusTold *t, const char *path) {
        Entry *e = find(t, path);

        if (e || HASH_COUNT(t->entries) >= ENTRIES_MAX)
                return e;
        e = calloc(1, sizeof(*e));
        if (!e)
                return NULL;
        e->path = strdup(path);
        if (!e->path) {
                free(e);
                return NULL;
        }
        HASH_ADD_KEYPTR(hh, t->entries, e->path, strlen(e->path), e);
        return e;
}

/* A state of a later version is passed over: we cannot tell it either. */
static void hear(BusTold *t, const char *path, const char *text, uint64_t usec) {
        AgentState state = agent_state_from_string(text);
        Entry *e = state < 0 ? NULL : find_or_add(t, path);

        if (!e)
                return;
        e->heard = (Told){.state = state, .usec = usec};
        if (!t->speaking)
                e->told = e->heard;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *path, *old, *now, *rule;

        if (sd_bus_message_read(m, "osss", &path, &old, &now, &rule) >= 0)
                hear(userdata, path, now, now_realtime());
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
                hear(t, path, state, 0);
        return 0;
}

static int ask_list(BusTold *t) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                        t->bus, &m, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER, "ListAgents");
        if (r < 0)
                return r;
        /* If it is gone, so be it. */
        r = sd_bus_message_set_auto_start(m, false);
        if (r < 0)
                return r;
        t->list = sd_bus_slot_unref(t->list);
        return sd_bus_call_async(t->bus, &t->list, m, on_list, t, 0);
}

int bus_told_new(sd_bus *bus, BusTold **ret) {
        _cleanup_(bus_told_freep) BusTold *t = NULL;
        int r;

        assert(bus);
        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->bus = bus;

        /* By name: the bus lets through only what comes from whoever has it at that moment. */
        r = sd_bus_match_signal_async(bus, &t->changes, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER,
                        "AgentStateChanged", on_changed, NULL, t);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

BusTold *bus_told_free(BusTold *t) {
        if (!t)
                return NULL;

        sd_bus_slot_unref(t->list);
        sd_bus_slot_unref(t->changes);
        while (t->entries)
                entry_free(t, t->entries);
        free(t);
        return NULL;
}

int bus_told_listen(BusTold *t) {
        assert(t);

        t->speaking = false;
        for (Entry *e = t->entries; e; e = e->hh.next)
                e->told = e->heard;
        return t->spoken ? 0 : ask_list(t);
}

void bus_told_speak(BusTold *t) {
        assert(t);

        t->speaking = t->spoken = true;
        t->list = sd_bus_slot_unref(t->list);
}

AgentState bus_told_state(const BusTold *t, const char *path, uint64_t *ret_usec) {
        const Entry *e = find(t, path);

        if (!e)
                return -ENXIO;
        if (ret_usec)
                *ret_usec = e->told.usec;
        return e->told.state;
}

void bus_told_note(BusTold *t, const char *path, AgentState state) {
        bool is_new = !find(t, path);
        Entry *e = t ? find_or_add(t, path) : NULL;

        if (!e)
                return;
        e->told = (Told){.state = state, .usec = now_realtime()};
        /* An object that is new is told as such, and not by the signal that we hear. */
        if (is_new)
                e->heard = e->told;
}

void bus_told_forget(BusTold *t, const char *path) {
        Entry *e = find(t, path);

        if (e)
                entry_free(t, e);
}
