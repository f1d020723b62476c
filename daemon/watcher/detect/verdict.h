/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Verdict
 *
 * What one observation says by itself, without history: which agent it is and what it is doing.
 * Made by detector_judge(); the tracker fuses it with what was seen before.
 */

#include <json-c/json.h>
#include <stdint.h>

#include "daemon/base/agent-state.h"

typedef enum EvidenceSource {
        EVIDENCE_HOOK, /* the agent said so itself */
        EVIDENCE_PROCESS,
        EVIDENCE_TITLE,
        EVIDENCE_SCREEN,
        EVIDENCE_CHANGE, /* the screen moves, or it does not */
        _EVIDENCE_SOURCE_MAX,
} EvidenceSource;

/* One piece: a rule that matched, or a fact that speaks for or against. */
typedef struct Evidence {
        EvidenceSource source;
        const char *rule; /* borrowed from the rules */
        AgentState state;
        Attention attention;
        double weight;  /* 0 to 1 */
        bool overruled; /* something stronger said otherwise */
        char quote[96]; /* what matched, cleaned; "" if there is nothing to show */
} Evidence;

#define EVIDENCE_MAX 16

typedef struct Verdict {
        const char *agent; /* borrowed from the rules; NULL: there is no agent here */
        int process;       /* which of the observation's is the agent; -1: known by its looks */
        char version[32];  /* of the agent, "" if not seen */
        AgentState state;
        Attention attention;
        unsigned attributes; /* mask of AgentAttribute */
        const char *rule;    /* id of the rule that decided; borrowed; "" if none did */
        double confidence;   /* 0 to 1 */
        uint64_t reset_usec; /* CLOCK_REALTIME; 0: no reset time is shown */
        bool keep_state;     /* an overlay hides the state: what was known goes on */
        size_t n_evidence;
        Evidence evidence[EVIDENCE_MAX]; /* last: a kept one has no more than it needs */
} Verdict;

/* Takes the place of what is in @v. Not to be copied but by this. -ENOMEM: then all is as it was.
 */
int verdict_keep(const Verdict *verdict, Verdict **v);

const char *evidence_source_to_string(EvidenceSource s);
