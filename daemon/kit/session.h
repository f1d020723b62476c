/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Session
 *
 * One plugin in a plugin host of its own, as the service runs it, asked and waited for. The service
 * itself never waits; a kit does nothing else.
 */

#include <systemd/sd-event.h>

#include "daemon/extend/host.h"

typedef struct Session {
        sd_event *event;
        Manifest *manifest;
        char *folder;
        char *program; /* plugin-host */
        HostPlaces places;
        Host *host; /* NULL: it does not run */
        bool ready;
        int error;      /* why not, or why no more */
        char *sentence; /* the same in words; NULL: it runs */
        unsigned n_logged;
} Session;

/* One call, and what came of it. */
typedef struct Answer {
        Session *session;
        bool done;
        int error;
        char *sentence;
        json_object *result; /* as it came */
        json_object *output; /* of execute */
        uint64_t usec;
        uint64_t since_usec;
        HostCall *call;
} Answer;

void answer_done(Answer *a);
/* What is in the result, once it is there; see dialect_take_output(). */
void answer_take_output(Answer *a);

/* Takes the manifest's reference. */
int session_init(Session *s, const char *folder, Manifest *manifest);
void session_done(Session *s);

/* Starts it anew and waits until it is ready. -EIO and a sentence if it will never be. */
int session_start(Session *s);
void session_stop(Session *s);
bool session_is_alive(const Session *s);

/* Lets the loop turn until @done is true, or so long. */
bool session_turn_until(Session *s, const bool *done, uint64_t usec);

/* Begins execute; the answer comes while the loop turns. @input: a reference is taken. */
int session_begin(Session *s, json_object *input, uint64_t timeout_usec, Answer *a);
/* Begins a plan for the agents in @round, which is taken over. */
int session_begin_plan(Session *s, json_object *round, uint64_t timeout_usec, Answer *a);
/* Waits for the answer, a little longer than the service does. */
int session_wait(Session *s, uint64_t timeout_usec, Answer *a);
/* Both, of execute. */
int session_execute(Session *s, json_object *input, uint64_t timeout_usec, Answer *a);
/* Any request. */
int session_ask(Session *s, const char *method, json_object *params, Answer *a);

#define SESSION_PROCESSES_MAX 256U
/* The plugin host, the plugin, and all that it started. */
size_t session_processes(const Session *s, pid_t *ret, size_t max);
/* Private memory that was written to, of the plugin and of all that it started. */
uint64_t session_memory(const Session *s);
