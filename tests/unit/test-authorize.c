/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/agents/registry.h"
#include "dbus/authorize.h"

#define OWNER 1000
#define OTHER 1001
#define SERVICE 990

static void root_and_owners_may_and_others_may_not(void **state) {
        static const struct {
                uid_t self, sender;
                AuthorizeAction action;
                uid_t owner;
                bool allowed;
        } rows[] = {
                        {UID_INVALID, 0, AUTHORIZE_CONFIGURE, UID_INVALID, true},
                        {UID_INVALID, 0, AUTHORIZE_VIEW_SCREEN, OWNER, true},
                        {UID_INVALID, OWNER, AUTHORIZE_VIEW_SCREEN, OWNER, true},
                        {UID_INVALID, OWNER, AUTHORIZE_CHECK_AGENT, OWNER, true},
                        {UID_INVALID, OWNER, AUTHORIZE_REPORT_EVENT, OWNER, true},
                        {UID_INVALID, OTHER, AUTHORIZE_VIEW_SCREEN, OWNER, false},
                        {UID_INVALID, OTHER, AUTHORIZE_REPORT_EVENT, OWNER, false},
                        {UID_INVALID, OTHER, AUTHORIZE_CHECK_AGENT, UID_INVALID, false},
                        {UID_INVALID, OWNER, AUTHORIZE_MANAGE_MONITORING, OWNER, false},
                        {UID_INVALID, OWNER, AUTHORIZE_CONFIGURE, OWNER, false},
                        {UID_INVALID, UID_INVALID, AUTHORIZE_CHECK_AGENT, UID_INVALID, false},
                        {SERVICE, SERVICE, AUTHORIZE_CONFIGURE, UID_INVALID, true},
                        {SERVICE, OTHER, AUTHORIZE_CONFIGURE, UID_INVALID, false},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                OwnerAuthorizer o;

                owner_authorizer_init(&o, rows[i].self);
                assert_int_equal(owner_authorizer_allows(
                                                 &o, rows[i].sender, rows[i].action, rows[i].owner),
                                rows[i].allowed);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(root_and_owners_may_and_others_may_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
