/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Host
 *
 * One process with one plugin in it, from the moment it is started until it is gone. What it says
 * is believed only as far as the protocol goes: one that floods, does not answer, answers what
 * nobody asked or sends what is no message is cut off, with a sentence that says so.
 */

#include <json-c/json.h>
#include <systemd/sd-event.h>

#include "daemon/extend/host-launch.h"
#include "daemon/extend/manifest.h"

typedef struct Host Host;
typedef struct HostCall HostCall;

/* How much of the sandbox stands; each contains those before it. */
typedef enum HostSandbox {
        HOST_SANDBOX_NONE,
        HOST_SANDBOX_LIMITS,   /* no new privileges, no capabilities, resource limits */
        HOST_SANDBOX_FILTERED, /* system calls */
        HOST_SANDBOX_WALLED,   /* files, by Landlock */
        HOST_SANDBOX_ISOLATED, /* namespaces of its own, or a unit's */
        _HOST_SANDBOX_MAX,
} HostSandbox;

const char *host_sandbox_to_string(HostSandbox level);
int host_sandbox_from_string(const char *s);

/* Each may free the host. */
typedef struct HostEvents {
        /* It is ready (0), or will never be: then @sentence says why. Once, from the loop. */
        void (*started)(void *userdata, Host *host, int error, const char *sentence);
        /* It was ready, and is gone. Whatever was asked has been answered with -ECONNRESET. */
        void (*ended)(void *userdata, Host *host, const char *sentence);
        void (*log)(void *userdata, Host *host, int level, const char *line);
        /* Its walls did not let it do this: a system call, and which file. A few times at most. */
        void (*refused)(void *userdata, Host *host, const char *what);
} HostEvents;

/* Borrowed while host_new() runs; @events longer than the host. */
typedef struct HostSetup {
        sd_event *event;
        const HostPlaces *places;
        Manifest *manifest; /* a reference is taken */
        const char *folder; /* of the manifest */
        uid_t owner;        /* besides root, who may own what is run */
        HostSandbox sandbox_min;
        const HostEvents *events;
        void *userdata;
} HostSetup;

/* What cannot be started is told by started(), as is all that goes wrong later. -ENOMEM. */
int host_new(const HostSetup *setup, Host **ret);
/* Ends the process. Calls that wait are answered with -ECONNRESET; ended() is not called. */
Host *host_free(Host *host);
DEFINE_CLEANUP(Host *, host_free)

/*
 * @error: 0, -ETIMEDOUT, -ECONNRESET, or what the plugin says. @sentence may be NULL. @result is
 * borrowed.
 */
typedef void (*HostAnswer)(void *userdata, int error, const char *sentence, json_object *result);

/* Takes @params over. The plugin is told when the time is over, and ended if it goes on. */
int host_call(Host *host, const char *method, json_object *params, uint64_t timeout_usec,
                HostAnswer answer, void *userdata, HostCall **ret);
/* The answer is not wanted any more, and the plugin is told. Returns NULL. */
HostCall *host_call_drop(HostCall *call);

HostSandbox host_sandbox(const Host *host);
Manifest *host_manifest(const Host *host);
pid_t host_pid(const Host *host); /* 0: not our child */
/* Calls that it works on, those that nobody waits for included. */
unsigned host_pending(const Host *host);
