/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A verdict as JSON, in the words that classify prints; with @evidence what led to it. */

#include <stdbool.h>

#include "daemon/watcher/detect/verdict.h"

/* Returns -ENOMEM. */
int verdict_to_json(const Verdict *v, bool evidence, json_object **ret);
