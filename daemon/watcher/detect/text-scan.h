/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Scanning words and numbers
 *
 * Each function takes one thing at the position and moves it on, or leaves it where it is and says
 * false. What a screen puts between words does not count.
 */

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

static inline bool text_scan_is_letter(char c) {
        return isalpha((unsigned char)c);
}
static inline bool text_scan_is_digit(char c) {
        return isdigit((unsigned char)c);
}

/* Spaces of all kinds, line ends, and the frames of boxes that wrap a text. */
void text_scan_blanks(const char **p);
bool text_scan_char(const char **p, char c);
/* In whatever case, if it is a whole word there. */
bool text_scan_word(const char **p, const char *word);
/* At most seven digits. */
bool text_scan_number(const char **p, unsigned *ret, size_t *ret_digits);
/* A number of just so many digits, with nothing before it. */
bool text_scan_field(const char **p, size_t n_digits, int *ret);
/* In millionths: ".5" is five tenths. What is finer is dropped; 0 if there is none. */
unsigned text_scan_fraction(const char **p);
