/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/observe/components.h"

typedef struct World {
        Health engine;
        unsigned restarts;
        char told[256];
} World;

static void check_engine(void *userdata, ComponentReport *report) {
        World *w = userdata;

        component_report_set(report, w->engine, "at %s", health_to_string(w->engine));
        report->restarts = w->restarts;
}

static int restart_engine(void *userdata) {
        World *w = userdata;

        w->engine = HEALTH_GREEN;
        w->restarts++;
        return 0;
}

static void check_wheel(void *userdata, ComponentReport *report) {}

static const char *const needs_engine[] = {"engine", NULL};
static const ComponentSpec specs[] = {
                {"engine", NULL, check_engine, restart_engine},
                {"wheel", needs_engine, check_wheel, NULL},
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
        assert_int_equal(components_restart(c, "wheel"), -EOPNOTSUPP);
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
        assert_null(components_next(c, item));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(only_what_is_different_is_told),
                        cmocka_unit_test(a_part_that_can_be_restarted_is),
                        cmocka_unit_test(the_worst_fault_counts_until_the_next_check),
                        cmocka_unit_test(parts_are_listed_in_their_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
