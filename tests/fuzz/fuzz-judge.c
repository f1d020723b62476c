/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watcher/detect/detector.h"
#include "daemon/watcher/detect/verdict-json.h"
#include "tests/fuzz/fuzz.h"

static const char *const programs[] = {"claude", "node codex", "node gemini", "opencode",
                "python3 -m aider", "cursor-agent"};

static void judge(const DetectorSet *set, const char *title, const char *screen, size_t n_screen,
                const char *program) {
        char *const processes[] = {(char *)"bash", (char *)program, NULL};
        json_object *json = NULL;
        Verdict verdict;
        const Observation o = {
                        .screen = screen,
                        .n_screen = n_screen,
                        .title = title,
                        .processes = program ? processes : NULL,
                        .now_usec = 1700000000000000ULL,
        };

        assert(detector_judge(set, &o, &verdict) == 0);
        assert(verdict.confidence >= 0 && verdict.confidence <= 1);
        assert(verdict_to_json(&verdict, true, &json) == 0);
        (void)json_object_put(json);
}

/* The first line is the title, the rest the screen; every agent may have painted it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static char *const folders[] = {(char *)RULES_DIR, NULL};
        static DetectorSet *set; /* lives as long as the process: loading is not what is tested */
        const char *text = (const char *)data, *end = size ? memchr(text, '\n', size) : NULL;
        size_t n_title = end ? (size_t)(end - text) : 0, skip = end ? n_title + 1 : 0;
        char *title;

        if (!set)
                assert(detector_set_load(folders, NULL, NULL, &set) == 0 &&
                                detector_set_count(set) >= 7);

        title = strndup(text ?: "", n_title);
        assert(title);
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
                judge(set, title, text + skip, size - skip, programs[i]);
        judge(set, title, text + skip, size - skip, NULL);
        free(title);
        return 0;
}
