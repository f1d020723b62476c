/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/manifest-file.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/extend/plugin-file.h"
#include "daemon/extend/plugin-folders.h"

#define MANIFEST_SIZE_MAX (256U * 1024U)

_printf_(2, 3) static int explain(char **reterr, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        if (vasprintf(reterr, format, ap) < 0)
                *reterr = NULL;
        va_end(ap);
        return *reterr ? 0 : -ENOMEM;
}

static int parse(const char *path, const char *text, size_t n_text, const char *name,
                Manifest **ret, char **reterr) {
        _cleanup_(manifest_unrefp) Manifest *m = NULL;
        YamlError error = {};
        int r;

        r = manifest_parse(text, n_text, &m, &error);
        if (r < 0) {
                (void)explain(reterr, "%s:%u: %s", path, error.line, error.message);
                return r;
        }
        if (strcmp(m->name, name) != 0) {
                (void)explain(reterr, "%s: its name is '%s', that of its folder '%s'", path,
                                m->name, name);
                return -EBADMSG;
        }

        *ret = TAKE_PTR(m);
        return 0;
}

int manifest_file_read(const char *folder, uid_t owner, struct stat *ret_seen, Manifest **ret,
                char **reterr) {
        const char *slash = strrchr(folder, '/');
        _cleanup_free_ char *path = NULL, *text = NULL;
        _cleanup_close_ int fd = -1;
        size_t n;
        int r;

        *reterr = NULL;
        if (asprintf(&path, "%s/" PLUGIN_MANIFEST, folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        r = plugin_file_open(path, owner, &fd, reterr);
        if (r >= 0 && fstat(fd, ret_seen) < 0)
                r = -errno;
        if (r >= 0)
                r = plugin_file_read(fd, MANIFEST_SIZE_MAX, &text, &n);
        if (r >= 0)
                return parse(path, text, n, slash ? slash + 1 : folder, ret, reterr);

        if (!*reterr)
                (void)explain(reterr, "cannot read '%s': %s", path, strerror(-r));
        return r;
}
