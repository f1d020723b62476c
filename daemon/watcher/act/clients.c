/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/act/clients.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/text.h"

int clients_list(TmuxWords *ret) {
        tmux_words_command(ret, "list-clients");
        tmux_words_add(ret, "-F");
        tmux_words_add(ret,
                        "client\t#{client_activity}\t#{client_uid}\t#{client_control_mode}\t#{"
                        "client_name}");
        return tmux_words_check(ret);
}

/* A name as tmux gives it: that of a terminal. */
static bool is_plain(const char *name) {
        return *name && strlen(name) < CLIENT_NAME_MAX &&
                        strspn(name,
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
                                        "6"
                                        "789-_./") == strlen(name);
}

typedef struct Client {
        uint64_t activity;
        const char *name; /* NULL: this is none to be shown anything */
} Client;

/* A tmux that does not say whose it is has clients of its own user only. */
static Client read_client(char *line, uid_t uid) {
        uint64_t owner = uid;
        char *f[5] = {};
        Client c = {};

        for (size_t i = 0; i < ELEMENTSOF(f) && line; i++)
                f[i] = strsep(&line, "\t");
        if (!f[4] || strcmp(f[0], "client") != 0 || f[3][0] == '1' || !is_plain(f[4]) ||
                        parse_u64(f[1], 0, UINT64_MAX, &c.activity) < 0 ||
                        (f[2][0] && parse_u64(f[2], 0, UINT32_MAX, &owner) < 0) || owner != uid)
                return (Client){};
        c.name = f[4];
        return c;
}

int clients_choose(const char *out, uid_t uid, char ret[static CLIENT_NAME_MAX]) {
        _cleanup_free_ char *copy = strdup(out);
        char *rest = copy, *line;
        Client best = {};

        if (!copy)
                return -ENOMEM;
        while ((line = strsep(&rest, "\n"))) {
                Client c = read_client(line, uid);

                if (c.name && (!best.name || c.activity > best.activity))
                        best = c;
        }
        if (!best.name)
                return -ENXIO;
        (void)snprintf(ret, CLIENT_NAME_MAX, "%s", best.name);
        return 0;
}

int clients_switch(const char *client, const char *pane, TmuxWords *ret) {
        tmux_words_command(ret, "switch-client");
        tmux_words_add(ret, "-c");
        tmux_words_add(ret, client);
        tmux_words_add(ret, "-t");
        tmux_words_add(ret, pane);
        return tmux_words_check(ret);
}
