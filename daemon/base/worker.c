/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/worker.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

typedef struct Queue {
        WorkerJob *first, **end;
} Queue;

struct Worker {
        pthread_t thread;
        bool started;
        pthread_mutex_t lock;
        pthread_cond_t work;
        Queue waiting, finished; /* under the lock, as is: */
        bool leaving;
        int fd; /* wakes the loop */
        sd_event_source *source;
};

static void queue_add(Queue *q, WorkerJob *job) {
        job->next = NULL;
        if (!q->first)
                q->end = &q->first;
        *q->end = job;
        q->end = &job->next;
}

static WorkerJob *queue_take(Queue *q) {
        WorkerJob *job = q->first;

        if (job)
                q->first = job->next;
        return job;
}

static WorkerJob *wait_for_job(Worker *w) {
        WorkerJob *job;

        (void)pthread_mutex_lock(&w->lock);
        while (!(job = queue_take(&w->waiting)) && !w->leaving)
                (void)pthread_cond_wait(&w->work, &w->lock);
        (void)pthread_mutex_unlock(&w->lock);
        return job;
}

static void *work(void *userdata) {
        Worker *w = userdata;
        WorkerJob *job;

        while ((job = wait_for_job(w))) {
                job->run(job);

                (void)pthread_mutex_lock(&w->lock);
                queue_add(&w->finished, job);
                (void)pthread_mutex_unlock(&w->lock);
                (void)eventfd_write(w->fd, 1);
        }

        return NULL;
}

static void tell_finished(Worker *w) {
        for (;;) {
                WorkerJob *job;

                (void)pthread_mutex_lock(&w->lock);
                job = queue_take(&w->finished);
                (void)pthread_mutex_unlock(&w->lock);
                if (!job)
                        return;
                job->done(job);
        }
}

static int on_finished(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        eventfd_t n;

        (void)eventfd_read(fd, &n);
        tell_finished(userdata);
        return 0;
}

/* Signals are for the loop's thread. */
static int start(Worker *w, const char *name) {
        sigset_t all, before;
        int r;

        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&w->thread, NULL, work, w);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (r != 0)
                return -r;

        w->started = true;
        (void)pthread_setname_np(w->thread, name);
        return 0;
}

int worker_new(sd_event *event, const char *name, Worker **ret) {
        _cleanup_(worker_freep) Worker *w = NULL;
        int r;

        assert(event && name && ret);

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        (void)pthread_mutex_init(&w->lock, NULL);
        (void)pthread_cond_init(&w->work, NULL);

        w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (w->fd < 0)
                return -errno;
        r = sd_event_add_io(event, &w->source, w->fd, EPOLLIN, on_finished, w);
        if (r < 0)
                return r;
        r = start(w, name);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(w);
        return 0;
}

Worker *worker_free(Worker *w) {
        if (!w)
                return NULL;

        (void)pthread_mutex_lock(&w->lock);
        w->leaving = true;
        (void)pthread_cond_signal(&w->work);
        (void)pthread_mutex_unlock(&w->lock);
        if (w->started)
                (void)pthread_join(w->thread, NULL);
        tell_finished(w);

        sd_event_source_disable_unref(w->source);
        close_fd(w->fd);
        (void)pthread_cond_destroy(&w->work);
        (void)pthread_mutex_destroy(&w->lock);
        free(w);
        return NULL;
}

void worker_add(Worker *w, WorkerJob *job) {
        assert(w && job && job->run && job->done);

        (void)pthread_mutex_lock(&w->lock);
        queue_add(&w->waiting, job);
        (void)pthread_cond_signal(&w->work);
        (void)pthread_mutex_unlock(&w->lock);
}
