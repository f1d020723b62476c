/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How it lives with others: side by side, in time, within its memory, to its end. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/kit/trial.h"

#define SIDE_BY_SIDE_MAX 16U
#define SHORT_USEC (2 * USEC_PER_MSEC)
/* Somewhat more than the service grants. */
#define COME_BACK_USEC (1500 * USEC_PER_MSEC)
#define LEAK_WINDOWS 4U
#define LEAK_CALLS 250U
#define LEAK_TIME_USEC (30 * USEC_PER_SEC)
#define LEAK_BYTES (96U * 1024U)
#define END_USEC (3 * USEC_PER_SEC)

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static bool it_answers_side_by_side(Trial *t) {
        unsigned n = MIN((unsigned)t->session.manifest->concurrency, SIDE_BY_SIDE_MAX);
        json_object *inputs[SIDE_BY_SIDE_MAX] = {};
        Answer answers[SIDE_BY_SIDE_MAX] = {};
        bool ok = true;

        for (unsigned i = 0; i < n; i++)
                ok = trial_input(t, &inputs[i]) >= 0 &&
                                session_begin(&t->session, inputs[i], trial_timeout(t),
                                                &answers[i]) >= 0 &&
                                ok;
        for (unsigned i = 0; i < n; i++) {
                if (ok)
                        (void)session_turn_until(
                                        &t->session, &answers[i].done, 2 * trial_timeout(t));
                answer_take_output(&answers[i]);
                ok = ok && trial_judge(t, inputs[i], &answers[i]);
        }
        /* What is not answered yet must not find its place taken. */
        if (!ok)
                session_stop(&t->session);
        for (unsigned i = 0; i < n; i++) {
                answer_done(&answers[i]);
                json_object_putp(&inputs[i]);
        }
        return ok && trial_is_alive(t);
}

/* Nothing but the time goes by, and the loop turns. */
static bool it_comes_back(Trial *t) {
        static const bool never;
        uint64_t end = now_monotonic() + COME_BACK_USEC;

        while (session_is_alive(&t->session) && host_pending(t->session.host) > 0 &&
                        now_monotonic() < end)
                (void)session_turn_until(&t->session, &never, 20 * USEC_PER_MSEC);
        if (!trial_is_alive(t))
                return false;
        if (host_pending(t->session.host) == 0)
                return true;
        tap_note("it still works on it, %g s later", (double)COME_BACK_USEC / USEC_PER_SEC);
        return false;
}

static bool it_comes_back_when_its_time_is_over(Trial *t) {
        _cleanup_(answer_done) Answer a = {};

        if (trial_call(t, SHORT_USEC, &a) < 0)
                return trial_is_alive(t) && false;
        tap_note("it %s within %g ms",
                        a.error == -ETIMEDOUT || a.error == -ECANCELED ? "was not done"
                                                                       : "was done",
                        (double)SHORT_USEC / USEC_PER_MSEC);
        return it_comes_back(t);
}

static bool it_can_be_cancelled(Trial *t) {
        _cleanup_(answer_done) Answer a = {};

        if (trial_begin(t, trial_timeout(t), &a) < 0)
                return trial_is_alive(t) && false;
        if (a.call)
                a.call = host_call_drop(a.call);
        return it_comes_back(t);
}

static bool call_often(Trial *t, unsigned n, uint64_t end) {
        for (unsigned i = 0; i < n && now_monotonic() < end; i++) {
                _cleanup_(answer_done) Answer a = {};

                if (trial_call(t, trial_timeout(t), &a) < 0)
                        return trial_is_alive(t) && false;
        }
        return trial_is_alive(t);
}

/* A leak grows with every window; what a run time keeps for itself does not. */
static bool it_does_not_leak(Trial *t) {
        uint64_t end = now_monotonic() + LEAK_TIME_USEC, before, after = 0;
        unsigned n_grown = 0;

        if (SANITIZED) {
                tap_note("not measured: AddressSanitizer looks after it, and keeps what is freed");
                return true;
        }
        if (!call_often(t, LEAK_CALLS, end))
                return false;
        for (unsigned i = 0; i < LEAK_WINDOWS; i++) {
                before = session_memory(&t->session);
                if (!call_often(t, LEAK_CALLS, end))
                        return false;
                after = session_memory(&t->session);
                n_grown += after > before + LEAK_BYTES;
        }
        tap_note("%llu KiB after %u calls", (unsigned long long)after / 1024,
                        (LEAK_WINDOWS + 1) * LEAK_CALLS);
        if (n_grown < LEAK_WINDOWS)
                return true;
        tap_note("it grew by more than %u KiB in each %u calls", LEAK_BYTES / 1024, LEAK_CALLS);
        return false;
}

static bool it_comes_again_after_a_crash(Trial *t) {
        pid_t pids[SESSION_PROCESSES_MAX];
        size_t n = session_processes(&t->session, pids, ELEMENTSOF(pids));
        _cleanup_free_ char *sentence = NULL;

        if (n == 0)
                return false;
        /* The last of a program's family is the program, or what it started; a shared object is in
         * the first. The first process of a namespace is deaf to all signals but this. */
        (void)kill(pids[manifest_is_program(t->session.manifest) ? n - 1 : 0], SIGKILL);
        for (uint64_t end = now_monotonic() + END_USEC;
                        session_is_alive(&t->session) && now_monotonic() < end;)
                (void)sd_event_run(t->session.event, 50 * USEC_PER_MSEC);
        if (session_is_alive(&t->session)) {
                tap_note("a signal did not end it");
                return false;
        }
        sentence = strdup(t->session.sentence ?: "");
        tap_note("%s", sentence ?: "");
        return session_start(&t->session) >= 0 && trial_is_alive(t);
}

/* One that waits to be reaped, by whoever is in charge of orphans here, is gone. */
static bool is_gone(pid_t pid) {
        _cleanup_free_ char *text = NULL;
        char path[32];
        const char *end;
        size_t n;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        if (read_proc_file(AT_FDCWD, path, 4096, &text, &n) < 0)
                return true;
        end = strrchr(text, ')');
        return !end || end[1] != ' ' || strchr("ZX", end[2]);
}

static bool nothing_is_left(const pid_t *pids, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!is_gone(pids[i]))
                        return false;
        return true;
}

/* A program ends with its input; a shared object is told. */
static bool it_unloads(Trial *t) {
        _cleanup_(answer_done) Answer a = {};

        if (manifest_is_program(t->session.manifest))
                return true;
        if (session_ask(&t->session, "unload", json_object_new_object(), &a) >= 0 && a.error >= 0)
                return true;
        tap_note("it did not come back from unload(): %s", a.sentence ?: "no answer");
        return false;
}

static bool it_ends_and_leaves_nothing(Trial *t) {
        pid_t pids[SESSION_PROCESSES_MAX];
        size_t n = session_processes(&t->session, pids, ELEMENTSOF(pids));
        uint64_t end;

        if (!it_unloads(t))
                return false;
        session_stop(&t->session);
        end = now_monotonic() + END_USEC;
        while (!nothing_is_left(pids, n) && now_monotonic() < end)
                (void)usleep(10000);
        if (nothing_is_left(pids, n))
                return n > 0;
        tap_note("processes of it live on");
        return false;
}

const TrialTest trial_life_tests[] = {
                {"it answers side by side as it says", TRIAL_EXECUTES, it_answers_side_by_side},
                {"it comes back when its time is over", TRIAL_CALLS,
                                it_comes_back_when_its_time_is_over},
                {"it can be cancelled", TRIAL_CALLS, it_can_be_cancelled},
                {"it does not leak memory", TRIAL_CALLS, it_does_not_leak},
                {"it comes again after a crash", TRIAL_ALWAYS, it_comes_again_after_a_crash},
                {"it ends and leaves no process", TRIAL_ALWAYS, it_ends_and_leaves_nothing},
                {},
};
