/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/server-finder.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/watcher/proc/proc-stat.h"
#include "daemon/watcher/tmux/server-scan.h"
#include "daemon/watcher/tmux/socket-probe.h"
#include "daemon/watcher/tmux/throwaway.h"

/* About 10 µs for each process of our user, 1 for each other: well below a thousandth of a core. */
#define SCAN_USEC (5 * USEC_PER_SEC)
/* A socket is there before its server listens: ask again 10, 20, … ms after something stirred. */
#define SETTLE_USEC (10 * USEC_PER_MSEC)
#define SETTLE_TRIES 7U
#define FOLDERS_MAX 16U
#define FOLDER_ENTRIES_MAX 1024U

typedef struct Folder {
        ServerFinder *finder;
        char *path;
        sd_event_source *watch; /* of itself, or of its parent until it is there */
        bool is_there;
} Folder;

typedef struct Known {
        char *socket;
        ino_t inode;
        pid_t pid;
        uint64_t start_ticks;
        UT_hash_handle hh;
} Known;

struct ServerFinder {
        sd_event *event;
        const ServerFinderEvents *events;
        void *userdata;
        Folder folders[FOLDERS_MAX];
        size_t n_folders;
        Known *known;
        unsigned tries;
        sd_event_source *settle_source;
        sd_event_source *scan_source;
};

static void known_free(Known *k) {
        free(k->socket);
        free(k);
}

/* Without a connection: that would wake the server. */
static bool is_still_there(const Known *k) {
        struct stat st;
        ProcStat s;

        if (lstat(k->socket, &st) < 0 || st.st_ino != k->inode || k->pid == 0)
                return false;
        return proc_stat_read(k->pid, &s) >= 0 && s.start_ticks == k->start_ticks && s.state != 'Z';
}

static Known *find_by_pid(const ServerFinder *f, pid_t pid) {
        for (Known *k = f->known; k; k = k->hh.next)
                if (k->pid == pid)
                        return k;
        return NULL;
}

static int known_add(ServerFinder *f, const char *socket, const struct stat *st, pid_t pid) {
        ProcStat s = {};
        Known *k;

        if (pid > 0 && proc_stat_read(pid, &s) < 0)
                return -ESRCH;
        k = calloc(1, sizeof(*k));
        if (!k)
                return -ENOMEM;
        *k = (Known){
                        .socket = strdup(socket),
                        .inode = st->st_ino,
                        .pid = pid,
                        .start_ticks = s.start_ticks,
        };
        if (!k->socket) {
                free(k);
                return -ENOMEM;
        }
        HASH_ADD_KEYPTR(hh, f->known, k->socket, strlen(k->socket), k);
        return 0;
}

/* One that does not keep up is asked again at each scan: what is known of it is too little. */
static void consider(ServerFinder *f, const char *socket) {
        struct stat st;
        pid_t pid = 0;
        Known *k;
        int r;

        HASH_FIND_STR(f->known, socket, k);
        if ((k && k->pid > 0) || HASH_COUNT(f->known) >= SERVERS_MAX)
                return;
        if (throwaway_owns(socket) || lstat(socket, &st) < 0 || !S_ISSOCK(st.st_mode) ||
                        st.st_uid != geteuid())
                return;
        r = socket_probe(socket, &pid);
        if (r < 0 && r != -EAGAIN)
                return;
        /* The same server by another name. */
        if (pid > 0 && find_by_pid(f, pid))
                return;

        if (k) {
                if (pid == 0)
                        return;
                HASH_DEL(f->known, k);
                known_free(k);
        }
        if (known_add(f, socket, &st, pid) >= 0)
                f->events->found(f->userdata, socket, pid);
}

static void forget_lost(ServerFinder *f) {
        Known *k, *next;

        HASH_ITER (hh, f->known, k, next) {
                pid_t pid;

                /* Not even its pid is known: ask whether it is there at all. */
                if (k->pid == 0 ? socket_probe(k->socket, &pid) == -EAGAIN : is_still_there(k))
                        continue;
                HASH_DEL(f->known, k);
                f->events->lost(f->userdata, k->socket);
                known_free(k);
        }
}

static void scan_folder(ServerFinder *f, const Folder *folder) {
        _cleanup_closedir_ DIR *d = NULL;
        char real[PATH_MAX];
        unsigned n = 0;
        struct stat st;

        /* tmux resolves links too, so that the names are the same that it uses. */
        if (!realpath(folder->path, real))
                return;
        d = opendir(real);
        /* In /tmp anybody can make a folder of that name. */
        if (!d || fstat(dirfd(d), &st) < 0 || st.st_uid != geteuid())
                return;

        for (struct dirent *e = readdir(d); e && n < FOLDER_ENTRIES_MAX; e = readdir(d), n++) {
                _cleanup_free_ char *path = NULL;

                if (e->d_type != DT_SOCK && e->d_type != DT_UNKNOWN)
                        continue;
                if (asprintf(&path, "%s/%s", real, e->d_name) >= 0)
                        consider(f, path);
        }
}

static bool is_known(void *userdata, pid_t pid) {
        return find_by_pid(userdata, pid);
}

static void on_scanned(void *userdata, pid_t pid, const char *socket) {
        consider(userdata, socket);
}

static void look_at_folders(ServerFinder *f);

static int on_settle(sd_event_source *s, uint64_t usec, void *userdata) {
        ServerFinder *f = userdata;

        look_at_folders(f);
        if (++f->tries >= SETTLE_TRIES)
                return 0;
        (void)sd_event_source_set_time_relative(s, SETTLE_USEC << f->tries);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int settle(ServerFinder *f) {
        f->tries = 0;
        if (!f->settle_source)
                return sd_event_add_time_relative(f->event, &f->settle_source, CLOCK_MONOTONIC,
                                SETTLE_USEC, 1, on_settle, f);
        (void)sd_event_source_set_time_relative(f->settle_source, SETTLE_USEC);
        return sd_event_source_set_enabled(f->settle_source, SD_EVENT_ONESHOT);
}

static const char *base_name(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int on_stir(sd_event_source *s, const struct inotify_event *e, void *userdata) {
        Folder *folder = userdata;

        /* The parent may be /tmp, where much stirs that is not for us. */
        if (!folder->is_there && strcmp(e->len > 0 ? e->name : "", base_name(folder->path)) != 0)
                return 0;
        if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) {
                folder->watch = sd_event_source_disable_unref(folder->watch);
                folder->is_there = false;
        }
        return settle(folder->finder);
}

#define STIR_MASK (IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR)

static void watch_folder(Folder *folder) {
        _cleanup_free_ char *parent = NULL;
        sd_event_source *watch = NULL;
        sd_event *event = folder->finder->event;

        if (folder->watch && folder->is_there)
                return;

        if (sd_event_add_inotify(event, &watch, folder->path,
                            STIR_MASK | IN_DELETE_SELF | IN_MOVE_SELF, on_stir, folder) >= 0) {
                sd_event_source_disable_unref(folder->watch);
                folder->watch = watch;
                folder->is_there = true;
                return;
        }
        if (folder->watch)
                return;

        /* If this fails too, the folder is tried again at each scan. */
        parent = strndup(folder->path, (size_t)(base_name(folder->path) - folder->path));
        if (parent)
                (void)sd_event_add_inotify(event, &folder->watch, parent,
                                IN_CREATE | IN_MOVED_TO | IN_ONLYDIR, on_stir, folder);
}

static void look_at_folders(ServerFinder *f) {
        forget_lost(f);
        for (size_t i = 0; i < f->n_folders; i++) {
                /* Watched before it is read, so that nothing falls in between. */
                watch_folder(&f->folders[i]);
                scan_folder(f, &f->folders[i]);
        }
}

static int on_scan(sd_event_source *s, uint64_t usec, void *userdata) {
        ServerFinder *f = userdata;

        look_at_folders(f);
        (void)server_scan(is_known, on_scanned, f);
        (void)sd_event_source_set_time_relative(s, SCAN_USEC);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

int server_finder_new(sd_event *event, const ServerFinderEvents *events, void *userdata,
                ServerFinder **ret) {
        ServerFinder *f;

        assert(event);
        assert(events);
        assert(ret);

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->events = events;
        f->userdata = userdata;

        *ret = f;
        return 0;
}

ServerFinder *server_finder_free(ServerFinder *finder) {
        Known *k, *next;

        if (!finder)
                return NULL;

        for (size_t i = 0; i < finder->n_folders; i++) {
                sd_event_source_disable_unref(finder->folders[i].watch);
                free(finder->folders[i].path);
        }
        HASH_ITER (hh, finder->known, k, next) {
                HASH_DEL(finder->known, k);
                known_free(k);
        }
        sd_event_source_disable_unref(finder->settle_source);
        sd_event_source_disable_unref(finder->scan_source);
        sd_event_unref(finder->event);
        free(finder);
        return NULL;
}

int server_finder_add_folder(ServerFinder *finder, const char *path) {
        Folder *folder;

        assert(finder);
        assert(path);

        if (path[0] != '/' || path[1] == '\0')
                return -EINVAL;
        for (size_t i = 0; i < finder->n_folders; i++)
                if (strcmp(finder->folders[i].path, path) == 0)
                        return 0;
        if (finder->n_folders == FOLDERS_MAX)
                return -E2BIG;

        folder = &finder->folders[finder->n_folders];
        folder->path = strdup(path);
        if (!folder->path)
                return -ENOMEM;
        folder->finder = finder;
        finder->n_folders++;
        return 0;
}

int server_finder_add_usual_folders(ServerFinder *finder) {
        const char *bases[] = {"/tmp", getenv("TMUX_TMPDIR")};
        int r;

        FOREACH_ELEMENT (base, bases) {
                char path[PATH_MAX];

                if (!*base || (*base)[0] != '/')
                        continue;
                if (snprintf(path, sizeof(path), "%s/tmux-%u", *base, geteuid()) >=
                                (int)sizeof(path))
                        continue;
                r = server_finder_add_folder(finder, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

int server_finder_start(ServerFinder *finder) {
        int r;

        assert(finder);

        look_at_folders(finder);
        r = server_scan(is_known, on_scanned, finder);
        if (r < 0)
                return r;
        if (finder->scan_source)
                return 0;
        return sd_event_add_time_relative(finder->event, &finder->scan_source, CLOCK_MONOTONIC,
                        SCAN_USEC, USEC_PER_SEC, on_scan, finder);
}

unsigned server_finder_count(const ServerFinder *finder) {
        return HASH_COUNT(finder->known);
}
