/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/read-file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"

/* Reads until the end or until @max bytes are there. */
static int read_up_to(int fd, char *buffer, size_t max, size_t *ret_n) {
        size_t n = 0;

        while (n < max) {
                ssize_t k = read(fd, buffer + n, max - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t)k;
        }

        *ret_n = n;
        return 0;
}

int read_regular_fd(int fd, size_t max, char **ret, size_t *ret_n) {
        _cleanup_free_ char *buffer = NULL;
        struct stat st;
        size_t n = 0;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        if (st.st_size > (off_t)max)
                return -EFBIG;

        /* One byte more than we expect, to notice a file that grows. */
        buffer = malloc((size_t)st.st_size + 2);
        if (!buffer)
                return -ENOMEM;

        r = read_up_to(fd, buffer, (size_t)st.st_size + 1, &n);
        if (r < 0)
                return r;
        if (n > (size_t)st.st_size)
                return -EAGAIN;

        buffer[n] = '\0';
        *ret = TAKE_PTR(buffer);
        *ret_n = n;
        return 0;
}

int read_regular_file(const char *path, size_t max, char **ret, size_t *ret_n) {
        _cleanup_close_ int fd = -1;

        assert(path);

        /* A FIFO in the place of a file must not block us. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        return fd < 0 ? -errno : read_regular_fd(fd, max, ret, ret_n);
}

int read_proc_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_n) {
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *buffer = NULL;
        size_t n = 0;
        int r;

        assert(path);

        fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        buffer = malloc(max + 1);
        if (!buffer)
                return -ENOMEM;

        r = read_up_to(fd, buffer, max, &n);
        if (r < 0)
                return r;

        buffer[n] = '\0';
        *ret = TAKE_PTR(buffer);
        *ret_n = n;
        return 0;
}
