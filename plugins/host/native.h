/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Native plugin
 *
 * A shared object against the SDK, in this process: loads it, takes over what it says of itself,
 * and calls its functions. The only code of the project that loads code.
 */

#include <json-c/json.h>
#include <stdatomic.h>
#include <stdbool.h>

#define TMUX_ORC_PLUGIN_API 1
#include "plugins/host/setup.h"
#include "plugins/host/talk.h"
#include "plugins/sdk/tmux-orc-plugin.h"

#define NATIVE_SENTENCE_MAX 512U
/* Calls of a plugin that allows it, side by side. */
#define NATIVE_THREADS 4U

typedef struct Native {
        TmuxOrcPlugin ops; /* ours, as long as our struct, whatever theirs is */
        void *state;
        bool loaded;
} Native;

/* One call on its way through the plugin. */
typedef struct NativeCall {
        TmuxOrcCall call; /* what the plugin sees; must be first */
        Talk *talk;
        atomic_bool cancelled;
        bool answered;
        json_object *output; /* NULL: a JSON null */
        char sentence[NATIVE_SENTENCE_MAX];
} NativeCall;

void native_call_init(NativeCall *c, Talk *talk, uint64_t timeout_usec);
void native_call_done(NativeCall *c);

/* Each returns a negative errno, with a sentence in @c. Not two of these at once. */
int native_open(Native *n, const Setup *s, NativeCall *c);
int native_selftest(Native *n, NativeCall *c);
void native_close(Native *n);

/* Answers what @params ask for. From several threads at once if the plugin says so. */
int native_execute(Native *n, NativeCall *c, json_object *params, json_object **ret);
int native_plan(Native *n, NativeCall *c, json_object *params, json_object **ret);

/* {name, version, api, threads} */
int native_describe(const Native *n, json_object **ret);
