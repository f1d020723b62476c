/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Dates and times as RFC 3339 has them. */

#include <stdbool.h>

bool schema_is_date(const char *s);
bool schema_is_time(const char *s);
bool schema_is_date_time(const char *s);
