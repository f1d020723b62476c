/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/stall.h"

#include <assert.h>

#define HASH_BASIS 0xcbf29ce484222325ULL /* FNV-1a */
#define HASH_PRIME 0x100000001b3ULL
/* The first bytes of UTF-8 for U+0080 to U+00FF, and for U+2000 to U+2FFF: signs, boxes, braille.
 */
#define LEAD_LATIN_SIGNS 0xc2
#define LEAD_SIGNS 0xe2

static void begin_window(Stall *s, const StallLook *look, uint64_t now_usec) {
        s->running = true;
        s->moving = false;
        s->window_usec = now_usec;
        s->begin = *look;
}

static bool is_progress(const Stall *s, const StallLook *look) {
        uint64_t share = s->moving ? STALL_CPU_SHARE_MOVING : STALL_CPU_SHARE;

        if (look->words != s->begin.words || look->processes != s->begin.processes)
                return true;
        if (look->read_bytes > s->begin.read_bytes + STALL_READ_BYTES)
                return true;
        /* It fell: a process ended. */
        return look->cpu_usec < s->begin.cpu_usec ||
                        look->cpu_usec - s->begin.cpu_usec > STALL_WINDOW_USEC / share;
}

void stall_feed(Stall *s, const StallLook *look, uint64_t now_usec) {
        assert(s);
        assert(look);

        s->moving = s->moving || look->moved;
        if (!s->running || is_progress(s, look)) {
                s->quiet_windows = s->moving_windows = 0;
                begin_window(s, look, now_usec);
                return;
        }
        if (now_usec - s->window_usec < STALL_WINDOW_USEC)
                return;

        /* However late the look is, it counts once: nobody looked in between. */
        if (s->moving)
                s->moving_windows++;
        else
                s->quiet_windows++;
        begin_window(s, look, now_usec);
}

void stall_reset(Stall *s) {
        *s = (Stall){};
}

bool stall_is_stalled(const Stall *s) {
        return s->quiet_windows >= STALL_WINDOWS ||
                        s->quiet_windows + s->moving_windows >= STALL_WINDOWS_MOVING;
}

static bool is_letter(unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

uint64_t stall_words(const char *screen, size_t n_screen) {
        uint64_t hash = HASH_BASIS;
        bool in_word = false;

        for (size_t i = 0; i < n_screen; i++) {
                unsigned char c = (unsigned char)screen[i];

                if (c >= 0xc0) /* a letter of another script, unless it is a sign */
                        in_word = c != LEAD_LATIN_SIGNS && c != LEAD_SIGNS;
                else if (c < 0x80)
                        in_word = is_letter(c);
                if (in_word)
                        hash = (hash ^ c) * HASH_PRIME;
        }
        return hash;
}
