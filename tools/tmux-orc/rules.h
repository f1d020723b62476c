/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The detector rules that hold for the caller: the vendor's, the system's, and the user's own. */

#include "daemon/watcher/detect/detector.h"

/* @more: folders that come last and so win; NULL is fine. */
int rules_load(char *const *more, DetectorProblem problem, void *userdata, DetectorSet **ret);
