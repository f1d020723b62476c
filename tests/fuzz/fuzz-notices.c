/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>

#include "daemon/act/notices.h"
#include "daemon/base/json.h"
#include "tests/fuzz/fuzz.h"

static void on_due(void *userdata, const Episode *e, EpisodeDue what) {
        _cleanup_free_ char *text = NULL;

        assert(episode_describe(e, &text) == 0);
}

static void on_ended(void *userdata, const Episode *e) {}

/* Whatever the state file holds: what is restored can be told, saved and restored again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const NoticesEvents events = {.due = on_due, .ended = on_ended};
        const EpisodePolicy policy = {.causes = 0xff, .remind_usec = 1, .escalate_usec = 1};
        _cleanup_json_ json_object *input = NULL, *saved = NULL;
        _cleanup_(notices_freep) Notices *n = NULL, *again = NULL;

        if (json_parse((const char *)data, size, 8, &input) < 0)
                return 0;
        assert(notices_new(&events, NULL, &n) == 0 && notices_new(&events, NULL, &again) == 0);
        notices_set_policy(n, &policy);
        (void)notices_restore(n, input);
        (void)notices_run(n, 1000000);
        assert(notices_save(n, &saved) == 0);
        assert(notices_restore(again, saved) == 0);
        return 0;
}
