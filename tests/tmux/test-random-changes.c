/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Panes change at random, looks come in between at random, and at every checkpoint the next look
 * must know all that tmux knows: not one change may be missed by not capturing a pane.
 * TMUX_ORC_TEST_CHECKPOINTS says how many, TMUX_ORC_TEST_SEED which.
 */

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "tests/tmux/oracle.h"

#define CHECKPOINTS 100
#define TRIES 50
#define PANES_MIN 12
#define PANES_MAX 30

typedef struct Chaos {
        Fixture *f;
        Oracle known; /* as of the last checkpoint: what can be acted upon */
        unsigned serial;
        char last[128]; /* what was done last, for who reads a failure */
} Chaos;

static unsigned pick(unsigned n) {
        return (unsigned)random() % n;
}

static const OraclePane *pick_pane(Chaos *c) {
        return &c->known.panes[pick((unsigned)c->known.n_panes)];
}

/* As the program in the pane would print it. The pane may be gone by now. */
static void _printf_(3, 4) print(Chaos *c, const OraclePane *p, const char *format, ...) {
        _cleanup_close_ int fd = open(p->tty, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
        char text[1024];
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        if (fd >= 0 && write(fd, text, (size_t)n) < 0)
                c->serial++; /* a terminal that is just being closed: nothing changed */
}

/* Fails where there is no room, or the pane is gone: then nothing changed. */
static void act(Chaos *c, const OraclePane *p, const char *command, const char *option,
                const char *value) {
        char target[16];

        (void)snprintf(target, sizeof(target), "%%%u", p->id);
        (void)fixture_tmux(c->f, command, "-t", target, option, value, NULL);
}

static void draw_over(Chaos *c, const OraclePane *p) {
        print(c, p, "\033[%u;1Hstep %u ✳ näher\033[K", 1 + pick(p->height), c->serial++);
}

/* Nothing but the letter changes: the cursor is back where it was. */
static void flip_a_letter(Chaos *c, const OraclePane *p) {
        print(c, p, "\0337\033[%u;%uH%c\0338", 1 + pick(p->height), 1 + pick(p->width),
                        'a' + (int)(c->serial++ % 26));
}

static void scroll(Chaos *c, const OraclePane *p) {
        for (unsigned i = 0, n = 1 + pick(8); i < n; i++)
                print(c, p, "\r\nline %u", c->serial++);
}

static void clear(Chaos *c, const OraclePane *p) {
        print(c, p, "\033[2J\033[Hclear %u", c->serial++);
}

static void other_screen(Chaos *c, const OraclePane *p) {
        if (pick(2) == 0)
                print(c, p, "\033[?1049h\033[Halternate %u", c->serial++);
        else
                print(c, p, "\033[?1049l");
}

static void title(Chaos *c, const OraclePane *p) {
        print(c, p, "\033]2;✳ title %u\033\\", c->serial++);
}

static void split(Chaos *c, const OraclePane *p) {
        if (c->known.n_panes < PANES_MAX)
                act(c, p, "split-window", pick(2) ? "-dh" : "-dv", "echo split; exec cat");
}

static void add_window(Chaos *c, const OraclePane *p) {
        if (c->known.n_panes < PANES_MAX)
                (void)fixture_tmux(c->f, "new-window", "-d", "echo window; exec cat", NULL);
}

static void kill_one(Chaos *c, const OraclePane *p) {
        if (c->known.n_panes > PANES_MIN)
                act(c, p, "kill-pane", NULL, NULL);
}

static void resize(Chaos *c, const OraclePane *p) {
        char size[8];

        (void)snprintf(size, sizeof(size), "%u", 3 + pick(90));
        if (pick(3) == 0)
                act(c, p, "resize-window", pick(2) ? "-x" : "-y", size);
        else
                act(c, p, "resize-pane", pick(2) ? "-x" : "-y", size);
}

static void move(Chaos *c, const OraclePane *p) {
        static const char *const commands[] = {"swap-pane", "join-pane", "move-pane"};
        char source[16];

        (void)snprintf(source, sizeof(source), "%%%u", pick_pane(c)->id);
        act(c, p, commands[pick(3)], "-ds", source);
}

static void break_out(Chaos *c, const OraclePane *p) {
        char source[16];

        (void)snprintf(source, sizeof(source), "%%%u", p->id);
        (void)fixture_tmux(c->f, "break-pane", "-d", "-s", source, NULL);
}

static void lay_out(Chaos *c, const OraclePane *p) {
        static const char *const layouts[] = {"tiled", "even-vertical", "main-vertical"};

        act(c, p, "select-layout", layouts[pick(3)], NULL);
}

static void respawn(Chaos *c, const OraclePane *p) {
        act(c, p, "respawn-pane", "-k", "echo again; exec cat");
}

/* It shows in the cursor alone, and not even there if that was at home. */
static void reset(Chaos *c, const OraclePane *p) {
        print(c, p, "\r\nline %u", c->serial++);
        assert_int_equal(fixture_look(c->f, TMUX_LOOK_NORMAL), 0);
        act(c, p, "send-keys", "-R", NULL);
}

static void clear_history(Chaos *c, const OraclePane *p) {
        act(c, p, "clear-history", NULL, NULL);
}

/*
 * What agents do most is there most. A pane that is made smaller and as large as before between two
 * looks may have lost cells, of which tmux keeps no trace at all: only a full look sees that. So
 * after what gives panes other sizes there is always a look.
 */
static const struct {
        const char *name;
        void (*run)(Chaos *c, const OraclePane *p);
        bool resizes;
} changes[] = {
                {"draw over", draw_over},
                {"draw over", draw_over},
                {"draw over", draw_over},
                {"flip a letter", flip_a_letter},
                {"flip a letter", flip_a_letter},
                {"flip a letter", flip_a_letter},
                {"scroll", scroll},
                {"scroll", scroll},
                {"clear", clear},
                {"other screen", other_screen},
                {"title", title},
                {"title", title},
                {"split", split, true},
                {"add window", add_window},
                {"kill", kill_one, true},
                {"resize", resize, true},
                {"move", move, true},
                {"break out", break_out, true},
                {"lay out", lay_out, true},
                {"respawn", respawn},
                {"reset", reset},
                {"clear history", clear_history},
};

static void change_something(Chaos *c) {
        const OraclePane *p = pick_pane(c);
        unsigned i = pick(ELEMENTSOF(changes));

        (void)snprintf(c->last, sizeof(c->last), "%s %%%u", changes[i].name, p->id);
        changes[i].run(c, p);
        /* A look in the middle of things is what change detection may stumble over. */
        if (changes[i].resizes || pick(2) == 0)
                assert_int_equal(fixture_look(c->f, TMUX_LOOK_NORMAL), 0);
}

static const char *find_difference(Chaos *c, const Oracle *o, unsigned *ret_pane) {
        if (tmux_server_count(c->f->server) != o->n_panes)
                return "the number of panes";
        for (size_t i = 0; i < o->n_panes; i++) {
                char name[TMUX_PANE_NAME_MAX];
                const char *what;

                tmux_pane_format(o->panes[i].id, name);
                what = oracle_differs(&o->panes[i], tmux_server_find(c->f->server, name));
                *ret_pane = o->panes[i].id;
                if (what)
                        return what;
        }
        return NULL;
}

/*
 * Returns false if it cannot be told, for tmux itself was still taking changes in. What stood still
 * from before the look until after it must have been seen.
 */
static bool check(Chaos *c) {
        Oracle before, after;
        const char *what;
        unsigned pane = 0;
        bool still;

        oracle_ask(c->f, &before);
        assert_int_equal(fixture_look(c->f, TMUX_LOOK_NORMAL), 0);
        oracle_ask(c->f, &after);

        what = find_difference(c, &after, &pane);
        still = oracle_equal(&before, &after);
        if (what && still)
                fail_msg("missed: %s, of pane %%%u; the last change was %s", what, pane, c->last);
        oracle_done(&before);
        oracle_done(&c->known);
        c->known = after;
        return still;
}

static void checkpoint(Chaos *c) {
        for (unsigned i = 0, n = pick(6); i < n; i++)
                change_something(c);
        for (unsigned i = 0; i < TRIES; i++)
                if (check(c))
                        return;
        fail_msg("tmux does not come to rest");
}

static unsigned from_environment(const char *name, unsigned fallback) {
        const char *value = getenv(name);

        return value ? (unsigned)strtoul(value, NULL, 10) : fallback;
}

static void not_one_change_is_missed(void **state) {
        Chaos c = {.f = *state};
        unsigned n = from_environment("TMUX_ORC_TEST_CHECKPOINTS", CHECKPOINTS);
        unsigned seed = from_environment("TMUX_ORC_TEST_SEED", (unsigned)getpid());

        print_message("TMUX_ORC_TEST_SEED=%u\n", seed);
        srandom(seed);
        for (unsigned i = 0; i < PANES_MIN; i++)
                (void)fixture_tmux(c.f, i % 3 ? "split-window" : "new-window", "-d",
                                "echo ready; exec cat", NULL);
        oracle_ask(c.f, &c.known);
        for (unsigned i = 0; i < n; i++)
                checkpoint(&c);
        oracle_done(&c.known);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(
                                        not_one_change_is_missed, fixture_setup, fixture_teardown),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
