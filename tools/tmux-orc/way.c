/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/way.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"

/* 'it'\''s' */
static char *shell_quote(const char *s) {
        _cleanup_free_ char *quoted = NULL;
        size_t n = 0;
        FILE *f;

        if (s[0] &&
                        strspn(s,
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
                                        "6789"
                                        "_-./:@=,") == strlen(s))
                return strdup(s);

        f = open_memstream(&quoted, &n);
        if (!f)
                return NULL;
        (void)fputc('\'', f);
        for (; *s; s++)
                if (*s == '\'')
                        (void)fputs("'\\''", f);
                else
                        (void)fputc(*s, f);
        (void)fputc('\'', f);
        return fclose(f) == 0 ? TAKE_PTR(quoted) : NULL;
}

static json_object *find_server(json_object *servers, const char *path) {
        for (size_t i = 0; path && i < json_object_array_length(servers); i++) {
                json_object *server = json_object_array_get_idx(servers, i);
                const char *p = json_get_string(server, "path");

                if (p && strcmp(p, path) == 0)
                        return server;
        }
        return NULL;
}

/* TMUX is "socket,pid,session". */
static bool is_inside(const char *tmux, const char *socket) {
        size_t n = strlen(socket);

        return tmux && strncmp(tmux, socket, n) == 0 && tmux[n] == ',';
}

char *way_own_socket(void) {
        const char *folder = getenv("TMUX_TMPDIR");
        char *path = NULL;

        return asprintf(&path, "%s/tmux-%u/default", text_is_empty(folder) ? "/tmp" : folder,
                               getuid()) < 0
                        ? NULL
                        : path;
}

static char *way_command(
                const char *socket, const char *target, const char *tmux, const char *own_socket) {
        _cleanup_free_ char *q_socket = shell_quote(socket), *q_target = shell_quote(target);
        char *command = NULL;
        int n;

        if (!q_socket || !q_target)
                return NULL;
        if (is_inside(tmux, socket))
                n = asprintf(&command, "tmux switch-client -t %s", q_target);
        else if (!tmux && strcmp(socket, own_socket) == 0)
                n = asprintf(&command, "tmux attach -t %s", q_target);
        else
                /* tmux refuses to run inside another one as long as TMUX is set. */
                n = asprintf(&command, "%stmux -S %s attach -t %s", tmux ? "TMUX= " : "", q_socket,
                                q_target);
        return n < 0 ? NULL : command;
}

int way_add(json_object *row, json_object *servers, const char *tmux, const char *own_socket) {
        json_object *server = find_server(servers, json_get_string(row, "server"));
        const char *socket = server ? json_get_string(server, "socket") : NULL;
        const char *target = json_get_string(row, "target");
        _cleanup_free_ char *command = NULL;

        if (!socket || !target)
                return 0;
        command = way_command(socket, target, text_is_empty(tmux) ? NULL : tmux, own_socket);
        return command ? json_set_string(row, "go", command) : -ENOMEM;
}
