/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/observe/components.h"

typedef struct World {
        Health engine;
        unsigned restarts;
        bool stays; /* a restart does not help */
        Health wheel;
        unsigned wheel_restarts;
        char told[256];
        char healed[512];
} World;

static void check_engine(void *userdata, ComponentReport *report) {
        World *w = userdata;

        component_report_set(report, w->engine, "at %s", health_to_string(w->engine));
        report->restarts = w->restarts;
}

static int restart_engine(void *userdata) {
        World *w = userdata;

        if (!w->stays)
                w->engine = HEALTH_GREEN;
        w->restarts++;
        return 0;
}

static void check_wheel(void *userdata, ComponentReport *report) {
        World *w = userdata;

        report->health = w->wheel;
}

/* It turns only with the engine. */
static int restart_wheel(void *userdata) {
        World *w = userdata;

        w->wheel_restarts++;
        if (w->engine != HEALTH_GREEN)
                return -EAGAIN;
        w->wheel = HEALTH_GREEN;
        return 0;
}

static void check_road(void *userdata, ComponentReport *report) {}

static const char *const needs_engine[] = {"engine", NULL};
static const ComponentSpec specs[] = {
                {"engine", NULL, check_engine, restart_engine, .counts_restarts = true},
                {"road", needs_engine, check_road, NULL},
                {"wheel", needs_engine, check_wheel, restart_wheel},
                {},
};

static void on_changed(void *userdata, const Component *c) {
        World *w = userdata;
        size_t n = strlen(w->told);

        (void)snprintf(w->told + n, sizeof(w->told) - n, "%s %s (%s)\n", c->spec->name,
                        health_to_string(c->last.health), c->last.text);
}

static void only_what_is_different_is_told(void **state) {
        _cleanup_(components_freep) Components *c = NULL;
        World w = {};

        assert_int_equal(components_new(specs, &w, &c), 0);
        components_set_observer(c, on_changed, &w);
        components_check(c);
        assert_string_equal(w.told, "");

        w.engine = HEALTH_RED;
        components_check(c);
        components_check(c);
        assert_string_equal(w.told, "engine red (at red)\n");
        assert_int_equal(components_health(c), HEALTH_RED);
}

static void a_part_that_can_be_restarted_is(void **state) {
        _cleanup_(components_freep) Components *c = NULL;
        World w = {.engine = HEALTH_YELLOW};

        assert_int_equal(components_new(specs, &w, &c), 0);
        assert_int_equal(components_restart(c, "road"), -EOPNOTSUPP);
        assert_int_equal(components_restart(c, "sail"), -ENXIO);
        assert_int_equal(components_restart(c, "engine"), 0);
        assert_int_equal(components_find(c, "engine")->last.restarts, 1);
        assert_int_equal(components_health(c), HEALTH_GREEN);
}

static void the_worst_fault_counts_until_the_next_check(void **state) {
        _cleanup_(components_freep) Components *c = NULL;
        World w = {};

        assert_int_equal(components_new(specs, &w, &c), 0);
        components_set_observer(c, on_changed, &w);
        components_find_fault(c, 1, "engine", HEALTH_YELLOW, "hot");
        components_find_fault(c, 1, "engine", HEALTH_RED, "on fire");
        components_find_fault(c, 1, "engine", HEALTH_YELLOW, "loud");
        components_find_fault(c, 1, "sail", HEALTH_RED, "there is none");
        assert_string_equal(w.told, "");
        components_settle_faults(c);
        assert_string_equal(w.told, "engine red (on fire)\n");
        assert_int_equal(components_find(c, "engine")->own.health, HEALTH_GREEN);

        /* What it says of itself does not hide it; a check of another kind does not find it. */
        components_check(c);
        components_forget_faults(c, 2);
        components_settle_faults(c);
        assert_int_equal(components_health(c), HEALTH_RED);

        components_forget_faults(c, 1);
        components_settle_faults(c);
        assert_string_equal(w.told, "engine red (on fire)\nengine green (at green)\n");
}

static void parts_are_listed_in_their_order(void **state) {
        _cleanup_(components_freep) Components *c = NULL;
        const Component *item = NULL;
        World w = {};

        assert_int_equal(components_new(specs, &w, &c), 0);
        item = components_next(c, item);
        assert_string_equal(item->spec->name, "engine");
        assert_int_not_equal(item->checked_usec, 0);
        item = components_next(c, item);
        assert_string_equal(item->spec->depends_on[0], "engine");
        item = components_next(c, item);
        assert_string_equal(item->spec->name, "wheel");
        assert_null(components_next(c, item));
}

static void on_restarted(void *userdata, const Component *c, int error, uint64_t usec) {
        char *text = userdata;
        size_t n = strlen(text);

        assert_true(usec < USEC_PER_HOUR);
        (void)snprintf(text + n, 256 - n, "%s %d\n", c->spec->name, error);
}

static void on_healed(void *userdata, const Component *c, int error) {
        World *w = userdata;
        size_t n = strlen(w->healed);

        (void)snprintf(w->healed + n, sizeof(w->healed) - n, "%s %d\n", c->spec->name, error);
}

static void what_failed_is_restarted_after_what_it_rests_on(void **state) {
        World w = {.engine = HEALTH_RED, .wheel = HEALTH_RED};
        char restarted[256] = "";
        _cleanup_(components_freep) Components *c = NULL;

        assert_int_equal(components_new(specs, &w, &c), 0);
        components_heal(c, USEC_PER_SEC, on_healed, &w);
        assert_string_equal(w.healed, "engine 0\nwheel 0\n");
        assert_int_equal(components_health(c), HEALTH_GREEN);
        assert_int_equal(components_find(c, "wheel")->last.restarts, 1);
        assert_int_equal(components_find(c, "engine")->last.restarts, 1);

        /* The same when somebody asks for the wheel alone. */
        w.engine = w.wheel = HEALTH_RED;
        components_check(c);
        components_set_meter(c, on_restarted, restarted);
        assert_int_equal(components_restart(c, "wheel"), 0);
        assert_string_equal(restarted, "engine 0\nwheel 0\n");
        assert_int_equal(components_health(c), HEALTH_GREEN);
        /* And what is well is not restarted for it. */
        assert_int_equal(components_restart(c, "wheel"), 0);
        assert_int_equal(w.restarts, 2);
}

static void who_rests_on_failed_parts_waits(void **state) {
        World w = {.engine = HEALTH_RED, .wheel = HEALTH_RED, .stays = true};
        _cleanup_(components_freep) Components *c = NULL;

        assert_int_equal(components_new(specs, &w, &c), 0);
        for (uint64_t now = 0; now < USEC_PER_HOUR; now += USEC_PER_SEC)
                components_heal(c, now, on_healed, &w);
        assert_int_equal(w.wheel_restarts, 0);
        assert_int_equal(w.restarts, COMPONENT_ATTEMPTS);
}

static void restarts_become_rarer_and_end(void **state) {
        static const unsigned seconds[] = {0, 5, 15, 35, 75};
        World w = {.engine = HEALTH_RED, .stays = true};
        _cleanup_(components_freep) Components *c = NULL;

        assert_int_equal(components_new(specs, &w, &c), 0);
        for (unsigned now = 0; now < 300; now++) {
                unsigned expected = 0;

                for (size_t i = 0; i < ELEMENTSOF(seconds); i++)
                        expected += now >= seconds[i];
                components_heal(c, (1 + now) * USEC_PER_SEC, on_healed, &w);
                assert_int_equal(w.restarts, expected);
        }
        assert_string_equal(w.healed,
                        "engine 0\nengine 0\nengine 0\nengine 0\nengine 0\n"
                        "engine -112\n");
        assert_string_equal(components_find(c, "engine")->last.text,
                        "at red; restarted 5 times in vain");

        /* Told to, it tries again. */
        w.stays = false;
        assert_int_equal(components_restart(c, "engine"), 0);
        assert_string_equal(components_find(c, "engine")->last.text, "at green");
        w.engine = HEALTH_RED;
        components_check(c);
        components_heal(c, USEC_PER_HOUR, on_healed, &w);
        assert_int_equal(components_health(c), HEALTH_GREEN);
}

static void who_is_well_for_long_has_new_attempts(void **state) {
        World w = {.stays = true};
        _cleanup_(components_freep) Components *c = NULL;
        uint64_t now = USEC_PER_SEC;

        assert_int_equal(components_new(specs, &w, &c), 0);
        for (unsigned round = 0; round < 3; round++) {
                w.engine = HEALTH_RED;
                components_check(c);
                for (unsigned i = 0; i < 300; i++, now += USEC_PER_SEC)
                        components_heal(c, now, on_healed, &w);
                assert_int_equal(w.restarts, (round + 1) * COMPONENT_ATTEMPTS);
                w.engine = HEALTH_GREEN;
                components_check(c);
                for (unsigned i = 0; i < 62; i++, now += USEC_PER_SEC)
                        components_heal(c, now, on_healed, &w);
        }
}

/* A limit that is crossed is no failure of the part that crosses it. */
static void what_others_find_is_no_reason_to_restart(void **state) {
        _cleanup_(components_freep) Components *c = NULL;
        World w = {};

        assert_int_equal(components_new(specs, &w, &c), 0);
        components_find_fault(c, 0, "engine", HEALTH_RED, "too hot");
        components_settle_faults(c);
        assert_int_equal(components_health(c), HEALTH_RED);
        components_heal(c, USEC_PER_HOUR, on_healed, &w);
        assert_string_equal(w.healed, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(only_what_is_different_is_told),
                        cmocka_unit_test(a_part_that_can_be_restarted_is),
                        cmocka_unit_test(the_worst_fault_counts_until_the_next_check),
                        cmocka_unit_test(parts_are_listed_in_their_order),
                        cmocka_unit_test(what_failed_is_restarted_after_what_it_rests_on),
                        cmocka_unit_test(who_rests_on_failed_parts_waits),
                        cmocka_unit_test(restarts_become_rarer_and_end),
                        cmocka_unit_test(who_is_well_for_long_has_new_attempts),
                        cmocka_unit_test(what_others_find_is_no_reason_to_restart),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
