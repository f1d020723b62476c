/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/write-file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"

int write_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = write(fd, data, n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                data += k;
                n -= (size_t)k;
        }

        return 0;
}

static int fill(const char *path, const char *data, size_t n, mode_t mode) {
        _cleanup_close_ int fd = -1;
        int r;

        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return -errno;
        r = write_all(fd, data, n);
        if (r < 0)
                return r;
        /* Whatever the umask says. */
        if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
                return -errno;

        return 0;
}

/* The name itself is on the disk only when its folder is. */
static int sync_folder(const char *path) {
        _cleanup_free_ char *folder = strdup(path);
        _cleanup_close_ int fd = -1;
        char *slash;

        if (!folder)
                return -ENOMEM;
        slash = strrchr(folder, '/');
        if (!slash)
                return 0;
        *slash = '\0';
        fd = open(slash == folder ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return -errno;

        return 0;
}

int write_file_atomically(const char *path, const char *data, size_t n, mode_t mode) {
        _cleanup_free_ char *new = NULL;
        int r;

        assert(path && data);

        if (asprintf(&new, "%s.new", path) < 0) {
                new = NULL;
                return -ENOMEM;
        }

        /* One that was left over when somebody ended in the middle. */
        (void)unlink(new);
        r = fill(new, data, n, mode);
        if (r >= 0 && rename(new, path) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlink(new);
                return r;
        }

        return sync_folder(path);
}
