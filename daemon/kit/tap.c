/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/kit/tap.h"

#include <stdarg.h>
#include <string.h>

#include "daemon/base/text.h"

#define NOTE_MAX 600U

void tap_begin(void) {
        (void)setvbuf(stdout, NULL, _IOLBF, 0);
        (void)printf("TAP version 13\n");
}

void tap_end(const Tap *t) {
        (void)printf("1..%u\n", t->n);
}

bool tap_result(Tap *t, bool ok, const char *sentence) {
        t->n_failed += !ok;
        (void)printf("%sok %u - %s\n", ok ? "" : "not ", ++t->n, sentence);
        return ok;
}

void tap_skip(Tap *t, const char *sentence, const char *why) {
        (void)printf("ok %u - %s # SKIP %s\n", ++t->n, sentence, why);
}

void tap_note(const char *format, ...) {
        _cleanup_free_ char *text = NULL, *clean = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                return;
        }
        clean = text_clean(text, strlen(text), NOTE_MAX);
        if (clean)
                (void)printf("# %s\n", clean);
}
