/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/table.h"

char *cell_plain(json_object *row, const char *key) {
        json_object *value = json_get(row, key);

        return strdup(value ? json_object_get_string(value) : "");
}

char *cell_duration(json_object *row, const char *key) {
        char buffer[DURATION_TEXT_MAX] = "";
        uint64_t usec = json_get_u64(row, key, 0);

        return strdup(usec > 0 ? duration_to_text(usec, buffer, sizeof(buffer)) : "");
}

char *cell_clock(json_object *row, const char *key) {
        char buffer[DURATION_TEXT_MAX];

        return strdup(clock_to_text(json_get_u64(row, key, 0), buffer, sizeof(buffer)));
}

char *cell_count(json_object *row, const char *key) {
        char *text = NULL;
        uint64_t n = json_get_u64(row, key, 0);

        if (n == 0)
                return strdup("");
        return asprintf(&text, "%llu", (unsigned long long)n) < 0 ? NULL : text;
}

char *cell_list(json_object *row, const char *key) {
        json_object *list = json_get_typed(row, key, json_type_array);
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        FILE *f = open_memstream(&text, &n_text);

        if (!f)
                return NULL;
        for (size_t i = 0; list && i < json_object_array_length(list); i++)
                (void)fprintf(f, "%s%s", i > 0 ? ", " : "",
                                json_object_get_string(json_object_array_get_idx(list, i)));
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

char *cell_bytes(json_object *row, const char *key) {
        json_object *value = json_get(row, key);
        double bytes = value ? json_object_get_double(value) : 0;
        char *text = NULL;
        int n;

        if (!value)
                return strdup("");
        if (bytes < 1024)
                n = asprintf(&text, "%.0f B", bytes);
        else if (bytes < 1024 * 1024)
                n = asprintf(&text, "%.1f KiB", bytes / 1024);
        else
                n = asprintf(&text, "%.1f MiB", bytes / 1024 / 1024);
        return n < 0 ? NULL : text;
}

char *cell_share(json_object *row, const char *key) {
        double share = json_get_double(row, key, -1);
        char *text = NULL;

        if (share < 0)
                return strdup("–");
        return asprintf(&text, "%.1f %%", share * 100) < 0 ? NULL : text;
}

char *cell_seconds(json_object *row, const char *key) {
        char buffer[DURATION_TEXT_MAX] = "";
        double seconds = json_get_double(row, key, 0);

        return strdup(seconds > 0 ? duration_to_text((uint64_t)(seconds * 1e6), buffer,
                                                    sizeof(buffer))
                                  : "");
}
