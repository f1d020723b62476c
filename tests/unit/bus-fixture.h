/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Our objects and a client of theirs, joined by a pair of sockets: no bus, no watcher, no waiting.
 * Questions to watchers stay open until the test answers them.
 */

#include "tests/unit/test.h"

#include <systemd/sd-bus.h>

#include "dbus/bus-exports.h"
#include "dbus/bus-names.h"
#include "tests/unit/reports.h"

#define AGENT_PATH BUS_PREFIX_AGENT "/_31000_2ddefault_2d1"
#define SERVER_PATH BUS_PREFIX_SERVER "/_31000_2ddefault"

typedef struct BusFixture {
        sd_event *event;
        sd_bus *server, *client;
        Registry *registry;
        Cache *cache;
        HealthChecks *health;
        Plugins *plugins;
        Acts *acts;
        Watchers *watchers;
        Cycle *cycle;
        Cost cost;
        Components *components;
        Metrics *metrics;
        Alerts *alerts;
        Config config;
        BusExports *exports;

        /* What stands in for the rest. */
        Authorizer authorizer;
        bool deny;
        uid_t asked_owner;
        int component_health;
        int reload_result;
        int set_result;
        int ask_result;
        unsigned asked, dropped;
        WatchersAnswer answer;
        void *answer_userdata;
        char event_told[128];
        char ordered[256]; /* the last order to a watcher's hands, as JSON */
        unsigned deeds;    /* that were told */

        /* What the client got. */
        char error[128];
        sd_bus_message *reply;
        char signals[8192];
        /* Reports. */
        int report_result;
        HistoryDone report_done;
        void *report_userdata;
        char report_told[256];
} BusFixture;

int bus_fixture_setup(void **state);
int bus_fixture_teardown(void **state);

/* Both ends work until there is nothing to do. */
void bus_fixture_turn(BusFixture *f);

/* Sends a call; the answer is in @reply or @error once it is there. */
void bus_fixture_send(BusFixture *f, const char *path, const char *interface, const char *member,
                const char *types, ...);
/* The name of the error, or "" with the answer in @reply, or "none" if none came yet. */
const char *bus_fixture_result(BusFixture *f);

/* The open question is answered: with @json, or with @error. */
void bus_fixture_answer(BusFixture *f, int error, const char *json);

/* A property as text: strings as they are, numbers in decimal. */
const char *bus_fixture_property(
                BusFixture *f, const char *path, const char *interface, const char *name);
