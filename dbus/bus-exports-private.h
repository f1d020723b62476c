/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the bus layer share about one connection. */

#include "dbus/bus-exports.h"
#include "dbus/bus-names.h"
#include "dbus/bus-told.h"

#define BUS_SLOTS_MAX 24U

typedef struct BusPending BusPending;
typedef struct BusQuota BusQuota;

typedef struct BusKind BusKind;

/* Objects of a kind on this connection. */
typedef struct BusEnumerator {
        BusExports *exports;
        const BusKind *kind;
} BusEnumerator;

#define BUS_KINDS_MAX 8U

struct BusExports {
        sd_bus *bus;
        BusParts parts;
        sd_bus_slot *slots[BUS_SLOTS_MAX];
        size_t n_slots;
        BusEnumerator enumerators[BUS_KINDS_MAX];
        BusQuota *quota;
        BusPending *pending;
        Senders *senders;
        sd_event_source *settle; /* tells the sums once per pass of the loop */
        unsigned settle_what;
        /* What was told last, so that a change can be seen. */
        char *strategy;
        double rollout;
        uint64_t interval_usec;
        Health health;
        bool telling;              /* the name is ours, or there are no names here */
        BusTold *told;             /* of agents, under the name; NULL until that matters */
        sd_event_source *catch_up; /* what we did not see within this time, we tell anew */
        int (*take_over)(void *userdata, sd_bus_message *m, sd_bus_error *reterr);
        void *take_over_userdata;
};

/* Whether a property can change, and whether it is told or changes too often for that. */
#define PROPERTY_CONST(name, type, getter, offset) \
        SD_BUS_PROPERTY(name, type, getter, offset, SD_BUS_VTABLE_PROPERTY_CONST)
#define PROPERTY_CHANGES(name, type, getter, offset) \
        SD_BUS_PROPERTY(name, type, getter, offset, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define PROPERTY_SILENT(name, type, getter, offset) SD_BUS_PROPERTY(name, type, getter, offset, 0)

/* A plugin that is a strategy came, went or is another. */
void bus_signals_strategies_changed(BusExports *e);

extern const sd_bus_vtable bus_manager_vtable[];
extern const sd_bus_vtable bus_log_control_vtable[];
extern const sd_bus_vtable bus_agent_vtable[];
extern const sd_bus_vtable bus_server_vtable[];
extern const sd_bus_vtable bus_component_vtable[];
extern const sd_bus_vtable bus_plugin_vtable[];
extern const sd_bus_vtable bus_alert_vtable[];

/* bus-agent-act.c: methods of an agent that do something to it. */
int bus_agent_send_text(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
int bus_agent_approve(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
int bus_agent_deny(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
int bus_agent_restart(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
int bus_agent_acknowledge(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
int bus_agent_snooze(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
int bus_agent_look(sd_bus_message *m, void *userdata, sd_bus_error *reterr);
/* How much of its screen is asked for, by somebody who may see it; as authorize_about(). */
int bus_agent_read_lines(sd_bus_message *m, const Agent *a, uint32_t *ret, sd_bus_error *reterr);

/* The exports whose object a handler is called for, where its userdata is the object itself. */
BusExports *bus_exports_of(sd_bus *bus);

/* Paths of objects; free the result. */
int bus_path_of_agent(const Agent *a, char **ret);
int bus_path_of_server(const Server *s, char **ret);
int bus_path_of_component(const Component *c, char **ret);
int bus_path_of_plugin(const Plugin *p, char **ret);
int bus_path_of_alert(const Alert *a, char **ret);

/* A kind of objects below a prefix of their own. Objects are borrowed. */
struct BusKind {
        const char *prefix;
        const char *interface;
        const sd_bus_vtable *vtable;
        const void *(*find)(const BusParts *parts, const char *id);
        const void *(*next)(const BusParts *parts, const void *object); /* NULL: the first */
        int (*path_of)(const void *object, char **ret);
};

/* All of them; the last has no prefix. */
extern const BusKind bus_kinds[];

/* sd_bus_object_find_t of every kind, with the exports as userdata. */
int bus_object_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *reterr);
/* sd_bus_node_enumerator_t, with a BusEnumerator: sd-bus does not say whose prefix it is. */
int bus_object_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                sd_bus_error *reterr);

/* bus-plugin.c: what plugins do is told as signals. */
extern const PluginsObserver bus_plugin_observer;

/* bus-alert.c: alerts that come and go are told. */
extern const AlertsObserver bus_alert_observer;

/* Signals: begin to listen to the parts, and stop. */
int bus_signals_start(BusExports *e);
void bus_signals_stop(BusExports *e);
/* To all who were here before: what is so now, and what was missed of agents' states. */
void bus_signals_announce(BusExports *e);
