/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of a host share. */

#include "daemon/extend/host.h"
#include "daemon/wire/rpc-peer.h"

#define HOST_LOG_LINE_MAX 512U
/* Messages in a second that nobody asked for. */
#define HOST_TOLD_MAX 50U
/* Things that were refused; its host tells of fewer. */
#define HOST_REFUSALS_MAX 32U
/* After the conversation the process may take so long to end by itself. */
#define HOST_FAREWELL_USEC UINT64_C(200000)

struct Host {
        sd_event *event;
        Manifest *manifest;
        const HostEvents *events;
        void *userdata;
        HostSandbox sandbox_min;
        HostSandbox sandbox;
        HostProcess process;
        RpcPeer *peer;
        sd_event_source *child;
        sd_event_source *farewell;
        sd_event_source *refusals;
        unsigned n_refusals;
        sd_event_source *verdict; /* armed once it is over */
        int error;
        char *sentence; /* what it is over for */
        HostCall *calls;
        unsigned n_told;
        uint64_t told_since_usec;
        bool ready;
        bool freed;
};

/* It is over. The first reason counts; the owner is told from the loop. */
void host_cut_off(Host *h, int error, const char *format, ...) _printf_(3, 4);
/* host-greet.c: from the first request to a plugin that is ready. */
int host_greet(Host *h, const char *folder);
/* host-refusal.c: *ret_tell is for the host to tell what was refused. */
int host_hear_refusals(Host *h, int *ret_tell);
/* host-call.c: tells all that still wait that it is gone. */
void host_answer_lost(Host *h);
/* Whether one more message that nobody asked for is bearable. */
bool host_may_tell(Host *h);
