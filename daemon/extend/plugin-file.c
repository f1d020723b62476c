/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/plugin-file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"

/* Newer than the headers of Debian 12, and refused by older kernels. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char *others_can_write(const struct stat *st, uid_t owner) {
        bool is_folder = S_ISDIR(st->st_mode);

        if (st->st_uid != 0 && st->st_uid != owner)
                return "belongs to another user";
        if ((st->st_mode & 022) && !(is_folder && (st->st_mode & S_ISVTX)))
                return "can be written to by others: 'chmod go-w' it";
        if (!is_folder && st->st_nlink > 1)
                return "has another name elsewhere (a hard link)";
        return NULL;
}

static int check(int fd, const char *path, size_t n_path, uid_t owner, char **reterr) {
        const char *reason;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        reason = others_can_write(&st, owner);
        if (!reason)
                return 0;

        if (asprintf(reterr, "'%.*s' %s", (int)n_path, path, reason) < 0)
                *reterr = NULL;
        return -EACCES;
}

/* Goes down one folder after the other; @path has no links in it. */
static int open_checked(const char *path, uid_t owner, int *ret, char **reterr) {
        _cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        const char *p = path + 1;
        int r;

        if (fd < 0)
                return -errno;

        for (;;) {
                size_t n = strcspn(p, "/");
                _cleanup_free_ char *name = strndup(p, n);
                bool last = p[n] == '\0';
                int next;

                if (!name)
                        return -ENOMEM;
                /* A FIFO in the place of a file must not block us. */
                next = openat(fd, name,
                                O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
                                                (last ? O_RDONLY : O_PATH | O_DIRECTORY));
                if (next < 0)
                        return -errno;
                close_fd(fd);
                fd = next;

                p += n;
                r = check(fd, path, (size_t)(p - path), owner, reterr);
                if (r < 0)
                        return r;
                if (last)
                        break;
                p++;
        }

        *ret = TAKE_FD(fd);
        return 0;
}

int plugin_file_open(const char *path, uid_t owner, int *ret, char **reterr) {
        _cleanup_free_ char *real = realpath(path, NULL);
        _cleanup_close_ int fd = -1;
        struct stat st;
        int r;

        assert(path[0] == '/' && ret && reterr);

        *reterr = NULL;
        if (!real)
                return -errno;
        r = open_checked(real, owner, &fd, reterr);
        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;

        *ret = TAKE_FD(fd);
        return 0;
}

static int make_memory(const char *name) {
        int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

        if (fd < 0 && errno == EINVAL)
                fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        return fd < 0 ? -errno : fd;
}

int plugin_file_seal(int fd, const char *name, size_t max, int *ret) {
        _cleanup_close_ int memory = make_memory(name);
        size_t n = 0;

        if (memory < 0)
                return memory;

        for (;;) {
                ssize_t k = sendfile(memory, fd, NULL, max + 1 - n);

                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t)k;
                if (n > max)
                        return -EFBIG;
        }

        if (fcntl(memory, F_ADD_SEALS, SEALS) < 0)
                return -errno;
        *ret = TAKE_FD(memory);
        return 0;
}

int plugin_file_read(int fd, size_t max, char **ret, size_t *ret_n) {
        _cleanup_free_ char *text = malloc(max + 2);
        size_t n = 0;

        if (!text)
                return -ENOMEM;

        while (n <= max) {
                ssize_t k = read(fd, text + n, max + 1 - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t)k;
        }
        if (n > max)
                return -EFBIG;

        text[n] = '\0';
        *ret = TAKE_PTR(text);
        *ret_n = n;
        return 0;
}
