/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "tools/http/route.h"

static void paths_lead_to_questions(void **state) {
        static const struct {
                const char *path, *before, *name;
        } rows[] = {
                        {"/metrics", "/metrics", ""},
                        {"/health", "/health", ""},
                        {"/health/components", "/health/components", ""},
                        {"/health/bus", "/health/", "bus"},
                        {"/api/plugins/list", "/api/plugins/list", ""},
                        {"/api/plugins/pricing", "/api/plugins/", "pricing"},
                        {"/api/plugins/pricing/metrics", "/api/plugins/", "pricing"},
                        {"/api/plugins/..", "/api/plugins/", ".."},
                        {"", NULL, ""},
                        {"/", NULL, ""},
                        {"/Metrics", NULL, ""},
                        {"/metrics/x", NULL, ""},
                        {"/health/", NULL, ""},
                        {"/health//", NULL, ""},
                        {"/health/a/b", NULL, ""},
                        {"/api/plugins/", NULL, ""},
                        {"/api/plugins//metrics", NULL, ""},
                        {"/api/plugins/a/b/metrics", NULL, ""},
        };
        char name[ROUTE_NAME_MAX];

        FOREACH_ELEMENT (row, rows) {
                const Route *route = route_find(row->path, name);

                if (!route != !row->before || (route && strcmp(route->before, row->before) != 0))
                        fail_msg("'%s' leads to %s", row->path, route ? route->before : "nothing");
                if (route)
                        assert_string_equal(name, row->name);
        }
}

static void a_name_is_as_long_as_it_may_be(void **state) {
        char path[ROUTE_NAME_MAX + 32] = "/health/", name[ROUTE_NAME_MAX];

        memset(path + 8, 'a', ROUTE_NAME_MAX - 1);
        assert_non_null(route_find(path, name));
        assert_int_equal(strlen(name), ROUTE_NAME_MAX - 1);
        path[8 + ROUTE_NAME_MAX - 1] = 'a';
        assert_null(route_find(path, name));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(paths_lead_to_questions),
                        cmocka_unit_test(a_name_is_as_long_as_it_may_be),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
