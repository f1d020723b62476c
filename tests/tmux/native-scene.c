/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/tmux/native-scene.h"

#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>

int scene_setup(void **state) {
        Scene *s = calloc(1, sizeof(*s));

        assert_non_null(s);
        assert_int_equal(fixture_setup((void **)&s->f), 0);
        /* What the self-test leaves behind would be found here. */
        assert_int_equal(setenv("XDG_RUNTIME_DIR", s->f->folder, 1), 0);
        *state = s;
        return 0;
}

int scene_teardown(void **state) {
        Scene *s = *state;

        tmux_transport_free(s->choice);
        if (s->fake > 0) {
                (void)kill(s->fake, SIGKILL);
                (void)waitpid(s->fake, NULL, 0);
        }
        assert_int_equal(fixture_teardown((void **)&s->f), 0);
        free(s);
        return 0;
}

void scene_run_until(Scene *s, const bool *until) {
        uint64_t start = now_monotonic();

        while (!*until) {
                assert_true(sd_event_run(s->f->event, 20 * USEC_PER_MSEC) >= 0);
                assert_true(now_monotonic() - start < SCENE_LIMIT_USEC);
        }
}

void scene_copy_fake(Scene *s, const char *mode, char *ret, size_t n_ret) {
        char command[512];

        (void)snprintf(ret, n_ret, "%s/fake-tmux-%s", s->f->folder, mode);
        (void)snprintf(command, sizeof(command), "cp '%s' '%s'", FAKE_TMUX, ret);
        assert_int_equal(system(command), 0);
}

unsigned scene_count_throwaways(Scene *s) {
        DIR *d = opendir(s->f->folder);
        unsigned n = 0;

        assert_non_null(d);
        for (struct dirent *e = readdir(d); e; e = readdir(d))
                n += strncmp(e->d_name, "tmux-orc-throwaway-", 19) == 0;
        (void)closedir(d);
        return n;
}

void scene_expect_nothing_left(Scene *s) {
        uint64_t start = now_monotonic();

        assert_int_equal(scene_count_throwaways(s), 0);
        while (waitpid(-1, NULL, WNOHANG) >= 0) {
                assert_true(sd_event_run(s->f->event, 20 * USEC_PER_MSEC) >= 0);
                assert_true(now_monotonic() - start < SCENE_LIMIT_USEC);
        }
        assert_int_equal(errno, ECHILD);
}
