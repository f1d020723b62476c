/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What those who act on agents by themselves tell, and what they are answered. */

#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "daemon/act/keeper.h"
#include "daemon/base/json.h"

/* "restart planned;" and so on. */
static inline void news_append(char *text, size_t size, ActKind kind, KeeperNews news) {
        static const char *const words[] = {"planned", "would", "refused", "done", "given-up"};
        size_t n = strlen(text);

        (void)snprintf(text + n, size - n, "%s %s;", act_kind_to_string(kind), words[news]);
}

/* A watcher's answer with nothing else in it. */
static inline void answer_word(
                WatchersAnswer answer, void *userdata, const char *key, const char *word) {
        json_object *o = json_object_new_object();

        assert_non_null(o);
        assert_int_equal(json_set_string(o, key, word), 0);
        answer(userdata, 0, o);
        (void)json_object_put(o);
}
