/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Native trust
 *
 * What is remembered of who may be asked natively: a verdict for each tmux executable that was
 * tested, and the servers that did not keep to it. A book, bounded; it tests and asks nobody.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

typedef enum NativeVerdict {
        NATIVE_UNTRIED,
        NATIVE_PASSED,
        NATIVE_REFUSED,
} NativeVerdict;

/* A file as it is now: another one by the same name is another program. */
typedef struct TmuxProgram {
        uint64_t device;
        uint64_t inode;
        uint64_t size;
        uint64_t modified_nsec;
} TmuxProgram;

/* Of a process that runs. */
int tmux_program_of(pid_t pid, TmuxProgram *ret);

typedef struct NativeTrust NativeTrust;

NativeTrust *native_trust_new(void);
NativeTrust *native_trust_free(NativeTrust *trust);
DEFINE_CLEANUP(NativeTrust *, native_trust_free)

/* It holds until then (monotonic), UINT64_MAX for good. */
void native_trust_set(NativeTrust *trust, const TmuxProgram *program, NativeVerdict verdict,
                uint64_t until_usec);
NativeVerdict native_trust_get(
                const NativeTrust *trust, const TmuxProgram *program, uint64_t now_usec);

/* Returns true if it was not off before. */
bool native_trust_switch_off(NativeTrust *trust, const char *socket, pid_t pid);
bool native_trust_is_off(const NativeTrust *trust, const char *socket, pid_t pid);
/* No answer in time, and then one. Returns how often in a row it was none. */
unsigned native_trust_note(NativeTrust *trust, const char *socket, pid_t pid, bool answered);
