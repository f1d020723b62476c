/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Look benchmark: a pane
 *
 * Stands in for an agent where there are many of them: paints the first of its files as it is,
 * then sleeps. SIGUSR1 makes it paint the next one; SIGUSR2 makes it draw one row anew, so many
 * times a second, or leave off. In the row's text "@" stands for a number that grows.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"
#include "daemon/base/write-file.h"

#define SCREEN_MAX 65536U
#define SCREENS_MAX 8

typedef struct Painter {
        char *screens[SCREENS_MAX];
        size_t n_screens;
        size_t shown;
        unsigned hertz;
        unsigned row;
        const char *text;
        unsigned frame;
        bool animated;
} Painter;

static void put(const char *text, size_t n) {
        if (write_all(STDOUT_FILENO, text, n) < 0)
                exit(EXIT_SUCCESS); /* the pane is closed */
}

static void paint(const Painter *p) {
        const char *screen = p->screens[p->shown];

        put("\033[H\033[2J", 7);
        put(screen, strlen(screen));
}

static void animate(Painter *p) {
        size_t before = strcspn(p->text, "@");
        char line[1024];
        int n;

        n = snprintf(line, sizeof(line), "\0337\033[%u;1H%.*s%u%s\033[K\0338", p->row, (int)before,
                        p->text, p->frame++, p->text[before] ? p->text + before + 1 : "");
        put(line, MIN((size_t)n, sizeof(line) - 1));
}

static void run(Painter *p) {
        const struct timespec pause = {.tv_sec = p->hertz == 1,
                        .tv_nsec = p->hertz > 1 ? 1000000000 / p->hertz : 0};
        sigset_t signals;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGUSR1);
        (void)sigaddset(&signals, SIGUSR2);
        (void)sigprocmask(SIG_BLOCK, &signals, NULL);
        paint(p);

        for (;;) {
                int signal = sigtimedwait(&signals, NULL, p->animated ? &pause : NULL);

                if (signal == SIGUSR1) {
                        p->shown = (p->shown + 1) % p->n_screens;
                        paint(p);
                } else if (signal == SIGUSR2) {
                        p->animated = !p->animated;
                } else if (errno == EAGAIN) {
                        animate(p);
                }
        }
}

int main(int argc, char *argv[]) {
        Painter p = {};

        if (argc < 5 || argc - 4 > SCREENS_MAX) {
                (void)fprintf(stderr, "usage: %s HERTZ ROW TEXT SCREEN…\n", argv[0]);
                return EXIT_FAILURE;
        }
        p.hertz = (unsigned)strtoul(argv[1], NULL, 10) ?: 1;
        p.row = (unsigned)strtoul(argv[2], NULL, 10);
        p.text = argv[3];
        for (int i = 4; i < argc; i++) {
                size_t n;
                int r = read_regular_file(argv[i], SCREEN_MAX, &p.screens[p.n_screens++], &n);

                if (r < 0) {
                        (void)fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
                        return EXIT_FAILURE;
                }
        }
        run(&p);
}
