/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ownership
 *
 * A local variable that owns carries _cleanup_(); giving away is TAKE_PTR() or TAKE_FD(). This is
 * the only header of helpers without a topic of its own.
 */

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef NDEBUG
#error "asserts are part of this program: do not define NDEBUG"
#endif

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)
#define _cleanup_fclose_ _cleanup_(fclosep)
#define _cleanup_closedir_ _cleanup_(closedirp)

#define _printf_(f, a) __attribute__((format(printf, f, a)))
#define _unused_ __attribute__((unused))

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))
#define FOREACH_ELEMENT(e, array) \
        for (__auto_type e = &(array)[0]; e < &(array)[ELEMENTSOF(array)]; e++)

#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#define MIN(a, b) \
        ({ \
                __auto_type _a = (a); \
                __auto_type _b = (b); \
                _a < _b ? _a : _b; \
        })
#define MAX(a, b) \
        ({ \
                __auto_type _a = (a); \
                __auto_type _b = (b); \
                _a > _b ? _a : _b; \
        })

#define TAKE_PTR(p) \
        ({ \
                __auto_type _p = (p); \
                (p) = NULL; \
                _p; \
        })
#define TAKE_FD(fd) \
        ({ \
                int _fd = (fd); \
                (fd) = -1; \
                _fd; \
        })

/* Defines foo_freep() for use with _cleanup_(): calls @f on the pointer unless it is NULL. */
#define DEFINE_CLEANUP(type, f) \
        static inline void f##p(type *p) { \
                if (*p) \
                        f(*p); \
        }

static inline void freep(void *p) {
        free(*(void **)p);
}

static inline int close_fd(int fd) {
        if (fd >= 0)
                (void)close(fd);
        return -1;
}

static inline void closep(int *fd) {
        close_fd(*fd);
}

static inline void fclosep(FILE **f) {
        if (*f)
                (void)fclose(*f);
}

static inline void closedirp(DIR **d) {
        if (*d)
                (void)closedir(*d);
}
