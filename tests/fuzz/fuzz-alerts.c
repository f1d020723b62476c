/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/observe/alerts-save.h"
#include "tests/fuzz/fuzz.h"

/* Whatever the state file holds: what is restored can be told, saved and restored again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_json_ json_object *input = NULL, *saved = NULL, *again = NULL;
        _cleanup_(alerts_freep) Alerts *a = NULL, *b = NULL;
        char text[ALERT_TEXT_MAX];

        if (json_parse((const char *)data, size, 8, &input) < 0)
                return 0;
        assert(alerts_new(&a) == 0 && alerts_new(&b) == 0);
        assert(alerts_restore(a, input) == 0);
        for (size_t i = 0; alerts_past(a, i); i++)
                (void)alert_text(alerts_past(a, i), text);
        assert(alerts_save(a, 0, &saved) == 0);
        assert(alerts_restore(b, saved) == 0);
        assert(alerts_save(b, 0, &again) == 0);
        assert(strcmp(json_object_to_json_string(saved), json_object_to_json_string(again)) == 0);
        return 0;
}
