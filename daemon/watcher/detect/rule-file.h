/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Rule files
 *
 * One file describes one agent: how it is recognized and which rules tell its state. Read once,
 * checked whole: a file with a mistake is refused with its line. docs/detectors.md is the manual.
 */

#include "daemon/base/agent-state.h"
#include "daemon/watcher/detect/act-rules.h"
#include "daemon/watcher/detect/identify.h"
#include "daemon/watcher/detect/verdict.h"

#define RULES_MAX 128U

/* With the agent's process there, or after it has gone. */
typedef enum RuleMoment { RULE_RUNNING, RULE_GONE } RuleMoment;

typedef struct Rule {
        char *id;
        EvidenceSource source;
        AgentState state; /* AGENT_UNKNOWN: it only adds attributes or keeps the state */
        Attention attention;
        unsigned attributes;
        unsigned only; /* mask of states for which the attributes are added; 0: all */
        int priority;
        double weight;
        RuleMoment moment;
        bool keep_state;
        unsigned region;
        Condition *condition;
        Pattern *reset; /* its first group is the time at which a limit ends */
        char *min_version, *max_version;
} Rule;

typedef struct RuleFile {
        char *name, *title;
        bool is_agent; /* a shell is none, and yet worth a word */
        RegionSet *regions;
        Identity identity;
        Pattern *version;
        unsigned version_region;
        Rule *rules; /* the highest priority first */
        size_t n_rules;
        ActRules act;
} RuleFile;

/* Returns -EBADMSG or -E2BIG with @reterr filled, or -ENOMEM. */
int rule_file_parse(const char *text, size_t n_text, RuleFile **ret, YamlError *reterr);
/* The same of a YAML tree. */
int rule_file_read(const YamlNode *root, RuleFile **ret, YamlError *reterr);
RuleFile *rule_file_free(RuleFile *f);
DEFINE_CLEANUP(RuleFile *, rule_file_free)
