/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "daemon/extend/schema-regex.h"

#include <assert.h>
#include <errno.h>
#include <pcre2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/clock.h"

#define MATCH_LIMIT 1000000U
#define DEPTH_LIMIT 10000U
#define HEAP_LIMIT_KIB 4096U
/* The clock is looked at after so many items of the pattern. */
#define ITEMS_PER_LOOK 64U

struct SchemaRegex {
        pcre2_code *code;
        pcre2_match_data *data;
        pcre2_match_context *context;
};

typedef struct Watch {
        uint64_t end_usec;
        unsigned items;
} Watch;

static _printf_(2, 3) int fail(char **reterr, const char *format, ...) {
        va_list ap;
        int r;

        if (!reterr)
                return -EBADMSG;

        va_start(ap, format);
        r = vasprintf(reterr, format, ap);
        va_end(ap);
        if (r < 0) {
                *reterr = NULL;
                return -ENOMEM;
        }
        return -EBADMSG;
}

/* Escapes that both know, or that stand for the character itself. */
static bool escape_is_common(char c) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        return c != '\0' && (!letter || strchr("bBdDsSwWfnrtvcxukpP", c));
}

static bool group_is_common(const char *after) {
        static const char *const openings[] = {":", "=", "!", "<=", "<!"};

        FOREACH_ELEMENT (opening, openings)
                if (strncmp(after, *opening, strlen(*opening)) == 0)
                        return true;
        return after[0] == '<' && after[1] != '\0' && !strchr("=!>", after[1]);
}

/* PCRE knows more than ECMA 262: verbs, recursion, conditions, options, other escapes. */
static const char *find_foreign(const char *text) {
        bool in_class = false;

        for (const char *p = text; *p; p++) {
                if (*p == '\\') {
                        if (!escape_is_common(p[1]))
                                return p;
                        p++;
                } else if (*p == '[' && in_class && strchr(":.=", p[1]) && p[1] != '\0')
                        return p; /* a class by name */
                else if (*p == '[')
                        in_class = true;
                else if (*p == ']')
                        in_class = false;
                else if (!in_class && *p == '(' &&
                                (p[1] == '*' || (p[1] == '?' && !group_is_common(p + 2))))
                        return p;
        }
        return NULL;
}

/* Called at every item of the pattern. */
static int on_item(pcre2_callout_block *block, void *userdata) {
        Watch *watch = userdata;

        if (++watch->items % ITEMS_PER_LOOK != 0)
                return 0;
        return clock_usec(CLOCK_THREAD_CPUTIME_ID) < watch->end_usec ? 0 : PCRE2_ERROR_CALLOUT;
}

static int compile(SchemaRegex *regex, const char *text, char **reterr) {
        pcre2_compile_context *context = pcre2_compile_context_create(NULL);
        PCRE2_UCHAR message[128];
        PCRE2_SIZE offset;
        int code;

        if (!context)
                return -ENOMEM;

        (void)pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
        (void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
        regex->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                        PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
                                        PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
                                        PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT,
                        &code, &offset, context);
        pcre2_compile_context_free(context);
        if (regex->code)
                return 0;

        (void)pcre2_get_error_message(code, message, sizeof(message));
        return fail(reterr, "%s (at its byte %zu)", (const char *)message, (size_t)offset + 1);
}

static int prepare_match(SchemaRegex *regex) {
        regex->data = pcre2_match_data_create(1, NULL);
        regex->context = pcre2_match_context_create(NULL);
        if (!regex->data || !regex->context)
                return -ENOMEM;

        (void)pcre2_set_match_limit(regex->context, MATCH_LIMIT);
        (void)pcre2_set_depth_limit(regex->context, DEPTH_LIMIT);
        (void)pcre2_set_heap_limit(regex->context, HEAP_LIMIT_KIB);
        return 0;
}

int schema_regex_new(const char *text, SchemaRegex **ret, char **reterr) {
        _cleanup_(schema_regex_freep) SchemaRegex *regex = NULL;
        const char *foreign;
        int r;

        assert(text && ret);

        if (strlen(text) > SCHEMA_REGEX_LENGTH_MAX)
                return fail(reterr, "a pattern has at most %u bytes", SCHEMA_REGEX_LENGTH_MAX);
        foreign = find_foreign(text);
        if (foreign)
                return fail(reterr, "what begins at its byte %zu is not of ECMA 262",
                                (size_t)(foreign - text) + 1);

        regex = calloc(1, sizeof(*regex));
        if (!regex)
                return -ENOMEM;

        r = compile(regex, text, reterr);
        if (r < 0)
                return r;
        r = prepare_match(regex);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(regex);
        return 0;
}

SchemaRegex *schema_regex_free(SchemaRegex *regex) {
        if (!regex)
                return NULL;

        pcre2_code_free(regex->code);
        pcre2_match_data_free(regex->data);
        pcre2_match_context_free(regex->context);
        free(regex);
        return NULL;
}

static bool is_limit(int r) {
        return r == PCRE2_ERROR_CALLOUT || r == PCRE2_ERROR_MATCHLIMIT ||
                        r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_HEAPLIMIT;
}

int schema_regex_match(const SchemaRegex *regex, const char *s, size_t n, uint64_t cpu_usec) {
        Watch watch = {.end_usec = clock_usec(CLOCK_THREAD_CPUTIME_ID) + cpu_usec};
        int r;

        assert(regex && s);

        if (n > SCHEMA_REGEX_SUBJECT_MAX)
                return -EFBIG;

        (void)pcre2_set_callout(regex->context, on_item, &watch);
        r = pcre2_match(regex->code, (PCRE2_SPTR)s, n, 0, PCRE2_NO_JIT, regex->data,
                        regex->context);
        if (r >= 0)
                return 1;
        if (r == PCRE2_ERROR_NOMEMORY)
                return -ENOMEM;
        return is_limit(r) ? -ETIME : 0;
}
