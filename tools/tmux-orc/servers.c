/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/servers.h"

#include <string.h>

#include "daemon/base/json.h"

Style servers_style_of(const char *liveness) {
        if (liveness && strcmp(liveness, "alive") == 0)
                return STYLE_GREEN;
        return liveness && strcmp(liveness, "unknown") == 0 ? STYLE_YELLOW : STYLE_RED;
}

static Style style_liveness(json_object *row, const char *key) {
        return servers_style_of(json_get_string(row, key));
}

const Column servers_columns[] = {
                {"SERVER", "id"},
                {"UID", "uid", .flags = COLUMN_IF_OTHERS},
                {"LIVENESS", "liveness", .style = style_liveness},
                {"TMUX", "tmux_version", .flags = COLUMN_IF_ANY},
                {"PANES", "panes", cell_count, .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {"SOCKET", "socket", .flags = COLUMN_FLEXIBLE},
                {"REASON", "reason", .flags = COLUMN_FLEXIBLE | COLUMN_IF_ANY},
                {},
};
