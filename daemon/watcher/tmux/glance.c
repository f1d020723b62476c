/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which panes are captured between two looks, without a list: those that were written to. */

#include <assert.h>
#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/watcher/tmux/server-internal.h"
#include "daemon/watcher/tmux/terminal-watch.h"

/* Who had not changed for so long begins something. */
#define STILL_USEC USEC_PER_SEC
#define EVENTS_SIZE 4096U
/* So often a terminal is looked for. */
#define FINDS_MAX 10U

static void want(TmuxServer *s, TmuxPane *pane, uint64_t now) {
        bool stirs = now - pane->change_usec >= STILL_USEC;

        tmux_pane_want(pane, stirs);
        s->events->written(s->userdata, s, stirs);
}

static void on_written(TmuxServer *s, int wd, uint64_t now) {
        TmuxPane *pane;

        HASH_FIND(hh_watch, s->watched, &wd, sizeof(wd), pane);
        if (!pane)
                return; /* that the watch went after it was told of */
        HASH_DELETE(hh_watch, s->watched, pane);
        pane->watched = false;
        pane->tells = pane->written = true;
        want(s, pane, now);
}

static void on_all_written(TmuxServer *s, uint64_t now) {
        for (TmuxPane *pane = s->panes; pane; pane = pane->hh.next)
                want(s, pane, now);
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        char events[EVENTS_SIZE] __attribute__((aligned(__alignof__(struct inotify_event))));
        uint64_t now = now_monotonic();
        TmuxServer *s = userdata;
        ssize_t n;

        n = read(fd, events, sizeof(events));
        for (ssize_t i = 0; i < n;) {
                const struct inotify_event *event = (const void *)(events + i);

                if (event->mask & IN_Q_OVERFLOW)
                        on_all_written(s, now);
                else
                        on_written(s, event->wd, now);
                i += (ssize_t)sizeof(*event) + event->len;
        }
        return 0;
}

/* Where the kernel has no more of these, looks alone have to do. */
static bool is_listening(TmuxServer *s) {
        int fd;

        if (!s->events->written || s->is_deaf)
                return false;
        if (s->writing)
                return true;
        fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (fd < 0 || sd_event_add_io(s->event, &s->writing, fd, EPOLLIN, on_events, s) < 0) {
                if (fd >= 0)
                        (void)close(fd);
                s->is_deaf = true;
                return false;
        }
        (void)sd_event_source_set_io_fd_own(s->writing, true);
        return true;
}

/* Another process has another terminal; one that was just started has none yet. */
static bool find_terminal(TmuxPane *pane) {
        if (pane->terminal_of != pane->row.pid) {
                pane->terminal_of = pane->row.pid;
                pane->tells = false;
                pane->n_finds = 0;
                pane->is_mute = true;
        }
        if (pane->is_mute && pane->n_finds < FINDS_MAX) {
                pane->n_finds++;
                pane->is_mute = terminal_find(pane->row.pid, &pane->terminal) < 0;
        }
        return !pane->is_mute;
}

void glance_watch(TmuxServer *s, TmuxPane *pane) {
        int wd;

        if (pane->watched || pane->row.dead || !is_listening(s) || !find_terminal(pane))
                return;
        wd = terminal_watch(sd_event_source_get_io_fd(s->writing), pane->terminal);
        if (wd < 0) {
                pane->is_mute = true;
                pane->n_finds = FINDS_MAX;
                return;
        }
        pane->watched = true;
        pane->watch = wd;
        HASH_ADD(hh_watch, s->watched, watch, sizeof(pane->watch), pane);
}

void glance_watch_all(TmuxServer *s) {
        for (TmuxPane *pane = s->panes; pane; pane = pane->hh.next)
                glance_watch(s, pane);
}

void glance_forget(TmuxServer *s, TmuxPane *pane) {
        if (!pane->watched)
                return;
        HASH_DELETE(hh_watch, s->watched, pane);
        pane->watched = false;
        (void)inotify_rm_watch(sd_event_source_get_io_fd(s->writing), pane->watch);
}

bool tmux_server_is_covered(const TmuxServer *server) {
        for (const TmuxPane *pane = server->panes; pane; pane = pane->hh.next)
                if (!pane->watched && !pane->wanted && !pane->row.dead)
                        return false;
        return true;
}

TmuxWanting tmux_server_wants(const TmuxServer *server) {
        TmuxWanting wanting = TMUX_WANTS_NOTHING;

        for (const TmuxPane *pane = server->panes; pane; pane = pane->hh.next)
                if (pane->wanted && pane->urgent)
                        return TMUX_WANTS_URGENTLY;
                else if (pane->wanted)
                        wanting = TMUX_WANTS;
        return wanting;
}

/* Who waits was put in first, and is told with the last of them. */
static int want_panes(TmuxServer *s, bool urgent, TmuxLookFunc func, void *userdata) {
        TmuxWaiter waiter = {.look = func, .userdata = userdata};
        int r, n = 0;

        for (const TmuxPane *pane = s->panes; pane; pane = pane->hh.next) {
                if (!pane->wanted || (urgent && !pane->urgent))
                        continue;
                waiter.pane = pane->id;
                r = server_add_waiter(&s->refreshes_wanted, &waiter);
                if (r < 0)
                        return n > 0 ? n : r;
                waiter.look = NULL;
                n++;
        }
        return n;
}

int tmux_server_glance(TmuxServer *server, bool urgent, TmuxLookFunc func, void *userdata) {
        int n, r;

        assert(server);

        r = server_is_ready(server);
        if (r < 0)
                return r;
        n = want_panes(server, urgent, func, userdata);
        if (n <= 0)
                return n;
        r = look_schedule(server);
        return r < 0 ? r : 1;
}
