/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/schema-uri.h"

#include <errno.h>
#include <string.h>
#include <uriparser/Uri.h>

#include "daemon/base/cleanup.h"

static bool is_reference(const char *s, bool absolute) {
        UriUriA uri;
        bool good;

        if (uriParseSingleUriA(&uri, s, NULL) != URI_SUCCESS)
                return false;
        good = !absolute || uri.scheme.first;
        uriFreeUriMembersA(&uri);
        return good;
}

bool schema_is_uri(const char *s) {
        return is_reference(s, true);
}

bool schema_is_uri_reference(const char *s) {
        return is_reference(s, false);
}

/* What is not ASCII becomes a letter: where that may stand, other scripts may. */
static bool is_iri_reference(const char *s, bool absolute) {
        _cleanup_free_ char *copy = strdup(s);

        if (!copy)
                return false;
        for (char *p = copy; *p; p++)
                if ((unsigned char)*p >= 0x80)
                        *p = 'x';
        return is_reference(copy, absolute);
}

bool schema_is_iri(const char *s) {
        return is_iri_reference(s, true);
}

bool schema_is_iri_reference(const char *s) {
        return is_iri_reference(s, false);
}

static int to_text(const UriUriA *uri, char **ret) {
        _cleanup_free_ char *text = NULL;
        int n;

        if (uriToStringCharsRequiredA(uri, &n) != URI_SUCCESS)
                return -EINVAL;
        text = malloc((size_t)n + 1);
        if (!text)
                return -ENOMEM;
        if (uriToStringA(text, uri, n + 1, NULL) != URI_SUCCESS)
                return -EINVAL;
        *ret = TAKE_PTR(text);
        return 0;
}

static int add_base(const UriUriA *base, const UriUriA *reference, char **ret) {
        UriUriA uri;
        int r = -EINVAL;

        if (uriAddBaseUriA(&uri, reference, base) == URI_SUCCESS &&
                        uriNormalizeSyntaxA(&uri) == URI_SUCCESS)
                r = to_text(&uri, ret);
        uriFreeUriMembersA(&uri);
        return r;
}

int schema_uri_resolve(const char *base, const char *reference, char **ret) {
        UriUriA base_uri, reference_uri;
        int r = -EINVAL;

        if (uriParseSingleUriA(&base_uri, base, NULL) != URI_SUCCESS)
                return -EINVAL;
        if (uriParseSingleUriA(&reference_uri, reference, NULL) == URI_SUCCESS) {
                r = add_base(&base_uri, &reference_uri, ret);
                uriFreeUriMembersA(&reference_uri);
        }
        uriFreeUriMembersA(&base_uri);
        return r;
}

void schema_uri_unescape(char *s) {
        (void)uriUnescapeInPlaceA(s);
}
