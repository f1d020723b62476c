/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/bench/screens.h"

const char screens_spinner[] = "✻ Thinking… (@s · ↑ 2.1k tokens · esc to interrupt)";

static void write_line(FILE *f, unsigned kind, unsigned i, unsigned n) {
        switch (kind) {
        case 0:
                (void)fprintf(f,
                                "\033[1m●\033[0m Read(src/part%u/parser_%u.c)  \033[2m%u lines, "
                                "nothing wrong with them\033[0m",
                                n % 97, i, n * 7 % 311);
                break;
        case 1:
                (void)fprintf(f,
                                "\033[32m+%4u\033[0m  return parse_value(&state, token[%u], "
                                "\033[33m\"näher – ещё\"\033[0m);",
                                n * 13 % 499, i);
                break;
        case 2:
                (void)fprintf(f,
                                "│ step %4u: build the tests, run them, read what failed and why "
                                "— %30s │",
                                n % 1000, "");
                break;
        default:
                (void)fprintf(f, "  ⎿  the answer of a tool that goes on for most of the line %u",
                                n);
        }
}

void screens_write(FILE *f, unsigned seed, unsigned lines) {
        for (unsigned i = 0; i < lines; i++) {
                write_line(f, i % 4, i, seed * 31 + i);
                if (i + 1 < lines)
                        (void)fputc('\n', f);
        }
}
