/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The common fixture, and what tests of the native way to a server need beside it. */

#include "tests/tmux/fixture.h"

#define SCENE_LIMIT_USEC (30 * USEC_PER_SEC)

typedef struct Scene {
        Fixture *f;
        TmuxTransport *choice;
        unsigned n_notices;
        bool native; /* of the last notice */
        bool told;
        int error;
        char out[4096];
        pid_t fake;
        char fake_socket[96];
} Scene;

int scene_setup(void **state);
int scene_teardown(void **state);

void scene_run_until(Scene *s, const bool *until);
/* A copy of the fake that does as @mode says: each has an executable of its own. */
void scene_copy_fake(Scene *s, const char *mode, char *ret, size_t n_ret);
unsigned scene_count_throwaways(Scene *s);
/* No folder, no process. */
void scene_expect_nothing_left(Scene *s);
