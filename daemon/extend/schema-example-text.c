/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A text for a regular expression: walks it once, and takes one of the ways at each fork. */

#include <assert.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/extend/schema-example.h"

#define TEXT_MAX 4096
#define DEPTH_MAX 16U
#define STEPS_MAX 100000U
#define REPEAT_MAX 64U
#define PRINTABLE_FIRST 0x20
#define PRINTABLE_LAST 0x7E

typedef struct Sampler {
        SchemaRandom *random;
        FILE *out;
        unsigned depth;
        unsigned steps;
} Sampler;

static const char *sample_choice(Sampler *s, const char *p, bool write);

/* The end of the escape; adds what it stands for to @set. */
static const char *add_escape(const char *p, bool set[static 128]) {
        static const char word[] =
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

        switch (p[1]) {
        case 'd':
                for (int c = '0'; c <= '9'; c++)
                        set[c] = true;
                break;
        case 'w':
                for (const char *c = word; *c; c++)
                        set[(int)*c] = true;
                break;
        case 's':
                set[' '] = true;
                break;
        case 'n':
                set['\n'] = true;
                break;
        case 't':
                set['\t'] = true;
                break;
        default:
                if (p[1] > 0)
                        set[(int)p[1]] = true;
        }
        return p[1] ? p + 2 : p + 1;
}

static const char *add_range(const char *p, bool set[static 128]) {
        int first = (unsigned char)p[0], last = first;

        if (p[1] == '-' && p[2] && p[2] != ']') {
                last = (unsigned char)p[2];
                p += 2;
        }
        for (int c = first; c <= last && c < 128; c++)
                set[c] = true;
        return p + 1;
}

static const char *read_class(const char *p, bool set[static 128]) {
        bool negated = p[1] == '^';

        p += negated ? 2 : 1;
        while (*p && *p != ']')
                p = *p == '\\' ? add_escape(p, set) : add_range(p, set);
        for (int c = PRINTABLE_FIRST; negated && c <= PRINTABLE_LAST; c++)
                set[c] = !set[c];
        return *p ? p + 1 : p;
}

static void write_one_of(Sampler *s, const bool set[static 128]) {
        char all[128];
        size_t n = 0;

        for (int c = 1; c < 128; c++)
                if (set[c])
                        all[n++] = (char)c;
        if (n > 0)
                (void)fputc(all[schema_random_below(s->random, n)], s->out);
}

/* Past "(?:", "(?<name>" and their like. Looking around writes nothing. */
static const char *open_group(const char *p, bool *write) {
        if (p[1] != '?')
                return p + 1;
        if (p[2] == ':')
                return p + 3;
        if (p[2] == '<' && p[3] != '=' && p[3] != '!')
                return strchr(p, '>') ? strchr(p, '>') + 1 : p + 3;
        *write = false;
        return p[2] ? p + (p[2] == '<' ? 4 : 3) : p + 2;
}

static const char *sample_group(Sampler *s, const char *p, bool write) {
        p = open_group(p, &write);
        p = sample_choice(s, p, write);
        return *p == ')' ? p + 1 : p;
}

/* One atom; returns its end. */
static const char *sample_atom(Sampler *s, const char *p, bool write) {
        bool set[128] = {};

        if (++s->steps > STEPS_MAX)
                return p + strlen(p);

        switch (*p) {
        case '(':
                return sample_group(s, p, write);
        case '[':
                p = read_class(p, set);
                break;
        case '\\':
                if (p[1] == 'b' || p[1] == 'B')
                        return p + 2;
                p = add_escape(p, set);
                break;
        case '.':
                for (int c = 'a'; c <= 'z'; c++)
                        set[c] = true;
                p++;
                break;
        case '^':
        case '$':
                return p + 1;
        default:
                if (write)
                        (void)fputc(*p, s->out);
                return p + 1;
        }
        if (write)
                write_one_of(s, set);
        return p;
}

static const char *read_number(const char *p, unsigned *ret) {
        *ret = 0;
        for (; *p >= '0' && *p <= '9'; p++)
                *ret = MIN(*ret * 10 + (unsigned)(*p - '0'), REPEAT_MAX);
        return p;
}

/* "*", "+", "?", "{1,3}"; none is once. */
static const char *read_repetition(const char *p, unsigned *ret_min, unsigned *ret_max) {
        *ret_min = *p == '*' || *p == '?' ? 0 : 1;
        *ret_max = *p == '*' || *p == '+' ? 3 : 1;
        if (*p == '{' && p[1] >= '0' && p[1] <= '9') {
                p = read_number(p + 1, ret_min);
                *ret_max = *ret_min;
                if (*p == ',' && p[1] == '}') {
                        *ret_max = *ret_min + 3;
                        p++;
                } else if (*p == ',')
                        p = read_number(p + 1, ret_max);
                p += *p == '}';
        } else if (*p == '*' || *p == '+' || *p == '?')
                p++;
        else
                return p;
        return *p == '?' ? p + 1 : p;
}

static const char *sample_repeated(Sampler *s, const char *p, bool write) {
        const char *end = sample_atom(s, p, false), *next;
        unsigned min, max, n;

        next = read_repetition(end, &min, &max);
        n = min + (unsigned)schema_random_below(s->random, max >= min ? max - min + 1 : 1);
        for (unsigned i = 0; write && i < n && ftell(s->out) < TEXT_MAX; i++)
                (void)sample_atom(s, p, true);
        return next;
}

static const char *sample_sequence(Sampler *s, const char *p, bool write) {
        while (*p && *p != '|' && *p != ')')
                p = sample_repeated(s, p, write);
        return p;
}

/* The branches are counted first, then one of them is written. */
static const char *sample_choice(Sampler *s, const char *p, bool write) {
        const char *end = p;
        uint64_t n = 1, chosen;

        if (++s->depth > DEPTH_MAX) {
                s->depth--;
                return p + strlen(p);
        }
        for (end = sample_sequence(s, end, false); *end == '|'; n++)
                end = sample_sequence(s, end + 1, false);

        chosen = write ? schema_random_below(s->random, n) : n;
        for (uint64_t i = 0; write && i <= chosen; i++) {
                p = sample_sequence(s, p, i == chosen);
                p += *p == '|';
        }
        s->depth--;
        return end;
}

char *schema_example_text(const char *pattern, SchemaRandom *random) {
        Sampler s = {.random = random};
        char *text = NULL;
        size_t n;

        assert(pattern && random);

        s.out = open_memstream(&text, &n);
        if (!s.out)
                return NULL;
        (void)sample_choice(&s, pattern, true);
        if (fclose(s.out) != 0)
                free(TAKE_PTR(text));
        return text;
}
