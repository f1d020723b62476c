/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/cgroup-text.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/text.h"

#define DIGITS_MAX 20U
#define MOUNT_WORDS 5U

/* The rest of the line that begins so; NULL: there is none. */
static const char *find_line(const char *text, const char *prefix) {
        size_t n = strlen(prefix);

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, prefix, n) == 0)
                        return line + n;
        }
        return NULL;
}

/* A decimal number up to @end or the end of the text. */
static int parse_digits(const char *text, const char *end, uint64_t *ret) {
        size_t n = strcspn(text, end);
        char digits[DIGITS_MAX + 1];

        if (n == 0 || n > DIGITS_MAX)
                return -EBADMSG;
        memcpy(digits, text, n);
        digits[n] = '\0';
        return parse_u64(digits, 0, UINT64_MAX, ret) < 0 ? -EBADMSG : 0;
}

/* What leads out of what we see, or is no more, is nothing to look at. */
static bool path_is_visible(const char *path, size_t n) {
        static const char deleted[] = " (deleted)";
        size_t n_deleted = sizeof(deleted) - 1;

        if (n >= n_deleted && memcmp(path + n - n_deleted, deleted, n_deleted) == 0)
                return false;
        for (size_t i = 0; i + 2 < n; i++)
                if (path[i] == '/' && path[i + 1] == '.' && path[i + 2] == '.' &&
                                (i + 3 == n || path[i + 3] == '/'))
                        return false;
        return true;
}

int cgroup_parse_path(const char *text, char ret[CGROUP_PATH_MAX]) {
        const char *path = find_line(text, "0::");
        size_t n;

        if (!path)
                return -ENOENT;
        n = strcspn(path, "\n");
        if (path[0] != '/' || n >= CGROUP_PATH_MAX)
                return -EBADMSG;
        if (!path_is_visible(path, n))
                return -ENOENT;

        memcpy(ret, path, n);
        ret[n] = '\0';
        return 0;
}

/* A mount point has blanks, and some other bytes, as \040. */
static int unescape(const char *word, size_t n, char ret[CGROUP_PATH_MAX]) {
        size_t k = 0;

        for (size_t i = 0; i < n; i++) {
                unsigned code = (unsigned char)word[i];

                if (word[i] == '\\') {
                        if (i + 3 >= n || sscanf(word + i + 1, "%3o", &code) != 1)
                                return -EBADMSG;
                        i += 3;
                }
                if (k + 1 >= CGROUP_PATH_MAX || code == 0 || code > 255)
                        return -EBADMSG;
                ret[k++] = (char)code;
        }
        ret[k] = '\0';
        return ret[0] == '/' ? 0 : -EBADMSG;
}

/* "36 35 0:30 ROOT POINT OPTIONS… - TYPE …": of a part of the tree nobody's path can be told. */
static int parse_mount_line(const char *line, size_t n_line, char ret[CGROUP_PATH_MAX]) {
        const char *words[MOUNT_WORDS], *dash = memmem(line, n_line, " - cgroup2 ", 11);
        size_t lengths[MOUNT_WORDS];

        if (!dash)
                return -ENOENT;
        for (size_t i = 0; i < MOUNT_WORDS; i++) {
                words[i] = line;
                lengths[i] = strcspn(line, " \n");
                line += lengths[i];
                if (*line != ' ' || line > dash)
                        return -EBADMSG;
                line++;
        }
        if (lengths[3] != 1 || words[3][0] != '/')
                return -ENOENT;
        return unescape(words[4], lengths[4], ret);
}

int cgroup_parse_mount(const char *text, char ret[CGROUP_PATH_MAX]) {
        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                if (parse_mount_line(line, n, ret) >= 0)
                        return 0;
                line += n + (line[n] == '\n');
        }
        return -ENOENT;
}

int cgroup_parse_number(const char *text, uint64_t *ret) {
        if (strcmp(text, "max\n") == 0 || strcmp(text, "max") == 0) {
                *ret = CGROUP_NO_LIMIT;
                return 0;
        }
        return parse_digits(text, "\n", ret);
}

static int parse_member(const char *text, const char *name, uint64_t *ret) {
        const char *value = find_line(text, name);

        return value ? parse_digits(value, "\n", ret) : -EBADMSG;
}

int cgroup_parse_events(const char *text, CgroupEvents *ret) {
        CgroupEvents events = {};
        int r;

        r = parse_member(text, "high ", &events.high);
        if (r >= 0)
                r = parse_member(text, "oom ", &events.oom);
        if (r >= 0)
                r = parse_member(text, "oom_kill ", &events.oom_kill);
        if (r >= 0)
                *ret = events;
        return r;
}

/* What is in tmpfs counts as file, but there is nowhere else that it could be read from. */
int cgroup_parse_cache(const char *text, uint64_t *ret) {
        uint64_t file, shmem, slab;
        int r;

        r = parse_member(text, "file ", &file);
        if (r >= 0)
                r = parse_member(text, "shmem ", &shmem);
        if (r >= 0)
                r = parse_member(text, "slab_reclaimable ", &slab);
        if (r < 0)
                return r;

        file -= shmem < file ? shmem : file;
        *ret = slab < UINT64_MAX - file ? file + slab : UINT64_MAX;
        return 0;
}

/* "some avg10=1.50 avg60=…", in per cent with two digits. */
int cgroup_parse_pressure(const char *text, double *ret) {
        const char *value = find_line(text, "some avg10=");
        uint64_t whole, part;

        if (!value || parse_digits(value, ".", &whole) < 0 || whole > 100)
                return -EBADMSG;
        value = strchr(value, '.');
        if (!value || strcspn(value + 1, " ") != 2 || parse_digits(value + 1, " ", &part) < 0)
                return -EBADMSG;
        *ret = ((double)whole + (double)part / 100) / 100;
        if (*ret > 1)
                *ret = 1;
        return 0;
}
