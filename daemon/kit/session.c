/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/kit/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/extend/dialect.h"
#include "daemon/kit/tap.h"
#include "daemon/watcher/proc/process-children.h"

/* As long as the service gives it: load, initialize, selftest. */
#define START_MAX_USEC (40 * USEC_PER_SEC)
/* What the service waits for one that does not come back. */
#define GRACE_USEC (2 * USEC_PER_SEC)
#define TURN_USEC (50 * USEC_PER_MSEC)

void answer_done(Answer *a) {
        json_object_putp(&a->result);
        json_object_putp(&a->output);
        free(a->sentence);
        *a = (Answer){};
}

int session_init(Session *s, const char *folder, Manifest *manifest) {
        sigset_t child;
        int r;

        *s = (Session){.manifest = manifest, .folder = strdup(folder)};
        /* The loop hears of the ends of children, and of no other signal. */
        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &child, NULL);
        r = s->folder ? sd_event_new(&s->event) : -ENOMEM;
        if (r >= 0)
                r = host_program_find(&s->program);
        s->places.program = s->program;
        return r;
}

void session_done(Session *s) {
        session_stop(s);
        sd_event_unref(s->event);
        manifest_unref(s->manifest);
        free(s->folder);
        free(s->program);
        *s = (Session){};
}

static void take_end(Session *s, int error, const char *sentence) {
        s->error = error < 0 ? error : -ECONNRESET;
        free(s->sentence);
        s->sentence = strdup(sentence ?: strerror(-s->error)); /* it is the host's own */
        s->host = host_free(s->host);
}

static void on_started(void *userdata, Host *host, int error, const char *sentence) {
        Session *s = userdata;

        if (error < 0)
                take_end(s, error, sentence);
        s->ready = true;
}

static void on_ended(void *userdata, Host *host, const char *sentence) {
        take_end(userdata, 0, sentence);
}

static void on_log(void *userdata, Host *host, int level, const char *line) {
        ((Session *)userdata)->n_logged++;
}

static void on_refused(void *userdata, Host *host, const char *what) {
        tap_note("its sandbox did not let it: %s", what);
}

static const HostEvents events = {
                .started = on_started, .ended = on_ended, .log = on_log, .refused = on_refused};

bool session_turn_until(Session *s, const bool *done, uint64_t usec) {
        uint64_t end = now_monotonic() + usec;

        while (!*done && now_monotonic() < end)
                if (sd_event_run(s->event, TURN_USEC) < 0)
                        return false;
        return *done;
}

int session_start(Session *s) {
        const HostSetup setup = {
                        .event = s->event,
                        .places = &s->places,
                        .manifest = s->manifest,
                        .folder = s->folder,
                        .owner = getuid(),
                        .events = &events,
                        .userdata = s,
        };
        int r;

        session_stop(s);
        r = host_new(&setup, &s->host);
        if (r < 0)
                return r;
        (void)session_turn_until(s, &s->ready, START_MAX_USEC);
        return s->ready && s->host ? 0 : -EIO;
}

void session_stop(Session *s) {
        s->host = host_free(s->host);
        free(s->sentence);
        s->sentence = NULL;
        s->ready = false;
        s->error = 0;
}

bool session_is_alive(const Session *s) {
        return s->host && s->ready;
}

static void on_answer(void *userdata, int error, const char *sentence, json_object *result) {
        Answer *a = userdata;

        a->call = NULL;
        a->done = true;
        a->error = error;
        a->usec = now_monotonic() - a->since_usec;
        if (sentence)
                a->sentence = strdup(sentence);
        a->result = json_object_get(result);
}

static int begin(Session *s, const char *method, json_object *params, uint64_t timeout_usec,
                Answer *a) {
        *a = (Answer){.session = s, .since_usec = now_monotonic()};
        if (!session_is_alive(s)) {
                (void)json_object_put(params);
                return -ECONNRESET;
        }
        return host_call(s->host, method, params, timeout_usec, on_answer, a, &a->call);
}

int session_begin(Session *s, json_object *input, uint64_t timeout_usec, Answer *a) {
        json_object *params;
        const char *method;
        int r;

        *a = (Answer){};
        r = dialect_execute(s->manifest, input, timeout_usec, &method, &params);
        return r < 0 ? r : begin(s, method, params, timeout_usec, a);
}

void answer_take_output(Answer *a) {
        if (a->done && a->error >= 0)
                a->error = dialect_take_output(
                                a->session->manifest, a->result, &a->output, &a->sentence);
}

int session_begin_plan(Session *s, json_object *round, uint64_t timeout_usec, Answer *a) {
        return begin(s, "plan", round, timeout_usec, a);
}

int session_wait(Session *s, uint64_t timeout_usec, Answer *a) {
        return session_turn_until(s, &a->done, timeout_usec + GRACE_USEC) ? 0 : -ETIMEDOUT;
}

int session_execute(Session *s, json_object *input, uint64_t timeout_usec, Answer *a) {
        int r = session_begin(s, input, timeout_usec, a);

        if (r >= 0)
                r = session_wait(s, timeout_usec, a);
        if (r >= 0)
                answer_take_output(a);
        return r;
}

int session_ask(Session *s, const char *method, json_object *params, Answer *a) {
        int r = begin(s, method, params, s->manifest->timeout_usec, a);

        return r < 0 ? r : session_wait(s, s->manifest->timeout_usec, a);
}

static size_t add_family(ProcessChildren *children, pid_t pid, pid_t *ret, size_t n, size_t max) {
        size_t first = n;

        if (n >= max)
                return n;
        ret[n++] = pid;
        n += process_children_get(children, pid, ret + n, max - n);
        for (size_t i = first + 1; i < n; i++)
                n += process_children_get(children, ret[i], ret + n, max - n);
        return n;
}

size_t session_processes(const Session *s, pid_t *ret, size_t max) {
        _cleanup_(process_children_freep) ProcessChildren *children = NULL;

        if (!s->host || host_pid(s->host) <= 0 || process_children_new(&children) < 0)
                return 0;
        return add_family(children, host_pid(s->host), ret, 0, max);
}

static uint64_t memory_of(pid_t pid) {
        _cleanup_free_ char *text = NULL;
        char path[32];
        const char *line;
        size_t n;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        if (read_proc_file(AT_FDCWD, path, 16384, &text, &n) < 0)
                return 0;
        line = strstr(text, "\nRssAnon:");
        return line ? strtoull(line + strlen("\nRssAnon:"), NULL, 10) * 1024 : 0;
}

uint64_t session_memory(const Session *s) {
        pid_t pids[SESSION_PROCESSES_MAX];
        size_t n = session_processes(s, pids, ELEMENTSOF(pids));
        uint64_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += memory_of(pids[i]);
        return sum;
}
