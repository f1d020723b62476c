/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/senders.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

typedef struct Sender Sender;

struct SenderWatch {
        Sender *sender;
        void (*left)(void *userdata);
        void *userdata;
        SenderWatch *prev, *next;
};

struct Sender {
        Senders *senders;
        char *name; /* unique on the bus */
        uid_t uid;
        pid_t pid;
        sd_bus_track *track; /* from the first watch on */
        SenderWatch *watches;
        UT_hash_handle hh;
};

struct Senders {
        Sender *known; /* who asked longest ago is first */
};

int senders_new(Senders **ret) {
        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

static void sender_free(Sender *sender) {
        assert(!sender->watches);
        HASH_DEL(sender->senders->known, sender);
        sd_bus_track_unref(sender->track);
        free(sender->name);
        free(sender);
}

Senders *senders_free(Senders *s) {
        Sender *sender, *next;

        if (!s)
                return NULL;
        HASH_ITER (hh, s->known, sender, next)
                sender_free(sender);
        free(s);
        return NULL;
}

int sender_ask(sd_bus_message *m, uid_t *ret_uid, pid_t *ret_pid) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        int r;

        r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID | SD_BUS_CREDS_PID, &creds);
        if (r < 0)
                return r;
        /* What was read from /proc may be another process by now. */
        if (sd_bus_creds_get_augmented_mask(creds) & SD_BUS_CREDS_EUID)
                return -EPERM;
        r = sd_bus_creds_get_euid(creds, ret_uid);
        if (r < 0)
                return r;

        if (sd_bus_creds_get_pid(creds, ret_pid) < 0)
                *ret_pid = 0;
        return 0;
}

static void forget_one(Senders *s) {
        Sender *sender, *next;

        HASH_ITER (hh, s->known, sender, next)
                if (!sender->watches) {
                        sender_free(sender);
                        return;
                }
}

static int add(Senders *s, const char *name, sd_bus_message *m, Sender **ret) {
        Sender *sender = calloc(1, sizeof(*sender));
        int r;

        if (!sender)
                return -ENOMEM;
        sender->senders = s;
        sender->name = strdup(name);
        r = sender->name ? sender_ask(m, &sender->uid, &sender->pid) : -ENOMEM;
        if (r < 0) {
                free(sender->name);
                free(sender);
                return r;
        }

        if (HASH_COUNT(s->known) >= SENDERS_MAX)
                forget_one(s);
        HASH_ADD_KEYPTR(hh, s->known, sender->name, strlen(sender->name), sender);
        *ret = sender;
        return 0;
}

/* -ENOTCONN: there is no bus between us, and the connection itself is who sends. */
static int find(Senders *s, sd_bus_message *m, Sender **ret) {
        const char *name = sd_bus_message_get_sender(m);
        Sender *sender;

        if (!name || name[0] != ':')
                return -ENOTCONN;
        HASH_FIND_STR(s->known, name, sender);
        if (!sender)
                return add(s, name, m, ret);

        HASH_DEL(s->known, sender);
        HASH_ADD_KEYPTR(hh, s->known, sender->name, strlen(sender->name), sender);
        *ret = sender;
        return 0;
}

static int look_up(Senders *s, sd_bus_message *m, uid_t *ret_uid, pid_t *ret_pid) {
        Sender *sender;
        int r = find(s, m, &sender);

        if (r == -ENOTCONN)
                return sender_ask(m, ret_uid, ret_pid);
        if (r < 0)
                return r;
        *ret_uid = sender->uid;
        *ret_pid = sender->pid;
        return 0;
}

int senders_get_uid(Senders *s, sd_bus_message *m, uid_t *ret) {
        pid_t pid;

        return look_up(s, m, ret, &pid);
}

pid_t senders_get_pid(Senders *s, sd_bus_message *m) {
        uid_t uid;
        pid_t pid;

        return look_up(s, m, &uid, &pid) < 0 ? 0 : pid;
}

static int on_left(sd_bus_track *track, void *userdata) {
        Sender *sender = userdata;

        while (sender->watches) {
                SenderWatch *first = sender->watches;

                first->left(first->userdata);
                assert(sender->watches != first);
        }
        sender_free(sender);
        return 0;
}

static int track(Sender *sender, sd_bus_message *m) {
        int r;

        if (sender->track)
                return 0;
        r = sd_bus_track_new(sd_bus_message_get_bus(m), &sender->track, on_left, sender);
        if (r < 0)
                return r;
        r = sd_bus_track_add_sender(sender->track, m);
        if (r < 0)
                sender->track = sd_bus_track_unref(sender->track);
        return r;
}

int senders_watch(Senders *s, sd_bus_message *m, void (*left)(void *userdata), void *userdata,
                SenderWatch **ret) {
        SenderWatch *w;
        Sender *sender;
        int r;

        *ret = NULL;
        r = find(s, m, &sender);
        if (r == -ENOTCONN)
                return 0;
        if (r >= 0)
                r = track(sender, m);
        if (r < 0)
                return r;

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        *w = (SenderWatch){.sender = sender, .left = left, .userdata = userdata};
        DL_APPEND(sender->watches, w);
        *ret = w;
        return 0;
}

SenderWatch *sender_watch_drop(SenderWatch *w) {
        if (!w)
                return NULL;
        DL_DELETE(w->sender->watches, w);
        free(w);
        return NULL;
}
