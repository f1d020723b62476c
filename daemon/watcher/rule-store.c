/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/rule-store.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/strv.h"

/* An editor writes a file in several steps: wait until it is still. */
#define SETTLE_USEC (200 * USEC_PER_MSEC)
/* A folder that was not there is looked for again so often. */
#define RETRY_USEC (2 * USEC_PER_SEC)

#define INTERESTING \
        (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | \
                        IN_MOVE_SELF)

struct RuleStore {
        char **folders;
        sd_event_source **watches; /* one per folder; NULL: not there */
        DetectorSet *set;
        sd_event *event;
        sd_event_source *settle;
        sd_event_source *retry;
        RuleStoreChanged changed;
        void *userdata;
};

static void on_problem(void *userdata, const char *path, unsigned line, const char *message) {
        log_warning("%s:%u: %s, the file is left out", path, line, message);
}

int rule_store_reload(RuleStore *s) {
        _cleanup_(detector_set_freep) DetectorSet *fresh = NULL, *old = NULL;
        int r;

        r = detector_set_load(s->folders, on_problem, s, &fresh);
        if (r < 0)
                return r;

        old = s->set;
        s->set = TAKE_PTR(fresh);
        log_info("rules of %zu detectors are in force", detector_set_count(s->set));
        if (old)
                s->changed(s->userdata);
        return 0;
}

static int on_settled(sd_event_source *source, uint64_t usec, void *userdata) {
        RuleStore *s = userdata;
        int r = rule_store_reload(s);

        if (r < 0)
                log_error("cannot read the detector rules, the old ones stay: %s", strerror(-r));
        return 0;
}

static int settle(RuleStore *s) {
        int r;

        r = sd_event_source_set_time_relative(s->settle, SETTLE_USEC);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(s->settle, SD_EVENT_ONESHOT);
}

static void forget_watch(RuleStore *s, const sd_event_source *watch) {
        for (size_t i = 0; i < strv_length(s->folders); i++)
                if (s->watches[i] == watch)
                        s->watches[i] = sd_event_source_disable_unref(s->watches[i]);
}

static int on_inotify(sd_event_source *source, const struct inotify_event *e, void *userdata) {
        RuleStore *s = userdata;

        if (e->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF))
                forget_watch(s, source);
        return settle(s);
}

/* Returns how many folders came that were not there before. */
static unsigned watch_folders(RuleStore *s) {
        unsigned n = 0;

        for (size_t i = 0; i < strv_length(s->folders); i++)
                if (!s->watches[i] &&
                                sd_event_add_inotify(s->event, &s->watches[i], s->folders[i],
                                                INTERESTING | IN_ONLYDIR, on_inotify, s) >= 0)
                        n++;
        return n;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata) {
        RuleStore *s = userdata;
        int r;

        if (watch_folders(s) > 0) {
                r = settle(s);
                if (r < 0)
                        return r;
        }
        r = sd_event_source_set_time_relative(source, RETRY_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int start(RuleStore *s) {
        int r;

        r = sd_event_add_time(s->event, &s->settle, CLOCK_MONOTONIC, UINT64_MAX, 0, on_settled, s);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(s->settle, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        s->event, &s->retry, CLOCK_MONOTONIC, RETRY_USEC, 0, on_retry, s);
        if (r < 0)
                return r;

        (void)watch_folders(s);
        return rule_store_reload(s);
}

int rule_store_new(sd_event *event, char *const *folders, RuleStoreChanged changed, void *userdata,
                RuleStore **ret) {
        _cleanup_(rule_store_freep) RuleStore *s = NULL;
        int r;

        assert(event && changed && ret);

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->event = sd_event_ref(event);
        s->changed = changed;
        s->userdata = userdata;
        r = strv_copy(folders, &s->folders);
        if (r < 0)
                return r;
        s->watches = calloc(strv_length(folders) + 1, sizeof(*s->watches));
        if (!s->watches)
                return -ENOMEM;

        r = start(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

RuleStore *rule_store_free(RuleStore *s) {
        if (!s)
                return NULL;

        for (size_t i = 0; s->watches && i < strv_length(s->folders); i++)
                sd_event_source_disable_unref(s->watches[i]);
        free(s->watches);
        strv_free(s->folders);
        sd_event_source_disable_unref(s->settle);
        sd_event_source_disable_unref(s->retry);
        sd_event_unref(s->event);
        detector_set_free(s->set);
        free(s);
        return NULL;
}

const DetectorSet *rule_store_get(const RuleStore *s) {
        return s->set;
}
