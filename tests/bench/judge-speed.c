/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Judge speed
 *
 * How long it takes to judge a screen by all rules. Reads saved screens as `tmux-orc classify`
 * takes them, from the files named, and prints for each the median of many judgements in
 * microseconds, as JSON.
 */

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/read-file.h"
#include "daemon/watcher/detect/detector.h"
#include "tools/tmux-orc/screen-file.h"

#define TIMES 41

static double elapsed_usec(const struct timespec *a, const struct timespec *b) {
        return (double)(b->tv_sec - a->tv_sec) * 1e6 + (double)(b->tv_nsec - a->tv_nsec) / 1e3;
}

static int compare(const void *a, const void *b) {
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static double judge(const DetectorSet *rules, const Observation *o) {
        double usec[TIMES];

        for (size_t i = 0; i < TIMES; i++) {
                struct timespec start, end;
                Verdict verdict;

                (void)clock_gettime(CLOCK_MONOTONIC, &start);
                if (detector_judge(rules, o, &verdict) < 0)
                        exit(EXIT_FAILURE);
                (void)clock_gettime(CLOCK_MONOTONIC, &end);
                usec[i] = elapsed_usec(&start, &end);
        }
        qsort(usec, TIMES, sizeof(usec[0]), compare);
        return usec[TIMES / 2];
}

static int judge_file(const DetectorSet *rules, const char *path) {
        _cleanup_(screen_file_done) ScreenFile f = {};
        _cleanup_free_ char *text = NULL;
        const char *reason = "cannot be read";
        size_t n;
        int r;

        r = read_regular_file(path, SCREEN_FILE_MAX, &text, &n);
        if (r >= 0)
                r = screen_file_read_json(text, n, &f, &reason);
        if (r < 0) {
                (void)fprintf(stderr, "%s: %s\n", path, reason);
                return r;
        }
        if (f.observation.now_usec == 0)
                f.observation.now_usec = now_realtime();
        (void)printf("%.2f", judge(rules, &f.observation));
        return 0;
}

int main(int argc, char *argv[]) {
        char *const folders[] = {argv[1], NULL};
        _cleanup_(detector_set_freep) DetectorSet *rules = NULL;

        if (argc < 3) {
                (void)fprintf(stderr, "usage: %s RULES SCREEN…\n", argv[0]);
                return EXIT_FAILURE;
        }
        if (detector_set_load(folders, NULL, NULL, &rules) < 0 || detector_set_count(rules) == 0) {
                (void)fprintf(stderr, "%s: no rules\n", argv[1]);
                return EXIT_FAILURE;
        }
        (void)printf("[");
        for (int i = 2; i < argc; i++) {
                (void)printf("%s", i > 2 ? "," : "");
                if (judge_file(rules, argv[i]) < 0)
                        return EXIT_FAILURE;
        }
        (void)printf("]\n");
        return EXIT_SUCCESS;
}
