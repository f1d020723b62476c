/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The tables of alerts as rules of Prometheus, with the same limits, times and words. */

#include <stdio.h>

void alert_promql_write(FILE *f);
