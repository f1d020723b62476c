/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "plugins/host/walls.h"

#define STACK_SIZE (512U * 1024U)

typedef struct Job Job;
typedef int JobRun(Workers *w, Job *job, json_object **ret);

struct Job {
        NativeCall call;
        JobRun *run;
        RpcMessage request;
        Job *prev, *next;
};

struct Workers {
        Native *native;
        const Setup *setup;
        Talk *talk;
        int witness; /* of what the walls will refuse */
        pthread_mutex_t lock;
        pthread_cond_t more;
        Job *waiting;
        Job *running;
        bool parallel; /* the others may work too */
};

static void job_free(Job *job) {
        native_call_done(&job->call);
        rpc_message_done(&job->request);
        free(job);
}

/* Once the plugin has started it gets the walls that it stays within. */
static int run_initialize(Workers *w, Job *job, json_object **ret) {
        int r;

        r = native_open(w->native, w->setup, &job->call);
        if (r < 0)
                return r;
        r = walls_filter_running(w->setup, w->witness);
        if (r < 0)
                return r;
        return native_describe(w->native, ret);
}

static int run_selftest(Workers *w, Job *job, json_object **ret) {
        int r = native_selftest(w->native, &job->call);

        *ret = json_object_new_object();
        return r;
}

static int run_execute(Workers *w, Job *job, json_object **ret) {
        return native_execute(w->native, &job->call, job->request.params, ret);
}

static int run_plan(Workers *w, Job *job, json_object **ret) {
        return native_plan(w->native, &job->call, job->request.params, ret);
}

/* Where leaks are looked for, an end as the SDK promises it. */
static int run_unload(Workers *w, Job *job, json_object **ret) {
        native_close(w->native);
        *ret = json_object_new_object();
        return 0;
}

static const struct {
        const char *name;
        JobRun *run;
} methods[] = {
                {"initialize", run_initialize},
                {"selftest", run_selftest},
                {"execute", run_execute},
                {"plan", run_plan},
                {"unload", run_unload},
};

static void work(Workers *w, Job *job) {
        json_object *result = NULL;
        int r = job->run(w, job, &result);

        /* A plugin's number may be anything. */
        if (r < 0 && r > -4096) {
                json_object_putp(&result);
                talk_fail(w->talk, job->request.id, r,
                                job->call.sentence[0] ? job->call.sentence : NULL);
        } else
                talk_answer(w->talk, job->request.id, result);
}

static Job *next_job(Workers *w, bool first) {
        while (!w->waiting || (!first && !w->parallel))
                (void)pthread_cond_wait(&w->more, &w->lock);

        Job *job = w->waiting;
        DL_DELETE(w->waiting, job);
        DL_APPEND(w->running, job);
        return job;
}

static void *worker(Workers *w, bool first) {
        (void)pthread_mutex_lock(&w->lock);
        for (;;) {
                Job *job = next_job(w, first);

                (void)pthread_mutex_unlock(&w->lock);
                work(w, job);
                (void)pthread_mutex_lock(&w->lock);
                w->parallel = w->native->ops.threads == TMUX_ORC_PARALLEL;
                DL_DELETE(w->running, job);
                job_free(job);
        }
        return NULL;
}

static void *first_worker(void *userdata) {
        return worker(userdata, true);
}

static void *other_worker(void *userdata) {
        return worker(userdata, false);
}

static int start_threads(Workers *w) {
        pthread_attr_t attributes;
        pthread_t thread;
        int r = 0;

        (void)pthread_attr_init(&attributes);
        (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
        for (unsigned i = 0; i < NATIVE_THREADS && r == 0; i++)
                r = pthread_create(&thread, &attributes, i == 0 ? first_worker : other_worker, w);
        (void)pthread_attr_destroy(&attributes);
        return -r;
}

int workers_new(Native *native, const Setup *setup, Talk *talk, int witness, Workers **ret) {
        Workers *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;

        w->native = native;
        w->setup = setup;
        w->talk = talk;
        w->witness = witness;
        (void)pthread_mutex_init(&w->lock, NULL);
        (void)pthread_cond_init(&w->more, NULL);
        /* Threads that run live as long as the process, and so does this. */
        *ret = w;
        r = start_threads(w);
        return r;
}

static void hand_over(Workers *w, Job *job) {
        (void)pthread_mutex_lock(&w->lock);
        DL_APPEND(w->waiting, job);
        (void)pthread_cond_broadcast(&w->more);
        (void)pthread_mutex_unlock(&w->lock);
}

int workers_take(Workers *w, RpcMessage *request) {
        FOREACH_ELEMENT (m, methods) {
                Job *job;

                if (strcmp(m->name, request->method) != 0)
                        continue;

                job = calloc(1, sizeof(*job));
                if (!job)
                        return -ENOMEM;
                native_call_init(&job->call, w->talk,
                                json_get_u64(request->params, "timeout", USEC_PER_MINUTE));
                job->run = m->run;
                job->request = *request;
                *request = (RpcMessage){};
                hand_over(w, job);
                return 0;
        }
        return -EOPNOTSUPP;
}

static void cancel_in(Job *jobs, json_object *id) {
        Job *job;

        DL_FOREACH (jobs, job)
                if (json_object_equal(job->request.id, id))
                        atomic_store(&job->call.cancelled, true);
}

void workers_cancel(Workers *w, json_object *id) {
        (void)pthread_mutex_lock(&w->lock);
        cancel_in(w->waiting, id);
        cancel_in(w->running, id);
        (void)pthread_mutex_unlock(&w->lock);
}
