/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Native self-test
 *
 * Whether a tmux executable answers the native transport as it answers its own client: asks a
 * throwaway server of it the same things both ways, and compares all bytes. The servers of the user
 * are not touched.
 */

#include <systemd/sd-event.h>

#include "daemon/watcher/tmux/transport.h"

typedef struct NativeSelftest NativeSelftest;

/*
 * @error: 0 (the same), -EPROTO (not the same), or what kept us from finding out. @reason: a part
 * of a sentence, "" if passed. Called once, from the loop; the test may be freed in there.
 */
typedef void (*NativeSelftestFunc)(void *userdata, int error, const char *reason);

/* Both transports are borrowed. */
int native_selftest_new(sd_event *event, TmuxTransport *source, TmuxTransport *native,
                const char *executable, NativeSelftestFunc func, void *userdata,
                NativeSelftest **ret);
NativeSelftest *native_selftest_free(NativeSelftest *test);
DEFINE_CLEANUP(NativeSelftest *, native_selftest_free)
