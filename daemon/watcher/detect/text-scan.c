/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/text-scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define DIGITS_MAX 7

static size_t blank_length(const char *p) {
        const unsigned char *u = (const unsigned char *)p;

        if (isspace(u[0]))
                return 1;
        if (u[0] == 0xC2 && u[1] == 0xA0) /* no-break space */
                return 2;
        if (u[0] != 0xE2)
                return 0;
        if (u[1] == 0x80 && (u[2] == 0xAF || u[2] == 0x89)) /* narrow and thin spaces */
                return 3;
        /* A frame of a box stands between the words of a text that it wraps. */
        return (u[1] == 0x94 || u[1] == 0x95) && u[2] != 0 ? 3 : 0;
}

void text_scan_blanks(const char **p) {
        for (size_t n = blank_length(*p); n > 0; n = blank_length(*p))
                *p += n;
}

bool text_scan_char(const char **p, char c) {
        if (**p != c)
                return false;
        (*p)++;
        return true;
}

bool text_scan_word(const char **p, const char *word) {
        const char *q = *p;
        size_t n = strlen(word);

        text_scan_blanks(&q);
        if (strncasecmp(q, word, n) != 0 || text_scan_is_letter(q[n]))
                return false;

        *p = q + n;
        return true;
}

bool text_scan_number(const char **p, unsigned *ret, size_t *ret_digits) {
        const char *q = *p;
        unsigned value = 0;
        size_t n = 0;

        text_scan_blanks(&q);
        for (; text_scan_is_digit(q[n]); n++) {
                if (n == DIGITS_MAX)
                        return false;
                value = value * 10 + (unsigned)(q[n] - '0');
        }
        if (n == 0)
                return false;

        *p = q + n;
        *ret = value;
        *ret_digits = n;
        return true;
}

bool text_scan_field(const char **p, size_t n_digits, int *ret) {
        const char *q = *p;
        unsigned value;
        size_t n;

        if (!text_scan_is_digit(*q) || !text_scan_number(&q, &value, &n) || n != n_digits)
                return false;

        *p = q;
        *ret = (int)value;
        return true;
}

unsigned text_scan_fraction(const char **p) {
        unsigned millionths = 0, place = 100000;

        if (**p != '.' || !text_scan_is_digit((*p)[1]))
                return 0;

        for ((*p)++; text_scan_is_digit(**p); (*p)++) {
                millionths += place * (unsigned)(**p - '0');
                place /= 10;
        }
        return millionths;
}
