/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/process-watch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "daemon/base/clock.h"

/* How long a dead process may stay a zombie before we stop waiting for the kernel's word. */
#define REAP_USEC (20 * USEC_PER_MSEC)
#define REAP_TRIES 10U

/* Linux 6.15; the headers of Debian 12 do not know it. Only the layout of the first version. */
struct info {
        uint64_t mask;
        uint64_t cgroup;
        uint32_t ids[11];
        int32_t exit_code;
};
#define INFO_EXIT (UINT64_C(1) << 3)
#define GET_INFO _IOWR(0xFF, 11, struct info)

struct ProcessWatch {
        pid_t pid;
        uint64_t start_ticks;
        int pidfd;
        int stat_fd; /* opened while it lived: reading it is quicker than the parent's wait() */
        bool ours;
        unsigned tries;
        sd_event_source *source;
        sd_event_source *timer;
        ProcessEndFunc func;
        void *userdata;
};

static ProcessEnd end_from_code(pid_t pid, int code) {
        if (WIFEXITED(code))
                return (ProcessEnd){pid, PROCESS_END_EXITED, WEXITSTATUS(code)};
        return (ProcessEnd){pid, PROCESS_END_KILLED, WTERMSIG(code)};
}

static bool ask_zombie(const ProcessWatch *w, ProcessEnd *ret) {
        ProcStat s;

        if (proc_stat_read_fd(w->stat_fd, &s) < 0 || s.state != 'Z')
                return false;
        /* Zero is also what we are shown of those whose code we may not know. */
        if (s.exit_code == 0 && !w->ours)
                return false;

        *ret = end_from_code(w->pid, s.exit_code);
        return true;
}

static bool ask_kernel(const ProcessWatch *w, ProcessEnd *ret) {
        struct info info = {.mask = INFO_EXIT};

        if (ioctl(w->pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
                return false;

        *ret = end_from_code(w->pid, info.exit_code);
        return true;
}

static bool is_reaped(const ProcessWatch *w) {
        ProcStat s;

        return proc_stat_read_fd(w->stat_fd, &s) < 0;
}

static void tell(ProcessWatch *w, const ProcessEnd *end) {
        w->source = sd_event_source_disable_unref(w->source);
        w->timer = sd_event_source_disable_unref(w->timer);
        w->func(w->userdata, end);
}

/* Returns true if it is told. */
static bool try_tell(ProcessWatch *w) {
        ProcessEnd end = {.pid = w->pid};

        if (!ask_zombie(w, &end) && !ask_kernel(w, &end) && !is_reaped(w) &&
                        w->tries++ < REAP_TRIES)
                return false;

        tell(w, &end);
        return true;
}

static int on_retry(sd_event_source *s, uint64_t usec, void *userdata) {
        ProcessWatch *w = userdata;

        if (try_tell(w))
                return 0;
        (void)sd_event_source_set_time_relative(s, REAP_USEC);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int on_end(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        ProcessWatch *w = userdata;
        ProcessEnd end = {.pid = w->pid};

        if (try_tell(w))
                return 0;

        (void)sd_event_source_set_enabled(s, SD_EVENT_OFF);
        if (sd_event_add_time_relative(sd_event_source_get_event(s), &w->timer, CLOCK_MONOTONIC,
                            REAP_USEC, 1, on_retry, w) < 0)
                tell(w, &end);
        return 0;
}

static int watch_open(ProcessWatch *w) {
        struct stat st;
        ProcStat s;
        char path[32];
        int r;

        w->pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
        if (w->pidfd < 0)
                return -errno;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", w->pid);
        w->stat_fd = open(path, O_RDONLY | O_CLOEXEC);
        if (w->stat_fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;

        r = proc_stat_read_fd(w->stat_fd, &s);
        if (r < 0)
                return -ESRCH;
        if (w->start_ticks != 0 && s.start_ticks != w->start_ticks)
                return -ESRCH;

        w->start_ticks = s.start_ticks;
        w->ours = geteuid() == 0 || (fstat(w->stat_fd, &st) >= 0 && st.st_uid == geteuid());
        return 0;
}

int process_watch_new(sd_event *event, pid_t pid, uint64_t start_ticks, ProcessEndFunc func,
                void *userdata, ProcessWatch **ret) {
        _cleanup_(process_watch_freep) ProcessWatch *w = NULL;
        int r;

        assert(event);
        assert(func);
        assert(ret);

        if (pid <= 0)
                return -ESRCH;
        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        *w = (ProcessWatch){
                        .pid = pid,
                        .start_ticks = start_ticks,
                        .pidfd = -1,
                        .stat_fd = -1,
                        .func = func,
                        .userdata = userdata,
        };

        r = watch_open(w);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &w->source, w->pidfd, EPOLLIN, on_end, w);
        if (r < 0)
                return r;
        /* Before anything else: the zombie does not wait for us. */
        (void)sd_event_source_set_priority(w->source, SD_EVENT_PRIORITY_IMPORTANT);

        *ret = TAKE_PTR(w);
        return 0;
}

ProcessWatch *process_watch_free(ProcessWatch *watch) {
        if (!watch)
                return NULL;

        sd_event_source_disable_unref(watch->source);
        sd_event_source_disable_unref(watch->timer);
        close_fd(watch->pidfd);
        close_fd(watch->stat_fd);
        free(watch);
        return NULL;
}

pid_t process_watch_pid(const ProcessWatch *watch) {
        return watch->pid;
}

uint64_t process_watch_start_ticks(const ProcessWatch *watch) {
        return watch->start_ticks;
}
