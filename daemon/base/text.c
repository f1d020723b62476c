/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"

static bool is_continuation(unsigned char c) {
        return (c & 0xC0) == 0x80;
}

/* Length by the first byte, and the lowest code point that may be written so long. */
static size_t expected_length(unsigned char c, uint32_t *ret_lowest, uint32_t *ret_bits) {
        if (c < 0x80) {
                *ret_lowest = 0;
                *ret_bits = c;
                return 1;
        }
        if ((c & 0xE0) == 0xC0) {
                *ret_lowest = 0x80;
                *ret_bits = c & 0x1F;
                return 2;
        }
        if ((c & 0xF0) == 0xE0) {
                *ret_lowest = 0x800;
                *ret_bits = c & 0x0F;
                return 3;
        }
        if ((c & 0xF8) == 0xF0) {
                *ret_lowest = 0x10000;
                *ret_bits = c & 0x07;
                return 4;
        }
        return 0;
}

size_t utf8_char_length(const char *s, size_t n) {
        const unsigned char *u = (const unsigned char *)s;
        uint32_t lowest, code;
        size_t length;

        if (n == 0)
                return 0;

        length = expected_length(u[0], &lowest, &code);
        if (length == 0 || length > n)
                return 0;

        for (size_t i = 1; i < length; i++) {
                if (!is_continuation(u[i]))
                        return 0;
                code = code << 6 | (u[i] & 0x3F);
        }

        if (code < lowest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
                return 0;
        return length;
}

/* Most text is ASCII, and is looked at eight bytes at a time. */
static size_t ascii_length(const char *s, size_t n) {
        size_t k = 0;
        uint64_t bytes;

        for (; k + sizeof(bytes) <= n; k += sizeof(bytes)) {
                memcpy(&bytes, s + k, sizeof(bytes));
                if (bytes & UINT64_C(0x8080808080808080))
                        break;
        }
        return k;
}

bool utf8_is_valid(const char *s, size_t n) {
        while (n > 0) {
                size_t length = ascii_length(s, n) ?: utf8_char_length(s, n);

                if (length == 0)
                        return false;
                s += length;
                n -= length;
        }
        return true;
}

static bool is_control(const char *s, size_t length) {
        unsigned char c = (unsigned char)s[0];

        /* C0 and DEL; C1 are the two bytes C2 80 to C2 9F. */
        return (length == 1 && (c < 0x20 || c == 0x7F)) ||
                        (length == 2 && c == 0xC2 && (unsigned char)s[1] < 0xA0);
}

char *text_clean(const char *s, size_t n, size_t max) {
        _cleanup_free_ char *out = malloc(MIN(n, max) + 1);
        size_t k = 0;

        if (!out)
                return NULL;

        while (n > 0) {
                size_t length = utf8_char_length(s, n);
                bool good = length > 0 && !is_control(s, length);
                size_t step = length > 0 ? length : 1;

                if (k + (good ? length : 1) > max)
                        break;
                if (good)
                        memcpy(out + k, s, length);
                else
                        out[k] = '?';
                k += good ? length : 1;
                s += step;
                n -= step;
        }

        out[k] = '\0';
        return TAKE_PTR(out);
}

int parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret) {
        char *end;
        long long value;

        /* strtoll() would take leading blanks and a plus. */
        if (text_is_empty(s) || !(s[0] == '-' || (s[0] >= '0' && s[0] <= '9')))
                return -EINVAL;

        errno = 0;
        value = strtoll(s, &end, 10);
        if (*end != '\0' || end == s)
                return -EINVAL;
        if (errno == ERANGE || value < min || value > max)
                return -ERANGE;

        *ret = value;
        return 0;
}

int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret) {
        char *end;
        unsigned long long value;

        if (text_is_empty(s) || !(s[0] >= '0' && s[0] <= '9'))
                return -EINVAL;

        errno = 0;
        value = strtoull(s, &end, 10);
        if (*end != '\0')
                return -EINVAL;
        if (errno == ERANGE || value < min || value > max)
                return -ERANGE;

        *ret = value;
        return 0;
}

bool text_starts_with(const char *s, const char *prefix) {
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *s, const char *suffix) {
        size_t n = strlen(s), k = strlen(suffix);

        return n >= k && strcmp(s + n - k, suffix) == 0;
}
