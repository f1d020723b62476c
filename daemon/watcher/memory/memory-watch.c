/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/memory/memory-watch.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "daemon/watcher/memory/memory-words.h"

#define READ_USEC (4 * USEC_PER_SEC)
/* With so much of its limit in use it is read more often. */
#define TENSE_USED 0.5
#define TENSE_USEC USEC_PER_SEC
/* What is nobody's alone warns of nothing; but it may still be moved into a group of its own. */
#define SHARED_USEC (30 * USEC_PER_SEC)
#define SETTLED_READS 4U
/* Others' timers may be waited for. */
#define READ_SLACK_USEC (250 * USEC_PER_MSEC)
/* A group with many events is read so often at most. */
#define EVENT_USEC (100 * USEC_PER_MSEC)
/* To add up processes costs a file for each. */
#define SUM_USEC (10 * USEC_PER_SEC)
/* A change of figures by less is not worth telling. */
#define STEP_SHARE 8
#define STEP_BYTES (UINT64_C(8) << 20)
#define STEP_PRESSURE 0.02

struct MemoryWatch {
        const MemorySource *source;
        pid_t pid, server;
        MemoryWatchChanged changed;
        void *userdata;

        sd_event_source *timer;
        sd_event_source *events; /* of the group, as it has it in memory.events */
        Cgroup *group;           /* NULL: none that can be seen */
        MemoryMind mind;
        uint64_t read_usec;
        unsigned reads;
        bool lost; /* the group was removed */

        uint64_t resident; /* of the processes; 0: not known */
        uint64_t sum_usec;

        uint64_t told_bytes;
        double told_pressure;
        char *advice;
};

void memory_source_init(MemorySource *s, const char *proc) {
        *s = (MemorySource){.proc = proc, .mount_fd = -1};
        if (cgroup_mount_open(proc, &s->mount_fd) < 0)
                s->mount_fd = -1;
}

void memory_source_done(MemorySource *s) {
        s->mount_fd = close_fd(s->mount_fd);
}

static void drop_group(MemoryWatch *w) {
        w->events = sd_event_source_disable_unref(w->events);
        w->group = cgroup_free(w->group);
        w->lost = false;
}

static int on_event(sd_event_source *s, const struct inotify_event *event, void *userdata);

/* A pane runs in its tmux server's group unless somebody gave it one of its own. */
static bool is_own(const MemoryWatch *w, const char *path) {
        char server[CGROUP_PATH_MAX];

        return strcmp(path, "/") != 0 &&
                        cgroup_of_process(w->source->proc, w->server, server) >= 0 &&
                        strcmp(server, path) != 0;
}

static void open_group(MemoryWatch *w, const char *path) {
        sd_event *event = sd_event_source_get_event(w->timer);

        drop_group(w);
        if (cgroup_open(w->source->mount_fd, path, &w->group) < 0)
                return;
        memory_mind_begin(&w->mind, is_own(w, path));
        /* Without it, what happens between two readings is seen at the next. */
        (void)sd_event_add_inotify_fd(
                        event, &w->events, cgroup_events_fd(w->group), IN_MODIFY, on_event, w);
}

/* True if it is another one. A process that is gone stays where it was. */
static bool follow_group(MemoryWatch *w) {
        char path[CGROUP_PATH_MAX];

        if (w->source->mount_fd < 0 || cgroup_of_process(w->source->proc, w->pid, path) < 0)
                return false;
        if (w->group && strcmp(cgroup_path(w->group), path) == 0)
                return false;
        open_group(w, path);
        return w->group;
}

static void note_advice(MemoryWatch *w) {
        free(TAKE_PTR(w->advice));
        if (w->mind.low)
                (void)memory_words_advice(&w->mind, cgroup_path(w->group), false, &w->advice);
}

static bool is_a_step(const MemoryWatch *w, const MemoryFigures *now) {
        uint64_t step = MAX(w->told_bytes / STEP_SHARE, STEP_BYTES);
        uint64_t moved = now->bytes > w->told_bytes ? now->bytes - w->told_bytes
                                                    : w->told_bytes - now->bytes;
        double pressed = now->pressure - w->told_pressure;

        return moved >= step || pressed >= STEP_PRESSURE || pressed <= -STEP_PRESSURE;
}

static void tell(MemoryWatch *w, bool urgent) {
        MemoryFigures now = memory_watch_figures(w);

        if (!urgent && !is_a_step(w, &now))
                return;
        w->told_bytes = now.bytes;
        w->told_pressure = now.pressure;
        w->changed(w->userdata, urgent);
}

static bool read_group(MemoryWatch *w, uint64_t now_usec) {
        uint64_t high = w->mind.last.high, max = w->mind.last.max;
        bool was_known = w->mind.known, news;
        CgroupMemory reading;
        int r;

        r = cgroup_read(w->group, &reading);
        if (r == -ENODEV) {
                w->events = sd_event_source_disable_unref(w->events);
                w->lost = true;
        }
        if (r < 0)
                return false;

        news = memory_mind_feed(&w->mind, &reading, &w->source->limits, now_usec);
        note_advice(w);
        return news || !was_known || high != reading.high || max != reading.max;
}

static uint64_t interval(const MemoryWatch *w) {
        if (w->group && w->mind.is_own)
                return memory_mind_used(&w->mind) >= TENSE_USED ? TENSE_USEC : READ_USEC;
        return w->reads < SETTLED_READS ? READ_USEC : SHARED_USEC;
}

static void look(MemoryWatch *w) {
        uint64_t now_usec = now_monotonic();
        bool urgent = follow_group(w);

        w->read_usec = now_usec;
        w->reads++;
        if (w->group)
                urgent = read_group(w, now_usec) || urgent;
        tell(w, urgent);
}

static int plan(MemoryWatch *w, uint64_t usec) {
        int r = sd_event_source_set_time_relative(w->timer, usec);

        return r < 0 ? r : sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        MemoryWatch *w = userdata;

        (void)plan(w, interval(w));
        look(w); /* last, for who is told may free us */
        return 0;
}

static int on_event(sd_event_source *s, const struct inotify_event *event, void *userdata) {
        MemoryWatch *w = userdata;
        uint64_t passed = now_monotonic() - w->read_usec;

        (void)plan(w, passed < EVENT_USEC ? EVENT_USEC - passed : interval(w));
        if (passed >= EVENT_USEC)
                look(w);
        return 0;
}

int memory_watch_new(sd_event *event, const MemorySource *source, pid_t pid, pid_t server,
                MemoryWatchChanged changed, void *userdata, MemoryWatch **ret) {
        _cleanup_(memory_watch_freep) MemoryWatch *w = NULL;
        int r;

        assert(event && source && changed && ret);

        if (pid <= 0)
                return -ESRCH;
        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        *w = (MemoryWatch){
                        .source = source,
                        .pid = pid,
                        .server = server,
                        .changed = changed,
                        .userdata = userdata,
                        .told_pressure = -1,
        };
        r = sd_event_add_time_relative(
                        event, &w->timer, CLOCK_MONOTONIC, READ_USEC, READ_SLACK_USEC, on_timer, w);
        if (r < 0)
                return r;

        (void)follow_group(w);
        if (w->group)
                (void)read_group(w, now_monotonic());
        *ret = TAKE_PTR(w);
        return 0;
}

MemoryWatch *memory_watch_free(MemoryWatch *w) {
        if (!w)
                return NULL;

        drop_group(w);
        sd_event_source_disable_unref(w->timer);
        free(w->advice);
        free(w);
        return NULL;
}

pid_t memory_watch_pid(const MemoryWatch *w) {
        return w->pid;
}

void memory_watch_see(MemoryWatch *w, const ProcessTree *tree, uint64_t now_usec) {
        uint64_t sum = 0, bytes;

        if ((w->group && w->mind.is_own) || (w->sum_usec > 0 && now_usec - w->sum_usec < SUM_USEC))
                return;
        w->sum_usec = now_usec;
        for (size_t i = 0; i < process_tree_count(tree); i++)
                if (proc_resident_bytes(process_tree_at(tree, i)->stat.pid, &bytes) >= 0)
                        sum += bytes;
        w->resident = sum;
        tell(w, false);
}

static uint64_t limit_or_none(uint64_t limit) {
        return limit == CGROUP_NO_LIMIT ? 0 : limit;
}

MemoryFigures memory_watch_figures(const MemoryWatch *w) {
        const CgroupMemory *last = &w->mind.last;

        if (!w->group || !w->mind.known)
                return (MemoryFigures){
                                .scope = MEMORY_UNKNOWN,
                                .group = "",
                                .bytes = w->resident,
                                .pressure = -1,
                                .advice = "",
                };
        return (MemoryFigures){
                        .scope = w->mind.is_own ? MEMORY_OWN : MEMORY_SHARED,
                        .group = cgroup_path(w->group),
                        .bytes = w->mind.is_own ? last->current : w->resident,
                        .high = limit_or_none(last->high),
                        .max = limit_or_none(last->max),
                        .pressure = last->pressure,
                        .oom_kills = last->events.oom_kill,
                        .low = w->mind.low,
                        .advice = w->advice ?: "",
        };
}

Oom memory_watch_end(
                MemoryWatch *w, bool has_status, int signal, char **ret_reason, char **ret_advice) {
        MemoryEnd end = {.has_status = has_status, .signal = signal};
        uint64_t now_usec = now_monotonic();
        CgroupEvents events;
        Oom oom;

        *ret_reason = *ret_advice = NULL;
        if (!w->group)
                return OOM_NO;
        /* The kernel counts a kill before it sends the signal, so it is there by now. */
        if (cgroup_read_events(w->group, &events) >= 0)
                (void)memory_mind_feed_events(&w->mind, &events, now_usec);
        else
                end.group_lost = true;

        oom = memory_mind_end(&w->mind, &end, now_usec);
        if (oom == OOM_NO)
                return oom;
        (void)memory_words_end(&w->mind, cgroup_path(w->group), oom, ret_reason);
        (void)memory_words_advice(&w->mind, cgroup_path(w->group), true, ret_advice);
        return oom;
}
