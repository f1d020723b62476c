/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A JSON Schema in words, for people who only want to know what to write. */

#include <json-c/json.h>

#include "daemon/kit/page.h"

/* The members that values have, each with what may be in it. @schema NULL: anything. */
int docs_schema(const Page *p, json_object *schema);
