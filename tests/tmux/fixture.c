/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/tmux/fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

#define LIMIT_USEC (30 * USEC_PER_SEC)
#define ARGUMENTS_MAX 32

static void on_pane_changed(void *userdata, TmuxServer *s, TmuxPane *pane, unsigned changes) {
        Fixture *f = userdata;

        f->n_changed++;
        f->changes |= changes;
        if (changes & TMUX_PANE_NEW)
                f->n_new++;
}

static void on_pane_gone(void *userdata, TmuxServer *s, TmuxPane *pane) {
        ((Fixture *)userdata)->n_gone++;
}

static void on_liveness_changed(void *userdata, TmuxServer *s, Liveness old) {
        Fixture *f = userdata;

        f->told = tmux_server_liveness(s);
        f->n_told++;
        assert_int_not_equal(f->told, old);
        if (f->told == LIVENESS_ABSENT)
                f->panes_at_absence = tmux_server_count(s);
}

static void on_replaced(void *userdata, TmuxServer *s) {
        ((Fixture *)userdata)->n_replaced++;
}

static void on_written(void *userdata, TmuxServer *s, bool stirs) {
        Fixture *f = userdata;

        f->n_written++;
        f->n_stirs += stirs;
}

static const TmuxServerEvents events = {
                .written = on_written,
                .pane_changed = on_pane_changed,
                .pane_gone = on_pane_gone,
                .liveness_changed = on_liveness_changed,
                .replaced = on_replaced,
};

static int run(char *const *argv) {
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                (void)close(STDERR_FILENO);
                (void)open("/dev/null", O_WRONLY);
                (void)execvp(argv[0], argv);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int fixture_check(void) {
        char *argv[] = {(char *)"sh", (char *)"-c", (char *)"tmux -V >/dev/null", NULL};

        return run(argv) == 0 ? 0 : 77;
}

int fixture_tmux(Fixture *f, ...) {
        char *argv[ARGUMENTS_MAX] = {
                        (char *)"tmux", (char *)"-f", (char *)"/dev/null", (char *)"-S", f->socket};
        size_t n = 5;
        va_list ap;

        va_start(ap, f);
        do
                argv[n] = va_arg(ap, char *);
        while (argv[n] && ++n < ARGUMENTS_MAX - 1);
        va_end(ap);
        argv[n] = NULL;
        return run(argv);
}

void fixture_start_server(Fixture *f) {
        assert_int_equal(fixture_tmux(f, "new-session", "-d", "-s", "first", "-x", "80", "-y", "24",
                                         "echo ready; exec cat", NULL),
                        0);
}

static void on_notice(void *userdata, const char *socket, bool native, const char *text) {
        ((Fixture *)userdata)->n_notices++;
}

static TmuxTransportMode wanted_mode(void) {
        const char *name = getenv("TEST_TRANSPORT");

        return name ? tmux_transport_mode_from_string(name) : TMUX_TRANSPORT_SOURCE;
}

/* A test passes by the transport that it is meant to test, and not by the other. */
static void check_transport(Fixture *f) {
        TmuxTransportStats stats = tmux_transport_choice_stats(f->transport);

        if (wanted_mode() == TMUX_TRANSPORT_NATIVE) {
                assert_int_equal(f->n_notices, 0);
                assert_int_equal(stats.n_source, stats.n_repeated);
                assert_true(stats.n_native > 0);
        }
}

int fixture_setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->folder, "/tmp/tmux-test-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        assert_int_equal(setenv("TMUX_TMPDIR", f->folder, 1), 0);
        (void)unsetenv("TMUX");
        (void)snprintf(f->socket, sizeof(f->socket), "%s/socket", f->folder);
        fixture_start_server(f);

        assert_true(sd_event_new(&f->event) >= 0);
        assert_int_equal(tmux_transport_choice_new(
                                         f->event, wanted_mode(), on_notice, f, &f->transport),
                        0);
        assert_int_equal(tmux_server_new(f->event, f->transport, f->socket, &events, f, &f->server),
                        0);
        *state = f;
        return 0;
}

int fixture_teardown(void **state) {
        Fixture *f = *state;
        char *argv[] = {(char *)"rm", (char *)"-rf", f->folder, NULL};

        (void)fixture_tmux(f, "kill-server", NULL);
        tmux_server_free(f->server);
        check_transport(f);
        tmux_transport_free(f->transport);
        sd_event_unref(f->event);
        (void)run(argv);
        free(f);
        return 0;
}

pid_t fixture_server_pid(Fixture *f) {
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        return tmux_server_pid(f->server);
}

static void on_look(void *userdata, TmuxServer *s, int error, const TmuxLookStats *stats) {
        Fixture *f = userdata;

        f->error = error;
        f->stats = *stats;
        f->n_done++;
}

static void run_once(Fixture *f, uint64_t start) {
        assert_true(sd_event_run(f->event, 20 * USEC_PER_MSEC) >= 0);
        if (now_monotonic() - start > LIMIT_USEC)
                fail_msg("waited in vain; liveness %s (%s), error %d",
                                liveness_to_string(tmux_server_liveness(f->server)),
                                tmux_server_reason(f->server), f->error);
}

int fixture_look(Fixture *f, TmuxLookMode mode) {
        uint64_t start = now_monotonic();
        unsigned n = f->n_done;
        int r;

        r = tmux_server_look(f->server, mode, on_look, f);
        if (r < 0)
                return r;
        while (f->n_done == n)
                run_once(f, start);
        return f->error;
}

int fixture_glance(Fixture *f) {
        uint64_t start = now_monotonic();
        unsigned n = f->n_done;
        int r;

        r = tmux_server_glance(f->server, false, on_look, f);
        if (r <= 0)
                return r < 0 ? r : 1;
        while (f->n_done == n)
                run_once(f, start);
        return f->error;
}

void fixture_look_until(Fixture *f, FixtureCondition condition, const void *argument) {
        uint64_t start = now_monotonic();

        while (!condition(f, argument))
                if (fixture_look(f, TMUX_LOOK_NORMAL) < 0 || !condition(f, argument))
                        run_once(f, start);
}

void fixture_run_until(Fixture *f, FixtureCondition condition, const void *argument) {
        uint64_t start = now_monotonic();

        while (!condition(f, argument))
                run_once(f, start);
}

static TmuxPane *find_pane(Fixture *f, const char *text) {
        for (TmuxPane *p = tmux_server_next(f->server, NULL); p; p = tmux_server_next(f->server, p))
                if (p->screen && strstr(p->screen, text))
                        return p;
        return NULL;
}

bool fixture_shows(Fixture *f, const void *text) {
        return find_pane(f, text);
}

bool fixture_titled(Fixture *f, const void *text) {
        for (TmuxPane *p = tmux_server_next(f->server, NULL); p; p = tmux_server_next(f->server, p))
                if (strstr(p->row.title, text))
                        return true;
        return false;
}

bool fixture_has_panes(Fixture *f, const void *unsigned_count) {
        return tmux_server_count(f->server) == *(const unsigned *)unsigned_count;
}

bool fixture_is(Fixture *f, const void *liveness) {
        return tmux_server_liveness(f->server) == *(const Liveness *)liveness;
}

TmuxPane *fixture_pane_with(Fixture *f, const char *text) {
        TmuxPane *p;

        fixture_look_until(f, fixture_shows, text);
        p = find_pane(f, text);
        assert_non_null(p);
        return p;
}
