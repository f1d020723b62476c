/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Those who listen to the registry
 *
 * Tells each of them in the order in which they came. One may leave while being told.
 */

#include "daemon/agents/registry.h"

typedef struct Listener Listener;

typedef struct Observers {
        Listener *listeners;
        unsigned telling; /* how deep we are in calls to them */
} Observers;

int observers_add(Observers *o, const RegistryObserver *observer, void *userdata);
void observers_remove(Observers *o, const void *userdata);
void observers_done(Observers *o);

void observers_server_added(Observers *o, const Server *s);
void observers_server_changed(Observers *o, const Server *s, Liveness old);
void observers_server_removed(Observers *o, const Server *s);
void observers_agent_added(Observers *o, const Agent *a);
void observers_agent_changed(Observers *o, const Agent *a, AgentState old);
void observers_agent_removed(Observers *o, const Agent *a);
