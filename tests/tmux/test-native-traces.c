/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What native looks leave in a server: nothing, even if we are killed in the middle of one. */

#include "tests/tmux/fixture.h"
#include "tests/words-of.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

#define KILLS 100U
/* Of other processes; each ends a look at another place. */
#define TURNS_MAX 8U
#define CALL_USEC (20 * USEC_PER_SEC)

static const char *const *const commands =
                WORDS("list-panes", "-a", "-F", "#{pane_id} #{pane_title} #{window_activity}", ";",
                                "capture-pane", "-p", "-t", "%0");

static TmuxRequest request_of(const char *socket, const TmuxWords *words) {
        return (TmuxRequest){
                        .socket = socket,
                        .words = words,
                        .answer_max = 1000000,
                        .timeout_usec = CALL_USEC,
        };
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        assert_int_equal(reply->error, 0);
        assert_false(reply->failed);
        assert_non_null(strstr(reply->out, "ready"));
        *(bool *)userdata = true;
}

static void look(Fixture *f, TmuxTransport *native) {
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        _cleanup_(tmux_words_done) TmuxWords words = words_of(commands);
        TmuxRequest request = request_of(f->socket, &words);
        bool told = false;

        assert_int_equal(tmux_call_new(native, &request, on_reply, &told, &call), 0);
        while (!told)
                assert_true(sd_event_run(f->event, UINT64_MAX) >= 0);
}

static unsigned count_descriptors(pid_t pid) {
        char path[32];
        unsigned n = 0;
        DIR *d;

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        d = opendir(path);
        assert_non_null(d);
        while (readdir(d))
                n++;
        (void)closedir(d);
        return n;
}

/* The server hears a little later that a client has left. */
static void expect_descriptors(pid_t pid, unsigned n) {
        uint64_t start = now_monotonic();

        while (count_descriptors(pid) != n)
                if (now_monotonic() - start > 10 * USEC_PER_SEC)
                        fail_msg("%u descriptors, not %u", count_descriptors(pid), n);
}

static unsigned descriptors_at_rest(pid_t pid) {
        unsigned least = UINT_MAX;

        for (uint64_t start = now_monotonic(); now_monotonic() - start < 100 * USEC_PER_MSEC;)
                least = MIN(least, count_descriptors(pid));
        return least;
}

static long resident_kib(pid_t pid) {
        char path[32], line[256];
        long kib = -1;
        FILE *file;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
        file = fopen(path, "re");
        assert_non_null(file);
        while (kib < 0 && fgets(line, sizeof(line), file))
                (void)sscanf(line, "VmRSS: %ld", &kib);
        (void)fclose(file);
        return kib;
}

/* Goes on with its look for some turns of its loop, and is gone. */
static _Noreturn void die_in_a_look(const char *socket, unsigned n_turns) {
        TmuxWords words = words_of(commands);
        TmuxRequest request = request_of(socket, &words);
        TmuxTransport *native;
        bool told = false;
        sd_event *event;
        TmuxCall *call;

        if (sd_event_new(&event) < 0 || tmux_transport_native_new(event, &native) < 0 ||
                        tmux_call_new(native, &request, on_reply, &told, &call) < 0)
                _exit(1);
        while (n_turns-- > 0 && !told)
                (void)sd_event_run(event, UINT64_MAX);
        (void)raise(SIGKILL);
        _exit(1);
}

static void on_clients(void *userdata, const TmuxReply *reply) {
        assert_int_equal(reply->error, 0);
        assert_string_equal(reply->out, "");
        *(bool *)userdata = true;
}

static void expect_no_clients(Fixture *f, TmuxTransport *native) {
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        _cleanup_(tmux_words_done) TmuxWords words = words_of(WORDS("list-clients"));
        TmuxRequest request = request_of(f->socket, &words);
        bool told = false;

        assert_int_equal(tmux_call_new(native, &request, on_clients, &told, &call), 0);
        while (!told)
                assert_true(sd_event_run(f->event, UINT64_MAX) >= 0);
}

static void a_look_that_is_killed_leaves_nothing(void **state) {
        _cleanup_(tmux_transport_freep) TmuxTransport *native = NULL;
        Fixture *f = *state;
        unsigned n_before;
        pid_t server;

        (void)fixture_pane_with(f, "ready");
        server = fixture_server_pid(f);
        assert_int_equal(tmux_transport_native_new(f->event, &native), 0);
        look(f, native);
        n_before = descriptors_at_rest(server);

        for (unsigned i = 0; i < KILLS; i++) {
                pid_t pid = fork();
                int status;

                assert_true(pid >= 0);
                if (pid == 0)
                        die_in_a_look(f->socket, i % TURNS_MAX);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
                /* By when it is answered, those before it are gone. */
                look(f, native);
        }

        look(f, native);
        expect_descriptors(server, n_before);
        expect_no_clients(f, native);
        assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
}

static void looks_do_not_make_a_server_grow(void **state) {
        const char *wanted = getenv("TEST_LOOKS");
        unsigned n_looks = wanted ? (unsigned)strtoul(wanted, NULL, 10) : 10000;
        _cleanup_(tmux_transport_freep) TmuxTransport *native = NULL;
        Fixture *f = *state;
        long before, after;
        unsigned n_before;
        pid_t server;

        (void)fixture_pane_with(f, "ready");
        server = fixture_server_pid(f);
        assert_int_equal(tmux_transport_native_new(f->event, &native), 0);
        /* The server keeps a log of its last thousand messages: until that is full, it grows. */
        for (unsigned i = 0; i < 2000; i++)
                look(f, native);
        before = resident_kib(server);
        n_before = descriptors_at_rest(server);
        for (unsigned i = 0; i < n_looks; i++)
                look(f, native);
        after = resident_kib(server);

        if (after > before + 64)
                fail_msg("%u looks: from %ld to %ld KiB", n_looks, before, after);
        expect_descriptors(server, n_before);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_look_that_is_killed_leaves_nothing),
                        test(looks_do_not_make_a_server_grow),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
