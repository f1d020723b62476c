/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/agent-id.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <xxhash.h>

#include "daemon/base/text.h"

#define LABEL_MAX 48U

static bool id_character(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        c == '_' || c == '-';
}

/* Whether the label says all that the name said. */
static bool label_from_name(const char *name, char label[static LABEL_MAX + 1]) {
        bool same = name[0] != '\0';
        size_t n = 0;

        for (; name[n] && n < LABEL_MAX; n++) {
                label[n] = id_character(name[n]) ? name[n] : '_';
                same = same && label[n] == name[n];
        }
        label[n] = '\0';

        return same && name[n] == '\0';
}

static bool folder_is_default(uid_t uid, const char *socket, size_t n_folder) {
        char folder[64];

        (void)snprintf(folder, sizeof(folder), "/tmp/tmux-%lu/", (unsigned long)uid);
        return strlen(folder) == n_folder && strncmp(folder, socket, n_folder) == 0;
}

int server_id_make(uid_t uid, const char *socket, unsigned n_digits, char **ret) {
        const char *slash, *name;
        char label[LABEL_MAX + 1], digits[17];
        bool plain;
        int n;

        assert(socket);
        assert(n_digits <= SERVER_ID_DIGITS_MAX);
        assert(ret);

        slash = strrchr(socket, '/');
        name = slash ? slash + 1 : socket;
        plain = label_from_name(name, label) &&
                        folder_is_default(uid, socket, (size_t)(name - socket));

        if (plain && n_digits == 0)
                n = asprintf(ret, "%lu-%s", (unsigned long)uid, label);
        else {
                (void)snprintf(digits, sizeof(digits), "%016llx",
                                (unsigned long long)XXH3_64bits(socket, strlen(socket)));
                n = asprintf(ret, "%lu-%s-%.*s", (unsigned long)uid, label,
                                (int)MAX(n_digits, SERVER_ID_DIGITS_MIN), digits);
        }

        return n < 0 ? -ENOMEM : 0;
}

int pane_number(const char *pane, unsigned *ret) {
        uint64_t number;
        int r;

        assert(ret);

        if (!pane || pane[0] != '%')
                return -EINVAL;

        r = parse_u64(pane + 1, 0, INT_MAX, &number);
        if (r < 0)
                return -EINVAL;

        *ret = (unsigned)number;
        return 0;
}

int agent_id_make(const char *server_id, const char *pane, char **ret) {
        unsigned number;
        int r;

        assert(server_id);
        assert(ret);

        r = pane_number(pane, &number);
        if (r < 0)
                return r;

        return asprintf(ret, "%s-%u", server_id, number) < 0 ? -ENOMEM : 0;
}
