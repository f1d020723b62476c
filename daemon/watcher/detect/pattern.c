/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "daemon/watcher/detect/pattern.h"

#include <assert.h>
#include <errno.h>
#include <pcre2.h>
#include <string.h>

struct Pattern {
        pcre2_code *code;
        bool is_compiled; /* to machine code */
};

struct Matcher {
        pcre2_match_data *data;
        pcre2_match_context *context;
};

int pattern_new(const char *text, char *error, size_t n_error, Pattern **ret) {
        _cleanup_(pattern_freep) Pattern *p = NULL;
        PCRE2_UCHAR message[128];
        PCRE2_SIZE offset;
        int code;

        assert(text);
        assert(ret);

        if (strlen(text) > PATTERN_LENGTH_MAX) {
                (void)snprintf(error, n_error, "a pattern has at most %u bytes",
                                PATTERN_LENGTH_MAX);
                return -EBADMSG;
        }

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;

        p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                        PCRE2_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
                        NULL);
        if (!p->code) {
                (void)pcre2_get_error_message(code, message, sizeof(message));
                (void)snprintf(error, n_error, "not a valid pattern: %s (at its byte %zu)",
                                (const char *)message, (size_t)offset + 1);
                return -EBADMSG;
        }

        /* Twice as fast; where memory may not be made executable it goes without. */
        p->is_compiled = pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE) == 0;
        *ret = TAKE_PTR(p);
        return 0;
}

Pattern *pattern_free(Pattern *p) {
        if (!p)
                return NULL;

        pcre2_code_free(p->code);
        free(p);
        return NULL;
}

int matcher_new(Matcher **ret) {
        _cleanup_(matcher_freep) Matcher *m = calloc(1, sizeof(*m));

        if (!m)
                return -ENOMEM;

        m->data = pcre2_match_data_create(2, NULL);
        m->context = pcre2_match_context_create(NULL);
        if (!m->data || !m->context)
                return -ENOMEM;

        pcre2_set_match_limit(m->context, PATTERN_MATCH_LIMIT);
        pcre2_set_depth_limit(m->context, PATTERN_DEPTH_LIMIT);
        pcre2_set_heap_limit(m->context, PATTERN_HEAP_LIMIT_KIB);
        *ret = TAKE_PTR(m);
        return 0;
}

Matcher *matcher_free(Matcher *m) {
        if (!m)
                return NULL;

        pcre2_match_data_free(m->data);
        pcre2_match_context_free(m->context);
        free(m);
        return NULL;
}

/* The limit moved back to the beginning of a character. */
static size_t cut(const char *s, size_t n) {
        if (n <= PATTERN_SUBJECT_MAX)
                return n;

        n = PATTERN_SUBJECT_MAX;
        while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80)
                n--;
        return n;
}

/*
 * Compiled code has a small stack only; what does not fit there is interpreted. It is called
 * without pcre2_match(), which takes longer to find out that it may be than most lines take to
 * match.
 */
static int match(const Pattern *p, Matcher *m, const char *subject, size_t n) {
        int r = PCRE2_ERROR_JIT_STACKLIMIT;

        if (p->is_compiled)
                r = pcre2_jit_match(p->code, (PCRE2_SPTR)subject, n, 0, 0, m->data, m->context);
        if (r != PCRE2_ERROR_JIT_STACKLIMIT)
                return r;
        return pcre2_match(p->code, (PCRE2_SPTR)subject, n, 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                        m->data, m->context);
}

bool pattern_match(const Pattern *p, Matcher *m, const char *subject, size_t n, PatternMatch *ret) {
        const PCRE2_SIZE *at;
        int r;

        assert(p);
        assert(m);

        r = match(p, m, subject, cut(subject, n));
        if (r < 0)
                return false;
        if (!ret)
                return true;

        at = pcre2_get_ovector_pointer(m->data);
        /* A look-behind with \K can put the start behind the end. */
        *ret = (PatternMatch){.start = MIN(at[0], at[1]), .end = at[1]};
        if (r != 1 && at[2] != PCRE2_UNSET) {
                ret->group_start = at[2];
                ret->group_end = at[3];
        }
        return true;
}
