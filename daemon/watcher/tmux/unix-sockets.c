/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/unix-sockets.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/read-file.h"

#define TABLE_MAX (4U << 20)
#define SOCKETS_MAX 4096U
#define FLAG_LISTENS 0x10000U

typedef struct Listener {
        uint64_t inode;
        char *path;
        UT_hash_handle hh;
} Listener;

struct UnixSockets {
        Listener *listeners;
};

UnixSockets *unix_sockets_free(UnixSockets *sockets) {
        Listener *l, *next;

        if (!sockets)
                return NULL;

        HASH_ITER (hh, sockets->listeners, l, next) {
                HASH_DEL(sockets->listeners, l);
                free(l->path);
                free(l);
        }
        free(sockets);
        return NULL;
}

const char *unix_sockets_find(const UnixSockets *sockets, uint64_t inode) {
        Listener *l;

        HASH_FIND(hh, sockets->listeners, &inode, sizeof(inode), l);
        return l ? l->path : NULL;
}

static int add(UnixSockets *s, uint64_t inode, const char *path) {
        Listener *l;

        if (unix_sockets_find(s, inode) || HASH_COUNT(s->listeners) == SOCKETS_MAX)
                return 0;
        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;
        l->inode = inode;
        l->path = strdup(path);
        if (!l->path) {
                free(l);
                return -ENOMEM;
        }
        HASH_ADD(hh, s->listeners, inode, sizeof(l->inode), l);
        return 0;
}

/* "0000000000000000: 00000002 00000000 00010000 0001 01 12345 /tmp/tmux-1000/default" */
static int parse_line(UnixSockets *s, const char *line) {
        unsigned flags;
        uint64_t inode;
        int n = -1;

        if (sscanf(line, "%*x: %*x %*x %x %*x %*x %" SCNu64 " %n", &flags, &inode, &n) != 2 ||
                        n < 0)
                return 0;
        if (!(flags & FLAG_LISTENS) || line[n] == '\0' || line[n] == '@')
                return 0;
        return add(s, inode, line + n);
}

int unix_sockets_parse(const char *text, size_t n_text, UnixSockets **ret) {
        _cleanup_(unix_sockets_freep) UnixSockets *s = NULL;
        _cleanup_free_ char *copy = NULL;
        char *save = NULL;
        int r;

        assert(text);
        assert(ret);

        s = calloc(1, sizeof(*s));
        copy = strndup(text, n_text);
        if (!s || !copy)
                return -ENOMEM;

        for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                r = parse_line(s, line);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(s);
        return 0;
}

int unix_sockets_read(UnixSockets **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n_text;
        int r;

        r = read_proc_file(AT_FDCWD, "/proc/net/unix", TABLE_MAX, &text, &n_text);
        return r < 0 ? r : unix_sockets_parse(text, n_text, ret);
}
